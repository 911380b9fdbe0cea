//! Order and load: one who writes too much, one who waits, one whose handler breaks.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::TimeDelta;
use orchestrator::bot::{BotSettings, Limits};
use orchestrator::demo::panel::{Fault, Matcher, What};
use orchestrator::domain::clock::{Entropy, OsEntropy};

use super::stage::{Log, Stage, patient};
use crate::support::chat::{Chat, Screen};

async fn with(limits: Limits) -> Stage {
    let mut stage = Stage::asleep().await;
    stage.start_with(BotSettings { limits, ..stage.settings() });
    stage
}

fn said(chat: &Chat) -> Vec<String> {
    chat.messages()
        .into_iter()
        .filter(|message| message.from_bot)
        .map(|message| Screen { message }.text())
        .collect()
}

#[tokio::test]
async fn a_hundred_messages_of_one_are_answered_in_order_while_another_works() {
    let stage = Stage::new().await;
    let olga = stage.owner();
    olga.send("/start").await;
    for number in 0..100 {
        olga.write(&format!("/client c-{number:03}"));
    }
    let eve = Chat::new(&stage.telegram, 2, "Eve", "en");
    assert!(eve.send("hello").await.text().contains("by invitation"));
    assert!(said(&olga).len() < 101, "Eve did not wait for all of them");
    olga.until("all answers", |olga| said(olga).len() == 101).await;
    for (number, text) in said(&olga)[1..].iter().enumerate() {
        assert!(text.contains(&format!("c-{number:03}")), "{number}: {text}");
    }
    stage.end().await;
}

#[tokio::test]
async fn beyond_the_bucket_one_is_told_once_and_not_listened_to_for_a_minute() {
    let bucket = Limits::default();
    let stage = with(Limits { burst: bucket.burst, ..patient() }).await;
    let olga = stage.owner();
    let eve = Chat::new(&stage.telegram, 2, "Eve", "en");
    for _ in 0..100 {
        eve.write("hello");
    }
    assert!(olga.send("/start").await.text().contains("Управление VPN"), "nobody else notices");
    let too_much = |text: &String| text.contains("too much at once");
    eve.until("20 answers and the words", |eve| said(eve).len() == 21).await;
    assert_eq!(said(&eve).iter().filter(|text| too_much(text)).count(), 1, "{}", eve.transcript());
    // A tap of hers stops spinning, and does nothing; what she writes is not kept.
    let message = eve.last().message.id;
    eve.forge(message, "home:1").await;
    eve.write("anybody there?");
    assert!(olga.send("/help").await.text().contains("/clients"));
    assert_eq!(said(&eve).len(), 21, "{}", eve.transcript());
    stage.world.clock.advance(TimeDelta::seconds(61));
    assert!(eve.send("hello").await.text().contains("by invitation"), "a minute later all is well");
    stage.end().await;
}

#[tokio::test]
async fn long_work_says_so_and_the_words_go_when_the_answer_is_there() {
    let stage = with(Limits { patience: Duration::from_millis(20), ..patient() }).await;
    let olga = stage.owner();
    stage.world.panel.fault(Fault::before(Matcher::any(), What::Delay(Duration::from_millis(700))));
    olga.write("/new alice_1 30");
    let waiting = |text: &String| text.contains("Ещё работаю");
    olga.until("words", |olga| said(olga).iter().any(waiting)).await;
    olga.until("the answer alone", |olga| {
        let said = said(olga);
        said.iter().any(|text| text.contains("alice_1 создан")) && !said.iter().any(waiting)
    })
    .await;
    stage.end().await;
}

#[tokio::test]
async fn also_when_the_time_is_over() {
    let limits =
        Limits { patience: Duration::from_millis(20), handler: Duration::from_millis(400), ..patient() };
    let stage = with(limits).await;
    let olga = stage.owner();
    stage.world.panel.fault(Fault::before(Matcher::any(), What::Hang).always());
    olga.write("/new alice_1 30");
    olga.until("that it took too long, and nothing else", |olga| {
        matches!(said(olga).as_slice(), [text] if text.contains("слишком много времени") && text.contains("Номер для"))
    })
    .await;
    stage.world.panel.clear_faults();
    stage.end().await;
}

/// Breaks the first handler that asks for randomness.
#[derive(Debug, Default)]
struct BreaksOnce(AtomicBool);

impl Entropy for BreaksOnce {
    fn fill(&self, bytes: &mut [u8]) {
        assert!(self.0.swap(true, Ordering::SeqCst), "no randomness today");
        OsEntropy.fill(bytes);
    }
}

#[tokio::test]
async fn a_panic_touches_nobody_else_and_leaves_the_reference_the_person_was_given() {
    let (log, _logging) = Log::begin();
    let mut stage = Stage::asleep().await;
    stage.start_as(stage.settings(), Arc::new(BreaksOnce::default()));
    let olga = stage.owner();
    // Random bytes tell one such command from the next.
    olga.write("/new alice_1 30");
    let eve = Chat::new(&stage.telegram, 2, "Eve", "en");
    assert!(eve.send("hello").await.text().contains("by invitation"));
    let broken = olga.next().await;
    let reference = broken.text().rsplit(' ').next().unwrap().to_owned();
    assert_eq!(reference.len(), 6, "{broken}");
    assert!(!broken.text().contains("randomness"), "{broken}");
    let log = log.text();
    let line = log.lines().find(|line| line.contains(&reference)).unwrap_or_else(|| panic!("{log}"));
    assert!(line.contains("ERROR") && line.contains("a handler panicked"), "{line}");
    assert!(olga.send("/new alice_1 30").await.text().contains("alice_1 создан"), "the next attempt works");
    stage.end().await;
}
