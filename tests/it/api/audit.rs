//! The log that outlives its clients, and the numbers.

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use chrono::{DateTime, TimeDelta, Utc};
use orchestrator::api::settings::ApiAuth;
use orchestrator::domain::actor::{Role, Source};
use orchestrator::domain::clock::{Entropy, OsEntropy};
use orchestrator::domain::ids::{ClientId, OperationId};
use orchestrator::domain::operation::{Action, AuditEntry, AuditFilter, Outcome};
use orchestrator::domain::page::Window;
use orchestrator::domain::username::Username;
use orchestrator::repositories::audit;
use serde_json::{Value, json};

use super::lists::{fetch, json_of, router_of};
use super::send;
use crate::support::db::{Kind, on_both};
use crate::support::seed;
use crate::support::world::{World, person, token};

on_both!(
    the_log_is_filtered_and_paged,
    a_viewer_sees_no_short_uuid,
    numbers_are_those_of_home_and_of_the_last_day,
);

fn start() -> DateTime<Utc> {
    "2026-05-12T08:00:00Z".parse().unwrap()
}

fn entry(number: u32, username: &str, actor: &str, source: Source, action: Action) -> AuditEntry {
    AuditEntry {
        id: OperationId(OsEntropy.uuid()),
        client_id: ClientId(uuid::Uuid::from_u128(username.len() as u128)),
        username: Username::stored(username),
        actor: actor.to_owned(),
        source,
        action,
        payload: None,
        reason: None,
        result: Outcome::Success,
        error: None,
        created_at: start() + TimeDelta::minutes(number.into()),
    }
}

async fn world(kind: Kind) -> (World, Router) {
    let world = World::new(kind).await;
    let mut entries = vec![
        entry(0, "alice", "token:shop", Source::Api, Action::Create),
        entry(1, "alice", "telegram:1001", Source::Bot, Action::Extend),
        entry(2, "bob", "telegram:1001", Source::Bot, Action::Create),
        entry(3, "alice", "panel", Source::Panel, Action::Block),
        entry(4, "alice", "token:shop", Source::Api, Action::RotateConfig),
        entry(5, "alice", "job:expire", Source::Job, Action::AutoDeactivate),
    ];
    entries[1].payload = Some(json!({"days": 30, "new_expires_at": "2026-06-12T08:00:00+00:00"}));
    entries[2].result = Outcome::Fail;
    entries[2].error = Some("the panel: <no>".to_owned());
    entries[4].payload = Some(json!({"new_short_uuid": "canary"}));
    let mut tx = world.opened.db.begin().await.unwrap();
    for entry in &entries {
        audit::insert(&mut tx, entry).await.unwrap();
    }
    tx.commit().await.unwrap();
    let router = router_of(world.services.clone());
    (world, router)
}

fn minutes(list: &Value) -> Vec<i64> {
    let items = list["items"].as_array().unwrap().iter();
    items
        .map(|row| row["created_at"].as_str().unwrap().parse::<DateTime<Utc>>().unwrap())
        .map(|time| (time - start()).num_minutes())
        .collect()
}

async fn the_log_is_filtered_and_paged(kind: Kind) {
    let (_world, router) = world(kind).await;
    let alice = uuid::Uuid::from_u128(5);
    for (query, expected) in [
        (String::new(), &[5, 4, 3, 2, 1, 0][..]),
        ("username=alice".to_owned(), &[5, 4, 3, 1, 0]),
        (format!("client_id={alice}"), &[5, 4, 3, 1, 0]),
        ("username=Alice".to_owned(), &[]),
        ("username=%00".to_owned(), &[]),
        ("actor=token:shop".to_owned(), &[4, 0]),
        ("actor=token%3Ashop&action=create".to_owned(), &[0]),
        ("actor=token".to_owned(), &[]),
        ("actor=%00".to_owned(), &[]),
        ("source=bot".to_owned(), &[2, 1]),
        ("source=panel".to_owned(), &[3]),
        ("action=auto_deactivate".to_owned(), &[5]),
        ("result=fail".to_owned(), &[2]),
        ("result=success&source=bot".to_owned(), &[1]),
        ("since=2026-05-12T08:03:00Z".to_owned(), &[5, 4, 3]),
        ("until=2026-05-12T08:03:00Z".to_owned(), &[2, 1, 0]),
        ("since=2026-05-12T11:01:00+03:00&until=2026-05-12 08:03".to_owned().replace(' ', "%20"), &[2, 1]),
        ("since=2026-05-13".to_owned(), &[]),
        ("until=9999-12-31T23:59:59-23:59".to_owned(), &[5, 4, 3, 2, 1, 0]),
        ("since=0001-01-01T00:00:00%2B23:59&limit=2".to_owned(), &[5, 4]),
    ] {
        let list = json_of(&fetch(&router, &format!("/api/v1/audit?{query}")).await);
        assert_eq!(minutes(&list), expected, "{query}");
        if !query.contains("limit") {
            assert_eq!(list["total"], json!(expected.len()), "{query}");
        }
    }
    let mut path = "/api/v1/audit?username=alice&limit=2".to_owned();
    let mut walked = Vec::new();
    loop {
        let answer = fetch(&router, &path).await;
        let page = json_of(&answer);
        assert_eq!(page["total"], 5);
        walked.push(minutes(&page));
        let Some(cursor) = answer.header("x-next-cursor") else { break };
        path = format!("/api/v1/audit?username=alice&limit=2&cursor={cursor}");
    }
    assert_eq!(walked, [vec![5, 4], vec![3, 1], vec![0]]);

    let failed = fetch(&router, "/api/v1/audit?result=fail").await;
    let (id, client) = (json_of(&failed)["items"][0]["id"].clone(), uuid::Uuid::from_u128(3));
    let expected = format!(
        concat!(
            r#"{{"items":[{{"id":{},"client_id":"{}","username":"bob","actor":"telegram:1001","source":"bot","#,
            r#""action":"create","payload":null,"reason":null,"result":"fail","error":"the panel: <no>","#,
            r#""created_at":"2026-05-12T08:02:00.000000Z"}}],"total":1}}"#
        ),
        id, client
    );
    assert_eq!(failed.body, expected);

    let refused =
        fetch(&router, "/api/v1/audit?action=drop&source=x&result=&since=yesterday&until=2026-13-01").await;
    assert_eq!(refused.status, 422);
    let kinds: Vec<String> = refused
        .errors()
        .as_array()
        .unwrap()
        .iter()
        .map(|error| format!("{} {}", error["loc"][1].as_str().unwrap(), error["msg"].as_str().unwrap()))
        .collect();
    assert_eq!(
        kinds,
        [
            "source Input should be 'bot', 'api', 'job' or 'panel'",
            "action Input should be 'create', 'delete', 'extend', 'block', 'unblock', 'get_config', 'rotate_config' or \
             'auto_deactivate'",
            "result Input should be 'success' or 'fail'",
            "since Input should be a valid datetime or date, input is too short",
            "until Input should be a valid datetime or date, month value is outside expected range of 1-12",
        ]
    );
}

async fn a_viewer_sees_no_short_uuid(kind: Kind) {
    let (world, _router) = world(kind).await;
    let window = Window { limit: 10, after: None };
    let rotated = AuditFilter { action: Some(Action::RotateConfig), ..AuditFilter::default() };
    let audit = &world.services.audit;
    let seen = audit.page(&person(1, Role::Viewer), rotated.clone(), window).await.unwrap();
    assert_eq!(seen.items[0].payload, Some(json!({})));
    let seen = audit.screen(&person(1, Role::Viewer), rotated.clone(), 0, 8).await.unwrap();
    assert_eq!(seen.items[0].payload, Some(json!({})));
    let seen = audit.page(&token(), rotated.clone(), window).await.unwrap();
    assert_eq!(seen.items[0].payload, Some(json!({"new_short_uuid": "canary"})));
    for stranger in [Role::Stranger, Role::User] {
        audit.page(&person(1, stranger), rotated.clone(), window).await.unwrap_err();
        audit.screen(&person(1, stranger), rotated.clone(), 0, 8).await.unwrap_err();
    }
}

async fn numbers_are_those_of_home_and_of_the_last_day(kind: Kind) {
    let (world, router) = world(kind).await;
    let db = &world.opened.db;
    seed::clients(db, 10).await;
    seed::execute(
        db,
        "UPDATE clients SET telegram_id = 5, status = 'blocked' WHERE username IN ('c1', 'c2')",
    )
    .await;
    world.services.health.check_panel().await;
    let numbers = json_of(&fetch(&router, "/api/v1/stats").await);
    let clients = json!({"total": 10, "active": 8, "blocked": 2, "expired": 0, "expiring": 0, "linked": 2});
    assert_eq!(numbers["clients"].to_string(), clients.to_string());
    assert_eq!(numbers["panel"]["state"], "ok");
    assert!(numbers["panel"]["version"].is_string() && numbers["panel"]["reason"].is_null(), "{numbers}");
    let actions = &numbers["operations"]["actions"];
    assert_eq!(actions["create"].to_string(), r#"{"success":1,"fail":1}"#);
    assert_eq!(actions["delete"].to_string(), r#"{"success":0,"fail":0}"#);
    assert_eq!(actions.as_object().unwrap().len(), Action::ALL.len());
    world.clock.advance(TimeDelta::hours(21) + TimeDelta::seconds(150));
    let later = json_of(&fetch(&router, "/api/v1/stats").await);
    assert_eq!(later["operations"]["actions"]["create"]["success"], 0, "more than a day ago");
    assert_eq!(later["operations"]["actions"]["auto_deactivate"]["success"], 1);
}

#[tokio::test]
async fn only_a_token_opens_the_log_and_the_numbers() {
    let locked = super::router(ApiAuth::Required);
    for path in ["/api/v1/audit", "/api/v1/audit?limit=x", "/api/v1/stats"] {
        for (token, status) in
            [(None, 401), (Some("wrong"), 401), (Some(super::READ), 200), (Some(super::WRITE), 200)]
        {
            let mut request = Request::builder().uri(path);
            if let Some(token) = token {
                request = request.header("authorization", format!("Bearer {token}"));
            }
            let status = if status == 200 && path.contains("limit") { 422 } else { status };
            assert_eq!(
                send(&locked, request.body(Body::empty()).unwrap()).await.status,
                status,
                "{token:?} {path}"
            );
        }
        assert_eq!(super::ask("POST", path, &[], Body::empty()).await.status, 405);
    }
}
