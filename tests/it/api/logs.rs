//! One id from the door to the panel: every line that a request causes has it.

use std::time::Duration;

use orchestrator::demo::panel::{Fault, Matcher, What};
use orchestrator::jobs;
use serde_json::json;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::flow::Shop;
use crate::support::db::Kind;
use crate::support::log::Captured;
use crate::support::world::World;

async fn request_lines(filter: &str) -> Vec<String> {
    let shop = Shop::new(Kind::Sqlite).await;
    let id = shop.client("alice").await;
    let (log, _guard) = Captured::start(filter);
    shop.world.panel.fault(Fault::before(Matcher::path("/api/users/*"), What::Drop));
    shop.world.panel.fault(Fault::before(Matcher::new("PATCH", "/api/users"), What::Status(500, None)));
    let headers = [("x-request-id", "from-the-shop-7"), ("content-type", "application/json")];
    let path = format!("/api/v1/clients/{id}/extend");
    let body = json!({"days": 10}).to_string().into_bytes();
    assert_eq!(shop.send("POST", &path, &headers, body).await.status, 502);
    log.lines()
}

#[tokio::test]
async fn every_line_of_a_request_has_its_id() {
    let lines = request_lines("trace").await;
    for part in ["orchestrator::panel", "orchestrator::services::settle", "orchestrator::api::edge::access"] {
        assert!(lines.iter().any(|line| line.contains(part)), "{part}: {lines:#?}");
    }
    let request = r#"http{request_id=from-the-shop-7 method="POST" route=/api/v1/clients/{client_id}/extend caller="token:shop"}"#;
    for line in lines {
        assert!(line.contains(request), "{line}");
    }
}

#[tokio::test]
async fn warnings_have_it_also_when_nothing_less_is_logged() {
    let lines = request_lines("warn").await;
    assert!(!lines.is_empty());
    for line in lines {
        assert!(line.contains("request_id=from-the-shop-7"), "{line}");
    }
}

#[tokio::test]
async fn what_a_job_does_has_its_name_and_turn() {
    let world = World::new(Kind::Sqlite).await;
    let (log, _guard) = Captured::start("debug");
    let (tasks, shutdown) = (TaskTracker::new(), CancellationToken::new());
    let every = jobs::Intervals { reconcile: Duration::from_secs(60), deactivate: None, drift: None };
    jobs::start(&world.services, every, &tasks, &shutdown);
    assert!(log.line("job done").await.contains("job{job=\""));
    for part in [r#"job{job="reconcile" turn=1}"#, r#"job{job="watch panel" turn=1}: orchestrator::panel"#] {
        log.line(part).await;
    }
    shutdown.cancel();
    tasks.close();
    tasks.wait().await;
}
