//! Turns and matters, as rows.

use chrono::{DateTime, TimeDelta, Utc};
use orchestrator::domain::ids::ClientId;
use orchestrator::domain::matter::Matter;
use orchestrator::domain::username::Username;
use orchestrator::repositories::leases::{self, Taker};
use orchestrator::repositories::{Db, matters};

use super::now;
use crate::support::db::{Kind, TestDb, on_both};

on_both!(
    a_turn_is_taken_by_one_and_due_again_later,
    a_turn_that_nobody_ends_runs_out,
    what_is_kept_in_mind_stays,
    a_matter_is_new_once,
);

async fn take(db: &Db, owner: &str, now: DateTime<Utc>, early: bool) -> Option<Option<String>> {
    let mut tx = db.begin().await.unwrap();
    let taker = Taker { owner, now, until: now + TimeDelta::seconds(20) };
    let taken = leases::take(&mut tx, "job", taker, early).await.unwrap();
    tx.commit().await.unwrap();
    taken
}

async fn end(db: &Db, owner: &str, at: DateTime<Utc>, memory: Option<&str>) -> bool {
    let mut tx = db.begin().await.unwrap();
    let due_at = at + TimeDelta::seconds(60);
    let ended = leases::give_back(&mut tx, "job", owner, (at, due_at), memory).await.unwrap();
    tx.commit().await.unwrap();
    ended
}

async fn a_turn_is_taken_by_one_and_due_again_later(kind: Kind) {
    let test = TestDb::new(kind).await;
    let opened = test.open().await;
    let (db, start) = (&opened.db, now());
    assert_eq!(leases::free_at(db, "job").await.unwrap(), None);
    assert_eq!(take(db, "a", start, false).await, Some(None));
    assert_eq!(take(db, "b", start, true).await, None, "somebody else has it");
    assert_eq!(take(db, "a", start + TimeDelta::seconds(5), true).await, Some(None), "renewed");
    assert!(!end(db, "b", start, None).await);
    let at = start + TimeDelta::seconds(6);
    assert!(end(db, "a", at, None).await);
    assert_eq!(take(db, "b", at, false).await, None, "not due");
    assert_eq!(leases::free_at(db, "job").await.unwrap(), Some(at + TimeDelta::seconds(60)));
    assert_eq!(take(db, "b", at, true).await, Some(None), "but when something has happened");
    assert!(end(db, "b", at, None).await);
    assert_eq!(take(db, "a", at + TimeDelta::seconds(60), false).await, Some(None));
}

async fn a_turn_that_nobody_ends_runs_out(kind: Kind) {
    let test = TestDb::new(kind).await;
    let opened = test.open().await;
    let (db, start) = (&opened.db, now());
    take(db, "a", start, false).await.unwrap();
    assert_eq!(take(db, "b", start + TimeDelta::seconds(19), true).await, None);
    assert!(take(db, "b", start + TimeDelta::seconds(20), false).await.is_some());
    assert!(!end(db, "a", start + TimeDelta::seconds(21), Some("{}")).await, "it is another's");
}

async fn what_is_kept_in_mind_stays(kind: Kind) {
    let test = TestDb::new(kind).await;
    let opened = test.open().await;
    let (db, start) = (&opened.db, now());
    take(db, "a", start, false).await.unwrap();
    end(db, "a", start, Some(r#"{"day": "2026-05-01"}"#)).await;
    let kept = Some(r#"{"day": "2026-05-01"}"#.to_owned());
    assert_eq!(take(db, "b", start, true).await, Some(kept.clone()));
    end(db, "b", start, None).await;
    assert_eq!(leases::memory(db, "job").await.unwrap(), kept);
    let mut tx = db.begin().await.unwrap();
    leases::remember(&mut tx, "job", r#"{"n": 2}"#, start).await.unwrap();
    leases::remember(&mut tx, "other", r#"{"n": 3}"#, start).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(take(db, "a", start, false).await, Some(Some(r#"{"n": 2}"#.to_owned())), "due at once");
    assert_eq!(leases::memory(db, "other").await.unwrap(), Some(r#"{"n": 3}"#.to_owned()));
}

async fn a_matter_is_new_once(kind: Kind) {
    let test = TestDb::new(kind).await;
    let opened = test.open().await;
    let (db, start) = (&opened.db, now());
    let client = ClientId(uuid::Uuid::from_u128(7));
    let gone = Matter::UserGone { client, username: Username::stored("alice_1") };
    let many = |expired| Matter::ManyExpired { expired, most: 20 };
    let raise = async |matter: &Matter, at| {
        let mut tx = db.begin().await.unwrap();
        let new = matters::raise(&mut tx, matter, at).await.unwrap();
        tx.commit().await.unwrap();
        new
    };
    assert!(raise(&gone, start).await && raise(&many(30), start + TimeDelta::seconds(1)).await);
    assert!(!raise(&many(40), start + TimeDelta::seconds(2)).await);
    let open = matters::open(db, 10).await.unwrap();
    assert_eq!(open.iter().map(|open| open.matter.clone()).collect::<Vec<_>>(), [gone.clone(), many(40)]);
    assert_eq!(open[1].raised_at, start + TimeDelta::seconds(1), "since then");
    assert_eq!(matters::open_of(db, "user_gone:").await.unwrap().len(), 1);
    let mut tx = db.begin().await.unwrap();
    assert!(matters::settle(&mut tx, &gone.key()).await.unwrap());
    assert!(!matters::settle(&mut tx, &gone.key()).await.unwrap());
    tx.commit().await.unwrap();
    assert!(raise(&gone, start + TimeDelta::seconds(9)).await, "new again");
    assert_eq!(matters::count(db).await.unwrap(), 2);
}
