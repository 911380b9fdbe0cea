//! The same tests on SQLite and on PostgreSQL.

mod backup;
mod bot;
mod bulk;
mod expiry;
mod outbox;
mod people;
mod rush;
mod turns;

use std::str::FromStr;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use orchestrator::domain::actor::Source;
use orchestrator::domain::change::{Answer, Change, Intent, IntentState, Key, NewClient};
use orchestrator::domain::client::{Access, Client, ClientFilter, Status};
use orchestrator::domain::clock::{Clock, Entropy, OsEntropy, SystemClock};
use orchestrator::domain::days::Days;
use orchestrator::domain::ids::{
    ClientId, IntentId, OperationId, PanelUserId, ShortUuid, SubscriptionUrl, TelegramId,
};
use orchestrator::domain::operation::{Action, AuditEntry, Operation, Outcome};
use orchestrator::domain::username::Username;
use orchestrator::repositories::{ConnectError, Db, audit, clients, intents, operations};
use serde_json::json;

use crate::support::db::{Kind, TestDb, on_both};

on_both!(
    a_client_comes_back_as_it_was,
    lists_are_filtered_ordered_and_counted,
    payloads_keep_the_order_of_their_keys,
    operations_go_with_their_client_and_the_audit_stays,
    one_open_intent_for_a_client_and_for_a_name,
    only_who_holds_the_lease_ends_an_intent,
    one_intent_for_a_key,
    a_name_of_37_characters_does_not_fit,
    the_tables_of_the_original_service_are_refused,
    two_may_migrate_at_once,
);

fn now() -> DateTime<Utc> {
    SystemClock.now()
}

fn client(name: &str, created: DateTime<Utc>, expires: DateTime<Utc>) -> Client {
    let short = OsEntropy.token(24);
    Client {
        id: ClientId(OsEntropy.uuid()),
        username: name.parse().unwrap(),
        remnawave_uuid: Some(PanelUserId(short.clone())),
        subscription_url: Some(SubscriptionUrl::new(format!("https://sub.example.test/{short}"))),
        short_uuid: Some(ShortUuid::new(short)),
        access: Access::Open,
        expires_at: expires.trunc_subsecs(3),
        created_at: created,
        updated_at: created,
        telegram_id: None,
    }
}

async fn keep(db: &Db, client: &Client) {
    let mut tx = db.begin().await.unwrap();
    clients::insert(&mut tx, client).await.unwrap();
    tx.commit().await.unwrap();
}

async fn a_client_comes_back_as_it_was(kind: Kind) {
    let test = TestDb::new(kind).await;
    let db = test.open().await.db;
    let mut alice = client("alice_1", now(), now() + TimeDelta::days(30));
    alice.telegram_id = Some(TelegramId(7_777_777_777));
    keep(&db, &alice).await;

    assert_eq!(clients::find(&db, alice.id).await.unwrap(), Some(alice.clone()));
    assert_eq!(clients::find_by_username(&db, "alice_1").await.unwrap(), Some(alice));
    assert_eq!(clients::find_by_username(&db, "Alice_1").await.unwrap(), None, "names are case-sensitive");
    assert_eq!(clients::find(&db, ClientId(OsEntropy.uuid())).await.unwrap(), None);
}

async fn lists_are_filtered_ordered_and_counted(kind: Kind) {
    let test = TestDb::new(kind).await;
    let db = test.open().await.db;
    let start = now();
    for (index, days) in [-1, 2, 30].into_iter().enumerate() {
        let age = TimeDelta::seconds(i64::try_from(index).unwrap());
        keep(&db, &client(&format!("client{index}"), start + age, start + TimeDelta::days(days))).await;
    }
    let mut blocked = client("blocked", start + TimeDelta::seconds(9), start + TimeDelta::days(30));
    blocked.access = Access::Blocked;
    keep(&db, &blocked).await;

    let names = |filter: ClientFilter| {
        let db = db.clone();
        async move {
            let found = clients::list(&db, filter.clone(), start, 10, 0).await.unwrap();
            assert_eq!(
                clients::count(&db, filter, start).await.unwrap(),
                i64::try_from(found.len()).unwrap()
            );
            found.into_iter().map(|client| client.username.to_string()).collect::<Vec<_>>()
        }
    };
    assert_eq!(names(ClientFilter::default()).await, ["blocked", "client2", "client1", "client0"]);
    let expired = ClientFilter { expired: Some(true), ..ClientFilter::default() };
    assert_eq!(names(expired).await, ["client0"]);
    let valid_active =
        ClientFilter { expired: Some(false), status: Some(Status::Active), ..ClientFilter::default() };
    assert_eq!(names(valid_active).await, ["client2", "client1"]);
    let soon = ClientFilter { expiring_within_hours: Some(72), ..ClientFilter::default() };
    assert_eq!(names(soon).await, ["client1"]);

    let page = clients::list(&db, ClientFilter::default(), start, 2, 1).await.unwrap();
    assert_eq!(
        page.iter().map(|client| client.username.as_str()).collect::<Vec<_>>(),
        ["client2", "client1"]
    );
    let counts = clients::counts(&db, start, start + TimeDelta::days(3)).await.unwrap();
    assert_eq!(
        (counts.total, counts.active, counts.blocked, counts.expired, counts.expiring),
        (4, 2, 1, 1, 1)
    );
}

fn operation(client: ClientId, action: Action) -> Operation {
    Operation {
        id: OperationId(OsEntropy.uuid()),
        client_id: client,
        action,
        payload: Some(json!({"username": "zed", "days": 30, "a": null})),
        result: Outcome::Success,
        error: None,
        created_at: now(),
    }
}

async fn payloads_keep_the_order_of_their_keys(kind: Kind) {
    let test = TestDb::new(kind).await;
    let db = test.open().await.db;
    let alice = client("alice", now(), now());
    keep(&db, &alice).await;
    let mut tx = db.begin().await.unwrap();
    let written = operation(alice.id, Action::Create);
    operations::insert(&mut tx, &written).await.unwrap();
    tx.commit().await.unwrap();

    let read = operations::list(&db, Some(alice.id)).await.unwrap();
    assert_eq!(read, [written]);
    let text = read[0].payload.as_ref().unwrap().to_string();
    assert_eq!(text, r#"{"username":"zed","days":30,"a":null}"#);
}

async fn operations_go_with_their_client_and_the_audit_stays(kind: Kind) {
    let test = TestDb::new(kind).await;
    let db = test.open().await.db;
    let alice = client("alice", now(), now());
    keep(&db, &alice).await;
    let row = operation(alice.id, Action::Create);
    let entry = AuditEntry {
        id: row.id,
        client_id: alice.id,
        username: alice.username.clone(),
        actor: "telegram:1".to_owned(),
        source: Source::Bot,
        action: row.action,
        payload: row.payload.clone(),
        reason: None,
        result: Outcome::Fail,
        error: Some("<b>&</b> 😀".to_owned()),
        created_at: row.created_at,
    };
    let mut tx = db.begin().await.unwrap();
    operations::insert(&mut tx, &row).await.unwrap();
    audit::insert(&mut tx, &entry).await.unwrap();
    tx.commit().await.unwrap();
    match &db {
        Db::Postgres(pool) => {
            sqlx::query("DELETE FROM clients").execute(pool).await.unwrap();
        }
        Db::Sqlite { write, .. } => {
            sqlx::query("DELETE FROM clients").execute(write).await.unwrap();
        }
    }
    assert_eq!(operations::list(&db, None).await.unwrap(), []);
    assert_eq!(audit::newest(&db, 10).await.unwrap(), [entry]);
}

fn intent(name: &str, key: Option<&str>) -> Intent {
    let client_id = ClientId(OsEntropy.uuid());
    let username: Username = name.parse().unwrap();
    let wanted = Change::Create(NewClient {
        username: username.clone(),
        days: Days::default(),
        expires_at: now().trunc_subsecs(3),
        short_uuid: ShortUuid::new("abcdefghijklmnop"),
    });
    Intent {
        id: IntentId(OsEntropy.uuid()),
        key: key.map(|key| Key { scope: "bot:1".to_owned(), key: key.to_owned() }),
        request_hash: "0".repeat(64),
        actor: "telegram:1".to_owned(),
        source: Source::Bot,
        client_id,
        username,
        reason: None,
        before: None,
        wanted,
        state: IntentState::Open,
        error: None,
        answer: None,
        lease_owner: "me".to_owned(),
        lease_until: now() + TimeDelta::seconds(30),
        created_at: now(),
        verify_at: None,
        ended_at: None,
    }
}

async fn insert(db: &Db, intent: &Intent) -> bool {
    let mut tx = db.begin().await.unwrap();
    let inserted = intents::insert(&mut tx, intent).await.unwrap();
    tx.commit().await.unwrap();
    inserted
}

async fn one_open_intent_for_a_client_and_for_a_name(kind: Kind) {
    let test = TestDb::new(kind).await;
    let db = test.open().await.db;
    let first = intent("alice", None);
    assert!(insert(&db, &first).await);
    assert!(!insert(&db, &intent("alice", None)).await, "the name is held");
    assert!(
        !insert(&db, &Intent { client_id: first.client_id, ..intent("bob", None) }).await,
        "the client is held"
    );
    assert!(insert(&db, &intent("bob", None)).await);

    let mut tx = db.begin().await.unwrap();
    let found = intents::find_open(&mut tx, ClientId(OsEntropy.uuid()), &first.username).await.unwrap();
    assert_eq!(found.as_ref(), Some(&first));
    let mut done =
        Intent { state: IntentState::Done, answer: Some(Answer::Client { id: first.client_id }), ..first };
    done.lease_until = now();
    assert!(intents::settle(&mut tx, &done, IntentState::Open, Some(now())).await.unwrap());
    tx.commit().await.unwrap();
    assert!(insert(&db, &intent("alice", None)).await, "what has ended holds nothing");
}

async fn only_who_holds_the_lease_ends_an_intent(kind: Kind) {
    let test = TestDb::new(kind).await;
    let db = test.open().await.db;
    let first = intent("alice", None);
    insert(&db, &first).await;
    let later = first.lease_until + TimeDelta::seconds(1);
    let mut tx = db.begin().await.unwrap();
    let early =
        intents::claim(&mut tx, first.id, "you", Some(IntentState::Open), now(), later).await.unwrap();
    assert_eq!(early, None, "its lease has not run out");
    let claimed = intents::claim(&mut tx, first.id, "you", Some(IntentState::Undoing), later, later)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((claimed.lease_owner.as_str(), claimed.state), ("you", IntentState::Undoing));
    let done = Intent { state: IntentState::Done, ..first };
    assert!(
        !intents::settle(&mut tx, &done, IntentState::Open, Some(later)).await.unwrap(),
        "it is not mine any more"
    );
    tx.commit().await.unwrap();
    assert_eq!(intents::abandoned(&db, later).await.unwrap().len(), 1);
    assert_eq!(intents::count_open(&db).await.unwrap(), 1);
}

async fn one_intent_for_a_key(kind: Kind) {
    let test = TestDb::new(kind).await;
    let db = test.open().await.db;
    assert!(insert(&db, &intent("alice", Some("update:1"))).await);
    assert!(!insert(&db, &intent("bob", Some("update:1"))).await);
    assert!(insert(&db, &intent("carol", Some("update:2"))).await);
    let mut tx = db.begin().await.unwrap();
    let key = Key::update(1, 1);
    let found = intents::find_by_key(&mut tx, &key).await.unwrap().unwrap();
    assert_eq!((found.request_hash, found.answer.is_some()), ("0".repeat(64), false));
}

async fn a_name_of_37_characters_does_not_fit(kind: Kind) {
    let test = TestDb::new(kind).await;
    let db = test.open().await.db;
    let mut alice = client("alice", now(), now());
    alice.username = Username::stored("a".repeat(37));
    let mut tx = db.begin().await.unwrap();
    assert!(clients::insert(&mut tx, &alice).await.is_err());
}

async fn the_tables_of_the_original_service_are_refused(kind: Kind) {
    let test = TestDb::new(kind).await;
    let theirs = "CREATE TABLE clients (id CHAR(36) PRIMARY KEY, username VARCHAR(255) NOT NULL)";
    match kind {
        Kind::Postgres => {
            let pool = sqlx::PgPool::connect(&test.url).await.unwrap();
            sqlx::query(theirs).execute(&pool).await.unwrap();
        }
        Kind::Sqlite => {
            let options =
                sqlx::sqlite::SqliteConnectOptions::from_str(&test.url).unwrap().create_if_missing(true);
            let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
            sqlx::query(theirs).execute(&pool).await.unwrap();
            pool.close().await;
        }
    }
    let refused = Db::connect(&test.address()).await.unwrap_err();
    assert!(matches!(refused, ConnectError::OriginalService), "{refused:?}");
}

async fn two_may_migrate_at_once(kind: Kind) {
    let test = TestDb::new(kind).await;
    match kind {
        Kind::Postgres => {
            let (one, two) = (test.address(), test.address());
            let (one, two) = tokio::join!(Db::connect(&one), Db::connect(&two));
            one.unwrap().0.ping().await.unwrap();
            two.unwrap().0.ping().await.unwrap();
        }
        // SQLite serves one process: the second waits for the first to let go of the file.
        Kind::Sqlite => {
            let first = test.open().await;
            let address = test.address();
            let second = tokio::spawn(async move { Db::connect(&address).await.unwrap().0.ping().await });
            first.db.ping().await.unwrap();
            drop(first);
            second.await.unwrap().unwrap();
        }
    }
}
