//! What the bot keeps: updates, dialogues, people.

use chrono::{DateTime, TimeDelta, Utc};
use orchestrator::domain::ids::TelegramId;
use orchestrator::domain::person::{Lang, Person};
use orchestrator::repositories::updates::{Claim, UpdateRow};
use orchestrator::repositories::{Db, dialogues, facts, people, updates};

use super::now;
use crate::support::db::{Kind, TestDb, on_both};

on_both!(
    updates_wait_in_order_one_for_each_sender,
    what_nobody_handles_any_more_is_forgotten,
    a_fact_is_replaced_and_a_change_told_once,
    a_repeated_update_is_kept_once,
    dialogues_are_replaced_and_forgotten,
    people_keep_what_they_chose,
);

fn update(update_id: i64, sender: i64) -> UpdateRow {
    UpdateRow { update_id, sender, payload: format!(r#"{{"update_id":{update_id}}}"#) }
}

async fn store(db: &Db, batch: &[UpdateRow], at: DateTime<Utc>) {
    let mut tx = db.begin().await.unwrap();
    for update in batch {
        updates::insert(&mut tx, 1, std::slice::from_ref(update), at).await.unwrap();
    }
    tx.commit().await.unwrap();
}

fn by<'a>(owner: &'a str, now: DateTime<Utc>, busy: &'a [i64]) -> Claim<'a> {
    Claim { bot_id: 1, owner, now, until: now + TimeDelta::seconds(20), busy, limit: 10 }
}

/// By sender.
async fn claimed(db: &Db, claim: Claim<'_>) -> Vec<UpdateRow> {
    let mut rows = updates::claim(db, claim).await.unwrap();
    rows.sort_by_key(|row| row.sender);
    rows
}

async fn handled(db: &Db, update_id: i64) {
    updates::handled(db, 1, &[update_id], now()).await.unwrap();
}

async fn updates_wait_in_order_one_for_each_sender(kind: Kind) {
    let test = TestDb::new(kind).await;
    let db = test.open().await.db;
    let start = now();
    store(&db, &[update(900, 7), update(901, 7), update(902, 8)], start).await;
    // Telegram starts its numbers anew: later, though smaller.
    store(&db, &[update(5, 8), update(6, 9)], start + TimeDelta::seconds(1)).await;
    assert_eq!(claimed(&db, Claim { limit: 1, ..by("me", start, &[7, 9]) }).await, [update(902, 8)]);
    assert_eq!(claimed(&db, by("me", start, &[8])).await, [update(900, 7), update(6, 9)]);
    assert_eq!(claimed(&db, Claim { bot_id: 2, ..by("me", start, &[]) }).await, [], "another bot's");
    handled(&db, 902).await;
    assert_eq!(claimed(&db, by("me", start, &[7, 9])).await, [update(5, 8)]);
}

#[tokio::test]
async fn what_another_process_handles_is_left_alone_until_its_lease_runs_out() {
    let test = TestDb::new(Kind::Postgres).await;
    let db = test.open().await.db;
    let start = now();
    let at = |seconds| start + TimeDelta::seconds(seconds);
    store(&db, &[update(900, 7), update(901, 7), update(902, 8)], start).await;
    assert_eq!(claimed(&db, by("dead", start, &[])).await.len(), 2);
    // One that had been under way for long: its sender is busy, whatever comes first.
    store(&db, &[update(899, 7)], start - TimeDelta::seconds(1)).await;
    assert_eq!(claimed(&db, by("heir", at(19), &[])).await, []);
    assert_eq!(updates::renew(&db, 1, "dead", &[900, 902], at(30)).await.unwrap(), 2);
    assert_eq!(claimed(&db, by("heir", at(29), &[])).await, []);
    assert_eq!(claimed(&db, by("heir", at(30), &[])).await, [update(899, 7), update(902, 8)]);
    assert_eq!(updates::renew(&db, 1, "dead", &[900, 902], at(60)).await.unwrap(), 1, "one has an heir");
    assert_eq!(updates::release(&db, 1, "heir").await.unwrap(), 2);
    assert_eq!(claimed(&db, by("next", at(30), &[])).await, [update(902, 8)], "7 is the first one's again");
}

#[tokio::test]
async fn each_update_goes_to_one_process() {
    let test = TestDb::new(Kind::Postgres).await;
    let db = test.open().await.db;
    let many: Vec<UpdateRow> = (0..200).map(|number| update(number, number % 50)).collect();
    store(&db, &many, now()).await;
    let tasks: Vec<_> = (0..8)
        .map(|number| {
            let db = db.clone();
            tokio::spawn(async move { claimed(&db, by(&format!("p{number}"), now(), &[])).await })
        })
        .collect();
    let mut taken = vec![];
    for task in tasks {
        taken.extend(task.await.unwrap().into_iter().map(|row| row.update_id));
    }
    let count = taken.len();
    taken.sort_unstable();
    taken.dedup();
    assert_eq!(taken.len(), count, "none twice");
    assert!(taken.iter().all(|id| *id < 50), "only the first of each sender: {taken:?}");
}

async fn what_nobody_handles_any_more_is_forgotten(kind: Kind) {
    let test = TestDb::new(kind).await;
    let db = test.open().await.db;
    store(&db, &[update(1, 7), update(2, 8)], now()).await;
    let later = now() + TimeDelta::seconds(1);
    let mut tx = db.begin().await.unwrap();
    assert_eq!(updates::forget_of_others(&mut tx, 1, later).await.unwrap(), 0, "its own bot's");
    assert_eq!(updates::forget_of_others(&mut tx, 2, now() - TimeDelta::hours(1)).await.unwrap(), 0);
    assert_eq!(updates::forget_of_others(&mut tx, 2, later).await.unwrap(), 2);
    tx.commit().await.unwrap();
}

async fn a_fact_is_replaced_and_a_change_told_once(kind: Kind) {
    let test = TestDb::new(kind).await;
    let db = test.open().await.db;
    let mut told = vec![];
    for value in ["1", "1", "2", "2", "1"] {
        let mut tx = db.begin().await.unwrap();
        told.push(facts::replace(&mut tx, "bot", value).await.unwrap());
        tx.commit().await.unwrap();
    }
    assert_eq!(told, [None, None, Some("1".to_owned()), None, Some("2".to_owned())]);
    assert_eq!(facts::find(&db, "bot").await.unwrap().as_deref(), Some("1"));
    assert_eq!(facts::find(&db, "other").await.unwrap(), None);
}

async fn a_repeated_update_is_kept_once(kind: Kind) {
    let test = TestDb::new(kind).await;
    let db = test.open().await.db;
    let mut tx = db.begin().await.unwrap();
    assert_eq!(updates::insert(&mut tx, 1, &[update(1, 7)], now()).await.unwrap(), 1);
    assert_eq!(updates::insert(&mut tx, 1, &[update(1, 7)], now()).await.unwrap(), 0);
    tx.commit().await.unwrap();
    updates::handled(&db, 1, &[1], now()).await.unwrap();
    let mut tx = db.begin().await.unwrap();
    assert_eq!(
        updates::insert(&mut tx, 1, &[update(1, 7)], now()).await.unwrap(),
        0,
        "handled is remembered"
    );
    assert_eq!(updates::forget(&mut tx, now() + TimeDelta::seconds(1)).await.unwrap(), 1);
    tx.commit().await.unwrap();
}

async fn dialogues_are_replaced_and_forgotten(kind: Kind) {
    let test = TestDb::new(kind).await;
    let db = test.open().await.db;
    let (person, start) = (TelegramId(5), now());
    let mut tx = db.begin().await.unwrap();
    dialogues::put(&mut tx, person, "one", start).await.unwrap();
    dialogues::put(&mut tx, person, "два", start).await.unwrap();
    tx.commit().await.unwrap();
    let earlier = start - TimeDelta::seconds(1);
    assert_eq!(dialogues::find(&db, person, earlier).await.unwrap().as_deref(), Some("два"));
    assert_eq!(dialogues::find(&db, person, start).await.unwrap(), None, "too old");
    let mut tx = db.begin().await.unwrap();
    assert!(dialogues::remove(&mut tx, person).await.unwrap());
    assert!(!dialogues::remove(&mut tx, person).await.unwrap());
    tx.commit().await.unwrap();
}

async fn people_keep_what_they_chose(kind: Kind) {
    let test = TestDb::new(kind).await;
    let db = test.open().await.db;
    let mut person = Person {
        id: TelegramId(5),
        name: "Ольга <b>😀".to_owned(),
        telegram_username: None,
        language_code: Some("en-GB".to_owned()),
        lang: None,
        role: None,
        blocked_bot_at: None,
        must_start: false,
    };
    let mut tx = db.begin().await.unwrap();
    people::put(&mut tx, &person, now()).await.unwrap();
    people::set_lang(&mut tx, person.id, Lang::Ru).await.unwrap();
    people::set_blocked_bot(&mut tx, person.id, now()).await.unwrap();
    people::put(&mut tx, &person, now()).await.unwrap();
    tx.commit().await.unwrap();
    person.lang = Some(Lang::Ru);
    assert_eq!(people::find(&db, person.id).await.unwrap(), Some(person), "and whoever writes is back");
    assert!(!people::has_owner(&db).await.unwrap());
}
