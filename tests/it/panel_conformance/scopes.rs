//! Tokens and scopes, against the recorded matrix.

use orchestrator::demo::panel::PanelVersion;
use serde_json::{Value, json};

use super::{HandClock, NOW, answer, start};

const MATRIX: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/panel/3.3.2/181-scope-matrix.json"));

/// How each column of the matrix was asked; `None` for what the simulator does not have.
fn operation(name: &str) -> Option<(&'static str, &'static str, Option<Value>)> {
    Some(match name {
        "create" => {
            let body = json!({"username": "made_here", "expireAt": "2027-01-01T00:00:00.000Z"});
            ("POST", "/api/users", Some(body))
        }
        "update" => ("PATCH", "/api/users", Some(json!({"id": 1, "description": "x"}))),
        "get-by-id" => ("GET", "/api/users/1", None),
        "by-username" => ("GET", "/api/users/by-username/somebody", None),
        "by-short-uuid" => ("GET", "/api/users/by-short-uuid/AAAAAAAAAAAAAAAA", None),
        "list" => ("GET", "/api/users?start=0&size=1", None),
        "stream" => ("GET", "/api/users/stream?size=1", None),
        "resolve" => ("POST", "/api/users/resolve", Some(json!({"username": "somebody"}))),
        "disable" => ("POST", "/api/users/1/actions/disable", None),
        "enable" => ("POST", "/api/users/1/actions/enable", None),
        "extend" => ("POST", "/api/users/1/actions/extend", Some(json!({"days": 1}))),
        "revoke" => ("POST", "/api/users/1/actions/revoke", Some(json!({}))),
        "metadata" => ("GET", "/api/system/metadata", None),
        "squads" => ("GET", "/api/internal-squads", None),
        "subscriptions-by-id" => ("GET", "/api/subscriptions/by-id/1", None),
        "hosts" => ("GET", "/api/hosts", None),
        "stats" | "health" => return None,
        other => panic!("{other}"),
    })
}

#[tokio::test]
async fn scopes_allow_what_the_matrix_says() {
    let recorded: Value = serde_json::from_str(MATRIX).unwrap();
    let sim = start(PanelVersion::V3, HandClock::at(NOW)).await;
    let body = json!({"username": "somebody", "expireAt": "2027-01-01T00:00:00.000Z"});
    assert_eq!(answer(&sim, "POST", "/api/users", Some(body)).await.0, 201);
    let mut compared = 0;
    for (set, statuses) in recorded["matrix"].as_object().unwrap() {
        let scopes = recorded["scopes"][set].as_array().unwrap();
        let scopes: Vec<&str> = scopes.iter().map(|scope| scope.as_str().unwrap()).collect();
        sim.set_scopes(&scopes);
        for (name, status) in statuses.as_object().unwrap() {
            let Some((method, path, body)) = operation(name) else { continue };
            let (ours, text) = answer(&sim, method, path, body).await;
            assert_eq!(*status == json!(403), ours == 403, "{set} {name}: {text}");
            compared += 1;
        }
        sim.remove_user("made_here");
    }
    assert_eq!(compared, 7 * 16);
}

#[tokio::test]
async fn version_2_knows_no_scopes() {
    let sim = start(PanelVersion::V2, HandClock::at(NOW)).await;
    sim.set_scopes(&[]);
    assert_eq!(answer(&sim, "GET", "/api/users", None).await.0, 200);
}

#[tokio::test]
async fn a_deleted_token_is_forbidden_and_an_expired_one_unknown() {
    let sim = start(PanelVersion::V3, HandClock::at(NOW)).await;
    sim.delete_token(sim.token());
    let (status, body) = answer(&sim, "GET", "/api/users", None).await;
    assert_eq!((status, body["message"].as_str()), (403, Some("Forbidden resource")));
    sim.expire_token(sim.token());
    let (status, body) = answer(&sim, "GET", "/api/users", None).await;
    assert_eq!((status, body["message"].as_str()), (401, Some("Unauthorized")));
}
