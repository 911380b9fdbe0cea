//! The panel's webhooks: promise 11 at that door, and what an event of the panel's leads to.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use hmac::{Hmac, KeyInit, Mac};
use orchestrator::api::edge::Limits;
use orchestrator::api::settings::ApiSettings;
use orchestrator::demo::panel::{Order, PanelVersion, SimStatus, WebhookTarget};
use orchestrator::domain::clock::OsEntropy;
use orchestrator::repositories::Db;
use orchestrator::services::Services;
use serde_json::Value;
use sha2::Sha256;
use tokio_util::sync::CancellationToken;

use super::{Answer, send};
use crate::support::db::{Kind, on_both};
use crate::support::world::{World, core_with, token};

on_both!(
    only_what_the_panel_signed_gets_through,
    every_recorded_event_is_understood,
    the_same_again_late_and_backwards_does_no_harm,
    a_database_that_is_away_is_said_so_and_the_panel_tries_again,
);

const SECRET: &str = "vsmu67Kmg6R8FjIOF1WUY8LWBHie4scdEqrfsKmyf4IAf8dY3nFS0wwYHkhh6ZvQ";
const PATH: &str = "/webhooks/remnawave";

struct Scene {
    world: World,
    services: Services,
    door: Router,
}

fn door(services: &Services) -> Router {
    orchestrator::api::router(services.clone(), ApiSettings::default(), Arc::new(OsEntropy))
}

impl Scene {
    async fn new(kind: Kind, version: PanelVersion) -> Self {
        let world = World::with(kind, version).await;
        let core = core_with(&world.opened, &world.panel, &world.clock, |settings| {
            settings.webhook_secret = Some(SECRET.into());
        });
        let services = Services::new(core);
        for name in ["alice", "tg_100001"] {
            let days = 30.try_into().unwrap();
            services.clients.create(&token(), name.parse().unwrap(), days, None).await.unwrap();
        }
        let door = door(&services);
        world.panel.clear_calls();
        Self { world, services, door }
    }

    /// Who is to be looked at; nobody afterwards.
    async fn noted(&self) -> Vec<String> {
        const TAKE: &str =
            "UPDATE clients SET panel_look_at = NULL WHERE panel_look_at IS NOT NULL RETURNING username";
        let mut names: Vec<String> = match &self.world.opened.db {
            Db::Postgres(pool) => sqlx::query_scalar(TAKE).fetch_all(pool).await.unwrap(),
            Db::Sqlite { write, .. } => sqlx::query_scalar(TAKE).fetch_all(write).await.unwrap(),
        };
        names.sort();
        names
    }

    async fn say(&self, body: impl Into<Body>, signature: Option<&str>) -> Answer {
        let mut request =
            Request::builder().method("POST").uri(PATH).header("content-type", "application/json");
        if let Some(signature) = signature {
            request = request.header("x-remnawave-signature", signature);
        }
        let mut request = request.body(body.into()).unwrap();
        request.extensions_mut().insert(ConnectInfo("203.0.113.9:4000".parse::<SocketAddr>().unwrap()));
        send(&self.door, request).await
    }

    /// The door behind a socket: its address.
    async fn serve(&self) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}{PATH}", listener.local_addr().unwrap());
        let (door, never) = (self.door.clone(), CancellationToken::new());
        tokio::spawn(orchestrator::api::serve(listener, door, Limits::default(), never, Duration::ZERO));
        url
    }
}

pub fn sign(secret: &str, body: &str) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.chain_update(body).finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn event(name: &str) -> String {
    format!(
        r#"{{"scope":"user","event":"user.modified","timestamp":"2026-05-12T11:00:00.000Z","data":{{"id":99,"username":"{name}"}}}}"#
    )
}

async fn only_what_the_panel_signed_gets_through(kind: Kind) {
    let scene = Scene::new(kind, PanelVersion::V3).await;
    let body = event("alice");
    let good = sign(SECRET, &body);
    let attempts: [(&str, &str, Option<String>, u16); 13] = [
        ("no signature", &body, None, 401),
        ("an empty one", &body, Some(String::new()), 401),
        ("no hexadecimal digits", &body, Some("z".repeat(64)), 401),
        ("zeros", &body, Some("0".repeat(64)), 401),
        ("in capitals", &body, Some(good.to_uppercase()), 401),
        ("a digit less", &body, Some(good[1..].to_owned()), 401),
        ("a digit more", &body, Some(format!("{good}0")), 401),
        ("with a prefix", &body, Some(format!("sha256={good}")), 401),
        ("made with another secret", &body, Some(sign("another secret of 32 characters.", &body)), 401),
        ("made with no secret", &body, Some(sign("", &body)), 401),
        ("of another body", &event("bob"), Some(good.clone()), 401),
        ("of the whole body, which is cut", &body[..body.len() - 1], Some(good.clone()), 401),
        ("of the body, which is followed by a blank", &format!("{body} "), Some(good.clone()), 401),
    ];
    for (what, body, signature, status) in attempts {
        let answer = scene.say(body.to_owned(), signature.as_deref()).await;
        assert_eq!(
            (answer.status, answer.body.as_str()),
            (status, r#"{"detail":"Not authenticated"}"#),
            "{what}"
        );
    }
    for odd in
        ["", "nonsense", "{}", r#"{"event":"user.modified","data":{}}"#, r#"{"event":"user.modified","#]
    {
        assert_eq!(scene.say(odd, Some(&sign(SECRET, odd))).await.status, 400, "{odd}");
    }
    let huge = "x".repeat(70_000);
    assert_eq!(scene.say(huge.clone(), Some(&sign(SECRET, &huge))).await.status, 413);
    assert_eq!(scene.noted().await, [""; 0]);
    // None of these was a guess at a token.
    let guess = Request::get("/api/v1/clients").header("authorization", "Bearer wrong");
    let mut guess = guess.body(Body::empty()).unwrap();
    guess.extensions_mut().insert(ConnectInfo("203.0.113.9:4000".parse::<SocketAddr>().unwrap()));
    assert_eq!(send(&scene.door, guess).await.status, 401);
    let answer = scene.say(body, Some(&good)).await;
    assert_eq!((answer.status, answer.body.as_str()), (204, ""));
    assert_eq!(scene.noted().await, ["alice"]);
    assert!(scene.world.panel.calls().is_empty(), "nobody waits for the panel here");
    scene.world.assert_agreement().await;
}

#[tokio::test]
async fn without_a_secret_there_is_no_such_path() {
    let world = World::new(Kind::Sqlite).await;
    let door = door(&world.services);
    for (method, path) in [("POST", PATH), ("GET", PATH), ("POST", "/webhooks/")] {
        let body = event("alice");
        let request = Request::builder().method(method).uri(path);
        let request =
            request.header("x-remnawave-signature", sign("", &body)).body(Body::from(body)).unwrap();
        let answer = send(&door, request).await;
        assert_eq!(
            (answer.status, answer.body.as_str()),
            (404, r#"{"detail":"Not Found"}"#),
            "{method} {path}"
        );
    }
}

async fn every_recorded_event_is_understood(kind: Kind) {
    for (version, folder) in [(PanelVersion::V2, "2.7.4"), (PanelVersion::V3, "3.3.2")] {
        let scene = Scene::new(kind, version).await;
        let folder = format!("{}/tests/fixtures/panel/{folder}/webhooks", env!("CARGO_MANIFEST_DIR"));
        let mut told = 0;
        for file in std::fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            let recorded: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
            let request = &recorded["request"];
            let body = request["body_raw"].as_str().unwrap().to_owned();
            let name = request["body"]["data"]["username"].as_str();
            let answer = scene.say(body, request["headers"]["X-Remnawave-Signature"].as_str()).await;
            assert_eq!(answer.status, 204, "{path:?}");
            let ours = name == Some("tg_100001");
            let noted = scene.noted().await;
            // The recorded users have numbers, too, that ours may have.
            assert_eq!(
                noted.contains(&"tg_100001".to_owned()),
                ours || noted.len() == 1,
                "{path:?} {noted:?}"
            );
            assert!(name.is_some() || noted.is_empty(), "{path:?}: of no user");
            told += usize::from(ours);
        }
        assert!(told >= 4, "{told}");
    }
}

async fn the_same_again_late_and_backwards_does_no_harm(kind: Kind) {
    for version in [PanelVersion::V2, PanelVersion::V3] {
        let scene = Scene::new(kind, version).await;
        let mut target = WebhookTarget::new(&scene.serve().await, SECRET);
        target.copies = 3;
        scene.world.panel.webhooks().send_to(Some(target));
        scene.world.panel.webhooks().hold();
        scene.world.panel.edit_user("alice", |user| user.status = SimStatus::Disabled);
        scene.world.panel.edit_user("alice", |user| user.status = SimStatus::Active);
        scene.world.panel.remove_user("tg_100001");
        let held = scene.world.panel.webhooks().release(Order::Backwards);
        let events: Vec<_> = held.iter().map(|webhook| webhook.event).collect();
        assert_eq!(events, ["user.deleted", "user.enabled", "user.disabled"]);
        let answers = scene.world.panel.webhooks().answered(9).await;
        assert!(answers.iter().all(|(_, status)| *status == Some(204)), "{answers:?}");
        assert_eq!(scene.noted().await, ["alice", "tg_100001"], "{version:?}");
        // An old one, replayed for as long as somebody likes.
        for _ in 0..20 {
            let answer = scene.say(held[2].body.clone(), Some(&sign(SECRET, &held[2].body))).await;
            assert_eq!(answer.status, 204);
        }
        assert_eq!(scene.noted().await, ["alice"]);
        assert!(scene.world.panel.calls().is_empty());
        tokio::time::timeout(Duration::from_secs(5), scene.services.sync.woken()).await.unwrap();
    }
}

async fn a_database_that_is_away_is_said_so_and_the_panel_tries_again(kind: Kind) {
    let scene = Scene::new(kind, PanelVersion::V3).await;
    let mut target = WebhookTarget::new(&scene.serve().await, SECRET);
    target.pause = Duration::ZERO;
    scene.world.panel.webhooks().send_to(Some(target));
    scene.world.opened.db.close().await;
    scene.world.panel.edit_user("alice", |user| user.status = SimStatus::Disabled);
    assert_eq!(scene.world.panel.webhooks().answered(4).await, [("user.disabled", Some(503)); 4]);
}

/// What the simulated panel sends has the keys of what the real one sent.
#[tokio::test]
async fn simulated_events_look_like_recorded_ones() {
    for (version, folder) in [(PanelVersion::V2, "2.7.4"), (PanelVersion::V3, "3.3.2")] {
        let scene = Scene::new(Kind::Sqlite, version).await;
        let webhooks = scene.world.panel.webhooks();
        webhooks.hold();
        scene.world.panel.edit_user("alice", |user| user.status = SimStatus::Disabled);
        scene.world.panel.remove_user("alice");
        for sent in webhooks.release(Order::AsHappened) {
            let folder = format!("{}/tests/fixtures/panel/{folder}", env!("CARGO_MANIFEST_DIR"));
            let recorded = std::fs::read(format!("{folder}/webhooks/{}.json", sent.event)).unwrap();
            let recorded: Value = serde_json::from_slice(&recorded).unwrap();
            let (theirs, ours) =
                (&recorded["request"]["body"], serde_json::from_str::<Value>(&sent.body).unwrap());
            let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
            assert_eq!((keys(theirs), keys(&theirs["data"])), (keys(&ours), keys(&ours["data"])));
            assert_eq!((&theirs["event"], &theirs["scope"]), (&ours["event"], &ours["scope"]));
            assert_eq!(ours["timestamp"], sent.timestamp);
        }
    }
}
