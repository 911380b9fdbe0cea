//! How one's own clients stand, as people are told.

use std::time::Duration;

use chrono::TimeDelta;
use orchestrator::demo::panel::{Fault, Matcher, SimStatus, What};
use orchestrator::domain::actor::Role;
use orchestrator::domain::clock::Clock as _;
use tokio::time::Instant;

use super::own::{ann, owns, short, staff};
use super::stage::Stage;
use crate::support::chat::Chat;

#[tokio::test]
async fn state_date_traffic_and_last_online() {
    let stage = Stage::new().await;
    let ann = ann(&stage, &["alice_1"]).await;
    let five_minutes_ago = stage.world.clock.now() - TimeDelta::minutes(5);
    stage.world.panel.edit_user("alice_1", |user| {
        user.used_traffic_bytes = 3 << 29;
        user.traffic_limit_bytes = 100 << 30;
        user.online_at = Some(five_minutes_ago);
    });
    insta::assert_snapshot!("status_en", ann.send("/status").await);
    ann.send("/lang").await;
    ann.tap("Русский").await;
    let home = ann.last();
    let status = ann.tap("Состояние").await;
    assert_eq!(status.message.id, home.message.id);
    insta::assert_snapshot!("status_ru", status);
    assert_eq!(ann.tap("На главную").await.message.id, home.message.id);
    stage.end().await;
}

#[tokio::test]
async fn of_several_one_is_chosen_in_one_message() {
    let stage = Stage::new().await;
    let ann = ann(&stage, &["alice_1", "alice_2"]).await;
    let chooser = ann.send("/status").await;
    assert_eq!(chooser.labels(), ["📊 alice_2 ✅", "📊 alice_1 ✅", "🏠 Home"]);
    let status = ann.tap("alice_1").await;
    assert!(status.text().starts_with("✅ alice_1"), "{status}");
    let back = ann.tap("Back").await;
    assert_eq!(back.labels(), chooser.labels());
    let ids = [chooser.message.id, status.message.id, back.message.id];
    assert_eq!(ids, [chooser.message.id; 3]);
    // By its name too.
    assert!(ann.send("/status alice_2").await.text().starts_with("✅ alice_2"));
    stage.end().await;
}

#[tokio::test]
async fn what_is_wrong_stands_there_with_what_helps() {
    let mut stage = Stage::asleep().await;
    let mut settings = stage.settings();
    settings.pay_url = Some("https://pay.example.test/vpn".parse().unwrap());
    stage.start_with(settings);
    let ann = ann(&stage, &["alice_1"]).await;
    stage.world.panel.edit_user("alice_1", |user| user.status = SimStatus::Limited);
    let limited = ann.send("/status").await;
    assert!(limited.text().contains("🪫") && limited.text().contains("Your traffic is used up"), "{limited}");
    assert_eq!(limited.labels(), ["💳 Pay", "🏠 Home"]);
    stage.world.panel.edit_user("alice_1", |user| user.status = SimStatus::Active);
    stage.world.clock.advance(TimeDelta::days(31));
    let expired = ann.send("/status").await;
    assert!(expired.text().contains("Was valid until: 2026-06-11 11:00 (UTC), 24 hours ago"), "{expired}");
    assert_eq!(expired.labels(), ["💳 Renew", "🏠 Home"]);
    stage.end().await;
}

#[tokio::test]
async fn a_panel_that_does_not_answer_keeps_nobody_waiting() {
    let stage = Stage::new().await;
    let ann = ann(&stage, &["alice_1"]).await;
    stage.world.panel.fault(Fault::before(Matcher::any(), What::Hang).always());
    let begun = Instant::now();
    let status = ann.send("/status").await;
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    assert!(status.text().contains("does not answer right now"), "{status}");
    assert!(status.text().contains("in 30 days"), "{status}");
    stage.world.panel.clear_faults();
    stage.end().await;
}

#[tokio::test]
async fn staff_see_their_own_and_without_any_the_list() {
    let stage = Stage::new().await;
    let olga = stage.owner();
    assert!(olga.send("/status").await.text().contains("Клиенты"));
    owns(&stage, 1, &["olga-1"]).await;
    let chooser = olga.send("/status").await;
    assert_eq!(chooser.labels(), ["📊 olga-1 ✅", "📋 Другие клиенты", "🏠 На главную"]);
    assert!(olga.tap("olga-1").await.text().contains("Состояние: активен"));
    assert!(olga.send("/status olga-1").await.labels().contains(&"⬅️ Назад".to_owned()));
    let viewer = staff(&stage, 60, "Vera", Role::Viewer).await;
    let card = viewer.send("/status olga-1").await;
    assert!(!card.text().contains("https://"), "{card}");
    stage.end().await;
}

#[tokio::test]
async fn somebody_elses_is_not_there() {
    let stage = Stage::new().await;
    let ann = ann(&stage, &["alice_1"]).await;
    owns(&stage, 51, &["bob-2"]).await;
    let there = ann.send("/status bob-2").await.text();
    assert_eq!(there.replace("bob-2", "nobody"), ann.send("/status nobody").await.text());
    let bob = stage.client("bob-2").await.id;
    let nowhere = orchestrator::domain::ids::ClientId(uuid::Uuid::from_u128(7));
    let seen = |id| {
        let ann: Chat = ann.clone();
        async move {
            let message = ann.send("/start").await.message.id;
            ann.forge(message, &format!("status:1:{}", short(id))).await;
            ann.next().await.text().replace(&id.to_string(), "ID")
        }
    };
    assert_eq!(seen(bob).await, seen(nowhere).await);
    stage.end().await;
}
