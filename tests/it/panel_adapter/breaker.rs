//! A panel that has not answered for a while, and each call of the adapter while it is at its worst.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::TimeDelta;
use orchestrator::demo::panel::PanelVersion;
use orchestrator::domain::ids::ShortUuid;
use orchestrator::panel::{Effect, Panel, PanelError, PanelProblem};
use tokio::time::Instant;

use super::replay::{Replay, Reply, SHORT, Stopped, WITHIN, id, in_envelope, new_user, v3_user};
use crate::support::world::{TestClock, panel_sim};

const SOON: Duration = Duration::from_millis(200);

#[tokio::test]
async fn after_ten_without_an_answer_the_others_are_not_even_sent() {
    for trouble in [Reply::dropped(), Reply::Answer(502, b"<html>".to_vec())] {
        let replay = Replay::always(trouble).await;
        let panel = replay.panel();
        for _ in 0..10 {
            let error = panel.disable(&id("7"), WITHIN).await.unwrap_err();
            assert_eq!(error.effect(), Effect::Unknown);
        }
        assert!(panel.breaker_is_open());
        let refused = panel.disable(&id("7"), WITHIN).await.unwrap_err();
        assert_eq!((&refused, refused.effect()), (&PanelError::BreakerOpen, Effect::None));
        assert_eq!(refused.problem(), Some(PanelProblem::Unreachable));
        assert_eq!(panel.create_user(&new_user(), WITHIN).await, Err(PanelError::BreakerOpen));
        assert_eq!(replay.asked().len(), 10);
    }
}

#[tokio::test]
async fn a_reading_call_is_not_repeated_through_an_open_breaker() {
    let replay = Replay::always(Reply::error(500, "A026")).await;
    let panel = replay.panel();
    for _ in 0..3 {
        panel.user(&id("7"), WITHIN).await.unwrap_err();
    }
    assert_eq!((replay.asked().len(), panel.breaker_is_open()), (9, false));
    assert_eq!(panel.user(&id("7"), WITHIN).await, Err(PanelError::BreakerOpen));
    assert_eq!(replay.asked().len(), 10, "the tenth opened it");
}

#[tokio::test]
async fn a_change_that_fails_with_a_code_says_nothing_of_the_panel() {
    let replay = Replay::always(Reply::error(500, "A018")).await;
    let panel = replay.panel();
    for _ in 0..20 {
        panel.create_user(&new_user(), WITHIN).await.unwrap_err();
    }
    assert!(!panel.breaker_is_open());
}

#[tokio::test]
async fn the_first_answer_closes_it() {
    let up = Arc::new(AtomicBool::new(false));
    let back = Arc::clone(&up);
    let replay = Replay::start(move |_| match back.load(Ordering::SeqCst) {
        true => in_envelope(&v3_user()),
        false => Reply::dropped(),
    })
    .await;
    let panel = replay.panel();
    while !panel.breaker_is_open() {
        panel.disable(&id("7"), WITHIN).await.unwrap_err();
    }
    up.store(true, Ordering::SeqCst);
    let begun = Instant::now();
    while panel.user(&id("7"), WITHIN).await == Err(PanelError::BreakerOpen) {
        assert!(begun.elapsed() < WITHIN, "no probe is let through");
    }
    assert!(!panel.breaker_is_open());
    assert_eq!(replay.asked().len(), 11);
}

#[tokio::test]
async fn those_who_wait_for_a_turn_hear_that_it_opened() {
    let replay = Replay::always(Reply::Silence).await;
    let panel = replay.panel();
    let own = id("7");
    for _ in 0..9 {
        panel.disable(&own, SOON).await.unwrap_err();
    }
    let begun = Instant::now();
    let turns = futures::future::join_all((0..32).map(|_| panel.disable(&own, SOON)));
    let waiting = futures::future::join_all((0..32).map(|_| panel.disable(&own, WITHIN)));
    let (_, waited) = tokio::join!(turns, waiting);
    assert!(waited.iter().all(|outcome| *outcome == Err(PanelError::BreakerOpen)), "{waited:?}");
    assert!(begun.elapsed() < WITHIN, "{:?}", begun.elapsed());
    assert_eq!(replay.asked().len(), 9 + 32);
}

type Asking<'a> = Pin<Box<dyn Future<Output = Result<String, PanelError>> + 'a>>;

type Call = for<'a> fn(&'a Panel, Duration) -> Asking<'a>;

/// Every call of the adapter.
const CALLS: [(&str, Call); 11] = [
    ("create", |panel, within| {
        Box::pin(async move { panel.create_user(&new_user(), within).await.map(shown) })
    }),
    ("user", |panel, within| Box::pin(async move { panel.user(&id("7"), within).await.map(shown) })),
    ("by name", |panel, within| {
        Box::pin(async move { panel.user_by_username(&new_user().username, within).await.map(shown) })
    }),
    ("by link", |panel, within| {
        Box::pin(async move { panel.user_by_short_uuid(&ShortUuid::new(SHORT), within).await.map(shown) })
    }),
    ("patch", |panel, within| {
        Box::pin(async move { panel.patch_user(&id("7"), &Default::default(), within).await.map(shown) })
    }),
    ("disable", |panel, within| Box::pin(async move { panel.disable(&id("7"), within).await.map(shown) })),
    ("enable", |panel, within| Box::pin(async move { panel.enable(&id("7"), within).await.map(shown) })),
    ("revoke", |panel, within| {
        Box::pin(async move { panel.revoke(&id("7"), &ShortUuid::new(SHORT), within).await.map(shown) })
    }),
    ("delete", |panel, within| Box::pin(async move { panel.delete_user(&id("7"), within).await.map(shown) })),
    ("list", |panel, within| Box::pin(async move { panel.users_page(0, 1000, within).await.map(shown) })),
    ("subscription", |panel, within| {
        Box::pin(async move { panel.subscription(&ShortUuid::new(SHORT), within).await.map(shown) })
    }),
];

fn shown(answer: impl std::fmt::Debug) -> String {
    format!("{answer:?}")
}

#[tokio::test]
async fn every_call_fails_in_time_whatever_the_panel_does() {
    let troubles = [
        Reply::Silence,
        Reply::dropped(),
        Reply::error(500, "A026"),
        Reply::framework(503),
        Reply::framework(429),
        Reply::framework(401),
        Reply::framework(403),
        Reply::Answer(200, b"<html>".to_vec()),
        Reply::Answer(502, b"<html>".to_vec()),
        Reply::Answer(200, Vec::new()),
        Reply::Raw(b"HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n{\"respo".to_vec()),
        Reply::Raw(b"nonsense".to_vec()),
    ];
    for trouble in troubles {
        let replay = Replay::always(trouble.clone()).await;
        for (name, call) in CALLS {
            let begun = Instant::now();
            let answer = call(&replay.panel(), SOON).await;
            assert!(answer.is_err(), "{name} {trouble:?}: {answer:?}");
            assert!(
                begun.elapsed() < SOON + Duration::from_secs(1),
                "{name} {trouble:?}: {:?}",
                begun.elapsed()
            );
        }
        let checked = replay.panel_with(|settings| settings.squads = Vec::new()).check(SOON).await;
        // "Too many requests" is of no problem of its own, and still no sign of life that one could show.
        assert!(checked.problem.is_some(), "{trouble:?}");
    }
}

#[tokio::test]
async fn the_panels_clock_is_compared_with_ours() {
    let theirs = TestClock::new();
    let sim = panel_sim(PanelVersion::V3, theirs.clone()).await;
    let replay = Replay::always(Reply::dropped()).await;
    let mut settings = replay.settings.clone();
    settings.base_url = Some(sim.url().parse().unwrap());
    settings.token = Some(sim.token().into());
    let ours = TestClock::new();
    let panel = Panel::new(settings, ours.clone()).unwrap();
    assert_eq!(panel.clock_skew(), None);
    panel.check(WITHIN).await;
    assert_eq!(panel.clock_skew(), Some(TimeDelta::zero()));
    theirs.advance(TimeDelta::seconds(150));
    panel.check(WITHIN).await;
    assert_eq!(panel.clock_skew(), Some(TimeDelta::seconds(150)));
    ours.advance(TimeDelta::seconds(400));
    panel.check(WITHIN).await;
    assert_eq!(panel.clock_skew(), Some(TimeDelta::seconds(-250)));
}

#[tokio::test]
async fn an_error_page_tells_the_time_too() {
    let head = "HTTP/1.1 502 X\r\ndate: Sun, 22 Nov 2026 08:00:05 GMT\r\ncontent-length: 0\r\n\r\n";
    let replay = Replay::always(Reply::Raw(head.into())).await;
    let panel = Panel::new(replay.settings.clone(), Arc::new(Stopped)).unwrap();
    panel.disable(&id("7"), WITHIN).await.unwrap_err();
    assert_eq!(panel.clock_skew(), Some(TimeDelta::seconds(5)));
}
