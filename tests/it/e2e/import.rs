//! `orchestrator import`: the panel's users, and the original service's database.

use chrono::TimeDelta;
use orchestrator::demo::panel::{NewSimUser, PanelVersion, SimStatus};
use orchestrator::domain::client::Access;
use orchestrator::domain::clock::{Clock as _, SystemClock};
use orchestrator::domain::ids::TelegramId;
use orchestrator::repositories::{Db, clients};
use sqlx::{Connection as _, PgConnection};

use super::Stage;
use crate::support::db::{Kind, TestDb, on_both};
use crate::support::seed;
use crate::support::service::Service;

const USERS: usize = 10_000;

on_both!(
    ten_thousand_users_with_a_power_cut_in_the_middle,
    the_original_service_is_taken_over_with_its_log,
    nothing_is_imported_without_a_word,
);

async fn filled(kind: Kind, users: usize) -> Stage {
    let stage = Stage::empty(kind, PanelVersion::V3).await;
    let now = SystemClock.now_millis();
    for number in 0..users {
        let days = if number % 10 == 0 { -1 } else { 30 };
        let username = format!("user_{number:05}");
        let new = NewSimUser { username, short_uuid: None, expire_at: now + TimeDelta::days(days) };
        stage.panel.insert_user(new);
    }
    stage.panel.edit_user("user_00001", |user| user.status = SimStatus::Disabled);
    stage.panel.edit_user("user_00002", |user| user.telegram_id = Some(555));
    stage
}

async fn import(stage: &Stage, arguments: &[&str]) -> (Option<i32>, String) {
    let arguments = [&["import"], arguments].concat();
    Service::command(&arguments, stage.db.folder(), &stage.settings()).exit().await
}

async fn ten_thousand_users_with_a_power_cut_in_the_middle(kind: Kind) {
    let stage = filled(kind, USERS).await;
    let cut = Service::command(&["import", "--yes"], stage.db.folder(), &stage.settings());
    // Twenty pages are counted first; this is one of the second time.
    let middle = ("start".to_owned(), "5000".to_owned());
    stage.panel.wait_for_call(|call| call.number >= 20 && call.query.contains(&middle)).await;
    cut.kill();
    let some = seed::count(&stage.db.open().await.db, "clients").await;
    assert!((1..10_000).contains(&some), "cut in the middle: {some}");

    let (code, said) = import(&stage, &["--yes"]).await;
    assert_eq!(code, Some(0), "{said}");
    let left = 10_000 - some;
    assert!(said.contains(&format!("imported  {left}")), "{said}");
    let opened = stage.db.open().await;
    assert_eq!(seed::count(&opened.db, "clients").await, 10_000);
    assert_eq!(seed::count(&opened.db, "audit WHERE action = 'create'").await, 10_000);
    assert_eq!(seed::count(&opened.db, "outbox").await, 0, "what is past counts as told");
    let found = async |name: &str| clients::find_by_username(&opened.db, name).await.unwrap().unwrap();
    assert_eq!(found("user_00001").await.access, Access::Blocked);
    assert_eq!(found("user_00002").await.telegram_id, Some(TelegramId(555)));
    assert!(found("user_00010").await.expired(SystemClock.now()));
    assert!(stage.panel.calls().iter().all(|call| call.method == "GET"), "the panel is only read");
    drop(opened);
    let (code, said) = import(&stage, &["--yes"]).await;
    assert_eq!(code, Some(0));
    assert!(said.contains("10000 are clients already") && said.contains("nobody is left"), "{said}");
}

async fn nothing_is_imported_without_a_word(kind: Kind) {
    let stage = filled(kind, 3).await;
    let (code, said) = import(&stage, &["--dry-run"]).await;
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("to import 3: 1 active, 1 disabled, 1 expired"), "{said}");
    let (code, said) = import(&stage, &[]).await;
    assert_eq!(code, Some(3), "{said}");
    assert!(said.contains("--yes"), "{said}");
    assert_eq!(seed::count(&stage.db.open().await.db, "clients").await, 0);
    stage.panel.stop().await;
    let (code, said) = import(&stage, &["--dry-run"]).await;
    assert_eq!(code, Some(1), "{said}");
}

/// The original's tables, as its ORM makes them, with three clients: one with access, one that a person has blocked, one that
/// lost access by its date.
const ORIGINAL: &str = "
    CREATE TYPE clientstatus AS ENUM ('ACTIVE', 'BLOCKED');
    CREATE TYPE operationaction AS ENUM ('CREATE', 'DELETE', 'EXTEND', 'BLOCK', 'UNBLOCK', 'GET_CONFIG', 'ROTATE_CONFIG', 'AUTO_DEACTIVATE');
    CREATE TYPE operationresult AS ENUM ('SUCCESS', 'FAIL');
    CREATE TABLE clients (id uuid PRIMARY KEY, username varchar UNIQUE NOT NULL, remnawave_uuid varchar, short_uuid varchar,
        subscription_url varchar, status clientstatus NOT NULL, expires_at timestamptz NOT NULL,
        created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL);
    CREATE TABLE operations (id uuid PRIMARY KEY, client_id uuid NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
        action operationaction NOT NULL, payload json, result operationresult NOT NULL, error text, created_at timestamptz NOT NULL);
    INSERT INTO clients
        SELECT ('00000000-0000-4000-8000-00000000000' || n)::uuid, name, n::text, 'short_uuid_of_' || name,
               'https://sub.example.test/api/sub/short_uuid_of_' || name, status::clientstatus, '2026-12-01T00:00:00Z',
               '2026-01-01T00:00:00Z', '2026-02-01T00:00:00Z'
        FROM (VALUES (1, 'anna', 'ACTIVE'), (2, 'bob', 'BLOCKED'), (3, 'cid', 'BLOCKED')) AS made (n, name, status);
    INSERT INTO operations
        SELECT gen_random_uuid(), ('00000000-0000-4000-8000-00000000000' || n)::uuid, action::operationaction, payload::json,
               'SUCCESS', NULL, '2026-01-01T00:00:00Z'::timestamptz + at * interval '1 minute'
        FROM (VALUES (1, 'CREATE', '{\"username\":\"anna\",\"days\":30}', 0), (2, 'CREATE', '{\"username\":\"bob\",\"days\":30}', 0),
                     (2, 'AUTO_DEACTIVATE', NULL, 5), (2, 'UNBLOCK', NULL, 6), (2, 'BLOCK', NULL, 7),
                     (3, 'BLOCK', NULL, 1), (3, 'UNBLOCK', NULL, 2),
                     (3, 'AUTO_DEACTIVATE', '{\"expired_at\":\"2026-01-01T00:00:00+00:00\"}', 3)) AS done (n, action, payload, at);
    INSERT INTO operations
        SELECT gen_random_uuid(), '00000000-0000-4000-8000-000000000001', 'GET_CONFIG', 'null', 'FAIL', 'no answer',
               '2026-01-02T00:00:00Z'::timestamptz + n * interval '1 second'
        FROM generate_series(1, 1200) AS n";

async fn the_original_service_is_taken_over_with_its_log(kind: Kind) {
    let mut stage = Stage::empty(kind, PanelVersion::V3).await;
    for name in ["anna", "bob", "cid"] {
        let expire_at = "2026-12-01T00:00:00Z".parse().unwrap();
        let short_uuid = Some(format!("short_uuid_of_{name}"));
        stage.panel.insert_user(NewSimUser { username: name.to_owned(), short_uuid, expire_at });
    }
    stage.panel.edit_user("anna", |user| user.telegram_id = Some(555));
    let theirs = TestDb::new(Kind::Postgres).await;
    let mut connection = PgConnection::connect(&theirs.url).await.unwrap();
    let (_, said) = import(&stage, &["--yes", "--from", &theirs.url]).await;
    assert!(said.contains("no table"), "{said}");
    sqlx::raw_sql(ORIGINAL).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();

    let (code, said) = import(&stage, &["--yes", "--from", &theirs.url]).await;
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("has 3 clients and 1208 rows of its log"), "{said}");
    assert!(said.contains("taken over 3 clients (1 linked"), "{said}");
    taken_over(&stage.db.open().await.db).await;
    let (code, said) = import(&stage, &["--yes", "--from", &theirs.url]).await;
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("taken over 0 clients") && said.contains("3 were here before"), "{said}");

    // Integrations find what they know.
    stage.restart().await;
    let id = "00000000-0000-4000-8000-000000000001";
    let (status, client) = stage.get(&format!("/api/v1/clients/{id}")).await;
    assert_eq!((status, client["username"].as_str()), (200, Some("anna")), "{client}");
    let (_, log) = stage.get(&format!("/api/v1/operations?client_id={id}&limit=1")).await;
    assert_eq!(log["items"][0]["action"], "get_config");
    assert_eq!(log["items"][0]["payload"], serde_json::Value::Null);
    stage.end().await;
}

async fn taken_over(db: &Db) {
    assert_eq!(seed::count(db, "operations").await, 1208);
    assert_eq!(seed::count(db, "audit WHERE actor = 'original'").await, 1208);
    let found = async |name: &str| clients::find_by_username(db, name).await.unwrap().unwrap();
    let (anna, bob, cid) = (found("anna").await, found("bob").await, found("cid").await);
    assert_eq!((anna.access, anna.telegram_id), (Access::Open, Some(TelegramId(555))));
    assert_eq!((bob.access, cid.access), (Access::Blocked, Access::Lapsed));
    assert_eq!(anna.created_at.to_rfc3339(), "2026-01-01T00:00:00+00:00");
}
