//! A rush: thousands wait, and the database knows nothing of the table yet.

use chrono::TimeDelta;
use orchestrator::repositories::Db;
use orchestrator::repositories::updates::{self, Claim, UpdateRow};

use super::now;
use crate::support::db::{Kind, TestDb, on_both};

on_both!(a_look_takes_no_more_than_it_asks_for_and_one_a_sender, a_lease_holds_back_the_whole_sender);

const BOT: i64 = 7000;
const SENDERS: i64 = 500;

fn update(update_id: i64) -> UpdateRow {
    UpdateRow { update_id, sender: 1 + update_id % SENDERS, payload: "{}".to_owned() }
}

async fn keep(db: &Db, updates: &[UpdateRow], after: TimeDelta) {
    let mut tx = db.begin().await.unwrap();
    updates::insert(&mut tx, BOT, updates, now() + after).await.unwrap();
    tx.commit().await.unwrap();
}

async fn take(db: &Db, owner: &str, busy: &[i64], limit: u32) -> Vec<UpdateRow> {
    let until = now() + TimeDelta::seconds(20);
    let mut taken =
        updates::claim(db, Claim { bot_id: BOT, owner, now: now(), until, busy, limit }).await.unwrap();
    taken.sort_by_key(|update| update.update_id);
    taken
}

async fn a_look_takes_no_more_than_it_asks_for_and_one_a_sender(kind: Kind) {
    let test = TestDb::new(kind).await;
    let db = test.open().await.db;
    let all: Vec<UpdateRow> = (0..SENDERS * 16).map(update).collect();
    for (batch, some) in (0..).zip(all.chunks(100)) {
        keep(&db, some, TimeDelta::milliseconds(batch)).await;
    }
    let mut busy = vec![];
    for look in 0..12 {
        let taken = take(&db, "me", &busy, 16).await;
        let first: Vec<UpdateRow> = (look * 16..(look + 1) * 16).map(update).collect();
        assert_eq!(taken, first);
        busy.extend(taken.iter().map(|update| update.sender));
    }
    for look in 0..3 {
        let done: Vec<i64> = (look * 16..(look + 1) * 16).collect();
        updates::handled(&db, BOT, &done, now()).await.unwrap();
    }
    busy.drain(..48);
    let next = take(&db, "me", &busy, 1_000).await;
    let (waited, again) = next.split_at(308);
    assert_eq!(waited, (192..SENDERS).map(update).collect::<Vec<_>>());
    assert_eq!(
        again,
        (SENDERS..SENDERS + 48).map(update).collect::<Vec<_>>(),
        "the next of whom was answered"
    );
}

async fn a_lease_holds_back_the_whole_sender(kind: Kind) {
    if kind == Kind::Sqlite {
        // One process, which knows whom it answers.
        return;
    }
    let test = TestDb::new(kind).await;
    let db = test.open().await.db;
    let theirs = |number| UpdateRow { update_id: number, sender: 5, payload: "{}".to_owned() };
    keep(&db, &[theirs(20)], TimeDelta::seconds(1)).await;
    assert_eq!(take(&db, "a", &[], 16).await, [theirs(20)]);
    // A replica whose clock is behind keeps what came later as if it had come earlier.
    keep(&db, &[theirs(21)], TimeDelta::zero()).await;
    assert_eq!(take(&db, "b", &[], 16).await, []);
    updates::handled(&db, BOT, &[20], now()).await.unwrap();
    assert_eq!(take(&db, "b", &[], 16).await, [theirs(21)]);
}
