//! Lists by pages: what integrations walk through.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use chrono::TimeDelta;
use orchestrator::api::settings::{ApiAuth, ApiSettings};
use orchestrator::domain::clock::{Clock as _, OsEntropy};
use orchestrator::domain::ids::OperationId;
use orchestrator::domain::operation::{Action, Operation, Outcome};
use orchestrator::repositories::{Db, operations};
use orchestrator::services::Services;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Answer, get, send};
use crate::support::db::{Kind, on_both};
use crate::support::seed;
use crate::support::world::{World, token};

on_both!(
    pages_show_every_row_once_whatever_comes_and_goes,
    the_whole_list_is_its_pages_to_the_byte,
    operations_are_paged_too,
    a_long_log_is_counted_right_whatever_happens,
    clients_are_looked_up,
);

pub(super) fn router_of(services: Services) -> Router {
    let settings = ApiSettings { auth: ApiAuth::Off, ..ApiSettings::default() };
    orchestrator::api::router(services, settings, Arc::new(OsEntropy))
}

pub(super) async fn fetch(router: &Router, path: &str) -> Answer {
    send(router, Request::builder().uri(path).body(Body::empty()).unwrap()).await
}

pub(super) fn json_of(answer: &Answer) -> Value {
    assert_eq!(answer.status, 200, "{}", answer.body);
    serde_json::from_str(&answer.body).unwrap()
}

pub(super) fn names(list: &Value) -> Vec<String> {
    list["items"].as_array().unwrap().iter().map(|row| row["username"].as_str().unwrap().to_owned()).collect()
}

async fn remove(db: &Db, username: &str) {
    let delete = "DELETE FROM clients WHERE username = $1";
    match db {
        Db::Postgres(pool) => {
            sqlx::query(delete).bind(username).execute(pool).await.unwrap();
        }
        Db::Sqlite { write, .. } => {
            sqlx::query(delete).bind(username).execute(write).await.unwrap();
        }
    }
}

/// A copy of a client under another name, older or newer.
async fn copy(db: &Db, of: &str, name: &str, later: bool) {
    let (postgres, sqlite) = if later {
        ("created_at + INTERVAL '1 hour'", "replace(created_at, 'T00:', 'T01:')")
    } else {
        ("created_at", "created_at")
    };
    let insert = |id: &str, created: &str| {
        format!(
            "INSERT INTO clients (id, username, status, expires_at, created_at, updated_at)
             SELECT {id}, $1, status, expires_at, {created}, updated_at FROM clients WHERE username = $2"
        )
    };
    match db {
        Db::Postgres(pool) => {
            let insert = sqlx::AssertSqlSafe(insert("gen_random_uuid()", postgres));
            sqlx::query(insert).bind(name).bind(of).execute(pool).await.unwrap();
        }
        Db::Sqlite { write, .. } => {
            let insert = sqlx::AssertSqlSafe(insert("randomblob(16)", sqlite));
            sqlx::query(insert).bind(name).bind(of).execute(write).await.unwrap();
        }
    }
}

async fn pages_show_every_row_once_whatever_comes_and_goes(kind: Kind) {
    let world = World::new(kind).await;
    let db = &world.opened.db;
    let router = router_of(world.services.clone());
    seed::clients(db, 2500).await;
    let mut expected: BTreeSet<String> = (1..=2500).map(|number| format!("c{number}")).collect();
    let (mut seen, mut times) = (Vec::new(), Vec::new());
    let mut path = "/api/v1/clients?limit=97".to_owned();
    let mut rows = 2500;
    for turn in 0.. {
        let answer = fetch(&router, &path).await;
        let page = json_of(&answer);
        assert_eq!(page["total"], json!(rows));
        let names = names(&page);
        for row in page["items"].as_array().unwrap() {
            times.push((
                row["created_at"].as_str().unwrap().to_owned(),
                row["id"].as_str().unwrap().to_owned(),
            ));
        }
        seen.extend(names.clone());
        let Some(cursor) = answer.header("x-next-cursor") else { break };
        path = format!("/api/v1/clients?limit=97&cursor={cursor}");
        // The row at the cursor goes, one that was not shown yet too; others come, of the same moment and newer.
        copy(db, "c1300", &format!("tie_{turn}"), false).await;
        copy(db, "c7", &format!("new_{turn}"), true).await;
        remove(db, names.last().unwrap()).await;
        let unseen = format!("c{}", turn + 1);
        if !seen.contains(&unseen) {
            expected.remove(&unseen);
        }
        remove(db, &unseen).await;
        rows = json_of(&fetch(&router, "/api/v1/clients?limit=1").await)["total"].as_i64().unwrap();
    }
    let mut originals: Vec<String> = seen.iter().filter(|name| name.starts_with('c')).cloned().collect();
    originals.sort();
    let expected: Vec<String> = expected.into_iter().collect();
    assert_eq!(originals, expected);
    assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), seen.len(), "nothing twice");
    assert!(
        !seen.iter().any(|name| name.starts_with("new_")),
        "what is newer than the first page is on no later one"
    );
    assert!(times.is_sorted_by(|a, b| a > b), "newest first, ties by id");
}

/// What stands between the brackets.
fn items(body: &str) -> &str {
    let rest = body.strip_prefix(r#"{"items":["#).unwrap();
    rest.rsplit_once("],\"total\":").unwrap().0
}

async fn the_whole_list_is_its_pages_to_the_byte(kind: Kind) {
    let world = World::new(kind).await;
    let router = router_of(world.services.clone());
    for count in [0, 1, 512, 513, 1100] {
        seed::execute(&world.opened.db, "DELETE FROM clients").await;
        if count > 0 {
            seed::clients(&world.opened.db, count).await;
        }
        let whole = fetch(&router, "/api/v1/clients").await;
        assert_eq!((whole.status, whole.header("content-type")), (200, Some("application/json")));
        assert_eq!(whole.header("x-next-cursor"), None);
        assert!(whole.body.ends_with(&format!("],\"total\":{count}}}")));
        let mut pages = Vec::new();
        let mut path = "/api/v1/clients?limit=64".to_owned();
        loop {
            let page = fetch(&router, &path).await;
            pages.push(items(&page.body).to_owned());
            let Some(cursor) = page.header("x-next-cursor") else { break };
            path = format!("/api/v1/clients?limit=64&cursor={cursor}");
        }
        assert_eq!(
            i64::try_from(pages.len()).unwrap(),
            ((count + 63) / 64).max(1),
            "no empty page at the end"
        );
        assert_eq!(items(&whole.body), pages.join(","));
    }
}

async fn operations_are_paged_too(kind: Kind) {
    let world = World::new(kind).await;
    let router = router_of(world.services.clone());
    seed::clients(&world.opened.db, 2).await;
    let ids: Vec<String> = json_of(&fetch(&router, "/api/v1/clients").await)["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["id"].as_str().unwrap().to_owned())
        .collect();
    for id in [&ids[0], &ids[1], &ids[0], &ids[0]] {
        // The simulated panel knows none of them: each is a failed operation.
        assert_eq!(fetch(&router, &format!("/api/v1/clients/{id}/config")).await.status, 502);
    }
    let path = format!("/api/v1/operations?client_id={}", ids[0]);
    let whole = json_of(&fetch(&router, &path).await);
    assert_eq!((whole["total"].clone(), whole["items"].as_array().unwrap().len()), (json!(3), 3));
    let first = fetch(&router, &format!("{path}&limit=2")).await;
    let cursor = first.header("x-next-cursor").unwrap().to_owned();
    let second = fetch(&router, &format!("{path}&cursor={cursor}")).await;
    assert_eq!(second.header("x-next-cursor"), None);
    let (first, second) = (json_of(&first), json_of(&second));
    assert_eq!((&first["total"], &second["total"]), (&json!(3), &json!(3)));
    assert_eq!(first["items"][1], whole["items"][1]);
    assert_eq!(second["items"], json!([whole["items"][2]]));
    // A cursor of one list is none of another.
    assert_eq!(fetch(&router, &format!("/api/v1/clients?cursor={cursor}")).await.status, 422);
    let unknown =
        fetch(&router, "/api/v1/operations?client_id=00000000-0000-0000-0000-000000000000&limit=5").await;
    assert_eq!(unknown.body, r#"{"items":[],"total":0}"#);
}

async fn clients_are_looked_up(kind: Kind) {
    let world = World::new(kind).await;
    let router = router_of(world.services.clone());
    seed::clients(&world.opened.db, 20).await;
    seed::execute(
        &world.opened.db,
        "UPDATE clients SET telegram_id = 7000000001 WHERE username IN ('c7', 'c9')",
    )
    .await;
    seed::execute(&world.opened.db, "UPDATE clients SET status = 'blocked' WHERE username = 'c9'").await;
    let empty: [&str; 0] = [];
    for (query, expected) in [
        ("username=c7", &["c7"][..]),
        ("username=C7", &empty),
        ("username=c", &empty),
        ("username=", &empty),
        ("username=%00", &empty),
        ("username=c7%00", &empty),
        ("username=%ED%A0%80", &empty),
        ("username=c1&username=c7", &["c7"]),
        ("username=c7&status=blocked", &empty),
        ("telegram_id=7000000001", &["c9", "c7"]),
        ("telegram_id=+7000000001.0", &["c9", "c7"]),
        ("telegram_id=7000000001&status=blocked", &["c9"]),
        ("telegram_id=7000000001&expired=true", &empty),
        ("telegram_id=7000000001&username=c7&limit=5", &["c7"]),
        ("telegram_id=99999999999999999999999", &empty),
        ("telegram_id=-1", &empty),
    ] {
        let list = json_of(&fetch(&router, &format!("/api/v1/clients?{query}")).await);
        assert_eq!(names(&list), expected, "{query}");
        assert_eq!(list["total"], json!(expected.len()), "{query}");
    }
}

#[tokio::test]
async fn what_no_page_can_be_is_refused() {
    for (query, expected) in [
        (
            "limit=0",
            json!([{"type": "greater_than_equal", "loc": ["query", "limit"],
                    "msg": "Input should be greater than or equal to 1", "input": "0", "ctx": {"ge": 1}}]),
        ),
        (
            "limit=1001",
            json!([{"type": "less_than_equal", "loc": ["query", "limit"],
                    "msg": "Input should be less than or equal to 1000", "input": "1001", "ctx": {"le": 1000}}]),
        ),
        (
            "limit=ten&telegram_id=me&cursor=%00",
            json!([{"type": "int_parsing", "loc": ["query", "telegram_id"],
                    "msg": "Input should be a valid integer, unable to parse string as an integer", "input": "me"},
                   {"type": "int_parsing", "loc": ["query", "limit"],
                    "msg": "Input should be a valid integer, unable to parse string as an integer", "input": "ten"},
                   {"type": "value_error", "loc": ["query", "cursor"],
                    "msg": "Value error, this is no cursor that this list has given", "input": "\u{0}"}]),
        ),
        (
            "cursor=",
            json!([{"type": "value_error", "loc": ["query", "cursor"],
                    "msg": "Value error, this is no cursor that this list has given", "input": ""}]),
        ),
    ] {
        let answer = get(&format!("/api/v1/clients?{query}")).await;
        assert_eq!(answer.status, 422, "{query}");
        let mut errors = answer.errors();
        // The order of different parameters' errors is that of the declaration; here each is looked for by itself.
        let mut expected = expected;
        for list in [&mut errors, &mut expected] {
            list.as_array_mut().unwrap().sort_by_key(|error| error["loc"].to_string());
        }
        assert_eq!(errors, expected, "{query}");
    }
    for path in ["/api/v1/operations", "/api/v1/audit"] {
        for query in ["limit=0", "limit=1e3", "cursor=AAAA", "client_id=x&limit=5"] {
            assert_eq!(get(&format!("{path}?{query}")).await.status, 422, "{path}?{query}");
        }
    }
}

async fn a_long_log_is_counted_right_whatever_happens(kind: Kind) {
    let world = World::new(kind).await;
    let client = world
        .services
        .clients
        .create(&token(), "alice_1".parse().unwrap(), 30.try_into().unwrap(), None)
        .await
        .unwrap();
    let mut tx = world.opened.db.begin().await.unwrap();
    for number in 0..1_500 {
        let operation = Operation {
            id: OperationId(Uuid::from_u128(number + 1)),
            client_id: client.id,
            action: Action::GetConfig,
            payload: None,
            result: Outcome::Success,
            error: None,
            created_at: world.clock.now() - TimeDelta::hours(1) - TimeDelta::milliseconds(number as i64),
        };
        operations::insert(&mut tx, &operation).await.unwrap();
    }
    tx.commit().await.unwrap();
    let router = router_of(world.services.clone());
    let path = format!("/api/v1/operations?client_id={}&limit=5", client.id);
    let total = async || json_of(&fetch(&router, &path).await)["total"].as_i64().unwrap();
    assert_eq!([total().await, total().await], [1501, 1501]);
    world.services.clients.extend(&token(), client.id, 1.try_into().unwrap(), None).await.unwrap();
    assert_eq!(total().await, 1502);
    // What an import brings is older than what is kept in mind, and is there when that is counted again.
    world.clock.advance(TimeDelta::minutes(11));
    assert_eq!([total().await, total().await], [1502, 1502]);
    world.services.clients.delete(&token(), client.id, None).await.unwrap();
    assert_eq!(total().await, 0);
}
