//! What the bot keeps: updates, dialogues, people.

use chrono::{DateTime, TimeDelta, Utc};
use orchestrator::domain::ids::TelegramId;
use orchestrator::domain::person::{Lang, Person};
use orchestrator::repositories::updates::UpdateRow;
use orchestrator::repositories::{Db, dialogues, people, updates};

use super::now;
use crate::support::db::{Kind, TestDb, on_both};

on_both!(
    updates_wait_in_order_one_for_each_sender,
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
        updates::insert(&mut tx, 1, update, at).await.unwrap();
    }
    tx.commit().await.unwrap();
}

async fn updates_wait_in_order_one_for_each_sender(kind: Kind) {
    let test = TestDb::new(kind).await;
    let db = test.open().await.db;
    let start = now();
    store(&db, &[update(900, 7), update(901, 7), update(902, 8)], start).await;
    // Telegram starts its numbers anew: later, though smaller.
    store(&db, &[update(5, 8), update(6, 9)], start + TimeDelta::seconds(1)).await;
    let first = updates::first_of_each_sender(&db, 1, 10).await.unwrap();
    assert_eq!(first, [update(900, 7), update(902, 8), update(6, 9)]);
    assert_eq!(updates::first_of_each_sender(&db, 2, 10).await.unwrap(), [], "another bot's");

    let mut tx = db.begin().await.unwrap();
    updates::handled(&mut tx, 1, 902, now()).await.unwrap();
    tx.commit().await.unwrap();
    let then = updates::first_of_each_sender(&db, 1, 10).await.unwrap();
    assert_eq!(then, [update(900, 7), update(5, 8), update(6, 9)]);
}

async fn a_repeated_update_is_kept_once(kind: Kind) {
    let test = TestDb::new(kind).await;
    let db = test.open().await.db;
    let mut tx = db.begin().await.unwrap();
    assert!(updates::insert(&mut tx, 1, &update(1, 7), now()).await.unwrap());
    assert!(!updates::insert(&mut tx, 1, &update(1, 7), now()).await.unwrap());
    updates::handled(&mut tx, 1, 1, now()).await.unwrap();
    assert!(!updates::insert(&mut tx, 1, &update(1, 7), now()).await.unwrap(), "handled is remembered");
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
