//! Search, imports, broadcasts.

use chrono::TimeDelta;
use orchestrator::domain::actor::Source;
use orchestrator::domain::bulk::{
    BroadcastProgress, BulkKind, BulkState, BulkTask, ImportProgress, Progress,
};
use orchestrator::domain::client::{Client, ClientFilter};
use orchestrator::domain::clock::{Entropy, OsEntropy};
use orchestrator::domain::ids::{BulkTaskId, ClientId, OperationId, PanelUserId, ShortUuid, TelegramId};
use orchestrator::domain::operation::{Action, AuditEntry, Outcome};
use orchestrator::domain::person::Person;
use orchestrator::domain::search::{ClientOrder, SearchId, SearchText};
use orchestrator::repositories::adoptions::{self, Candidate, Standing};
use orchestrator::repositories::bulk_tasks::{self, Lease};
use orchestrator::repositories::clients::{FoundClients, Search};
use orchestrator::repositories::{Db, audit, clients, people, recipients, searches};
use tokio::time::Instant;

use super::{client, keep, now};
use crate::support::db::{Kind, TestDb, on_both};
use crate::support::seed;

on_both!(
    names_and_notes_are_found_in_any_case_and_nothing_is_wild,
    short_uuids_are_found_by_those_who_may,
    what_ends_soonest_comes_first_and_what_has_ended_last,
    a_panel_user_is_new_ours_or_in_the_way,
    who_was_deleted_since_the_panel_was_asked_is_not_new,
    one_task_of_a_kind_runs_and_one_process_has_it,
    people_are_written_to_once,
    searches_are_kept_for_one_person,
);

fn search(text: &str, links: bool) -> FoundClients {
    let search = SearchText::typed(text).map(|text| Search { text, links, person: None });
    FoundClients { filter: ClientFilter::default(), now: now(), search, order: ClientOrder::Newest }
}

async fn names(db: &Db, list: &FoundClients) -> Vec<String> {
    let found = clients::found(db, list, 100, 0).await.unwrap();
    let count = clients::count_found(db, list).await.unwrap();
    assert_eq!(usize::try_from(count).unwrap(), found.len());
    found.into_iter().map(|client| client.username.to_string()).collect()
}

async fn named(db: &Db, name: &str, days: i64) -> Client {
    let made = client(name, now(), now() + TimeDelta::days(days));
    keep(db, &made).await;
    made
}

async fn names_and_notes_are_found_in_any_case_and_nothing_is_wild(kind: Kind) {
    let test = TestDb::new(kind).await;
    let db = test.open().await.db;
    for name in ["Alice_1", "bob-2", "carol3"] {
        named(&db, name, 30).await;
    }
    seed::execute(
        &db,
        "UPDATE clients SET note = 'Квартира 12, Пётр 100% [x] a*b \\d 😀 İ' WHERE username = 'Alice_1'",
    )
    .await;
    seed::execute(&db, "UPDATE clients SET note = 'flat 1000, axb' WHERE username = 'bob-2'").await;
    for (text, wanted) in [
        ("aLiCe", "Alice_1"),
        ("e_", "Alice_1"),
        ("-", "bob-2"),
        ("кВАРТИРА", "Alice_1"),
        ("петр", "Alice_1"),
        ("ПЁТР", "Alice_1"),
        ("100%", "Alice_1"),
        ("[X]", "Alice_1"),
        ("A*B", "Alice_1"),
        ("\\d", "Alice_1"),
        ("😀", "Alice_1"),
        ("AXB", "bob-2"),
    ] {
        assert_eq!(names(&db, &search(text, false)).await, [wanted], "{text}");
    }
    for text in ["%", "_%", "c_rol", "^", ".*", "(?i)", "***:", "a|b", "{2}", "?", "]", "$"] {
        let found = names(&db, &search(text, true)).await;
        let has = |name: &String| name == "Alice_1" && (text == "%" || text == "]");
        assert!(found.iter().all(has), "{text}: {found:?}");
    }
    assert_eq!(names(&db, &search("100", false)).await.len(), 2);
    let filter = ClientFilter { expired: Some(true), ..ClientFilter::default() };
    assert!(names(&db, &FoundClients { filter, ..search("100", false) }).await.is_empty());
}

async fn short_uuids_are_found_by_those_who_may(kind: Kind) {
    let test = TestDb::new(kind).await;
    let db = test.open().await.db;
    let alice = named(&db, "alice", 30).await;
    let mut linked = client("linked", now(), now());
    linked.telegram_id = Some(TelegramId(777));
    keep(&db, &linked).await;
    let short = alice.short_uuid.as_ref().unwrap().expose();
    let link = format!("https://sub.example.test/{short}/");
    for secret in [short, link.as_str()] {
        assert_eq!(names(&db, &search(secret, true)).await, ["alice"]);
        // In this test the panel's number is the same text: that one is no secret, but only a UUID is compared.
        assert!(names(&db, &search(secret, false)).await.is_empty());
    }
    assert_eq!(names(&db, &search(&alice.id.to_string().to_uppercase(), false)).await, ["alice"]);
    assert_eq!(names(&db, &search("777", false)).await, ["linked"]);
    let mut by_name = search("@someone", false);
    by_name.search.as_mut().unwrap().person = Some(TelegramId(777));
    assert_eq!(names(&db, &by_name).await, ["linked"]);
}

async fn what_ends_soonest_comes_first_and_what_has_ended_last(kind: Kind) {
    let test = TestDb::new(kind).await;
    let db = test.open().await.db;
    for (name, days) in [("later", 30), ("gone", -9), ("soon", 1), ("went", -1), ("next", 5)] {
        named(&db, name, days).await;
    }
    let by = |expired, soon| FoundClients {
        filter: ClientFilter { expired, expiring_within_hours: soon, ..ClientFilter::default() },
        now: now(),
        search: None,
        order: ClientOrder::Expiry,
    };
    assert_eq!(names(&db, &by(None, None)).await, ["soon", "next", "later", "went", "gone"]);
    assert_eq!(names(&db, &by(Some(false), None)).await, ["soon", "next", "later"]);
    assert_eq!(names(&db, &by(Some(true), None)).await, ["went", "gone"]);
    assert_eq!(names(&db, &by(None, Some(24 * 6))).await, ["soon", "next"]);
    let second = clients::found(&db, &by(None, None), 2, 2).await.unwrap();
    assert_eq!(second.iter().map(|client| client.username.as_str()).collect::<Vec<_>>(), ["later", "went"]);
}

async fn a_panel_user_is_new_ours_or_in_the_way(kind: Kind) {
    let test = TestDb::new(kind).await;
    let db = test.open().await.db;
    let alice = named(&db, "alice", 30).await;
    let (number, short) = (alice.remnawave_uuid.clone().unwrap(), alice.short_uuid.clone().unwrap());
    let (other_number, other_short) = (PanelUserId("999".to_owned()), ShortUuid::new("other"));
    let stands = async |username: &str, id: &PanelUserId, short_uuid: &ShortUuid, marked| {
        let candidate = Candidate { username, id, short_uuid, marked, asked_at: now() };
        adoptions::standing(&db, candidate).await.unwrap()
    };
    let unknown = Some(ClientId(OsEntropy.uuid()));
    assert_eq!(stands("bob", &other_number, &other_short, None).await, Standing::New);
    assert_eq!(stands("bob", &other_number, &other_short, unknown).await, Standing::New);
    assert_eq!(stands("bob", &other_number, &short, None).await, Standing::Ours);
    assert_eq!(stands("alice", &number, &other_short, None).await, Standing::Ours);
    assert_eq!(stands("bob", &other_number, &other_short, Some(alice.id)).await, Standing::Ours);
    assert_eq!(stands("alice", &other_number, &other_short, None).await, Standing::Taken);
    assert_eq!(stands("bob", &number, &other_short, None).await, Standing::Taken);
    let mut tx = db.begin().await.unwrap();
    let twin = Client { id: ClientId(OsEntropy.uuid()), ..alice.clone() };
    assert!(!adoptions::insert(&mut tx, &twin, now()).await.unwrap());
    assert!(adoptions::insert(&mut tx, &client("bob", now(), now()), now()).await.unwrap());
    tx.commit().await.unwrap();
}

/// The panel's answer may be older than a deletion: nobody becomes a client again whose panel user is gone.
async fn who_was_deleted_since_the_panel_was_asked_is_not_new(kind: Kind) {
    let test = TestDb::new(kind).await;
    let db = test.open().await.db;
    let deleted_at = now();
    let (id, short_uuid) = (PanelUserId("7".to_owned()), ShortUuid::new("gone"));
    let mut tx = db.begin().await.unwrap();
    for (username, result) in [("gone_1", Outcome::Success), ("still_1", Outcome::Fail)] {
        let entry = AuditEntry {
            id: OperationId(OsEntropy.uuid()),
            client_id: ClientId(OsEntropy.uuid()),
            username: username.parse().unwrap(),
            actor: "telegram:1".to_owned(),
            source: Source::Bot,
            action: Action::Delete,
            payload: None,
            reason: None,
            result,
            error: (result == Outcome::Fail).then(|| "no answer".to_owned()),
            created_at: deleted_at,
        };
        audit::insert(&mut tx, &entry).await.unwrap();
    }
    tx.commit().await.unwrap();
    let (before, after) = (deleted_at - TimeDelta::seconds(1), deleted_at + TimeDelta::seconds(1));
    let stands = async |username: &str, asked_at| {
        let candidate = Candidate { username, id: &id, short_uuid: &short_uuid, marked: None, asked_at };
        adoptions::standing(&db, candidate).await.unwrap()
    };
    assert_eq!(stands("gone_1", before).await, Standing::Ours);
    assert_eq!(stands("gone_1", after).await, Standing::New, "somebody made it again");
    assert_eq!(stands("still_1", before).await, Standing::New);
}

fn task(key: &str, progress: Progress) -> BulkTask {
    BulkTask {
        id: BulkTaskId(OsEntropy.uuid()),
        state: BulkState::Running,
        started_by: TelegramId(1),
        actor: "telegram:1".to_owned(),
        key: key.to_owned(),
        progress,
        message: Some(7),
        told: false,
    }
}

async fn one_task_of_a_kind_runs_and_one_process_has_it(kind: Kind) {
    let test = TestDb::new(kind).await;
    let db = test.open().await.db;
    let import = |key: &str| task(key, Progress::Import(ImportProgress::default()));
    let lease = |owner, minutes: i64| Lease { owner, now: now(), until: now() + TimeDelta::minutes(minutes) };
    let first = import("a");
    let insert = async |task: &BulkTask, text: Option<&str>| {
        let mut tx = db.begin().await.unwrap();
        let done = bulk_tasks::insert(&mut tx, task, text, lease("one", 1)).await.unwrap();
        tx.commit().await.unwrap();
        done
    };
    assert!(insert(&first, None).await);
    assert!(!insert(&import("a"), None).await && !insert(&import("b"), None).await);
    let sent = task("c", Progress::Broadcast(BroadcastProgress::default()));
    assert!(insert(&sent, Some("hello")).await);
    assert_eq!(bulk_tasks::text(&db, sent.id).await.unwrap().as_deref(), Some("hello"));
    assert_eq!(bulk_tasks::find_by_key(&db, "a").await.unwrap(), Some(first.clone()));
    assert_eq!(bulk_tasks::running(&db, BulkKind::Import).await.unwrap(), Some(first.clone()));

    let mut tx = db.begin().await.unwrap();
    assert!(bulk_tasks::claim(&mut tx, lease("two", 1)).await.unwrap().is_empty());
    assert_eq!(bulk_tasks::claim(&mut tx, lease("one", 1)).await.unwrap().len(), 2);
    let further = Progress::Import(ImportProgress { adopted: 5, ..ImportProgress::default() });
    assert!(!bulk_tasks::advance(&mut tx, first.id, &further, lease("two", 1)).await.unwrap());
    assert!(bulk_tasks::advance(&mut tx, first.id, &further, lease("one", -1)).await.unwrap());
    // Its lease has run out.
    let taken = bulk_tasks::claim(&mut tx, lease("two", 1)).await.unwrap();
    assert_eq!(taken.len(), 1);
    assert_eq!(taken[0].progress, further);
    assert!(!bulk_tasks::renew(&mut tx, first.id, lease("one", 1)).await.unwrap());
    assert!(bulk_tasks::end(&mut tx, first.id, BulkState::Stopped, now()).await.unwrap());
    assert!(!bulk_tasks::end(&mut tx, first.id, BulkState::Done, now()).await.unwrap());
    assert!(!bulk_tasks::advance(&mut tx, first.id, &further, lease("two", 1)).await.unwrap());
    bulk_tasks::shown_in(&mut tx, first.id, 9).await.unwrap();
    bulk_tasks::told(&mut tx, first.id, now()).await.unwrap();
    bulk_tasks::release_all(&mut tx, now() - TimeDelta::minutes(1)).await.unwrap();
    assert_eq!(bulk_tasks::claim(&mut tx, lease("two", 1)).await.unwrap().len(), 1);
    tx.commit().await.unwrap();
    let told = bulk_tasks::find(&db, first.id).await.unwrap().unwrap();
    assert_eq!((told.state, told.message, told.told), (BulkState::Stopped, Some(9), true));
    assert!(insert(&import("d"), None).await);
    let mut tx = db.begin().await.unwrap();
    assert_eq!(bulk_tasks::forget(&mut tx, now() + TimeDelta::minutes(1)).await.unwrap(), 1);
    tx.commit().await.unwrap();
}

async fn people_are_written_to_once(kind: Kind) {
    let test = TestDb::new(kind).await;
    let db = test.open().await.db;
    for (name, id) in [("a_1", 5), ("a_2", 5), ("b_1", 6), ("c_1", 7), ("d_1", 8)] {
        let mut linked = client(name, now(), now());
        linked.telegram_id = Some(TelegramId(id));
        keep(&db, &linked).await;
    }
    let mut tx = db.begin().await.unwrap();
    // 8 has never started the bot, 9 has no client.
    for id in [5, 6, 7, 9] {
        let person = Person {
            id: TelegramId(id),
            name: String::new(),
            telegram_username: None,
            language_code: None,
            lang: None,
            role: None,
            blocked_bot_at: None,
            must_start: false,
        };
        people::put(&mut tx, &person, now()).await.unwrap();
    }
    people::set_blocked_bot(&mut tx, TelegramId(6), now()).await.unwrap();
    assert_eq!(recipients::some(&mut tx, TelegramId(0), 1).await.unwrap(), [TelegramId(5)]);
    assert_eq!(recipients::some(&mut tx, TelegramId(5), 10).await.unwrap(), [TelegramId(7)]);
    tx.commit().await.unwrap();
    assert_eq!(recipients::count(&db).await.unwrap(), 2);
}

async fn searches_are_kept_for_one_person(kind: Kind) {
    let test = TestDb::new(kind).await;
    let db = test.open().await.db;
    let text = SearchText::typed(&"я😀".repeat(300)).unwrap();
    let id = SearchId::of(TelegramId(1), &text);
    for _ in 0..2 {
        let mut tx = db.begin().await.unwrap();
        searches::put(&mut tx, TelegramId(1), id, &text, now()).await.unwrap();
        tx.commit().await.unwrap();
    }
    assert_eq!(searches::find(&db, TelegramId(1), id).await.unwrap(), Some(text));
    assert_eq!(searches::find(&db, TelegramId(2), id).await.unwrap(), None);
    let mut tx = db.begin().await.unwrap();
    assert_eq!(searches::forget(&mut tx, now() + TimeDelta::seconds(1)).await.unwrap(), 1);
    tx.commit().await.unwrap();
}

/// Not a test of anything: how long a search in 100,000 clients takes. `cargo test -- --ignored --nocapture`.
#[tokio::test]
#[ignore = "a measurement"]
async fn a_search_in_a_hundred_thousand_clients() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let test = TestDb::new(kind).await;
        let db = test.open().await.db;
        seed::clients(&db, 100_000).await;
        seed::execute(
            &db,
            "UPDATE clients SET note = 'Квартира ' || username || ', платит наличными каждый месяц'",
        )
        .await;
        for text in ["c99999", "КВАРТИРА C5", "nobody"] {
            let list = FoundClients { order: ClientOrder::Expiry, ..search(text, true) };
            let begun = Instant::now();
            let both = tokio::try_join!(clients::count_found(&db, &list), clients::found(&db, &list, 8, 0));
            println!("{kind:?} {text}: {} found in {:?}", both.unwrap().0, begun.elapsed());
        }
    }
}
