//! The panel at its worst: slow, gone, half, huge, or not the panel at all.

use std::fmt::Write as _;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use orchestrator::domain::ids::ShortUuid;
use orchestrator::panel::{Effect, NoAnswer, Panel, PanelError, PanelProblem, Switched};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use tracing::instrument::WithSubscriber as _;

use super::replay::{
    Meeting, Replay, Reply, SHORT, Stopped, TOKEN, WITHIN, id, in_envelope, new_user, v3_user,
};

const SOON: Duration = Duration::from_millis(200);

#[tokio::test]
async fn nothing_takes_longer_than_it_may() {
    let replay = Replay::always(Reply::Silence).await;
    let panel = replay.panel();
    let timeout = PanelError::NoAnswer { kind: NoAnswer::Timeout };
    let begun = tokio::time::Instant::now();
    let changed = panel.create_user(&new_user(), SOON).await.unwrap_err();
    assert_eq!((changed.effect(), &changed), (Effect::Unknown, &timeout));
    assert_eq!(panel.user(&id("7"), SOON).await, Err(timeout));
    assert_eq!(panel.check(SOON).await.problem, Some(PanelProblem::Unreachable));
    assert!(begun.elapsed() < WITHIN, "{:?}", begun.elapsed());
}

#[tokio::test]
async fn of_a_crowd_thirty_two_are_served_at_once_and_the_others_wait_their_turn() {
    let meeting = Meeting::of(32);
    let held = Arc::clone(&meeting);
    let body = serde_json::to_vec(&json!({ "response": v3_user() })).unwrap();
    let replay = Replay::start(move |_| Reply::Together(Arc::clone(&held), body.clone())).await;
    let panel = replay.panel();
    let own = id("7");
    let crowd = (0..64).map(|_| panel.disable(&own, WITHIN));
    for outcome in futures::future::join_all(crowd).await {
        assert!(matches!(outcome, Ok(Switched::Done(_))), "{outcome:?}");
    }
    assert_eq!(meeting.most(), 32);
}

#[tokio::test]
async fn who_does_not_get_a_turn_in_time_certainly_did_nothing() {
    let replay = Replay::always(Reply::Silence).await;
    let panel = replay.panel();
    let own = id("7");
    let waiting = futures::future::join_all((0..32).map(|_| panel.disable(&own, WITHIN)));
    let late = panel.disable(&own, SOON);
    // Those who wait are polled first, so that they hold all the turns.
    match futures::future::select(waiting, std::pin::pin!(late)).await {
        futures::future::Either::Left(_) => panic!("nobody was answered"),
        futures::future::Either::Right((late, _)) => {
            let error = late.unwrap_err();
            assert_eq!(
                error,
                PanelError::NotSent(Box::new(PanelError::NoAnswer { kind: NoAnswer::Timeout }))
            );
            assert_eq!(error.effect(), Effect::None);
        }
    }
}

#[tokio::test]
async fn a_refused_connection_did_certainly_nothing() {
    let gone = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = gone.local_addr().unwrap();
    drop(gone);
    let replay = Replay::always(Reply::Silence).await;
    let panel =
        replay.panel_with(|settings| settings.base_url = Some(format!("http://{address}").parse().unwrap()));
    let error = panel.create_user(&new_user(), WITHIN).await.unwrap_err();
    assert_eq!(error, PanelError::NoAnswer { kind: NoAnswer::Connect });
    assert_eq!(error.effect(), Effect::None);
}

#[tokio::test]
async fn reading_is_tried_again_and_changing_is_not() {
    for trouble in [Reply::dropped(), Reply::error(500, "A026"), Reply::Answer(502, b"<html>".to_vec())] {
        let asked = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&asked);
        let replay = Replay::start(move |_| match counted.fetch_add(1, Ordering::SeqCst) {
            0 | 1 => trouble.clone(),
            _ => in_envelope(&v3_user()),
        })
        .await;
        let panel = replay.panel();
        assert!(panel.user(&id("7"), WITHIN).await.unwrap().is_some());
        assert_eq!(asked.swap(0, Ordering::SeqCst), 3);
        let error = panel.disable(&id("7"), WITHIN).await.unwrap_err();
        assert_eq!(error.effect(), Effect::Unknown);
        assert_eq!(asked.load(Ordering::SeqCst), 1);
    }
}

/// The panel closes idle connections; one that is found closed must not fail a reading call.
#[tokio::test]
async fn a_connection_that_was_kept_and_closed_is_no_failure() {
    let body = serde_json::to_vec(&json!({ "response": v3_user() })).unwrap();
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nkeep-alive: timeout=5\r\n\r\n", body.len());
    let replay = Replay::always(Reply::Raw([head.into_bytes(), body].concat())).await;
    let panel = replay.panel();
    for _ in 0..20 {
        assert!(panel.user(&id("7"), WITHIN).await.unwrap().is_some());
    }
}

#[tokio::test]
async fn half_an_answer_and_too_much_of_one_are_neither_success_nor_failure() {
    let whole = serde_json::to_vec(&json!({ "response": v3_user() })).unwrap();
    let half = whole[..whole.len() / 2].to_vec();
    let short_of_its_length =
        [format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", whole.len()).into_bytes(), half.clone()]
            .concat();
    let huge = json!({"response": v3_user(), "padding": "x".repeat(1 << 20)});
    let cases = [
        (Reply::Raw(short_of_its_length), PanelError::NoAnswer { kind: NoAnswer::Dropped }),
        (Reply::Answer(200, half), PanelError::Nonsense),
        (Reply::Answer(200, Vec::new()), PanelError::Nonsense),
        (Reply::Answer(204, Vec::new()), PanelError::Nonsense),
        (Reply::json(200, &huge), PanelError::Nonsense),
        (Reply::json(200, &json!({"response": {"isDeleted": true}})), PanelError::Nonsense),
        (Reply::json(200, &v3_user()), PanelError::Nonsense),
        (Reply::Answer(404, b"<html>not found</html>".to_vec()), PanelError::Nonsense),
        (Reply::Answer(403, b"<html>Just a moment</html>".to_vec()), PanelError::Nonsense),
    ];
    for (reply, expected) in cases {
        let replay = Replay::always(reply.clone()).await;
        let error = replay.panel().disable(&id("7"), WITHIN).await.unwrap_err();
        assert_eq!((error.effect(), &error), (Effect::Unknown, &expected), "{reply:?}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let replay = Replay::start(|asked| match asked.path.as_str() {
        "/elsewhere" => in_envelope(&v3_user()),
        _ => Reply::Raw(b"HTTP/1.1 307 X\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n".to_vec()),
    })
    .await;
    assert_eq!(replay.panel().user(&id("7"), WITHIN).await, Err(PanelError::Nonsense));
    assert_eq!(replay.lines(), ["GET /api/users/7"]);
}

#[tokio::test]
async fn too_many_requests_did_nothing_and_says_nothing_about_the_panel() {
    let replay = Replay::always(Reply::framework(429)).await;
    let error = replay.panel().disable(&id("7"), WITHIN).await.unwrap_err();
    assert_eq!(error, PanelError::Unavailable { status: 429, code: None });
    assert_eq!((error.effect(), error.problem()), (Effect::None, None));
}

/// A panel whose database is down says 404 for a subscription: only a second look tells.
#[tokio::test]
async fn a_missing_subscription_is_believed_only_when_the_user_is_missing_too() {
    let not_found = || Reply::error(404, "A025");
    let cases = [
        (Reply::error(404, "A063"), Ok(None)),
        (
            Reply::error(500, "A026"),
            Err(PanelError::Unavailable { status: 500, code: Some("A026".to_owned()) }),
        ),
        (in_envelope(&v3_user()), Err(PanelError::Unavailable { status: 404, code: None })),
    ];
    for (user, expected) in cases {
        let replay = Replay::start(move |asked| match asked.path.starts_with("/api/subscriptions/") {
            true => not_found(),
            false => user.clone(),
        })
        .await;
        assert_eq!(replay.panel().subscription(&ShortUuid::new(SHORT), WITHIN).await, expected);
    }
}

fn settings_error(change: impl FnOnce(&mut orchestrator::panel::settings::PanelSettings)) -> PanelError {
    let mut settings = orchestrator::panel::settings::PanelSettings {
        base_url: Some("https://panel.example.com".parse().unwrap()),
        token: Some(TOKEN.into()),
        version: Default::default(),
        squads: Vec::new(),
        timeout: WITHIN,
        extra_headers: Vec::new(),
        webhook_secret: None,
    };
    change(&mut settings);
    Panel::new(settings, Arc::new(Stopped)).unwrap_err()
}

#[test]
fn settings_that_cannot_be_used_are_named_without_their_value() {
    let errors = [
        (settings_error(|s| s.token = Some("canary-secret\n".into())), "REMNAWAVE_API_TOKEN"),
        (
            settings_error(|s| s.extra_headers = vec![("a b".into(), "canary-secret".into())]),
            "PANEL_EXTRA_HEADERS",
        ),
        (
            settings_error(|s| s.extra_headers = vec![("x".into(), "canary-secret\n".into())]),
            "PANEL_EXTRA_HEADERS",
        ),
        (
            settings_error(|s| s.extra_headers = vec![("authorization".into(), "canary-secret".into())]),
            "PANEL_EXTRA_HEADERS",
        ),
        (settings_error(|s| s.base_url = Some("ftp://panel".parse().unwrap())), "REMNAWAVE_BASE_URL"),
        (
            settings_error(|s| s.base_url = Some("https://u:canary-secret@panel".parse().unwrap())),
            "REMNAWAVE_BASE_URL",
        ),
    ];
    for (error, name) in errors {
        let text = format!("{error} {error:?}");
        assert!(text.contains(name) && !text.contains("canary"), "{text}");
    }
}

/// JSON out of the panel's own words, so that much of it almost fits.
fn json_strategy() -> impl Strategy<Value = Value> {
    let word = prop::sample::select(vec![
        "response",
        "id",
        "uuid",
        "shortUuid",
        "username",
        "status",
        "expireAt",
        "subscriptionUrl",
        "errorCode",
        "statusCode",
        "isFound",
        "isDeleted",
        "userTraffic",
        "activeInternalSquads",
        "telegramId",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
        prop::sample::select(vec!["A018", "A019", "A063", "2026-12-22T07:36:28.000Z", "ACTIVE"])
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((word.clone(), inner), 0..8).prop_map(|fields| fields
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect()),
        ]
    })
}

fn reply_strategy() -> impl Strategy<Value = Reply> {
    let bytes = || prop::collection::vec(any::<u8>(), 0..300);
    prop_oneof![
        (200_u16..600, bytes()).prop_map(|(status, body)| Reply::Answer(status, body)),
        (200_u16..600, json_strategy()).prop_map(|(status, body)| Reply::json(status, &body)),
        json_strategy().prop_map(|body| Reply::json(200, &json!({ "response": body }))),
        bytes().prop_map(Reply::Raw),
    ]
}

#[test]
fn any_answer_is_an_error_in_time_and_never_a_success() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let next = Arc::new(Mutex::new(Reply::dropped()));
    let script = Arc::clone(&next);
    let replay = runtime.block_on(Replay::start(move |_| script.lock().unwrap().clone()));
    let panel = replay.panel();
    let property = |reply: Reply| {
        *next.lock().unwrap() = reply;
        let (user, switched, subscription) = runtime.block_on(async {
            (
                panel.patch_user(&id("7"), &Default::default(), WITHIN).await,
                panel.disable(&id("7"), WITHIN).await,
                panel.revoke(&id("7"), &ShortUuid::new(SHORT), WITHIN).await,
            )
        });
        prop_assert!(user.is_err(), "{user:?}");
        prop_assert!(!matches!(switched, Ok(Switched::Done(_))), "{switched:?}");
        prop_assert!(subscription.is_err(), "{subscription:?}");
        Ok(())
    };
    TestRunner::default().run(&reply_strategy(), property).unwrap();
}

/// A log that a test can read.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn no_secret_is_shown_or_logged() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let shown = async {
        let mut shown = String::new();
        let body = |text: &str| Reply::json(200, &json!({"response": {"canary-key": text, "shortUuid": 5}}));
        let subscription = json!({
            "isFound": true, "user": {"userStatus": "ACTIVE", "isActive": true}, "links": ["vless://canary-key@h:1"],
        });
        for reply in [
            in_envelope(&v3_user()),
            in_envelope(&subscription),
            body("canary-text"),
            Reply::dropped(),
            Reply::error(400, "canary-code"),
            Reply::json(400, &json!({"statusCode": 400, "message": "canary-message"})),
            Reply::Answer(200, b"canary-html".to_vec()),
        ] {
            let replay = Replay::always(reply).await;
            let panel = replay.panel_with(|settings| {
                settings.extra_headers = vec![("X-Api-Key".to_owned(), "canary-header".into())];
            });
            let short = ShortUuid::new(SHORT);
            let found = panel.user_by_short_uuid(&short, WITHIN).await;
            let revoked = panel.revoke(&id("7"), &short, WITHIN).await;
            let configuration = panel.subscription(&short, WITHIN).await;
            let errors = [found.as_ref().err(), revoked.as_ref().err(), configuration.as_ref().err()];
            errors.iter().flatten().for_each(|error| write!(shown, "{error} ").unwrap());
            write!(shown, "{panel:?} {found:?} {revoked:?} {configuration:?} {:?} ", new_user()).unwrap();
        }
        shown
    }
    .with_subscriber(subscriber)
    .await;
    let logged = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let ours: Vec<_> = logged.lines().filter(|line| line.contains("orchestrator::panel")).collect();
    assert!(ours.iter().any(|line| line.contains("/api/users/by-short-uuid/{shortUuid}")), "{logged}");
    let leak = |line: &&&str| line.contains("canary");
    assert_eq!(ours.iter().find(leak), None);
    assert!(!shown.contains("canary"), "{shown}");
}
