//! What the adapter finds out by itself: the dialect, the squads, how the panel is.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use orchestrator::panel::settings::VersionSetting;
use orchestrator::panel::{Effect, Panel, PanelError, PanelProblem, PanelStatus};
use serde_json::{Value, json};

use super::replay::{Asked, Replay, Reply, SQUAD, UUID, WITHIN, id, in_envelope, new_user, v2_user, v3_user};

const OTHER: &str = "11111111-1111-4111-8111-111111111111";

fn auto(replay: &Replay) -> Panel {
    replay.panel_with(|settings| settings.version = VersionSetting::Auto)
}

#[tokio::test]
async fn the_version_tells_the_dialect_once() {
    for (version, key, user, foreign) in [("2.8.1", UUID, v2_user(), "7"), ("3.0.0", "7", v3_user(), UUID)] {
        let replay = Replay::start(move |asked| match asked.path.as_str() {
            "/api/system/metadata" => Reply::version(version),
            _ => in_envelope(&user),
        })
        .await;
        let panel = auto(&replay);
        panel.disable(&id(key), WITHIN).await.unwrap();
        panel.enable(&id(key), WITHIN).await.unwrap();
        assert_eq!(
            replay.lines(),
            [
                "GET /api/system/metadata".to_owned(),
                format!("POST /api/users/{key}/actions/disable"),
                format!("POST /api/users/{key}/actions/enable"),
            ]
        );
        // An id of the other version is never sent.
        let error = panel.disable(&id(foreign), WITHIN).await.unwrap_err();
        assert_eq!((&error, error.effect()), (&PanelError::ForeignId, Effect::None));
        assert_eq!(replay.lines()[3..], ["GET /api/system/metadata"]);
    }
}

#[tokio::test]
async fn without_the_scope_for_the_version_users_tell_it() {
    for (user, key) in [(v2_user(), UUID), (v3_user(), "7")] {
        let replay = Replay::start(move |asked| match asked.path.as_str() {
            "/api/system/metadata" => Reply::framework(403),
            "/api/users?start=0&size=1" => Reply::users(std::slice::from_ref(&user)),
            _ => in_envelope(&user),
        })
        .await;
        auto(&replay).disable(&id(key), WITHIN).await.unwrap();
        assert_eq!(replay.lines().len(), 3);
    }
}

#[tokio::test]
async fn without_users_or_the_scope_to_list_them_a_look_for_nobody_tells_it() {
    let empty = Reply::users(&[]);
    for list in [empty, Reply::framework(403)] {
        for (nobody, user, key) in
            [(Reply::error(404, "A063"), v2_user(), UUID), (Reply::invalid(), v3_user(), "7")]
        {
            let list = list.clone();
            let replay = Replay::start(move |asked| match (asked.method.as_str(), asked.path.as_str()) {
                (_, "/api/system/metadata") => Reply::framework(403),
                (_, "/api/users?start=0&size=1") => list.clone(),
                ("GET", _) => nobody.clone(),
                _ => in_envelope(&user),
            })
            .await;
            auto(&replay).disable(&id(key), WITHIN).await.unwrap();
            assert_eq!(replay.lines().len(), 4);
        }
    }
}

#[tokio::test]
async fn a_panel_that_was_upgraded_meanwhile_is_noticed() {
    let upgraded = Arc::new(AtomicBool::new(false));
    let now = Arc::clone(&upgraded);
    let replay = Replay::start(move |asked| match (asked.path.as_str(), now.load(Ordering::SeqCst)) {
        ("/api/system/metadata", false) => Reply::version("2.8.1"),
        ("/api/system/metadata", true) => Reply::version("3.3.2"),
        (_, false) => in_envelope(&v2_user()),
        (_, true) => Reply::invalid(),
    })
    .await;
    let panel = auto(&replay);
    panel.enable(&id(UUID), WITHIN).await.unwrap();
    upgraded.store(true, Ordering::SeqCst);
    assert_eq!(panel.enable(&id(UUID), WITHIN).await, Err(PanelError::ForeignId));
    assert_eq!(panel.status().version.as_deref(), Some("3.3.2"));
}

#[tokio::test]
async fn a_refusal_in_the_right_dialect_stays_a_refusal() {
    let replay = Replay::start(|asked| match asked.path.as_str() {
        "/api/system/metadata" => Reply::version("3.3.2"),
        _ => Reply::invalid(),
    })
    .await;
    assert_eq!(
        auto(&replay).enable(&id("7"), WITHIN).await,
        Err(PanelError::Refused { status: 400, code: None })
    );
}

#[tokio::test]
async fn what_no_panel_gave_as_an_id_is_never_sent() {
    let replay = Replay::always(in_envelope(&v3_user())).await;
    for bad in ["", "abc", "-1", "1.5", "+7", "007", "7/../8", "99999999999999999999"] {
        assert_eq!(replay.panel().delete_user(&id(bad), WITHIN).await, Err(PanelError::ForeignId), "{bad:?}");
    }
    assert!(replay.lines().is_empty());
}

#[tokio::test]
async fn a_change_that_needs_what_cannot_be_had_is_not_sent() {
    let replay = Replay::always(Reply::Answer(502, b"<html>".to_vec())).await;
    let error = auto(&replay).disable(&id("7"), WITHIN).await.unwrap_err();
    assert!(matches!(error, PanelError::NotSent(_)), "{error:?}");
    assert_eq!((error.effect(), error.problem()), (Effect::None, Some(PanelProblem::Unreachable)));
    assert!(replay.lines().iter().all(|line| line == "GET /api/system/metadata"), "{:?}", replay.lines());
}

/// The squads that a new user goes into with this setting, on a panel that has these.
async fn chosen(wanted: &[&str], there: &[(&str, &str)]) -> Result<Value, PanelError> {
    let squads = Reply::squads(there);
    let replay = Replay::start(move |asked| match asked.path.as_str() {
        "/api/internal-squads" => squads.clone(),
        _ => in_envelope(&v3_user()),
    })
    .await;
    let wanted = wanted.iter().map(ToString::to_string).collect();
    replay.panel_with(|settings| settings.squads = wanted).create_user(&new_user(), WITHIN).await?;
    Ok(replay.asked().last().unwrap().body.as_ref().unwrap()["activeInternalSquads"].clone())
}

#[tokio::test]
async fn new_users_go_into_the_squads_of_the_settings_or_the_obvious_one() {
    let both = [(SQUAD, "Default-Squad"), (OTHER, "Gold")];
    assert_eq!(chosen(&[], &both).await, Ok(json!([SQUAD])));
    assert_eq!(chosen(&[], &[(OTHER, "Gold")]).await, Ok(json!([OTHER])));
    assert_eq!(chosen(&["Gold"], &both).await, Ok(json!([OTHER])));
    assert_eq!(chosen(&["Gold", SQUAD], &both).await, Ok(json!([OTHER, SQUAD])));
    assert_eq!(chosen(&[OTHER], &[]).await, Ok(json!([OTHER])));
    assert_eq!(chosen(&[], &[(SQUAD, "Silver"), (OTHER, "Gold")]).await, Err(PanelError::NoSquad));
    assert_eq!(chosen(&[], &[]).await, Err(PanelError::NoSquad));
    // Half of what was asked for would be a user without half of the servers.
    assert_eq!(chosen(&["Gold", "Platinum"], &both).await, Err(PanelError::NoSquad));
    assert_eq!(PanelError::NoSquad.effect(), Effect::None);
}

#[tokio::test]
async fn squads_are_remembered_until_a_creation_fails_as_for_an_unknown_one() {
    let fail = Arc::new(AtomicUsize::new(0));
    let failing = Arc::clone(&fail);
    let replay = Replay::start(move |asked: &Asked| match asked.path.as_str() {
        "/api/internal-squads" => Reply::squads(&[(SQUAD, "Default-Squad")]),
        _ if failing.load(Ordering::SeqCst) == 1 => Reply::error(500, "A018"),
        _ => in_envelope(&v3_user()),
    })
    .await;
    let panel = replay.panel_with(|settings| settings.squads = Vec::new());
    let lists = || replay.lines().iter().filter(|line| line.contains("internal-squads")).count();
    panel.create_user(&new_user(), WITHIN).await.unwrap();
    panel.create_user(&new_user(), WITHIN).await.unwrap();
    assert_eq!(lists(), 1);
    fail.store(1, Ordering::SeqCst);
    let error = panel.create_user(&new_user(), WITHIN).await.unwrap_err();
    assert_eq!(error, PanelError::Unavailable { status: 500, code: Some("A018".to_owned()) });
    assert_eq!(error.effect(), Effect::Unknown);
    fail.store(0, Ordering::SeqCst);
    panel.create_user(&new_user(), WITHIN).await.unwrap();
    assert_eq!(lists(), 2);
}

async fn checked(wanted: &[&str], metadata: Reply, squads: Reply, other: Reply) -> PanelStatus {
    let replay = Replay::start(move |asked| match asked.path.as_str() {
        "/api/system/metadata" => metadata.clone(),
        "/api/internal-squads" => squads.clone(),
        _ => other.clone(),
    })
    .await;
    let panel = replay.panel_with(|settings| {
        settings.version = VersionSetting::Auto;
        settings.squads = wanted.iter().map(ToString::to_string).collect();
    });
    let status = panel.check(WITHIN).await;
    assert_eq!(panel.status(), status);
    status
}

#[tokio::test]
async fn a_look_names_what_is_wrong() {
    let ok = || Reply::squads(&[(SQUAD, "Default-Squad")]);
    let version = || Reply::version("3.3.2");
    let user = || Reply::users(&[v3_user()]);
    let forbidden = || Reply::framework(403);
    let html = || Reply::Answer(200, b"<!doctype html>".to_vec());
    use PanelProblem::*;
    let table = [
        (&[][..], version(), ok(), user(), Some("3.3.2"), None),
        (&[], Reply::version("2.7.0"), ok(), user(), Some("2.7.0"), None),
        (&[], Reply::version("3.4.15"), ok(), user(), Some("3.4.15"), None),
        (&[], Reply::version("2.6.9"), ok(), user(), Some("2.6.9"), Some(UntestedVersion)),
        (&[], Reply::version("3.5.0"), ok(), user(), Some("3.5.0"), Some(UntestedVersion)),
        (&[], Reply::version("4.0.0"), ok(), user(), Some("4.0.0"), Some(UntestedVersion)),
        (&[], Reply::version("dev\u{1b}[31m"), ok(), user(), Some("dev[31m"), Some(UntestedVersion)),
        // The token may not ask for the version, but works.
        (&[], forbidden(), ok(), user(), None, None),
        // It was deleted: it may nothing.
        (&[], forbidden(), forbidden(), forbidden(), None, Some(ScopeMissing)),
        (&[], version(), forbidden(), user(), Some("3.3.2"), Some(ScopeMissing)),
        (&[SQUAD], version(), forbidden(), user(), Some("3.3.2"), None),
        (&[OTHER], version(), ok(), user(), Some("3.3.2"), Some(NoSquad)),
        (&["Gold"], version(), ok(), user(), Some("3.3.2"), Some(NoSquad)),
        (&[], Reply::framework(401), ok(), user(), None, Some(TokenRefused)),
        (&[], html(), html(), html(), None, Some(Nonsense)),
        (&[], Reply::framework(404), ok(), user(), None, Some(Nonsense)),
        (&[], Reply::Answer(302, Vec::new()), ok(), user(), None, Some(Nonsense)),
        (&[], Reply::Answer(403, b"<html>".to_vec()), ok(), user(), None, Some(Nonsense)),
        // The panel's own database is down: the version alone proves nothing.
        (&[], version(), Reply::error(500, "A116"), user(), Some("3.3.2"), Some(Unreachable)),
        (&[], Reply::dropped(), ok(), user(), None, Some(Unreachable)),
    ];
    for (number, (wanted, metadata, squads, other, version, problem)) in table.into_iter().enumerate() {
        let status = checked(wanted, metadata, squads, other).await;
        assert_eq!(status, PanelStatus { version: version.map(str::to_owned), problem }, "row {number}");
    }
}

#[tokio::test]
async fn settings_that_are_missing_are_named_and_nothing_is_asked() {
    let replay = Replay::always(in_envelope(&v3_user())).await;
    let no_address = replay.panel_with(|settings| settings.base_url = None);
    let no_token = replay.panel_with(|settings| settings.token = None);
    for (panel, problem) in [(no_address, PanelProblem::NoAddress), (no_token, PanelProblem::NoToken)] {
        assert_eq!(panel.status().problem, Some(problem));
        assert_eq!(panel.check(WITHIN).await.problem, Some(problem));
        let error = panel.create_user(&new_user(), WITHIN).await.unwrap_err();
        assert_eq!(error, PanelError::NotConfigured(problem));
        assert_eq!((error.effect(), error.problem()), (Effect::None, Some(problem)));
    }
    assert!(replay.lines().is_empty());
}

#[tokio::test]
async fn every_call_tells_how_the_panel_is_and_recovery_shows_by_itself() {
    let state = Arc::new(AtomicUsize::new(0));
    let now = Arc::clone(&state);
    let replay = Replay::start(move |_| match now.load(Ordering::SeqCst) {
        0 => in_envelope(&v3_user()),
        1 => Reply::dropped(),
        2 => Reply::framework(401),
        3 => Reply::error(404, "A025"),
        4 => Reply::error(500, "A037"),
        _ => Reply::Answer(200, b"<html>".to_vec()),
    })
    .await;
    let panel = replay.panel();
    let steps = [
        (0, None),
        (1, Some(PanelProblem::Unreachable)),
        (0, None),
        (2, Some(PanelProblem::TokenRefused)),
        // "No such user" is an answer of a working panel.
        (3, None),
        (5, Some(PanelProblem::Nonsense)),
        (0, None),
        // One change that fails with a code of its own says nothing about the panel.
        (4, None),
    ];
    for (step, problem) in steps {
        state.store(step, Ordering::SeqCst);
        let _ = panel.enable(&id("7"), WITHIN).await;
        assert_eq!(panel.status().problem, problem, "{step}");
    }
}
