//! What the bot has to say by itself.

use chrono::{DateTime, TimeDelta, Utc};
use orchestrator::domain::clock::{Entropy, OsEntropy};
use orchestrator::domain::ids::{BatchId, TelegramId};
use orchestrator::domain::notice::{BatchCounts, Ended, Notice, Post, Priority};
use orchestrator::repositories::outbox::{self, Claim, Claimed};
use orchestrator::repositories::{Db, Tx, outbox_pace, people};

use super::now;
use crate::support::db::{Kind, TestDb, on_both};
use crate::support::seed;

on_both!(
    one_a_person_in_order_and_notices_first,
    what_somebody_holds_is_left_alone_until_the_lease_runs_out,
    two_processes_take_each_message_once,
    after_one_a_person_has_quiet,
    what_was_put_off_waits_and_holds_up_what_follows,
    what_is_for_later_holds_up_nothing,
    of_two_alike_one_is_kept,
    what_is_late_is_dropped,
    a_batch_is_counted,
    what_ended_is_forgotten_later,
    what_a_later_version_wrote_cannot_be_read,
    whom_telegram_holds_back_gets_nothing_meanwhile,
    two_who_are_held_hold_all,
    whoever_must_press_start_waits_and_is_out_of_reach_when_late,
);

fn text(words: &str) -> Notice {
    Notice::Broadcast { text: words.to_owned() }
}

fn post(to: i64, words: &str) -> Post {
    let now = now();
    Post {
        to: TelegramId(to),
        notice: text(words),
        priority: Priority::Notice,
        dedupe: None,
        batch: None,
        not_before: now,
        drop_after: now + TimeDelta::hours(6),
    }
}

async fn put(db: &Db, posts: &[Post]) {
    let mut tx = db.begin().await.unwrap();
    for post in posts {
        outbox::insert(&mut tx, post, now()).await.unwrap();
    }
    tx.commit().await.unwrap();
}

fn by(owner: &str, now: DateTime<Utc>) -> Claim<'_> {
    Claim { owner, now, until: now + TimeDelta::seconds(60), quiet_since: now, limit: 100 }
}

async fn claim_in(tx: &mut Tx, claim: Claim<'_>) -> Vec<Claimed> {
    outbox::claim(tx, claim).await.unwrap()
}

async fn claim(db: &Db, claim: Claim<'_>) -> Vec<Claimed> {
    let mut tx = db.begin().await.unwrap();
    let claimed = claim_in(&mut tx, claim).await;
    tx.commit().await.unwrap();
    claimed
}

async fn end(db: &Db, id: i64, owner: &str, ended: Ended, at: DateTime<Utc>) -> bool {
    let mut tx = db.begin().await.unwrap();
    let done = outbox::end(&mut tx, id, owner, (ended, None), at).await.unwrap();
    tx.commit().await.unwrap();
    done
}

fn said(claimed: &[Claimed]) -> Vec<(i64, String)> {
    let words = |notice: &Option<Notice>| match notice {
        Some(Notice::Broadcast { text }) => text.clone(),
        other => format!("{other:?}"),
    };
    claimed.iter().map(|message| (message.to.0, words(&message.notice))).collect()
}

fn pairs(expected: &[(i64, &str)]) -> Vec<(i64, String)> {
    expected.iter().map(|(to, words)| (*to, (*words).to_owned())).collect()
}

async fn one_a_person_in_order_and_notices_first(kind: Kind) {
    let test = TestDb::new(kind).await;
    let db = test.open().await.db;
    let to_all = Post { priority: Priority::Broadcast, ..post(5, "to all") };
    put(&db, &[to_all, post(5, "first"), post(6, "other"), post(5, "second <b>😀\u{202e}")]).await;
    let mut heard = vec![];
    for _ in 0..3 {
        assert!(outbox::any_due(&db, now()).await.unwrap());
        let claimed = claim(&db, by("me", now())).await;
        assert_eq!(claim(&db, by("me", now())).await, [], "nobody gets two at once");
        heard.extend(said(&claimed));
        for message in claimed {
            assert!(end(&db, message.id, "me", Ended::Sent, now()).await);
            assert!(!end(&db, message.id, "me", Ended::Sent, now()).await, "once");
        }
    }
    assert_eq!(heard, pairs(&[(5, "first"), (6, "other"), (5, "second <b>😀\u{202e}"), (5, "to all")]));
    assert!(!outbox::any_due(&db, now()).await.unwrap());
}

async fn what_somebody_holds_is_left_alone_until_the_lease_runs_out(kind: Kind) {
    let test = TestDb::new(kind).await;
    let db = test.open().await.db;
    put(&db, &[post(5, "one")]).await;
    let start = now();
    let first = claim(&db, by("dead", start)).await;
    assert_eq!((first.len(), first[0].attempts), (1, 1));
    let early = start + TimeDelta::seconds(59);
    assert!(!outbox::any_due(&db, early).await.unwrap());
    assert_eq!(claim(&db, by("heir", early)).await, []);
    let late = start + TimeDelta::seconds(60);
    assert!(outbox::any_due(&db, late).await.unwrap());
    let again = claim(&db, by("heir", late)).await;
    assert_eq!((again[0].id, again[0].attempts), (first[0].id, 2));
    assert!(!end(&db, first[0].id, "dead", Ended::Sent, late).await, "it is the heir's by now");
    let mut tx = db.begin().await.unwrap();
    assert_eq!(outbox::release_all(&mut tx).await.unwrap(), 1);
    tx.commit().await.unwrap();
    assert_eq!(claim(&db, by("next", late)).await.len(), 1, "the one process of a file knows who is dead");
}

async fn two_processes_take_each_message_once(kind: Kind) {
    let test = TestDb::new(kind).await;
    let db = test.open().await.db;
    let many: Vec<Post> = (0..40).map(|to| post(to, "x")).collect();
    put(&db, &many).await;
    if kind == Kind::Postgres {
        // The second one does not wait for the first, whose transaction goes on.
        let (mut one, mut two) = (db.begin().await.unwrap(), db.begin().await.unwrap());
        let first = claim_in(&mut one, Claim { limit: 10, ..by("one", now()) }).await;
        let second = claim_in(&mut two, Claim { limit: 10, ..by("two", now()) }).await;
        assert_eq!((first.len(), second.len()), (10, 10));
        assert!(first.iter().all(|taken| second.iter().all(|other| other.id != taken.id)));
        one.commit().await.unwrap();
        two.commit().await.unwrap();
    }
    let mut taken = vec![];
    let tasks: Vec<_> = (0..8)
        .map(|number| {
            let db = db.clone();
            tokio::spawn(async move { claim(&db, by(&format!("p{number}"), now())).await })
        })
        .collect();
    for task in tasks {
        taken.extend(task.await.unwrap().into_iter().map(|message| message.id));
    }
    let count = taken.len();
    taken.sort_unstable();
    taken.dedup();
    assert_eq!(taken.len(), count, "none twice");
    assert_eq!(count, if kind == Kind::Postgres { 20 } else { 40 });
}

async fn after_one_a_person_has_quiet(kind: Kind) {
    let test = TestDb::new(kind).await;
    let db = test.open().await.db;
    put(&db, &[post(5, "one"), post(5, "two"), post(6, "other")]).await;
    let start = now();
    let first = claim(&db, Claim { limit: 1, ..by("me", start) }).await;
    end(&db, first[0].id, "me", Ended::Sent, start).await;
    let at = |milliseconds| {
        let now = start + TimeDelta::milliseconds(milliseconds);
        Claim { quiet_since: now - TimeDelta::seconds(1), ..by("me", now) }
    };
    assert_eq!(said(&claim(&db, at(999)).await), pairs(&[(6, "other")]));
    assert_eq!(said(&claim(&db, at(1000)).await), pairs(&[(5, "two")]));
}

async fn what_was_put_off_waits_and_holds_up_what_follows(kind: Kind) {
    let test = TestDb::new(kind).await;
    let db = test.open().await.db;
    put(&db, &[post(5, "one"), post(5, "two")]).await;
    let start = now();
    let first = claim(&db, by("me", start)).await;
    let mut tx = db.begin().await.unwrap();
    let until = start + TimeDelta::seconds(7);
    assert!(!outbox::put_off(&mut tx, first[0].id, "somebody else", until, "x").await.unwrap());
    assert!(outbox::put_off(&mut tx, first[0].id, "me", until, "wait 7 s").await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(claim(&db, by("me", start + TimeDelta::seconds(6))).await, []);
    assert_eq!(said(&claim(&db, by("me", until)).await), pairs(&[(5, "one")]));
}

async fn what_is_for_later_holds_up_nothing(kind: Kind) {
    let test = TestDb::new(kind).await;
    let db = test.open().await.db;
    let start = now();
    let morning = start + TimeDelta::hours(3);
    put(&db, &[Post { not_before: morning, ..post(5, "in the morning") }, post(5, "at once")]).await;
    let first = claim(&db, by("me", now())).await;
    assert_eq!(said(&first), pairs(&[(5, "at once")]));
    assert!(end(&db, first[0].id, "me", Ended::Sent, now()).await);
    assert!(!outbox::any_due(&db, morning - TimeDelta::seconds(1)).await.unwrap());
    assert_eq!(said(&claim(&db, by("me", morning)).await), pairs(&[(5, "in the morning")]));
}

async fn of_two_alike_one_is_kept(kind: Kind) {
    let test = TestDb::new(kind).await;
    let db = test.open().await.db;
    let alike = Post { dedupe: Some("intent:1:5".to_owned()), ..post(5, "one") };
    let mut tx = db.begin().await.unwrap();
    assert!(outbox::insert(&mut tx, &alike, now()).await.unwrap());
    assert!(!outbox::insert(&mut tx, &alike, now()).await.unwrap());
    assert!(outbox::insert(&mut tx, &post(5, "none"), now()).await.unwrap());
    assert!(outbox::insert(&mut tx, &post(5, "none"), now()).await.unwrap());
    tx.commit().await.unwrap();
    let first = claim(&db, by("me", now())).await;
    end(&db, first[0].id, "me", Ended::Sent, now()).await;
    let mut tx = db.begin().await.unwrap();
    assert!(!outbox::insert(&mut tx, &alike, now()).await.unwrap(), "sent is remembered");
}

async fn what_is_late_is_dropped(kind: Kind) {
    let test = TestDb::new(kind).await;
    let db = test.open().await.db;
    let batch = BatchId(OsEntropy.uuid());
    let late = Post { batch: Some(batch), ..post(5, "late") };
    let end = late.drop_after;
    put(&db, &[late]).await;
    let mut tx = db.begin().await.unwrap();
    assert_eq!(outbox::drop_late(&mut tx, end - TimeDelta::seconds(1)).await.unwrap(), 0);
    assert_eq!(outbox::drop_late(&mut tx, end).await.unwrap(), 1);
    tx.commit().await.unwrap();
    assert_eq!(outbox::counts(&db, batch).await.unwrap().failed, 1);
    assert_eq!(claim(&db, by("me", end)).await, []);
}

async fn a_batch_is_counted(kind: Kind) {
    let test = TestDb::new(kind).await;
    let db = test.open().await.db;
    let batch = BatchId(OsEntropy.uuid());
    let posts: Vec<Post> = (0..5).map(|to| Post { batch: Some(batch), ..post(to, "x") }).collect();
    put(&db, &posts).await;
    put(&db, &[post(9, "of no batch")]).await;
    let ends = [Ended::Sent, Ended::Refused, Ended::Sent];
    for (message, ended) in claim(&db, by("me", now())).await.into_iter().zip(ends) {
        end(&db, message.id, "me", ended, now()).await;
    }
    let mut tx = db.begin().await.unwrap();
    assert_eq!(outbox::end_all_of(&mut tx, TelegramId(4), now()).await.unwrap(), 1);
    tx.commit().await.unwrap();
    let counts = BatchCounts { waiting: 1, sent: 2, unreachable: 1, failed: 1 };
    assert_eq!(outbox::counts(&db, batch).await.unwrap(), counts);
    assert_eq!(outbox::counts(&db, BatchId(OsEntropy.uuid())).await.unwrap(), BatchCounts::default());
}

async fn what_ended_is_forgotten_later(kind: Kind) {
    let test = TestDb::new(kind).await;
    let db = test.open().await.db;
    put(&db, &[post(5, "one"), post(5, "two")]).await;
    let start = now();
    let first = claim(&db, by("me", start)).await;
    end(&db, first[0].id, "me", Ended::Sent, start).await;
    let mut tx = db.begin().await.unwrap();
    assert_eq!(outbox::forget(&mut tx, start).await.unwrap(), 0);
    assert_eq!(outbox::forget(&mut tx, start + TimeDelta::seconds(1)).await.unwrap(), 1);
    tx.commit().await.unwrap();
    assert_eq!(said(&claim(&db, by("me", start)).await), pairs(&[(5, "two")]));
}

async fn what_a_later_version_wrote_cannot_be_read(kind: Kind) {
    let test = TestDb::new(kind).await;
    let db = test.open().await.db;
    put(&db, &[post(5, "one")]).await;
    seed::execute(&db, r#"UPDATE outbox SET notice = '{"v":2,"notice":"hologram"}'"#).await;
    assert_eq!(claim(&db, by("me", now())).await[0].notice, None);
}

async fn hold(db: &Db, chat: i64, until: DateTime<Utc>) {
    let mut tx = db.begin().await.unwrap();
    outbox_pace::hold(&mut tx, TelegramId(chat), until).await.unwrap();
    tx.commit().await.unwrap();
}

async fn whom_telegram_holds_back_gets_nothing_meanwhile(kind: Kind) {
    let test = TestDb::new(kind).await;
    let db = test.open().await.db;
    let start = now();
    let at = |seconds| start + TimeDelta::seconds(seconds);
    hold(&db, 5, at(7)).await;
    hold(&db, 5, at(3)).await;
    put(&db, &[post(5, "held"), post(6, "other")]).await;
    assert_eq!(said(&claim(&db, by("me", at(6))).await), pairs(&[(6, "other")]));
    assert_eq!(said(&claim(&db, by("me", at(7))).await), pairs(&[(5, "held")]));
    let mut tx = db.begin().await.unwrap();
    assert_eq!(outbox_pace::forget(&mut tx, at(7)).await.unwrap(), 0);
    assert_eq!(outbox_pace::forget(&mut tx, at(8)).await.unwrap(), 1);
}

async fn two_who_are_held_hold_all(kind: Kind) {
    let test = TestDb::new(kind).await;
    let db = test.open().await.db;
    let start = now();
    let at = |seconds| start + TimeDelta::seconds(seconds);
    let held = async |now| {
        let mut tx = db.begin().await.unwrap();
        outbox_pace::held_for_all(&mut tx, now).await.unwrap()
    };
    hold(&db, 5, at(60)).await;
    assert_eq!(held(start).await, None);
    hold(&db, 6, at(5)).await;
    assert_eq!(held(at(4)).await, Some(at(5)));
    assert_eq!(held(at(5)).await, None);
}

async fn whoever_must_press_start_waits_and_is_out_of_reach_when_late(kind: Kind) {
    let test = TestDb::new(kind).await;
    let db = test.open().await.db;
    let ann = seed::somebody(5);
    let batch = BatchId(OsEntropy.uuid());
    let mut tx = db.begin().await.unwrap();
    people::put(&mut tx, &ann, now()).await.unwrap();
    people::put(&mut tx, &seed::somebody(6), now()).await.unwrap();
    assert_eq!(people::must_start(&mut tx, now()).await.unwrap(), 2);
    assert_eq!(people::must_start(&mut tx, now()).await.unwrap(), 0, "nobody is within reach any more");
    people::put(&mut tx, &seed::somebody(6), now()).await.unwrap();
    tx.commit().await.unwrap();
    let person = people::find(&db, ann.id).await.unwrap().unwrap();
    assert!(person.must_start && person.blocked_bot_at.is_some());
    let late = Post { batch: Some(batch), ..post(5, "hello") };
    let end = late.drop_after;
    put(&db, &[late, post(6, "hello")]).await;
    assert_eq!(said(&claim(&db, by("me", now())).await), pairs(&[(6, "hello")]), "6 has pressed it");
    let mut tx = db.begin().await.unwrap();
    assert_eq!(outbox::drop_late(&mut tx, end).await.unwrap(), 1);
    tx.commit().await.unwrap();
    assert_eq!(outbox::counts(&db, batch).await.unwrap().unreachable, 1);
}
