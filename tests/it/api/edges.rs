//! Who gets in, and what surrounds every request.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use orchestrator::api::settings::ApiAuth;
use serde_json::Value;

use super::{ALICE, READ, WRITE, ask, create, get, is_valid, router, send};

#[tokio::test]
async fn only_a_token_opens_the_door() {
    let write = format!("Bearer {WRITE}");
    let read = format!("bearer {READ}");
    let almost = &write[..write.len() - 1];
    let locked = router(ApiAuth::Required);
    let open = router(ApiAuth::Off);
    for (router, authorization, method, path, status) in [
        (&locked, None, "GET", "/api/v1/clients", 401),
        (&locked, None, "POST", "/api/v1/clients", 401),
        (&locked, None, "GET", "/api/v1/clients/not-a-uuid", 401),
        (&locked, None, "GET", "/api/v1/operations", 401),
        (&locked, None, "GET", "/health", 200),
        (&locked, None, "GET", "/health/ready", 200),
        (&locked, None, "GET", "/nope", 404),
        (&locked, Some(""), "GET", "/api/v1/clients", 401),
        (&locked, Some("Bearer"), "GET", "/api/v1/clients", 401),
        (&locked, Some(almost), "GET", "/api/v1/clients", 401),
        (&locked, Some("Bearer shop"), "GET", "/api/v1/clients", 401),
        (&locked, Some(WRITE), "GET", "/api/v1/clients", 401),
        (&locked, Some(&write), "GET", "/api/v1/clients", 200),
        (&locked, Some(&read), "GET", "/api/v1/clients", 200),
        (&locked, Some(&read), "POST", "/api/v1/clients", 403),
        (&locked, Some(&write), "POST", "/api/v1/clients", 422),
        (&open, None, "GET", "/api/v1/clients", 200),
        (&open, None, "POST", "/api/v1/clients", 422),
    ] {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(value) = authorization {
            request = request.header("authorization", value);
        }
        let answer = send(router, request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, status, "{authorization:?} {method} {path}");
        if status == 401 {
            assert_eq!(answer.body, r#"{"detail":"Not authenticated"}"#);
            let guessed = authorization.is_some_and(|value| value.starts_with("Bearer "));
            let challenge = if guessed { "Bearer error=\"invalid_token\"" } else { "Bearer" };
            assert_eq!(answer.header("www-authenticate"), Some(challenge));
        }
    }
}

#[tokio::test]
async fn bodies_have_a_limit() {
    let padded = |length: usize| format!(r#"{{"username":"abc"}}{}"#, " ".repeat(length - 18));
    assert!(is_valid(&create(padded(64 * 1024)).await));
    let answer = create(padded(64 * 1024 + 1)).await;
    assert_eq!((answer.status, answer.body.as_str()), (413, r#"{"detail":"Request Entity Too Large"}"#));

    let request = Request::builder().method("POST").uri("/api/v1/clients");
    let huge = request.body(Body::from("x".repeat(1_000_000))).unwrap();
    let answer = send(&router(ApiAuth::Required), huge).await;
    assert_eq!(answer.status, 401, "a stranger's body is not read");
}

#[tokio::test]
async fn other_methods_are_named_in_allow() {
    for (method, path, allow) in [
        ("PUT", "/api/v1/clients", "GET, POST"),
        ("HEAD", "/api/v1/clients", "GET, POST"),
        ("OPTIONS", "/api/v1/operations", "GET"),
        ("BREW", "/health", "GET"),
        ("DELETE", "/health/ready", "GET"),
    ] {
        let answer = ask(method, path, &[], Body::empty()).await;
        assert_eq!((answer.status, answer.header("allow")), (405, Some(allow)), "{method} {path}");
        let body = if method == "HEAD" { "" } else { r#"{"detail":"Method Not Allowed"}"# };
        assert_eq!(answer.body, body);
    }
}

#[tokio::test]
async fn trailing_slashes_are_forgiven_only_where_there_is_a_route() {
    for (path, location) in [
        ("/health/", "/health"),
        ("/health//", "/health"),
        ("/api/v1/clients/?a=b%20c", "/api/v1/clients?a=b%20c"),
        ("/api/v1/clients/%7Bx%7D/config/", "/api/v1/clients/%7Bx%7D/config"),
        ("/api/v1/clients/x%2F", "/api/v1/clients/x"),
        ("/api/v1/clients/%0d%0aX:%20y/", "/api/v1/clients/%0D%0AX:%20y"),
    ] {
        let answer = ask("POST", path, &[], "x").await;
        assert_eq!((answer.status, answer.header("location")), (307, Some(location)), "{path}");
        assert_eq!(answer.body, "");
    }
    for path in ["/", "//", "/nope/", "//evil.example/health/", "/api/v1/", "/api/v1/clients/a/b/"] {
        assert_eq!(get(path).await.status, 404, "{path}");
    }
    assert_eq!(get("/api/v1/clients//config").await.body, r#"{"detail":"Not Found"}"#);
}

#[tokio::test]
async fn every_answer_has_a_request_id() {
    for path in ["/health", "/nope", "/api/v1/clients/x", "/health/"] {
        let made = get(path).await.header("x-request-id").unwrap().to_owned();
        assert!(uuid::Uuid::parse_str(&made).is_ok(), "{path}");
        assert_ne!(get(path).await.header("x-request-id"), Some(made.as_str()));
        let taken = ask("GET", path, &[("x-request-id", "order-17/2")], Body::empty()).await;
        assert_eq!(taken.header("x-request-id"), Some("order-17/2"), "{path}");
    }
    let long = "x".repeat(129);
    for bad in ["", "a b", "ж", &long] {
        let answer = ask("GET", "/health", &[("x-request-id", bad)], Body::empty()).await;
        assert!(uuid::Uuid::parse_str(answer.header("x-request-id").unwrap()).is_ok(), "{bad}");
    }
}

#[tokio::test]
async fn health_is_the_contracts() {
    let answer = get("/health").await;
    assert_eq!((answer.status, answer.body.as_str()), (200, r#"{"status":"ok"}"#));
    let mut request = Request::builder().uri("/health/ready").body(Body::empty()).unwrap();
    request.extensions_mut().insert(ConnectInfo("127.0.0.1:5".parse::<SocketAddr>().unwrap()));
    let ready: Value = serde_json::from_str(&send(&router(ApiAuth::Required), request).await.body).unwrap();
    let keys: Vec<_> = ready.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["status", "database", "panel", "telegram", "attention"]);
}

/// Everything that is logged, as one text.
#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// Hears everything on this thread until what it gives is dropped.
    pub fn listen(&self) -> (tracing::subscriber::DefaultGuard, tracing::Dispatch) {
        let writer = self.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .finish();
        // While only one subscriber exists, a line first reached on another test's thread is judged by that thread, which
        // listens to nothing, and is off for all. With a second one everybody is asked.
        let second = tracing::Dispatch::new(tracing_subscriber::registry());
        (tracing::subscriber::set_default(subscriber), second)
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn the_log_tells_which_request_and_no_secret() {
    let log = Log::default();
    let _guards = log.listen();
    let path = format!("/api/v1/clients/{ALICE}?token=canary-in-query");
    let headers =
        [("x-request-id", "order-17"), ("cookie", "canary-in-cookie"), ("idempotency-key", "canary-in-key")];
    ask("GET", &path, &headers, Body::empty()).await;
    ask("POST", "/api/v1/clients", &headers, r#"{"username":"canary-in-body","days":0}"#).await;
    let text = log.text();
    let span =
        r#"http{request_id=order-17 method="GET" route=/api/v1/clients/{client_id} caller="token:shop""#;
    let lines: Vec<_> = text.lines().filter(|line| line.contains("answered")).collect();
    assert!(lines[0].contains(span) && lines[0].contains("status=404"), "{text}");
    assert!(lines[1].contains("status=422") && lines.len() == 2, "one line a request: {text}");
    for secret in [WRITE, READ, "canary", "Bearer"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}
