//! What the bot says by itself, work that goes on for long, turns and matters.

use chrono::TimeDelta;
use orchestrator::domain::bulk::{BroadcastProgress, BulkKind, BulkState, BulkTask, Progress};
use orchestrator::domain::ids::{BatchId, BulkTaskId};
use orchestrator::domain::matter::Matter;
use orchestrator::domain::notice::{Ended, Notice, Post, Priority};
use orchestrator::repositories::bulk_tasks::{self, Lease};
use orchestrator::repositories::leases::{self, Taker};
use orchestrator::repositories::outbox::{self, Claim};
use orchestrator::repositories::{matters, outbox_pace};

use super::filled::{BROADCAST, ago, id, now, person};
use super::watch::{Watch, asks};

pub async fn ask(watch: &mut Watch) {
    sent(watch).await;
    all_that_waits(watch).await;
    paced(watch).await;
    long_work(watch).await;
    turns(watch).await;
    needs_a_person(watch).await;
}

async fn sent(watch: &mut Watch) {
    let post = Post {
        to: person(20_000),
        notice: Notice::Broadcast { text: "Hello".to_owned() },
        priority: Priority::Notice,
        dedupe: Some("new".to_owned()),
        batch: None,
        not_before: now(),
        drop_after: now(),
    };
    let until = now() + TimeDelta::seconds(60);
    let claim =
        Claim { owner: "process", now: now(), until, quiet_since: ago(TimeDelta::seconds(1)), limit: 30 };
    asks!(watch, outbox::insert(tx, &post, now()));
    asks!(watch, outbox::any_due(db, now()));
    asks!(watch, outbox::drop_late(tx, now()));
    asks!(watch, outbox::claim(tx, claim));
    asks!(watch, outbox::end(tx, 40_010, "process", (Ended::Sent, None), now()));
    asks!(watch, outbox::put_off(tx, 40_010, "process", now(), "no answer"));
    asks!(watch, outbox::end_all_of(tx, person(10_000), now()));
    asks!(watch, outbox::forget(tx, ago(TimeDelta::hours(48) - TimeDelta::minutes(3))));
}

async fn all_that_waits(watch: &mut Watch) {
    asks!(watch, outbox::release_all(tx));
    asks!(watch, outbox::waiting(db));
    asks!(watch, outbox::counts(db, BatchId(id(BROADCAST))));
    asks!(watch, outbox::take_back(tx, BatchId(id(BROADCAST))));
}

async fn paced(watch: &mut Watch) {
    asks!(watch, outbox_pace::alone(tx));
    asks!(watch, outbox_pace::taken(tx, ago(TimeDelta::seconds(1)), 30));
    asks!(watch, outbox_pace::hold(tx, person(20_000), now()));
    asks!(watch, outbox_pace::held_for_all(tx, now()));
    asks!(watch, outbox_pace::forget(tx, now()));
}

async fn long_work(watch: &mut Watch) {
    let progress = Progress::Broadcast(BroadcastProgress::default());
    let task = BulkTask {
        id: BulkTaskId(id(5_900_000)),
        state: BulkState::Running,
        started_by: person(1),
        actor: "telegram:1000001".to_owned(),
        key: "new".to_owned(),
        progress: progress.clone(),
        message: None,
        told: false,
    };
    let lease = Lease { owner: "process", now: now(), until: now() };
    let known = BulkTaskId(id(5_000_010));
    asks!(watch, bulk_tasks::insert(tx, &task, Some("Hello"), lease));
    asks!(watch, bulk_tasks::find(db, known));
    asks!(watch, bulk_tasks::find_by_key(db, "key10"));
    asks!(watch, bulk_tasks::running(db, BulkKind::Broadcast));
    asks!(watch, bulk_tasks::text(db, known));
    asks!(watch, bulk_tasks::claim(tx, lease));
    asks!(watch, bulk_tasks::release_all(tx, now()));
    asks!(watch, bulk_tasks::renew(tx, known, lease));
    asks!(watch, bulk_tasks::advance(tx, known, &progress, lease));
    asks!(watch, bulk_tasks::end(tx, known, BulkState::Stopped, now()));
    asks!(watch, bulk_tasks::shown_in(tx, known, 5));
    asks!(watch, bulk_tasks::told(tx, known, now()));
    asks!(watch, bulk_tasks::forget(tx, ago(TimeDelta::days(7))));
}

async fn turns(watch: &mut Watch) {
    let taker = Taker { owner: "process", now: now(), until: now() };
    asks!(watch, leases::take(tx, "job1", taker, false));
    asks!(watch, leases::give_back(tx, "job1", "process", (now(), now()), None));
    asks!(watch, leases::free_at(db, "job1"));
    asks!(watch, leases::any_held(db, now()));
    asks!(watch, leases::memory(db, "job1"));
    asks!(watch, leases::remember(tx, "job1", "{}", now()));
}

async fn needs_a_person(watch: &mut Watch) {
    asks!(watch, matters::raise(tx, &Matter::ClocksDiffer { seconds: 300 }, now()));
    asks!(watch, matters::settle(tx, Matter::CLOCKS_DIFFER));
    asks!(watch, matters::is_open_in(tx, Matter::CLOCKS_DIFFER));
    asks!(watch, matters::is_open(db, Matter::CLOCKS_DIFFER));
    asks!(watch, matters::paused(db));
    asks!(watch, matters::paused_in(tx));
    asks!(watch, matters::find(db, Matter::CLOCKS_DIFFER));
    asks!(watch, matters::open(db, 50));
    asks!(watch, matters::open_of(db, "stuck:"));
    asks!(watch, matters::count(db));
}
