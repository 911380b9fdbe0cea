//! Dates, and what was told of them.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use orchestrator::domain::client::{Access, Client};
use orchestrator::domain::ids::TelegramId;
use orchestrator::domain::notice::Dated;
use orchestrator::repositories::expiry_notices::{self, Candidate, behind_all_of};
use orchestrator::repositories::{Db, adoptions, clients, people};

use super::{client, keep, now};
use crate::support::db::{Kind, TestDb, on_both};
use crate::support::seed;

on_both!(
    what_lies_before_a_date_or_a_link_is_known,
    who_is_due_is_found_in_order_and_part_by_part,
    each_is_told_once_of_each_date,
    the_dates_of_a_day_are_found_but_not_who_was_blocked,
);

async fn somebody(db: &Db, id: i64, blocked: bool) {
    let somebody = seed::somebody(id);
    let mut tx = db.begin().await.unwrap();
    people::put(&mut tx, &somebody, now()).await.unwrap();
    if blocked {
        people::set_blocked_bot(&mut tx, somebody.id, now()).await.unwrap();
    }
    tx.commit().await.unwrap();
}

/// A client of that person.
async fn of(db: &Db, name: &str, person: i64, date: DateTime<Utc>) -> Client {
    let client = Client { telegram_id: Some(TelegramId(person)), ..client(name, now(), date) };
    keep(db, &client).await;
    client
}

async fn due(db: &Db, from: DateTime<Utc>, until: DateTime<Utc>) -> Vec<Candidate> {
    expiry_notices::due(db, 24, (behind_all_of(from), until), 100).await.unwrap()
}

fn names(found: &[Candidate]) -> Vec<&str> {
    found.iter().map(|candidate| candidate.dated.username.as_str()).collect()
}

async fn what_lies_before_a_date_or_a_link_is_known(kind: Kind) {
    let test = TestDb::new(kind).await;
    let db = test.open().await.db;
    somebody(&db, 5, false).await;
    let start = now();
    let (soon, later) = (start + TimeDelta::hours(20), start + TimeDelta::hours(21));
    let made = of(&db, "alice_1", 5, soon).await;
    let from = async || due(&db, start, start + TimeDelta::days(1)).await.remove(0).notices_from.unwrap();
    assert_eq!(from().await, made.created_at);
    let minute = |minutes| start + TimeDelta::minutes(minutes);
    let mut tx = db.begin().await.unwrap();
    // Blocked and opened again: the date is the same.
    assert!(
        clients::update(&mut tx, &Client { updated_at: minute(1), ..made.clone() }).await.unwrap().is_some()
    );
    tx.commit().await.unwrap();
    assert_eq!(from().await, made.created_at);
    let moved = Client { expires_at: later.trunc_subsecs(3), updated_at: minute(2), ..made.clone() };
    let mut tx = db.begin().await.unwrap();
    assert!(clients::update(&mut tx, &moved).await.unwrap().is_some());
    tx.commit().await.unwrap();
    assert_eq!(from().await, minute(2));
    let mut tx = db.begin().await.unwrap();
    assert!(clients::set_expiry(&mut tx, made.id, moved.expires_at, minute(3)).await.unwrap());
    assert!(clients::link(&mut tx, made.id, TelegramId(5), minute(3)).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(from().await, minute(2), "nothing new");
    let mut tx = db.begin().await.unwrap();
    assert!(clients::set_expiry(&mut tx, made.id, made.expires_at, minute(4)).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(from().await, minute(4));
    let mut tx = db.begin().await.unwrap();
    assert!(clients::unlink(&mut tx, made.id, TelegramId(5), minute(5)).await.unwrap());
    assert!(clients::link(&mut tx, made.id, TelegramId(5), minute(5)).await.unwrap());
    assert!(clients::delete(&mut tx, made.id).await.unwrap());
    assert!(adoptions::insert(&mut tx, &made, minute(6)).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(from().await, minute(6));
}

async fn who_is_due_is_found_in_order_and_part_by_part(kind: Kind) {
    let test = TestDb::new(kind).await;
    let db = test.open().await.db;
    somebody(&db, 5, false).await;
    somebody(&db, 6, true).await;
    let start = now().trunc_subsecs(3);
    let hour = |hours| start + TimeDelta::hours(hours);
    for (name, date) in [("third", 3), ("first", 1), ("second", 2), ("at-the-start", 0), ("too-late", 5)] {
        of(&db, name, 5, hour(date)).await;
    }
    of(&db, "left-alone", 6, hour(1)).await;
    of(&db, "never-came", 7, hour(1)).await;
    keep(&db, &client("nobody-s", now(), hour(1))).await;
    for (name, access) in [("blocked", Access::Blocked), ("lapsed", Access::Lapsed)] {
        let person = Some(TelegramId(5));
        keep(&db, &Client { access, telegram_id: person, ..client(name, now(), hour(4)) }).await;
    }
    let found = due(&db, start, hour(4)).await;
    assert_eq!(names(&found), ["first", "second", "third", "lapsed"]);
    let (mut behind, mut parts) = (behind_all_of(start), vec![]);
    loop {
        let part = expiry_notices::due(&db, 24, (behind, hour(4)), 2).await.unwrap();
        let Some(last) = part.last() else { break };
        behind = (last.dated.expires_at, last.dated.client);
        parts.extend(part);
    }
    assert_eq!(parts, found);
    let mut tx = db.begin().await.unwrap();
    let open = expiry_notices::open_of(&mut tx, TelegramId(5), (start, hour(4)), 100).await.unwrap();
    assert_eq!(names(&open), ["first", "second", "third"]);
}

async fn each_is_told_once_of_each_date(kind: Kind) {
    let test = TestDb::new(kind).await;
    let db = test.open().await.db;
    somebody(&db, 5, false).await;
    let (start, date) = (now(), now() + TimeDelta::hours(1));
    let alice = of(&db, "alice_1", 5, date).await;
    let dated = Dated { client: alice.id, username: alice.username.clone(), expires_at: alice.expires_at };
    let other = Dated { expires_at: date + TimeDelta::days(30), ..dated.clone() };
    let mut tx = db.begin().await.unwrap();
    assert!(expiry_notices::tell(&mut tx, &dated, 72).await.unwrap());
    assert!(expiry_notices::tell(&mut tx, &other, 24).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(names(&due(&db, start, date).await), ["alice_1"]);
    let mut tx = db.begin().await.unwrap();
    assert!(expiry_notices::tell(&mut tx, &dated, 24).await.unwrap());
    assert!(!expiry_notices::tell(&mut tx, &dated, 24).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(due(&db, start, date).await, []);
    let mut tx = db.begin().await.unwrap();
    assert_eq!(expiry_notices::forget(&mut tx, date + TimeDelta::days(1)).await.unwrap(), 2);
    assert!(clients::delete(&mut tx, alice.id).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(seed::count(&db, "expiry_notices").await, 0, "they go with their client");
}

async fn the_dates_of_a_day_are_found_but_not_who_was_blocked(kind: Kind) {
    let test = TestDb::new(kind).await;
    let db = test.open().await.db;
    let start = now().trunc_subsecs(3);
    let hour = |hours| start + TimeDelta::hours(hours);
    for (name, date, access) in [
        ("in-the-evening", 23, Access::Open),
        ("at-once", 0, Access::Lapsed),
        ("blocked", 1, Access::Blocked),
        ("tomorrow", 24, Access::Open),
        ("yesterday", -1, Access::Open),
    ] {
        keep(&db, &Client { access, ..client(name, now(), hour(date)) }).await;
    }
    let day = (hour(0), hour(24));
    let found = clients::expiring(&db, day, 100).await.unwrap();
    let names: Vec<&str> = found.iter().map(|client| client.username.as_str()).collect();
    assert_eq!(names, ["at-once", "in-the-evening"]);
    assert_eq!(clients::expiring(&db, day, 1).await.unwrap().len(), 1);
    assert_eq!(clients::count_expiring(&db, day).await.unwrap(), 2);
}
