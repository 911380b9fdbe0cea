//! What people are told of their dates.

use chrono::{DateTime, TimeDelta, Utc};
use orchestrator::domain::actor::Role;
use orchestrator::domain::clock::Clock as _;
use orchestrator::domain::days::Days;
use orchestrator::domain::ids::TelegramId;
use orchestrator::repositories::{clients, people};
use orchestrator::services::Services;

use super::own::{ann, owns};
use super::staff;
use super::stage::Stage;
use crate::support::chat::{Chat, LIMIT};
use crate::support::db::{Kind, on_both};
use crate::support::seed;
use crate::support::world::{World, person, token};

/// A bot with a page to pay, and Ann (50) with these clients, good for 30 days; she has started the bot.
async fn scene(usernames: &[&str]) -> (Stage, Chat) {
    let mut stage = Stage::asleep().await;
    let mut settings = stage.settings();
    settings.pay_url = Some("https://pay.example.test/vpn".parse().unwrap());
    stage.start_with(settings);
    let ann = ann(&stage, usernames).await;
    ann.send("/start").await;
    (stage, ann)
}

/// Moves the clock on to so long before this moment.
pub fn go_to(stage: &Stage, moment: DateTime<Utc>, before: TimeDelta) {
    stage.world.clock.advance(moment - before - stage.world.clock.now());
}

/// One look at who is due; how many people are told.
async fn look(stage: &Stage) -> u64 {
    stage.world.services.expiry_notices.run_once(None).await.unwrap().0
}

pub fn said(chat: &Chat, words: &str) -> usize {
    chat.messages().iter().filter(|message| message.from_bot && message.text.contains(words)).count()
}

/// Until so many messages ended so.
async fn ended(stage: &Stage, outcome: &str, count: i64) {
    let of = format!("outbox WHERE outcome = '{outcome}'");
    let waiting = async {
        while seed::count(&stage.world.opened.db, &of).await != count {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(LIMIT, waiting).await.expect("they end so");
}

pub async fn move_date(stage: &Stage, username: &str, to: DateTime<Utc>) {
    let id = stage.client(username).await.id;
    let mut tx = stage.world.opened.db.begin().await.unwrap();
    assert!(clients::set_expiry(&mut tx, id, to, stage.world.clock.now()).await.unwrap());
    tx.commit().await.unwrap();
}

pub fn days(days: i64) -> Days {
    days.to_string().parse().unwrap()
}

pub fn hours(hours: i64) -> TimeDelta {
    TimeDelta::hours(hours)
}

#[tokio::test]
async fn three_days_before_a_day_before_and_at_the_date_each_once() {
    let (stage, ann) = scene(&["alice_1"]).await;
    let date = stage.client("alice_1").await.expires_at;
    for (before, words) in [
        (hours(72), "alice_1 ends in 3 days: 2026-06-11 11:00"),
        (hours(24), "alice_1 ends in 24 hours: 2026-06-11 11:00"),
        (hours(0), "alice_1 ended on 2026-06-11 11:00 (UTC), so the VPN does not work"),
    ] {
        go_to(&stage, date, before + TimeDelta::minutes(1));
        assert_eq!(look(&stage).await, 0, "not too early");
        go_to(&stage, date, before);
        assert_eq!(look(&stage).await, 1);
        let told = ann.next().await;
        assert!(told.text().contains(words), "{told}");
        assert_eq!(told.labels(), ["💳 Renew", "📊 My access"]);
        assert!(!told.message.silent, "by day");
        assert_eq!(look(&stage).await, 0, "once");
    }
    assert!(ann.tap("My access").await.text().contains("Your access has expired"));
    // After a restart nothing is told again, whoever looks.
    stage.world.clock.advance(hours(1));
    assert_eq!(stage.world.another().expiry_notices.run_once(None).await.unwrap().0, 0);
    stage.end().await;
}

#[tokio::test]
async fn another_date_is_another_story_and_the_old_one_again_is_not() {
    let (stage, ann) = scene(&["alice_1"]).await;
    let client = stage.client("alice_1").await;
    go_to(&stage, client.expires_at, hours(24));
    assert_eq!(look(&stage).await, 1);
    ann.next().await;
    stage.world.services.clients.extend(&token(), client.id, days(2), None).await.unwrap();
    assert!(ann.next().await.text().contains("was extended by 2 days"));
    // She has just heard how long she has: of what lies before that she is not told.
    assert_eq!(look(&stage).await, 0);
    let date = stage.client("alice_1").await.expires_at;
    go_to(&stage, date, hours(24));
    assert_eq!(look(&stage).await, 1);
    assert!(ann.next().await.text().contains("ends in 24 hours"));
    stage.end().await;
}

#[tokio::test]
async fn what_can_wait_waits_for_nine_and_holds_up_nothing() {
    let (stage, ann) = scene(&[]).await;
    stage.world.clock.advance(hours(16));
    owns(&stage, 50, &["alice_1"]).await;
    let client = stage.client("alice_1").await;
    go_to(&stage, client.expires_at, hours(72));
    assert_eq!(look(&stage).await, 1, "at three in the morning");
    stage.world.services.clients.rotate(&token(), client.id, None).await.unwrap();
    assert!(ann.next().await.text().contains("the old one no longer works"));
    stage.world.clock.advance(hours(6) - TimeDelta::minutes(1));
    stage.world.services.clients.rotate(&token(), client.id, None).await.unwrap();
    assert!(ann.next().await.text().contains("the old one no longer works"));
    stage.world.clock.advance(TimeDelta::minutes(1));
    let told = ann.next().await;
    assert!(told.text().contains("alice_1 ends in 3 days"), "{told}");
    assert!(!told.message.silent);
    stage.end().await;
}

#[tokio::test]
async fn at_the_date_they_are_told_at_once_and_nobody_is_woken() {
    let (stage, ann) = scene(&[]).await;
    stage.world.clock.advance(hours(16));
    owns(&stage, 50, &["alice_1"]).await;
    go_to(&stage, stage.client("alice_1").await.expires_at, hours(0));
    assert_eq!(look(&stage).await, 1, "at three in the morning");
    let told = ann.next().await;
    assert!(told.text().contains("alice_1 ended on"), "{told}");
    assert!(told.message.silent);
    stage.end().await;
}

#[tokio::test]
async fn who_lost_access_at_the_date_is_told_and_who_was_blocked_is_not() {
    let (stage, ann) = scene(&["alice_1", "blocked-2"]).await;
    let (alice, blocked) = (stage.client("alice_1").await, stage.client("blocked-2").await);
    stage.world.services.clients.block(&token(), blocked.id, None).await.unwrap();
    ann.next().await;
    let sql = "UPDATE clients SET status = 'blocked', lapsed = TRUE WHERE username = 'alice_1'";
    seed::execute(&stage.world.opened.db, sql).await;
    go_to(&stage, alice.expires_at, hours(-1));
    assert_eq!(look(&stage).await, 1);
    let told = ann.next().await.text();
    assert!(told.contains("alice_1") && !told.contains("blocked-2"), "{told}");
    stage.end().await;
}

#[tokio::test]
async fn in_the_morning_it_is_looked_again_whether_it_is_still_so() {
    let names = ["stays", "extended", "blocked", "deleted", "unlinked", "given"];
    let (stage, ann) = scene(&[]).await;
    stage.world.clock.advance(hours(16));
    owns(&stage, 50, &names).await;
    let lone = Chat::new(&stage.telegram, 60, "Bob", "en");
    lone.send("/start").await;
    owns(&stage, 60, &["lone"]).await;
    let date = stage.client("lone").await.expires_at;
    go_to(&stage, date, hours(72));
    assert_eq!(look(&stage).await, 2);
    let services = &stage.world.services;
    let id = async |username: &str| stage.client(username).await.id;
    services.clients.extend(&person(50, Role::Owner), id("extended").await, days(30), None).await.unwrap();
    services.clients.block(&person(50, Role::Owner), id("blocked").await, None).await.unwrap();
    services.clients.delete(&token(), id("deleted").await, None).await.unwrap();
    services.clients.extend(&person(60, Role::Owner), id("lone").await, days(30), None).await.unwrap();
    for (username, to) in [("unlinked", "NULL"), ("given", "60")] {
        let sql = format!("UPDATE clients SET telegram_id = {to} WHERE username = '{username}'");
        seed::execute(&stage.world.opened.db, &sql).await;
    }
    stage.world.clock.advance(hours(6));
    let told = ann.next().await;
    assert!(told.text().starts_with("⏳ Your access stays ends in 3 days"), "{told}");
    ended(&stage, "dropped", 1).await;
    assert_eq!(said(&lone, "ends"), 0);
    stage.end().await;
}

#[tokio::test]
async fn clients_of_one_person_come_in_one_message() {
    let (stage, ann) = scene(&["alice_1", "bob-2", "carol", "dora"]).await;
    let date = stage.client("alice_1").await.expires_at;
    move_date(&stage, "bob-2", date + TimeDelta::minutes(59)).await;
    move_date(&stage, "carol", date + hours(2)).await;
    move_date(&stage, "dora", date + hours(48)).await;
    go_to(&stage, date, hours(24));
    assert_eq!(look(&stage).await, 1);
    let told = ann.next().await;
    for words in ["• alice_1 — 2026-06-11 11:00 (UTC), in 24 hours", "• bob-2", "• dora"] {
        assert!(told.text().contains(words), "{told}");
    }
    assert!(!told.text().contains("carol"), "{told}");
    assert!(ann.tap("My access").await.text().contains("Which access"), "there are several");
    stage.world.clock.advance(hours(1));
    assert_eq!(look(&stage).await, 0, "bob-2 was told of");
    stage.world.clock.advance(hours(1));
    assert_eq!(look(&stage).await, 1);
    assert!(ann.next().await.text().contains("Your access carol ends"));
    stage.end().await;
}

#[tokio::test]
async fn what_lies_before_an_import_or_a_link_counts_as_told() {
    let (stage, ann) = scene(&[]).await;
    let imported = staff::client(&stage, "imported", 1, Some(50)).await;
    move_date(&stage, "imported", imported.created_at + hours(20)).await;
    assert_eq!(look(&stage).await, 0);
    let linked = staff::client(&stage, "linked", 30, None).await;
    go_to(&stage, linked.expires_at, hours(23));
    let mut tx = stage.world.opened.db.begin().await.unwrap();
    let now = stage.world.clock.now();
    assert!(clients::link(&mut tx, linked.id, TelegramId(50), now).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(look(&stage).await, 0);
    go_to(&stage, linked.expires_at, hours(0));
    assert_eq!(look(&stage).await, 1);
    assert!(ann.next().await.text().contains("Your access linked ended on"));
    stage.end().await;
}

#[tokio::test]
async fn after_seven_hours_of_standing_still_it_is_too_late_and_only_the_nearest_is_told() {
    let (stage, ann) = scene(&["alice_1"]).await;
    let date = stage.client("alice_1").await.expires_at;
    go_to(&stage, date, hours(72 - 7));
    assert_eq!(look(&stage).await, 0);
    go_to(&stage, date, hours(24 - 5));
    assert_eq!(look(&stage).await, 1);
    assert!(ann.next().await.text().contains("ends in 19 hours"));
    stage.world.clock.advance(hours(19 + 5));
    assert_eq!(look(&stage).await, 1);
    assert!(ann.next().await.text().contains("ended on"));
    assert_eq!(said(&ann, "alice_1 end"), 2);
    stage.end().await;
}

#[tokio::test]
async fn what_was_looked_at_is_not_looked_at_for_ever_but_nothing_falls_between() {
    let (stage, ann) = scene(&["alice_1", "bob-2"]).await;
    let notices = &stage.world.services.expiry_notices;
    let date = stage.client("alice_1").await.expires_at;
    move_date(&stage, "bob-2", date + hours(3)).await;
    go_to(&stage, date, hours(24) + TimeDelta::minutes(1));
    let (told, memory) = notices.run_once(None).await.unwrap();
    assert_eq!(told, 0);
    // The next look comes hours late.
    stage.world.clock.advance(hours(4));
    let (told, memory) = notices.run_once(Some(&memory)).await.unwrap();
    assert_eq!(told, 1);
    let both = ann.next().await.text();
    assert!(both.contains("alice_1") && both.contains("bob-2"), "{both}");
    // A clock that was ahead for a while.
    seed::execute(&stage.world.opened.db, "DELETE FROM expiry_notices").await;
    stage.world.clock.advance(TimeDelta::minutes(-51));
    assert_eq!(notices.run_once(Some(&memory)).await.unwrap().0, 1, "bob-2 was due eight minutes ago");
    stage.end().await;
}

#[tokio::test]
async fn whoever_cannot_be_written_to_is_not_told() {
    let (stage, ann) = scene(&["alice_1"]).await;
    owns(&stage, 999, &["never-came"]).await;
    stage.world.services.people.blocked_bot(TelegramId(50)).await.unwrap();
    go_to(&stage, stage.client("alice_1").await.expires_at, hours(24));
    assert_eq!(look(&stage).await, 0);
    assert_eq!(seed::count(&stage.world.opened.db, "outbox").await, 0);
    assert!(ann.send("/start").await.text().contains("alice_1"), "she is back");
    assert_eq!(look(&stage).await, 1);
    assert!(ann.next().await.text().contains("ends in 24 hours"));
    stage.end().await;
}

on_both!(replicas_tell_once, a_thousand_are_told_in_parts);

/// People who have started the bot, each with a client that is due in so many hours.
async fn due(world: &World, count: i64, in_hours: i64) {
    seed::clients(&world.opened.db, count).await;
    let mut tx = world.opened.db.begin().await.unwrap();
    let now = world.clock.now();
    for id in 1..=count {
        let somebody = seed::somebody(id);
        people::put(&mut tx, &somebody, now).await.unwrap();
        let client = clients::find_by_username(&world.opened.db, &format!("c{id}")).await.unwrap().unwrap();
        let earlier = now - TimeDelta::days(30);
        assert!(clients::set_expiry(&mut tx, client.id, now + hours(in_hours), earlier).await.unwrap());
        assert!(clients::link(&mut tx, client.id, TelegramId(id), earlier).await.unwrap());
    }
    tx.commit().await.unwrap();
}

async fn replicas_tell_once(kind: Kind) {
    let world = World::new(kind).await;
    due(&world, 20, 24).await;
    let looks: Vec<_> = (0..4)
        .map(|_| {
            let services: Services = world.another();
            tokio::spawn(async move { services.expiry_notices.run_once(None).await })
        })
        .collect();
    let mut told = 0;
    for look in looks {
        told += look.await.unwrap().unwrap().0;
    }
    assert_eq!((told, seed::count(&world.opened.db, "outbox").await), (20, 20));
}

async fn a_thousand_are_told_in_parts(kind: Kind) {
    let world = World::new(kind).await;
    due(&world, 1000, 72).await;
    let (told, memory) = world.services.expiry_notices.run_once(None).await.unwrap();
    assert_eq!(told, 1000);
    assert_eq!(world.services.expiry_notices.run_once(Some(&memory)).await.unwrap().0, 0);
    world.clock.advance(TimeDelta::days(6));
    world.services.expiry_notices.tidy().await.unwrap();
    assert_eq!(seed::count(&world.opened.db, "expiry_notices").await, 0);
}
