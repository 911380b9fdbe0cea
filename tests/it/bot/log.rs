//! The log in the chat: `/log`, `/ops`, and the card's button.

use chrono::TimeDelta;
use orchestrator::domain::actor::{Actor, Source};
use orchestrator::domain::clock::{Clock, Entropy, OsEntropy};
use orchestrator::domain::ids::{ClientId, OperationId, TelegramId};
use orchestrator::domain::operation::{Action, AuditEntry, Outcome};
use orchestrator::domain::username::Username;
use orchestrator::repositories::audit;
use serde_json::json;

use super::stage::Stage;
use crate::support::chat::Chat;
use crate::support::seed;

/// What was done to a client that is gone.
async fn record(stage: &Stage, username: &str, actor: &str, source: Source, action: Action) {
    let entry = AuditEntry {
        id: OperationId(OsEntropy.uuid()),
        client_id: ClientId(uuid::Uuid::from_u128(username.len() as u128)),
        username: Username::stored(username),
        actor: actor.to_owned(),
        source,
        action,
        reason: None,
        payload: Some(json!({"new_short_uuid": "canary-short"})).filter(|_| action == Action::RotateConfig),
        result: Outcome::Success,
        error: None,
        created_at: stage.world.clock.now(),
    };
    let mut tx = stage.world.opened.db.begin().await.unwrap();
    audit::insert(&mut tx, &entry).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn the_log_is_turned_in_place_and_what_comes_since_moves_no_page() {
    let stage = Stage::new().await;
    let olga = stage.owner();
    assert!(olga.send("/log").await.text().contains("Ничего такого ещё не было"));
    for number in 1..=20 {
        record(&stage, &format!("gone_{number:02}"), "token:shop", Source::Api, Action::Delete).await;
    }
    let first = olga.send("/log").await;
    assert!(first.text().contains("Записей: 20") && first.text().contains("Страница: 1 из 3"), "{first}");
    assert!(
        first.text().contains("gone_20 — удаление") && first.text().contains("token:shop · API"),
        "{first}"
    );
    assert!(first.text().contains("gone_13") && !first.text().contains("gone_12"));
    record(&stage, "newer", "token:shop", Source::Api, Action::Delete).await;
    let second = olga.tap("➡️").await;
    assert!(second.text().contains("gone_12") && second.text().contains("gone_05"), "{second}");
    assert!(second.text().contains("Записей: 20") && second.text().contains("Страница: 2 из 3"), "{second}");
    let third = olga.tap("➡️").await;
    assert!(third.text().contains("gone_04") && third.text().contains("gone_01") && !olga.has_button("➡️"));
    assert_eq!(third.message.id, first.message.id, "one message");
    olga.tap("⬅️").await;
    // The first page is always the newest.
    let again = olga.tap("⬅️").await;
    assert!(again.text().contains("newer") && again.text().contains("Записей: 21"), "{again}");
    stage.end().await;
}

#[tokio::test]
async fn words_narrow_the_log_and_names_of_any_length_keep_their_pages() {
    let stage = Stage::new().await;
    let olga = Chat::of(&stage.telegram, stage.telegram.person(1, "Olga", Some("Olga_VPN"), Some("ru")));
    olga.send("/new alice_1 30").await;
    let long = "x".repeat(36);
    let actor = format!("token:{}", "y".repeat(100));
    for _ in 0..9 {
        record(&stage, &long, &actor, Source::Api, Action::Extend).await;
        record(&stage, &long, "panel", Source::Panel, Action::Block).await;
    }
    for (words, total) in [
        ("alice_1".to_owned(), 1),
        ("@olga_vpn".to_owned(), 1),
        ("1 create".to_owned(), 1),
        ("telegram:1 alice_1 create".to_owned(), 1),
        ("alice_1 block".to_owned(), 0),
        (long.clone(), 18),
        (format!("{long} {actor}"), 9),
        (format!("{} block", uuid::Uuid::from_u128(36)), 9),
        ("nobody".to_owned(), 0),
        ("token:nobody".to_owned(), 0),
    ] {
        let screen = olga.send(&format!("/log {words}")).await;
        assert!(
            screen.text().contains(&format!("Записей: {total}\n")) || total == 0,
            "/log {words}: {screen}"
        );
        assert_eq!(screen.text().contains("Ничего такого"), total == 0, "/log {words}: {screen}");
    }
    assert!(olga.send("/log @olga_vpn").await.text().contains("Olga @Olga_VPN (1) · бот"));
    assert!(olga.send("/log @nobody").await.text().contains("@nobody мне не писал"));
    assert!(olga.send("/log a b").await.text().contains("/log alice @olga extend"));

    olga.send(&format!("/log {long} {actor} extend")).await;
    let second = olga.tap("➡️").await;
    assert!(second.text().contains("Записей: 9") && second.text().contains("Страница: 2 из 2"), "{second}");
    assert!(!second.labels().contains(&"🪪 Карточка".to_owned()), "the client is gone");
    stage.end().await;
}

#[tokio::test]
async fn one_clients_log_from_the_card_and_by_command() {
    let stage = Stage::new().await;
    let olga = stage.owner();
    olga.send("/new alice_1 30").await;
    stage.world.clock.advance(TimeDelta::seconds(1));
    olga.send("/new bob_2 7").await;
    olga.send("/client alice_1").await;
    let log = olga.tap("📜 Журнал").await;
    assert!(log.text().contains("Записей: 1") && log.text().contains("alice_1 — создание, 30 дней"), "{log}");
    assert!(!log.text().contains("bob_2"));
    assert!(olga.tap("🪪 Карточка").await.text().contains("Состояние: активен"));
    assert!(olga.send("/ops bob_2").await.text().contains("bob_2 — создание, 7 дней"));
    assert!(olga.send("/ops").await.text().contains("Чей журнал показать?"));
    assert!(olga.tap("alice_1").await.text().contains("alice_1 — создание"));
    assert!(olga.send("/ops a b").await.text().contains("Назовите одного клиента"));
    stage.end().await;
}

#[tokio::test]
async fn a_viewer_sees_the_log_without_links_and_others_nothing() {
    let stage = Stage::new().await;
    let (olga, vera, stranger) = (
        stage.owner(),
        Chat::new(&stage.telegram, 2, "Vera", "ru"),
        Chat::new(&stage.telegram, 3, "Sam", "en"),
    );
    record(&stage, "alice_1", "token:shop", Source::Api, Action::RotateConfig).await;
    vera.send("/start").await;
    seed::execute(&stage.world.opened.db, "UPDATE people SET role = 'viewer' WHERE telegram_id = 2").await;
    for chat in [&olga, &vera] {
        let log = chat.send("/log").await;
        assert!(log.text().contains("alice_1 — замена ссылки") && !log.text().contains("canary"), "{log}");
    }
    assert!(vera.send("/help").await.text().contains("/log"));
    for command in ["/log", "/ops alice_1", "/log alice_1"] {
        let answer = stranger.send(command).await;
        assert!(!answer.text().contains("alice"), "{answer}");
    }
    // Someone else's button.
    olga.send("/new sam_1 30").await;
    let sam = stage.client("sam_1").await;
    seed::execute(&stage.world.opened.db, "UPDATE clients SET telegram_id = 3 WHERE username = 'sam_1'")
        .await;
    let message = stranger.send("/start").await.message.id;
    let row = audit::newest(&stage.world.opened.db, 1).await.unwrap().remove(0).id;
    let services = &stage.world.services;
    let user = Actor::Person { id: TelegramId(3), role: orchestrator::domain::actor::Role::User };
    services.audit.like(&user, row, Default::default()).await.unwrap_err();
    for data in [
        "log:1:a".to_owned(),
        format!("log:1:c{}", base64_of(sam.id.0)),
        format!("log:1:l0{}0", base64_of(row.0)),
    ] {
        stranger.forge(message, &data).await;
        let answer = stranger.next().await;
        assert!(!answer.text().contains("alice") && !answer.text().contains("create"), "{data}: {answer}");
    }
    stage.end().await;
}

fn base64_of(id: uuid::Uuid) -> String {
    use base64::Engine;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(id.as_bytes())
}
