//! What owners, or the chat of alerts, hear without having asked.

use chrono::TimeDelta;
use orchestrator::demo::panel::{Fault, Matcher, NewSimUser, What};
use orchestrator::demo::telegram::{TgFault, TgFaultKind};
use orchestrator::services::Services;

use super::stage::{Log, Stage};
use crate::support::chat::{LIMIT, Screen};
use crate::support::seed;
use crate::support::world::token;

const OPS: i64 = -100_500;

/// The panel has somebody else under a client's id, and somebody meets that.
async fn trouble(stage: &Stage) {
    let client = stage.clients().await.remove(0);
    stage.world.panel.forget_users();
    let expire_at = client.expires_at;
    stage.world.panel.insert_user(NewSimUser { username: "mallory".to_owned(), short_uuid: None, expire_at });
    stage.world.services.clients.block(&token(), client.id, None).await.unwrap_err();
}

/// With a chat for alerts, and a client.
async fn with_alert_chat(chat: &str) -> Stage {
    let mut stage = Stage::asleep().await;
    stage.telegram.group(OPS, "Operations");
    stage.world.rules.alert_chat = Some(chat.parse().unwrap());
    stage.start();
    stage.owner().send("/new alice_1 30").await;
    stage
}

#[tokio::test]
async fn owners_hear_at_once_that_the_panel_has_somebody_else() {
    let stage = Stage::new().await;
    let olga = stage.owner();
    olga.send("/new alice_1 30").await;
    let client = stage.clients().await.remove(0);
    trouble(&stage).await;
    let told = olga.next().await;
    assert!(told.text().contains("alice_1") && told.text().contains("кто-то другой"), "{told}");
    assert!(olga.tap("Журнал").await.text().contains("token:shop"), "who was at it");
    // An integration that retries does not fill the chat.
    stage.world.services.clients.block(&token(), client.id, None).await.unwrap_err();
    assert!(olga.send("/start").await.text().contains("Управление VPN"));
    stage.end().await;
}

/// So many looks at the panel, half a minute apart; what the last one keeps in mind.
async fn look(stage: &Stage, services: &Services, looks: u32, memory: Option<String>) -> Option<String> {
    let mut memory = memory;
    for _ in 0..looks {
        stage.world.clock.advance(TimeDelta::seconds(30));
        services.health.check_panel().await;
        memory = services.panel_watch.run_once(memory.as_deref()).await.unwrap().or(memory);
    }
    memory
}

#[tokio::test]
async fn owners_hear_once_that_the_panel_is_away_and_once_that_it_is_back() {
    let stage = Stage::new().await;
    let olga = stage.owner();
    olga.send("/start").await;
    let (one, two) = (&stage.world.services, stage.world.another());
    let away = || stage.world.panel.fault(Fault::before(Matcher::any(), What::Drop).always());
    // A blip is nothing to wake anybody for.
    away();
    let memory = look(&stage, one, 4, None).await;
    stage.world.panel.clear_faults();
    let memory = look(&stage, &two, 1, memory).await;
    away();
    let memory = look(&stage, one, 4, memory).await;
    assert_eq!(seed::count(&stage.world.opened.db, "outbox").await, 0);
    let memory = look(&stage, &two, 1, memory).await;
    let told = olga.next().await;
    assert!(
        told.text().contains("Панель: не отвечает") && told.text().contains("Так с 12.05.2026 11:03"),
        "{told}"
    );
    // Other replicas and restarts say nothing new, with the memory or without.
    look(&stage, &stage.world.another(), 6, None).await;
    look(&stage, one, 2, memory.clone()).await;
    stage.world.panel.clear_faults();
    let memory = look(&stage, &two, 1, memory).await;
    look(&stage, one, 2, memory).await;
    let told = olga.next().await;
    assert!(told.text().contains("снова работает. Перерыв длился"), "{told}");
    assert_eq!(seed::count(&stage.world.opened.db, "outbox").await, 2);
    stage.end().await;
}

#[tokio::test]
async fn after_a_long_pause_nobody_knows_how_the_panel_was() {
    let stage = Stage::new().await;
    let services = &stage.world.services;
    stage.world.panel.fault(Fault::before(Matcher::any(), What::Drop).always());
    let memory = look(&stage, services, 1, None).await;
    stage.world.clock.advance(TimeDelta::hours(1));
    let memory = look(&stage, services, 4, memory).await;
    assert_eq!(seed::count(&stage.world.opened.db, "matters").await, 0, "not yet");
    look(&stage, services, 1, memory).await;
    assert_eq!(seed::count(&stage.world.opened.db, "matters").await, 1);
    stage.end().await;
}

#[tokio::test]
async fn alerts_go_to_their_chat_instead() {
    let stage = with_alert_chat("-100500:42").await;
    trouble(&stage).await;
    let told = stage.telegram.wait(|telegram| telegram.chat(OPS).pop());
    let told = Screen { message: tokio::time::timeout(LIMIT, told).await.expect("the chat hears it") };
    assert!(told.text().contains("alice_1") && told.text().contains("кто-то другой"), "{told}");
    // The bot is silent in groups: a button that asks it something would do nothing.
    assert!(told.to_string().ends_with("\n[ 🤖 Открыть бота ↗ ]"), "{told}");
    let button = told.message.keyboard[0][0].clone();
    assert_eq!(button.url.as_deref(), Some("https://t.me/vpn_test_bot"));
    let calls = stage.telegram.calls();
    let sent = calls.iter().find(|call| call.parameters["chat_id"] == OPS).unwrap();
    assert_eq!(sent.parameters["message_thread_id"], 42);
    let to_olga = stage.owner().messages().into_iter().filter(|message| message.from_bot);
    assert_eq!(to_olga.count(), 1, "only the new client");
    stage.end().await;
}

#[tokio::test]
async fn a_private_chat_of_alerts_is_anybodys_and_its_buttons_work() {
    let stage = with_alert_chat("77").await;
    let vera = stage.with_role(77, "Vera", orchestrator::domain::actor::Role::Viewer).await;
    trouble(&stage).await;
    assert!(vera.next().await.text().contains("кто-то другой"));
    assert!(vera.tap("Карточка").await.text().contains("alice_1"));
    stage.end().await;
}

#[tokio::test]
async fn owners_hear_it_when_the_chat_refuses() {
    for (kind, logged) in [
        (TgFaultKind::BadRequest("chat not found".to_owned()), "add @vpn_test_bot to it"),
        (TgFaultKind::BadRequest("TOPIC_CLOSED".to_owned()), "TOPIC_CLOSED"),
        (TgFaultKind::Blocked, "ALERT_CHAT"),
        (TgFaultKind::Migrated(-1_001_234), "set ALERT_CHAT=-1001234"),
    ] {
        let (log, _logging) = Log::begin();
        let stage = with_alert_chat("-100500").await;
        stage.telegram.fault(TgFault::new(kind).on("sendMessage").to(OPS));
        trouble(&stage).await;
        let told = stage.owner();
        let told = told.wait("the alert", |olga| {
            let last = olga.messages().pop()?;
            last.text.contains("кто-то другой").then_some(Screen { message: last })
        });
        assert!(told.await.labels().iter().any(|label| label.contains("Карточка")), "with what to do");
        assert!(log.text().contains(logged), "{}", log.text());
        stage.end().await;
    }
}
