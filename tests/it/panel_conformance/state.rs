//! What the recordings show in pieces: state over time, links in two places, versions, the database, the scheduler.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use orchestrator::demo::panel::{NewSimUser, PanelVersion, SimStatus};
use serde_json::{Value, json};

use super::{HandClock, NOW, answer, send, start};

const LATER: &str = "2027-01-01T00:00:00.123Z";

/// The key a user has in paths and in PATCH.
fn key(version: PanelVersion, user: &Value) -> (&'static str, Value, String) {
    let name = if version == PanelVersion::V2 { "uuid" } else { "id" };
    let value = user[name].clone();
    let text = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
    (name, value, text)
}

#[tokio::test]
async fn the_links_are_the_same_wherever_they_are_asked_for() {
    for version in [PanelVersion::V2, PanelVersion::V3] {
        let sim = start(version, HandClock::at(NOW)).await;
        let squad = sim.squads()[0].uuid;
        let body = json!({"username": "linked", "expireAt": LATER, "activeInternalSquads": [squad]});
        let (status, created) = answer(&sim, "POST", "/api/users", Some(body)).await;
        assert_eq!(status, 201);
        let short = created["response"]["shortUuid"].as_str().unwrap();
        assert_eq!(
            created["response"]["subscriptionUrl"],
            format!("https://sub.example.test/api/sub/{short}")
        );
        let (_, info) = answer(&sim, "GET", &format!("/api/subscriptions/by-short-uuid/{short}"), None).await;
        let links: Vec<&str> =
            info["response"]["links"].as_array().unwrap().iter().map(|link| link.as_str().unwrap()).collect();
        assert_eq!(links.len(), 2);
        assert_eq!(info["response"]["user"]["isActive"], true);
        let sub = send(&sim, "GET", &format!("/api/sub/{short}"), None).await.text().await.unwrap();
        assert_eq!(sub, STANDARD.encode(links.join("\n")));
    }
}

#[tokio::test]
async fn a_rotation_can_be_repeated_and_the_old_link_dies() {
    for version in [PanelVersion::V2, PanelVersion::V3] {
        let sim = start(version, HandClock::at(NOW)).await;
        let body = json!({"username": "turned", "expireAt": LATER, "shortUuid": "chosen-by-us-0001"});
        let (_, created) = answer(&sim, "POST", "/api/users", Some(body)).await;
        let (_, _, path) = key(version, &created["response"]);
        let path = format!("/api/users/{path}/actions/revoke");
        let body = json!({"revokeOnlyPasswords": false, "shortUuid": "chosen-by-us-0002"});
        for _ in 0..2 {
            let (status, revoked) = answer(&sim, "POST", &path, Some(body.clone())).await;
            assert_eq!((status, revoked["response"]["shortUuid"].as_str()), (200, Some("chosen-by-us-0002")));
        }
        assert_eq!(answer(&sim, "GET", "/api/sub/chosen-by-us-0001", None).await.0, 404);
        assert_eq!(send(&sim, "GET", "/api/sub/chosen-by-us-0002", None).await.status(), 200);
    }
}

#[tokio::test]
async fn an_overdue_user_expires_within_thirty_seconds() {
    let clock = HandClock::at(NOW);
    let sim = start(PanelVersion::V3, clock.clone()).await;
    let body = json!({"username": "brief", "expireAt": "2026-11-22T07:00:10.000Z"});
    assert_eq!(answer(&sim, "POST", "/api/users", Some(body)).await.0, 201);
    clock.advance(39);
    assert_eq!(sim.user("brief").unwrap().status, SimStatus::Active);
    clock.advance(1);
    assert_eq!(sim.user("brief").unwrap().status, SimStatus::Expired);
    assert_eq!(answer(&sim, "POST", "/api/users/1/actions/enable", None).await.0, 200);
    assert_eq!(sim.user("brief").unwrap().status, SimStatus::Active);
    clock.advance(30);
    let (_, got) = answer(&sim, "GET", "/api/users/1", None).await;
    assert_eq!(got["response"]["status"], "EXPIRED");
    let (_, patched) =
        answer(&sim, "PATCH", "/api/users", Some(json!({"id": 1, "expireAt": LATER, "status": "ACTIVE"})))
            .await;
    assert_eq!(
        (patched["response"]["status"].as_str(), patched["response"]["expireAt"].as_str()),
        (Some("ACTIVE"), Some(LATER))
    );
}

#[tokio::test]
async fn dates_are_cut_to_the_millisecond() {
    let sim = start(PanelVersion::V3, HandClock::at(NOW)).await;
    let body = json!({"username": "precise", "expireAt": "2027-01-01T00:00:00.999999Z"});
    let (_, created) = answer(&sim, "POST", "/api/users", Some(body)).await;
    assert_eq!(created["response"]["expireAt"], "2027-01-01T00:00:00.999Z");
}

#[tokio::test]
async fn an_upgrade_keeps_users_and_loses_the_uuid() {
    let sim = start(PanelVersion::V2, HandClock::at(NOW)).await;
    let made = sim.insert_user(NewSimUser {
        username: "old_hand".to_owned(),
        short_uuid: Some("abcdefghijklmnop".to_owned()),
        expire_at: LATER.parse().unwrap(),
    });
    assert_eq!(answer(&sim, "GET", &format!("/api/users/{}", made.uuid), None).await.0, 200);
    sim.set_version(PanelVersion::V3);
    assert_eq!(answer(&sim, "GET", &format!("/api/users/{}", made.uuid), None).await.0, 400);
    let (status, got) = answer(&sim, "GET", &format!("/api/users/{}", made.id), None).await;
    assert_eq!((status, got["response"]["shortUuid"].as_str()), (200, Some("abcdefghijklmnop")));
    assert!(got["response"].get("uuid").is_none());
    let (_, metadata) = answer(&sim, "GET", "/api/system/metadata", None).await;
    assert_eq!(metadata["response"]["version"], "3.3.2");
}

#[tokio::test]
async fn all_users_can_be_paged_both_ways() {
    let sim = start(PanelVersion::V3, HandClock::at(NOW)).await;
    for index in 0..5 {
        let expire_at = LATER.parse().unwrap();
        sim.insert_user(NewSimUser { username: format!("user_{index}"), short_uuid: None, expire_at });
    }
    let ids = |page: &Value| -> Vec<u64> {
        page["response"]["users"]
            .as_array()
            .unwrap()
            .iter()
            .map(|user| user["id"].as_u64().unwrap())
            .collect()
    };
    let (_, page) = answer(&sim, "GET", "/api/users?start=2&size=2", None).await;
    assert_eq!((ids(&page), page["response"]["total"].as_u64()), (vec![3, 2], Some(5)));
    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let (_, page) = answer(&sim, "GET", &format!("/api/users/stream?size=2{cursor}"), None).await;
        seen.extend(ids(&page));
        let Some(next) = page["response"]["nextCursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(seen, [1, 2, 3, 4, 5]);
}

#[tokio::test]
async fn a_request_without_proxy_headers_is_dropped() {
    let sim = start(PanelVersion::V3, HandClock::at(NOW)).await;
    let plain = reqwest::Client::new().get(format!("{}/api/users", sim.url())).bearer_auth(sim.token());
    assert!(plain.send().await.is_err());
    let http = reqwest::Client::new()
        .get(format!("{}/api/users", sim.url()))
        .header("X-Forwarded-For", "127.0.0.1")
        .header("X-Forwarded-Proto", "http");
    assert!(http.send().await.is_err());
}

#[tokio::test]
async fn while_its_database_is_down_reads_and_changes_fail_and_metadata_answers() {
    let sim = start(PanelVersion::V3, HandClock::at(NOW)).await;
    assert_eq!(answer(&sim, "GET", "/api/users", None).await.0, 200);
    sim.set_database_down(true);
    let (status, body) = answer(&sim, "GET", "/api/users/1", None).await;
    assert_eq!((status, body["errorCode"].as_str()), (500, Some("A026")));
    assert_eq!(answer(&sim, "GET", "/api/system/metadata", None).await.0, 200);
    sim.set_database_down(false);
    assert_eq!(answer(&sim, "GET", "/api/users/1", None).await.0, 404);
}
