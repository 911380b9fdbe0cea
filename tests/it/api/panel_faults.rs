//! Promise 6: each request that the service makes to the panel, met by each kind of trouble.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use futures::future::{Either, join_all, select};
use http_body_util::BodyExt;
use orchestrator::api::settings::{ApiSettings, ApiToken};
use orchestrator::demo::panel::{Fault, Matcher, What};
use orchestrator::domain::actor::TokenScope;
use orchestrator::domain::clock::OsEntropy;
use orchestrator::services::Services;
use tokio::time::Instant;
use tower::ServiceExt;

use super::WRITE;
use crate::support::db::Kind;
use crate::support::world::World;

/// The simulated service's `PANEL_TIMEOUT`, and what a busy machine may add.
const IN_TIME: Duration = Duration::from_secs(4);
const FAILED: &str = r#"{"detail":"Ошибка взаимодействия с VPN-провайдером"}"#;

const METADATA: (&str, &str) = ("GET", "/api/system/metadata");
const USER: (&str, &str) = ("GET", "/api/users/*");
const KEYS: (&str, &str) = ("GET", "/api/subscriptions/by-short-uuid/*");

/// A method, a path, and the requests to the panel.
type Row = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

/// What a caller asks for (`ID` is a client's), and every request that a fresh process makes to the panel for it.
const TABLE: [Row; 7] = [
    ("POST", "/api/v1/clients", &[("GET", "/api/internal-squads"), ("POST", "/api/users")]),
    ("POST", "/api/v1/clients/ID/extend", &[METADATA, USER, ("PATCH", "/api/users")]),
    ("POST", "/api/v1/clients/ID/block", &[METADATA, USER, ("POST", "/api/users/*/actions/disable")]),
    ("POST", "/api/v1/clients/ID/unblock", &[METADATA, USER, ("POST", "/api/users/*/actions/enable")]),
    ("POST", "/api/v1/clients/ID/config/rotate", &[METADATA, USER, ("POST", "/api/users/*/actions/revoke")]),
    ("GET", "/api/v1/clients/ID/config", &[KEYS]),
    ("DELETE", "/api/v1/clients/ID", &[METADATA, USER, ("DELETE", "/api/users/*")]),
];

/// The same for a token that may not read subscriptions.
const NARROW: (&str, &str, &[(&str, &str)]) =
    ("GET", "/api/v1/clients/ID/config", &[("GET", "/api/users/by-short-uuid/*"), ("GET", "/api/sub/*")]);

fn troubles() -> Vec<What> {
    vec![
        What::Status(500, None),
        What::Status(500, Some("A026".to_owned())),
        What::Status(401, None),
        What::RateLimited,
        What::Html,
        What::HtmlOk,
        What::Empty,
        What::Truncated,
        What::CutOff,
        What::Drop,
        What::Hang,
    ]
}

struct Scene {
    world: World,
    id: String,
}

impl Scene {
    /// A world with one client, blocked where that is needed.
    async fn new(path: &str) -> Self {
        let world = World::new(Kind::Sqlite).await;
        let (by, days) = (crate::support::world::token(), 30.try_into().unwrap());
        let client = world.services.clients.create(&by, "alice".parse().unwrap(), days, None).await.unwrap();
        if path.ends_with("unblock") {
            world.services.clients.block(&by, client.id, None).await.unwrap();
        }
        Self { world, id: client.id.to_string() }
    }

    async fn ask(&self, door: &Router, method: &str, path: &str) -> (u16, String) {
        let request = Request::builder()
            .method(method)
            .uri(path.replace("ID", &self.id))
            .header("authorization", format!("Bearer {WRITE}"))
            .header("content-type", "application/json");
        let body = if method == "POST" { r#"{"username":"bob","days":10}"# } else { "" };
        let response = door.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        let (head, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        (head.status.as_u16(), String::from_utf8(body.to_vec()).unwrap())
    }

    /// One kind of trouble: 502 in time, nothing stands, reads go on, and afterwards all is as ever.
    async fn suffer(&self, asked: (&str, &str), on: Matcher, what: &What) {
        // A process that knows nothing of the panel yet.
        let services = self.world.another();
        let door = door(&services);
        let told = format!("{asked:?} {on:?} {what:?}");
        self.world.panel.fault(Fault::before(on, what.clone()).always());
        let begun = Instant::now();
        let (answer, read) =
            tokio::join!(self.ask(&door, asked.0, asked.1), self.ask(&door, "GET", "/api/v1/clients/ID"));
        assert_eq!((answer.0, answer.1.as_str()), (502, FAILED), "{told}");
        assert!(begun.elapsed() < IN_TIME, "{told}: {:?}", begun.elapsed());
        assert_eq!(read.0, 200, "{told}");
        self.world.panel.clear_faults();
        self.recovered(&services, &door, &told).await;
    }

    async fn recovered(&self, services: &Services, door: &Router, told: &str) {
        services.reconciler.run_once().await.unwrap();
        self.world.assert_agreement().await;
        let again = self.ask(door, "GET", "/api/v1/clients/ID/config").await;
        assert_eq!(again.0, 200, "{told}: {}", again.1);
    }
}

fn door(services: &Services) -> Router {
    let shop = ApiToken { name: "shop".to_owned(), secret: WRITE.into(), scope: TokenScope::Write };
    let settings = ApiSettings { tokens: vec![shop], ..ApiSettings::default() };
    orchestrator::api::router(services.clone(), settings, Arc::new(OsEntropy))
}

async fn row((method, path, requests): (&'static str, &'static str, &'static [(&str, &str)])) {
    let scene = Scene::new(path).await;
    if path == NARROW.1 && requests == NARROW.2 {
        scene.world.panel.set_scopes(&["users:*", "system:*", "internal-squads:*"]);
    }
    for (asked, at) in requests {
        for what in &troubles() {
            scene.suffer((method, path), Matcher::new(asked, at), what).await;
        }
    }
    for what in [What::Status(503, None), What::Hang] {
        scene.suffer((method, path), Matcher::any(), &what).await;
    }
    scene.world.panel.clear_calls();
    let done = scene.ask(&door(&scene.world.another()), method, path).await;
    assert!((200..300).contains(&done.0), "{method} {path}: {done:?}");
    for call in scene.world.panel.calls() {
        let listed =
            |(method, path): &(&str, &str)| Matcher::new(method, path).matches(&call.method, &call.path);
        let known = requests.iter().any(listed) || (requests == NARROW.2 && listed(&KEYS));
        assert!(known, "the table does not have {} {}", call.method, call.path);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_request_to_the_panel_may_meet_every_kind_of_trouble() {
    join_all(TABLE.into_iter().chain([NARROW]).map(row)).await;
}

/// Forty callers wait for a panel that says nothing, more than may ask at once; reading takes no notice.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reads_go_on_at_full_speed_while_the_panel_hangs() {
    let scene = Scene::new("").await;
    let door = door(&scene.world.services);
    scene.world.panel.fault(Fault::before(Matcher::any(), What::Hang).always());
    let callers = join_all((0..40).map(|_| scene.ask(&door, "GET", "/api/v1/clients/ID/config")));
    let reads = async {
        scene.world.panel.wait_for_call(|call| call.path.contains("by-short-uuid")).await;
        for _ in 0..50 {
            assert_eq!(scene.ask(&door, "GET", "/api/v1/clients").await.0, 200);
        }
    };
    let (callers, reads) = (std::pin::pin!(callers), std::pin::pin!(reads));
    let waiting = match select(callers, reads).await {
        Either::Left(_) => panic!("fifty reads took longer than PANEL_TIMEOUT"),
        Either::Right(((), waiting)) => waiting,
    };
    assert!(waiting.await.iter().all(|answer| answer.0 == 502));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panel_that_is_down_is_asked_once_a_second_and_found_when_it_is_back() {
    let scene = Scene::new("").await;
    let services = &scene.world.services;
    let door = door(services);
    scene.world.panel.stop().await;
    let mut answers = vec![];
    for _ in 0..20 {
        answers.push(scene.ask(&door, "POST", "/api/v1/clients/ID/block").await);
    }
    assert!(answers.iter().all(|answer| (answer.0, answer.1.as_str()) == (502, FAILED)));
    let log = scene.ask(&door, "GET", "/api/v1/operations").await.1;
    assert!(log.contains("not asked: the panel has not answered for a while"), "{log}");
    scene.world.assert_agreement().await;
    scene.world.panel.clear_calls();
    scene.world.panel.restart().await.unwrap();
    let begun = Instant::now();
    // Refused at once until the second is over, then let through; the tries are what the clock is waited for with.
    while scene.ask(&door, "POST", "/api/v1/clients/ID/block").await.0 != 200 {
        assert!(begun.elapsed() < IN_TIME, "it is not found");
    }
    assert_eq!(scene.ask(&door, "GET", "/api/v1/clients/ID/config").await.0, 200);
    scene.world.assert_agreement().await;
}
