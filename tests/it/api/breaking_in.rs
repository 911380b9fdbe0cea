//! Promise 11, at the REST door: a table of attempts to get in. Whoever must not learns nothing and changes nothing.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use orchestrator::api::settings::{ApiSettings, ApiToken};
use orchestrator::domain::actor::TokenScope;
use orchestrator::domain::clock::OsEntropy;
use orchestrator::repositories::audit;
use secrecy::ExposeSecret;

use super::tokens::{door, make, olga};
use super::{Answer, READ, WRITE, send};
use crate::support::db::{Kind, on_both};
use crate::support::world::World;

on_both!(
    nobody_gets_through_any_door_without_the_right_token,
    a_made_up_address_is_not_believed,
    what_is_open_tells_nothing,
);

const OUTSIDE: &str = "203.0.113.9:4000";
const NOBODY: &str = "11111111-1111-4111-8111-111111111111";

/// What changes something, then what only reads; `ID` is a client's.
const WRITING: [(&str, &str); 8] = [
    ("POST", "/api/v1/clients"),
    ("DELETE", "/api/v1/clients/ID"),
    ("POST", "/api/v1/clients/ID/extend"),
    ("POST", "/api/v1/clients/ID/block"),
    ("POST", "/api/v1/clients/ID/unblock"),
    ("POST", "/api/v1/clients/ID/config/rotate"),
    ("POST", "/api/v1/clients/ID/invite"),
    ("POST", "/api/v1/clients/ID/extend?token=TOKEN&access_token=TOKEN"),
];
const READING: [(&str, &str); 8] = [
    ("GET", "/api/v1/clients"),
    ("GET", "/api/v1/clients?username=alice"),
    ("GET", "/api/v1/clients/ID"),
    ("GET", "/api/v1/clients/ID/config"),
    ("GET", "/api/v1/clients/ID/qr"),
    ("GET", "/api/v1/operations?client_id=ID"),
    ("GET", "/api/v1/audit"),
    ("GET", "/api/v1/stats"),
];

/// What is tried, the headers that are sent, and the status that it gets.
type Attempt<'a> = (&'a str, Vec<(&'a str, &'a str)>, u16);

struct Scene {
    world: World,
    door: Router,
    client: String,
    revoked: String,
}

impl Scene {
    async fn new(kind: Kind) -> Self {
        let world = World::new(kind).await;
        let (by, days) = (olga(), 30.try_into().unwrap());
        let client = world.services.clients.create(&by, "alice".parse().unwrap(), days, None).await;
        let client = client.unwrap().id.to_string();
        let gone = make(&world.services, "gone", TokenScope::Write).await;
        world.services.tokens.revoke(&olga(), gone.token.id).await.unwrap();
        let token = |name: &str, secret: &str, scope| ApiToken {
            name: name.to_owned(),
            secret: secret.into(),
            scope,
        };
        let tokens = vec![token("shop", WRITE, TokenScope::Write), token("eye", READ, TokenScope::Read)];
        let settings = ApiSettings { tokens, ..ApiSettings::default() };
        let door = orchestrator::api::router(world.services.clone(), settings, Arc::new(OsEntropy));
        Self { world, door, client, revoked: gone.secret.expose_secret().to_owned() }
    }

    /// An attempt from an address of its own, so that none is answered with 429 for another's sake.
    async fn attempt(&self, number: usize, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request =
            Request::builder().method(method).uri(path).header("content-type", "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut request = request.body(Body::from(r#"{"username":"mallory","days":3650}"#)).unwrap();
        let address = format!("198.51.{}.{}:4000", number / 256 % 256, number % 256);
        request.extensions_mut().insert(ConnectInfo(address.parse::<SocketAddr>().unwrap()));
        send(&self.door, request).await
    }

    async fn assert_untouched(&self) {
        self.world.assert_agreement().await;
        let names: Vec<_> = self.world.panel.users().into_iter().map(|user| user.username).collect();
        assert_eq!(names, ["alice"]);
        assert_eq!(audit::newest(&self.world.opened.db, 100).await.unwrap().len(), 1, "only its creation");
    }
}

async fn nobody_gets_through_any_door_without_the_right_token(kind: Kind) {
    let scene = Scene::new(kind).await;
    scene.world.panel.clear_calls();
    let bearer = |secret: &str| format!("Bearer {secret}");
    let (write, read, revoked) = (bearer(WRITE), bearer(READ), bearer(&scene.revoked));
    let (upper, short, long) =
        (bearer(&WRITE.to_uppercase()), bearer(&WRITE[..21]), bearer(&format!("{WRITE}0")));
    let attempts: [Attempt<'_>; 14] = [
        ("no token", vec![], 401),
        ("an empty one", vec![("authorization", "")], 401),
        ("only the scheme", vec![("authorization", "Bearer ")], 401),
        ("a wrong one", vec![("authorization", "Bearer let-me-in-please-0123")], 401),
        ("the name instead of the secret", vec![("authorization", "Bearer shop")], 401),
        ("name and secret", vec![("authorization", "Bearer shop:write-token-0123456789")], 401),
        ("in capitals", vec![("authorization", &upper)], 401),
        ("a letter less", vec![("authorization", &short)], 401),
        ("a letter more", vec![("authorization", &long)], 401),
        ("another scheme", vec![("authorization", "Basic c2hvcDp3cml0ZS10b2tlbi0wMTIzNDU2Nzg5")], 401),
        ("in another header", vec![("x-api-key", WRITE), ("cookie", "token=write-token-0123456789")], 401),
        ("a revoked one", vec![("authorization", &revoked)], 401),
        (
            "a wrong one before the right one",
            vec![("authorization", "Bearer x"), ("authorization", &write)],
            401,
        ),
        ("a read token", vec![("authorization", &read)], 403),
    ];
    let mut number = 0;
    for (what, headers, status) in attempts {
        let reads = status == 403;
        for (method, path) in WRITING.iter().chain(if reads { [].iter() } else { READING.iter() }) {
            let mut told = vec![];
            // Whether the client exists is not told.
            for id in [scene.client.as_str(), NOBODY, "not-a-uuid"] {
                let path = path.replace("ID", id).replace("TOKEN", WRITE);
                let answer = scene.attempt(number, method, &path, &headers).await;
                number += 1;
                assert_eq!(answer.status, status, "{what}: {method} {path}: {}", answer.body);
                told.push(answer.body);
            }
            told.dedup();
            assert_eq!(told.len(), 1, "{what}: {method} {path}");
        }
    }
    assert!(scene.world.panel.calls().is_empty(), "the panel hears of none of it");
    scene.assert_untouched().await;
    // The doors that are not there yet are walls.
    for path in ["/webhooks/telegram", "/webhooks/remnawave", "/api/v1/tokens", "/admin", "/.env"] {
        for method in ["GET", "POST"] {
            assert_eq!(scene.attempt(number, method, path, &[("authorization", &write)]).await.status, 404);
        }
    }
}

/// Guesses with a new made-up address each are still one guesser's.
async fn a_made_up_address_is_not_believed(kind: Kind) {
    let world = World::new(kind).await;
    let door = door(&world.services);
    let mut limited = 0;
    for number in 0..50 {
        let request = Request::builder()
            .uri("/api/v1/clients")
            .header("authorization", format!("Bearer guess-{number}"))
            .header("x-forwarded-for", format!("192.0.2.{number}"))
            .header("x-real-ip", format!("192.0.2.{number}"))
            .header("forwarded", format!("for=192.0.2.{number}"));
        let mut request = request.body(Body::empty()).unwrap();
        request.extensions_mut().insert(ConnectInfo(OUTSIDE.parse::<SocketAddr>().unwrap()));
        let answer = send(&door, request).await;
        limited += usize::from(answer.status == 429);
    }
    assert!(limited >= 35, "{limited} of 50");
}

async fn what_is_open_tells_nothing(kind: Kind) {
    let scene = Scene::new(kind).await;
    scene.world.panel.stop().await;
    scene.world.services.health.check_panel().await;
    for path in ["/health", "/docs", "/redoc", "/openapi.json", "/connect"] {
        assert_eq!(scene.attempt(1, "GET", path, &[]).await.status, 200, "{path}");
    }
    let claims: [&[(&str, &str)]; 3] = [&[], &[("x-forwarded-for", "127.0.0.1")], &[("host", "localhost")]];
    for claim in claims {
        let ready = scene.attempt(1, "GET", "/health/ready", claim).await;
        assert!(ready.body.contains("down") && !ready.body.contains("reason"), "{}", ready.body);
    }
    let write = format!("Bearer {WRITE}");
    let ready = scene.attempt(1, "GET", "/health/ready", &[("authorization", &write)]).await;
    assert!(ready.body.contains("reason"), "whoever has a token is told what to do: {}", ready.body);
}
