//! A creation, whatever the panel does: both sides agree, and the log says what happened.

use std::time::Duration;

use chrono::TimeDelta;
use orchestrator::demo::panel::{Fault, Matcher, NewSimUser, PanelVersion, What, When};
use orchestrator::domain::actor::{Actor, Role};
use orchestrator::domain::change::Key;
use orchestrator::domain::client::Client;
use orchestrator::domain::days::Days;
use orchestrator::domain::operation::{Action, Outcome};
use orchestrator::repositories::{audit, intents};
use orchestrator::services::{Error, Services};

use crate::support::db::{Kind, on_both};
use crate::support::world::{World, person, token};

on_both!(
    both_sides_have_the_client,
    a_taken_name_is_refused_before_the_panel_is_asked,
    a_name_taken_in_the_panel_only_is_refused_and_not_touched,
    the_same_key_makes_one_client,
    another_request_with_the_same_key_is_refused,
    a_refusal_is_kept_for_its_key,
    of_24_at_once_one_wins,
    two_replicas_make_one_client,
    every_kind_of_panel_failure_leaves_both_sides_equal,
    a_failure_after_the_effect_is_found_to_have_worked,
    an_unreadable_panel_is_brought_back_later,
    a_retry_with_the_key_goes_on_with_what_is_being_undone,
    a_creation_that_arrives_late_is_taken_back,
    what_a_power_cut_left_is_finished_at_the_next_start,
    a_name_left_by_a_power_cut_is_finished_by_whoever_wants_it,
    a_hanging_panel_is_answered_in_time,
    a_request_repeated_while_it_runs_hears_so,
);

async fn create(services: &Services, by: &Actor, name: &str, key: Option<&str>) -> Result<Client, Error> {
    let key = key.map(|key| Key { scope: "token:shop POST /api/v1/clients".to_owned(), key: key.to_owned() });
    services.clients.create(by, name.parse().unwrap(), Days::default(), key).await
}

fn creation() -> Matcher {
    Matcher::new("POST", "/api/users")
}

fn fault(on: Matcher, when: When, what: What) -> Fault {
    Fault { on, times: Some(1), when, what }
}

fn always(on: Matcher, when: When, what: What) -> Fault {
    Fault { on, times: None, when, what }
}

async fn log(world: &World) -> Vec<(Action, Outcome)> {
    let rows = audit::newest(&world.opened.db, 100).await.unwrap();
    rows.into_iter().rev().map(|row| (row.action, row.result)).collect()
}

async fn both_sides_have_the_client(kind: Kind) {
    for version in [PanelVersion::V2, PanelVersion::V3] {
        let world = World::with(kind, version).await;
        let made = create(&world.services, &person(1, Role::Owner), "alice_1", None).await.unwrap();
        world.assert_agreement().await;
        let user = world.panel.user("alice_1").unwrap();
        assert_eq!(user.squads.len(), 1, "a user in no squad gets no keys");
        assert!(made.subscription_url.unwrap().expose().contains(&user.short_uuid));
        let key = made.remnawave_uuid.unwrap().0;
        assert_eq!(key.parse::<u64>().is_ok(), version == PanelVersion::V3, "{key}");
        assert_eq!(log(&world).await, [(Action::Create, Outcome::Success)]);
        let entry = audit::newest(&world.opened.db, 1).await.unwrap().remove(0);
        assert_eq!((entry.actor.as_str(), entry.source.as_str()), ("telegram:1", "bot"));
        assert_eq!(entry.payload.unwrap().to_string(), r#"{"username":"alice_1","days":30}"#);
    }
}

async fn a_taken_name_is_refused_before_the_panel_is_asked(kind: Kind) {
    let world = World::new(kind).await;
    create(&world.services, &token(), "alice", None).await.unwrap();
    world.panel.clear_calls();
    let refused = create(&world.services, &token(), "alice", None).await.unwrap_err();
    assert!(matches!(refused, Error::UsernameTaken(_)), "{refused}");
    assert!(world.panel.calls().is_empty());
    world.assert_agreement().await;
    assert_eq!(log(&world).await.len(), 1, "a refusal is no operation");
}

async fn a_name_taken_in_the_panel_only_is_refused_and_not_touched(kind: Kind) {
    let world = World::new(kind).await;
    let expire_at = chrono::DateTime::UNIX_EPOCH + TimeDelta::days(30_000);
    let theirs =
        world.panel.insert_user(NewSimUser { username: "alice".to_owned(), short_uuid: None, expire_at });
    let refused = create(&world.services, &token(), "alice", None).await.unwrap_err();
    assert!(matches!(refused, Error::UsernameTaken(_)), "{refused}");
    assert_eq!(world.panel.users().len(), 1);
    assert_eq!(world.panel.user("alice").unwrap().short_uuid, theirs.short_uuid);
    assert_eq!(intents::count_open(&world.opened.db).await.unwrap(), 0);
    assert_eq!(log(&world).await, [(Action::Create, Outcome::Fail)]);
}

async fn the_same_key_makes_one_client(kind: Kind) {
    let world = World::new(kind).await;
    let first = create(&world.services, &token(), "alice", Some("k")).await.unwrap();
    let again = create(&world.another(), &token(), "alice", Some("k")).await.unwrap();
    assert_eq!(first, again);
    world.assert_agreement().await;
    assert_eq!(log(&world).await.len(), 1);
}

async fn another_request_with_the_same_key_is_refused(kind: Kind) {
    let world = World::new(kind).await;
    create(&world.services, &token(), "alice", Some("k")).await.unwrap();
    let refused = create(&world.services, &token(), "bob", Some("k")).await.unwrap_err();
    assert!(matches!(refused, Error::KeyReused), "{refused}");
    world.assert_agreement().await;
}

async fn a_refusal_is_kept_for_its_key(kind: Kind) {
    let world = World::new(kind).await;
    create(&world.services, &token(), "alice", None).await.unwrap();
    for _ in 0..2 {
        let refused = create(&world.services, &token(), "alice", Some("k")).await.unwrap_err();
        assert!(matches!(refused, Error::UsernameTaken(_)), "{refused}");
    }
}

async fn storm(all: Vec<Services>, keys: bool) -> (usize, usize) {
    let tasks: Vec<_> = all
        .into_iter()
        .enumerate()
        .map(|(index, services)| {
            let key = keys.then(|| format!("k{index}"));
            tokio::spawn(async move { create(&services, &token(), "alice", key.as_deref()).await })
        })
        .collect();
    let (mut made, mut taken) = (0, 0);
    for task in tasks {
        match task.await.unwrap() {
            Ok(_) => made += 1,
            Err(Error::UsernameTaken(_)) => taken += 1,
            Err(error) => panic!("{error}"),
        }
    }
    (made, taken)
}

async fn of_24_at_once_one_wins(kind: Kind) {
    let world = World::new(kind).await;
    assert_eq!(storm(vec![world.services.clone(); 24], true).await, (1, 23));
    world.assert_agreement().await;
}

async fn two_replicas_make_one_client(kind: Kind) {
    let world = World::new(kind).await;
    let (one, two) = (world.services.clone(), world.another());
    let all = (0..24).map(|index| if index % 2 == 0 { one.clone() } else { two.clone() }).collect();
    assert_eq!(storm(all, false).await, (1, 23));
    world.assert_agreement().await;
    assert_eq!(log(&world).await, [(Action::Create, Outcome::Success)]);
}

async fn every_kind_of_panel_failure_leaves_both_sides_equal(kind: Kind) {
    let failures = [
        What::Status(500, Some("A018".to_owned())),
        What::Status(503, None),
        What::Status(400, None),
        What::Status(401, None),
        What::Status(403, None),
        What::RateLimited,
        What::Html,
        What::Drop,
    ];
    for what in failures {
        let world = World::new(kind).await;
        world.panel.fault(always(creation(), When::BeforeEffect, what.clone()));
        let failed = create(&world.services, &token(), "alice", Some("k")).await.unwrap_err();
        assert!(matches!(failed, Error::Panel(_)), "{what:?}: {failed}");
        world.assert_agreement().await;
        assert_eq!(log(&world).await, [(Action::Create, Outcome::Fail)], "{what:?}");

        world.panel.clear_faults();
        create(&world.services, &token(), "alice", Some("k")).await.unwrap();
        world.assert_agreement().await;
    }
}

async fn a_failure_after_the_effect_is_found_to_have_worked(kind: Kind) {
    let failures = [What::Status(500, None), What::Html, What::HtmlOk, What::Empty, What::Drop];
    for what in failures {
        let world = World::new(kind).await;
        world.panel.fault(fault(creation(), When::AfterEffect, what.clone()));
        create(&world.services, &token(), "alice", None).await.unwrap();
        world.assert_agreement().await;
        assert_eq!(log(&world).await, [(Action::Create, Outcome::Success)], "{what:?}");
    }
}

async fn an_unreadable_panel_is_brought_back_later(kind: Kind) {
    let world = World::new(kind).await;
    world.panel.fault(fault(creation(), When::AfterEffect, What::Drop));
    world.panel.fault(always(
        Matcher::path("/api/users/by-username/*"),
        When::BeforeEffect,
        What::Status(500, None),
    ));
    let failed = create(&world.services, &token(), "alice", None).await.unwrap_err();
    assert!(matches!(failed, Error::Panel(_)), "{failed}");
    assert_eq!(world.panel.users().len(), 1, "nobody could know yet");
    assert_eq!(log(&world).await, [], "it is logged when it is known");

    world.panel.clear_faults();
    world.services.reconciler.run_once().await.unwrap();
    world.assert_agreement().await;
    assert_eq!(world.panel.users().len(), 0, "what was answered with an error does not stand");
    assert_eq!(log(&world).await, [(Action::Create, Outcome::Fail)]);
}

async fn a_retry_with_the_key_goes_on_with_what_is_being_undone(kind: Kind) {
    let world = World::new(kind).await;
    world.panel.fault(fault(creation(), When::AfterEffect, What::Drop));
    world.panel.fault(always(
        Matcher::path("/api/users/by-username/*"),
        When::BeforeEffect,
        What::Status(500, None),
    ));
    create(&world.services, &token(), "alice", Some("k")).await.unwrap_err();
    let short_uuid = world.panel.user("alice").unwrap().short_uuid;
    world.panel.clear_faults();
    let made = create(&world.services, &token(), "alice", Some("k")).await.unwrap();
    assert_eq!(made.short_uuid.unwrap().expose(), short_uuid, "the same panel user");
    assert_eq!(log(&world).await, [(Action::Create, Outcome::Success)]);
    world.assert_agreement().await;
}

async fn a_creation_that_arrives_late_is_taken_back(kind: Kind) {
    let world = World::new(kind).await;
    // The request is cut on the way back before anything was done, and done a moment later.
    world.panel.fault(fault(creation(), When::BeforeEffect, What::Delay(Duration::from_millis(3500))));
    let failed = create(&world.services, &token(), "alice", None).await.unwrap_err();
    assert!(matches!(failed, Error::Panel(_)), "{failed}");
    world.panel.wait_for_call(|call| call.method == "POST" && call.status == Some(201)).await;
    assert_eq!(world.panel.users().len(), 1, "it has arrived");
    world.clock.advance(TimeDelta::seconds(61));
    world.services.reconciler.run_once().await.unwrap();
    world.assert_agreement().await;
    assert_eq!(world.panel.users().len(), 0);
}

/// Cuts a creation in the middle of its panel call, before or after the panel's effect.
async fn cut(world: &World, key: Option<&'static str>, when: When) {
    world.panel.fault(fault(creation(), when, What::Hang));
    let doomed = world.doomed().await;
    // A change outlives its caller, so the whole runtime has to die with it.
    let process = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    process.spawn(async move { create(&doomed, &token(), "alice", key).await });
    world.panel.wait_for_call(|call| call.method == "POST").await;
    process.shutdown_background();
    assert_eq!(intents::count_open(&world.opened.db).await.unwrap(), 1);
}

async fn what_a_power_cut_left_is_finished_at_the_next_start(kind: Kind) {
    for when in [When::BeforeEffect, When::AfterEffect] {
        let world = World::new(kind).await;
        cut(&world, Some("k"), when).await;
        world.clock.advance(TimeDelta::seconds(31));
        world.services.reconciler.take_over_leases().await.unwrap();
        world.services.reconciler.run_once().await.unwrap();
        world.assert_agreement().await;
        assert_eq!(world.panel.users().len(), 1, "the caller was told nothing: it is completed");
        let again = create(&world.services, &token(), "alice", Some("k")).await.unwrap();
        assert_eq!(again.username.as_str(), "alice", "and the answer is kept for the key");
        assert_eq!(log(&world).await, [(Action::Create, Outcome::Success)]);
    }
}

async fn a_name_left_by_a_power_cut_is_finished_by_whoever_wants_it(kind: Kind) {
    let world = World::new(kind).await;
    cut(&world, None, When::AfterEffect).await;
    let early = create(&world.services, &token(), "alice", None).await.unwrap_err();
    assert!(matches!(early, Error::Busy { .. }), "its lease still runs: {early}");
    world.clock.advance(TimeDelta::seconds(31));
    let refused = create(&world.services, &token(), "alice", None).await.unwrap_err();
    assert!(matches!(refused, Error::UsernameTaken(_)), "{refused}");
    world.assert_agreement().await;
}

async fn a_hanging_panel_is_answered_in_time(kind: Kind) {
    let world = World::new(kind).await;
    world.panel.fault(always(Matcher::any(), When::BeforeEffect, What::Hang));
    let begun = tokio::time::Instant::now();
    let tasks: Vec<_> = (0..30)
        .map(|index| {
            let services = world.services.clone();
            tokio::spawn(async move { create(&services, &token(), &format!("client{index}"), None).await })
        })
        .collect();
    for task in tasks {
        let failed = task.await.unwrap().unwrap_err();
        assert!(matches!(failed, Error::Panel(_)), "{failed}");
    }
    assert!(
        begun.elapsed() < Duration::from_millis(3500),
        "PANEL_TIMEOUT is 3 s here: {:?}",
        begun.elapsed()
    );
}

async fn a_request_repeated_while_it_runs_hears_so(kind: Kind) {
    let world = World::new(kind).await;
    cut(&world, Some("k"), When::BeforeEffect).await;
    // Nobody can tell yet that the other process is dead: its lease runs.
    let again = create(&world.services, &token(), "alice", Some("k")).await.unwrap_err();
    assert!(matches!(again, Error::KeyInProgress { .. }), "{again}");
    world.clock.advance(TimeDelta::seconds(31));
    create(&world.services, &token(), "alice", Some("k")).await.unwrap();
    world.assert_agreement().await;
}
