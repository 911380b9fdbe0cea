//! What the service asks of its database often reads little, however many rows there are. Every query is carried out at
//! 100,000 clients, as production does it, and the database says what it did: by which index, and how much it read.

mod bot;
mod changes;
mod clients;
mod complete;
mod filled;
mod lists;
mod messages;
mod open;
mod plans;
mod watch;

use std::collections::BTreeSet;

use crate::support::db::{Kind, TestDb, on_both};
use crate::support::{rows, seed};
use watch::Watch;

on_both!(what_is_asked_often_reads_little);

/// What reads as much as it is about, and why that may be. A star stands for anything.
const MANY: [(&str, &str); 15] = [
    ("clients::counts", "tells how many clients of each kind there are"),
    ("clients::count_linked", "tells how many clients are linked"),
    ("clients::count_on_panel", "tells how many clients the panel has, to see what is too many at once"),
    ("recipients::count", "tells how many people a broadcast will reach"),
    ("clients::found", "looks for a part of a name or note: in either database no index has that"),
    ("clients::count_found", "the same, counted"),
    ("all *, counted", "every page of a list tells how many rows the whole list has"),
    (
        "all clients active expired, *",
        "few, and no index has both: where access is taken away by date there are none for long",
    ),
    (
        "all clients*ending soon, a page *",
        "the clients of three days, in the order in which they were made: no index has both",
    ),
    ("all clients*ending soon, by Newest, *", "the same on the bot's screen"),
    (
        "all rows of one who does much that failed, a page *",
        "PostgreSQL, which plans for anybody after a while, may put two indexes together: none has both",
    ),
    ("outbox::release_all", "all that waits, at the start of a process"),
    ("outbox::waiting", "tells how much waits"),
    ("outbox::counts", "tells how far a broadcast is"),
    ("outbox::take_back", "all that waits of a broadcast"),
];

/// What is asked at most once, about everything there is, and is not asked here.
const ONCE: [(&str, &str); 9] = [
    ("clients::begin_anew", "a restore"),
    ("intents::end_all", "a restore"),
    ("updates::all_handled", "a restore"),
    ("dialogues::forget_all", "a restore"),
    ("leases::forget_all", "a restore"),
    ("matters::settle_all_but", "a restore"),
    ("bulk_tasks::stop_all", "a restore"),
    ("outbox::drop_all", "a restore"),
    ("people::must_start", "another bot"),
];

/// What asks nothing on SQLite, whose one process holds everything anyway.
const ONLY_POSTGRES: [&str; 4] =
    ["updates::renew", "updates::release", "invites::hold_owner_links", "outbox_pace::alone"];

async fn what_is_asked_often_reads_little(kind: Kind) {
    let test = TestDb::as_installed(kind).await;
    let _opened = test.open().await;
    filled::fill(&open::to_fill(&test).await).await;
    let db = open::to_watch(&test).await;
    let mut big = BTreeSet::new();
    for table in rows::tables(&db).await {
        if seed::count(&db, &table).await > 10_000 {
            big.insert(table);
        }
    }
    let mut watch = Watch::new(db, big).await;
    clients::ask(&mut watch).await;
    changes::ask(&mut watch).await;
    bot::ask(&mut watch).await;
    messages::ask(&mut watch).await;
    lists::ask(&mut watch).await;
    let asked: BTreeSet<String> = watch.end();
    let once = BTreeSet::from(ONCE.map(|(query, _)| query.to_owned()));
    let every = complete::every_query();
    let named: BTreeSet<String> = asked.union(&once).cloned().collect();
    let missing: Vec<&String> = every.difference(&named).collect();
    assert!(missing.is_empty(), "neither asked here nor named as asked once: {missing:?}");
    let gone: Vec<&String> = once.difference(&every).collect();
    assert!(gone.is_empty(), "there is no such query any more: {gone:?}");
}
