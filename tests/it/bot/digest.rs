//! What owners hear in the morning.

use chrono::{DateTime, TimeDelta, Utc};
use orchestrator::domain::actor::Role;
use orchestrator::domain::clock::Clock as _;

use super::expiry::{days, go_to, hours, move_date, said};
use super::own::owns;
use super::stage::Stage;
use crate::support::seed;
use crate::support::world::person;

#[tokio::test]
async fn in_the_morning_owners_hear_whose_date_is_today() {
    let stage = Stage::new().await;
    let olga = stage.owner();
    olga.send("/new alice_1 30").await;
    owns(&stage, 50, &["bob-2", "later"]).await;
    let digest = &stage.world.services.digest;
    let date = stage.client("alice_1").await.expires_at;
    go_to(&stage, date, hours(2));
    move_date(&stage, "bob-2", date + hours(1)).await;
    move_date(&stage, "later", stage.world.clock.now() + hours(15)).await;
    let done = digest.run_once(None).await.unwrap();
    assert_eq!(done.as_deref(), Some("\"2026-06-11\""));
    let told = olga.next().await;
    assert!(told.text().contains("Сегодня заканчивается срок у 2 клиентов"), "{told}");
    assert!(told.text().contains("• alice_1 — 11.06.2026 11:00 (UTC), через 2 часа"), "{told}");
    assert_eq!(told.labels(), ["+30 alice_1", "+30 bob-2", "⏳ Скоро истекут", "🏠 На главную"]);
    // Neither a second look nor a lost memory tells it again.
    assert_eq!(digest.run_once(done.as_deref()).await.unwrap(), None);
    assert!(digest.run_once(None).await.unwrap().is_some());
    assert_eq!(seed::count(&stage.world.opened.db, "outbox").await, 1);
    let extended = olga.tap("+30 alice_1").await;
    assert!(extended.text().contains("Продлён на 30 дней"), "{extended}");
    // The message stays for the others; a second tap does nothing more.
    let other = olga.tap("+30 bob-2").await;
    assert!(other.text().contains("bob-2") && other.text().contains("Продлён на 30 дней"), "{other}");
    assert!(olga.tap("+30 alice_1").await.text().contains("alice_1"));
    assert_eq!(stage.client("alice_1").await.expires_at, date + TimeDelta::days(30));
    assert_eq!(stage.world.panel.user("alice_1").unwrap().expire_at, date + TimeDelta::days(30));
    assert!(olga.tap("Назад").await.text().contains("истекают за 3 дня"));
    stage.end().await;
}

#[tokio::test]
async fn who_was_extended_meanwhile_is_not_in_the_morning_s_message() {
    let mut stage = Stage::new().await;
    let olga = stage.owner();
    olga.send("/new alice_1 30").await;
    olga.send("/new bob-2 30").await;
    go_to(&stage, stage.client("alice_1").await.expires_at, hours(2));
    stage.power_cut().await;
    let services = stage.world.another();
    services.digest.run_once(None).await.unwrap();
    services
        .clients
        .extend(&person(1, Role::Owner), stage.client("bob-2").await.id, days(7), None)
        .await
        .unwrap();
    stage.start();
    olga.until("the message", |olga| said(olga, "Сегодня заканчивается") == 1).await;
    let told = olga.last();
    assert!(told.text().contains("у 1 клиента") && !told.text().contains("bob-2"), "{told}");
    stage.end().await;
}

#[tokio::test]
async fn the_morning_s_message_comes_at_its_time_or_not_at_all() {
    let stage = Stage::new().await;
    let olga = stage.owner();
    olga.send("/new alice_1 30").await;
    let digest = &stage.world.services.digest;
    let nine = |day: &str| format!("{day}T09:00:00Z").parse::<DateTime<Utc>>().unwrap();
    go_to(&stage, nine("2026-05-13"), TimeDelta::seconds(1));
    assert_eq!(digest.run_once(Some("\"2026-05-12\"")).await.unwrap(), None, "too early");
    go_to(&stage, nine("2026-05-13"), hours(0));
    assert!(digest.run_once(Some("\"2026-05-12\"")).await.unwrap().is_some(), "nothing expires today");
    move_date(&stage, "alice_1", nine("2026-05-14") + hours(10)).await;
    go_to(&stage, nine("2026-05-14"), hours(-6) - TimeDelta::seconds(1));
    assert!(digest.run_once(Some("\"2026-05-13\"")).await.unwrap().is_some());
    assert_eq!(seed::count(&stage.world.opened.db, "outbox").await, 0, "too late");
    stage.end().await;
}
