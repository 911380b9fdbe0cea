//! The layers as the service has them, around routes of the tests' own.

use std::convert::Infallible;
use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, Request};
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{Extensions, Method, StatusCode};
use axum::response::Response;
use axum::routing::{any, get};
use flate2::write::GzDecoder;
use futures::stream;
use http_body_util::BodyExt;
use tokio::sync::mpsc;
use tower::ServiceExt;

use super::name_caller;
use super::request_id::Identity;
use crate::api::finish;
use crate::api::settings::ApiSettings;
use crate::domain::clock::OsEntropy;
use crate::written::Written;

const LONG: usize = 5000;

fn around(routes: Router) -> Router {
    let settings = ApiSettings { trusted_proxies: "192.0.2.1".parse().unwrap(), ..ApiSettings::default() };
    finish(routes, settings, Identity { entropy: Arc::new(OsEntropy), metrics: None })
}

fn request(path: &str, headers: &[(&str, &str)]) -> Request {
    let mut request = Request::builder().uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let peer: SocketAddr = "192.0.2.1:4711".parse().unwrap();
    request.extension(ConnectInfo(peer)).body(Body::empty()).unwrap()
}

async fn ask(routes: &Router, path: &str, headers: &[(&str, &str)]) -> Response {
    routes.clone().oneshot(request(path, headers)).await.unwrap()
}

async fn bytes(response: Response) -> Bytes {
    response.into_body().collect().await.unwrap().to_bytes()
}

/// What can be read of it so far.
fn unzipped(bytes: &[u8]) -> String {
    let mut decoder = GzDecoder::new(Vec::new());
    decoder.write_all(bytes).unwrap();
    decoder.flush().unwrap();
    String::from_utf8(decoder.get_ref().clone()).unwrap()
}

fn typed(content_type: &'static str, length: usize) -> Router {
    let answer = move || async move { ([(CONTENT_TYPE, content_type)], "x".repeat(length)) };
    around(Router::new().route("/", get(answer)))
}

#[tokio::test]
async fn long_texts_are_compressed_for_those_who_ask() {
    let json = typed("application/json", LONG);
    for (accepted, compressed) in [
        ("gzip", true),
        ("br, GZIP;q=0.5", true),
        ("deflate, gzip;q=1.0, *;q=0.5", true),
        ("", false),
        ("br", false),
        ("gzip;q=0", false),
        ("gzip;q=0.0, identity", false),
        ("gzip;q=0.1, identity;q=0.2", false),
        ("nonsense;;q=x", false),
    ] {
        let response = ask(&json, "/", &[("accept-encoding", accepted)]).await;
        let headers = response.headers();
        assert_eq!(headers.contains_key("content-encoding"), compressed, "{accepted}");
        assert_eq!(headers.contains_key("content-length"), !compressed, "{accepted}");
        assert_eq!(headers["vary"], "accept-encoding", "{accepted}: caches must know in any case");
        let body = bytes(response).await;
        let text = if compressed { unzipped(&body) } else { String::from_utf8(body.to_vec()).unwrap() };
        assert_eq!(text, "x".repeat(LONG), "{accepted}");
    }
}

#[tokio::test]
async fn what_gains_nothing_is_not_compressed() {
    for (content_type, length, compressed) in [
        ("application/json", 1023, false),
        ("application/json; charset=utf-8", 1024, true),
        ("text/html; charset=utf-8", LONG, true),
        ("text/css", LONG, true),
        ("Text/JavaScript", LONG, true),
        ("image/svg+xml", LONG, true),
        ("image/png", LONG, false),
        ("text/event-stream", LONG, false),
        ("application/octet-stream", LONG, false),
    ] {
        let response = ask(&typed(content_type, length), "/", &[("accept-encoding", "gzip")]).await;
        assert_eq!(
            response.headers().contains_key("content-encoding"),
            compressed,
            "{content_type} {length}"
        );
    }
}

/// Streams what the test sends.
fn streaming() -> (Router, mpsc::Sender<Result<&'static str, &'static str>>) {
    let (sender, receiver) = mpsc::channel(1);
    let receiver = Arc::new(Mutex::new(Some(receiver)));
    let handler = move || {
        // Panics when it is asked again after its end.
        let pieces = stream::unfold(receiver.lock().unwrap().take().unwrap(), |mut receiver| async {
            receiver.recv().await.map(|piece| (piece, receiver))
        });
        async { ([(CONTENT_TYPE, "application/json")], Body::from_stream(pieces)) }
    };
    (around(Router::new().route("/", get(handler))), sender)
}

#[tokio::test]
async fn compression_streams() {
    let (routes, sender) = streaming();
    let mut body = ask(&routes, "/", &[("accept-encoding", "gzip")]).await.into_body();
    let mut seen = vec![];
    for (piece, all) in [("one ", "one "), ("two ", "one two "), ("three", "one two three")] {
        sender.send(Ok(piece)).await.unwrap();
        while unzipped(&seen) != all {
            seen.extend(body.frame().await.unwrap().unwrap().into_data().unwrap());
        }
    }
    drop(sender);
    while let Some(frame) = body.frame().await {
        seen.extend(frame.unwrap().into_data().unwrap());
    }
    let mut decoder = GzDecoder::new(vec![]);
    decoder.write_all(&seen).unwrap();
    assert_eq!(decoder.finish().unwrap(), b"one two three", "and it is whole");
}

#[tokio::test]
async fn a_failing_stream_never_ends_well_formed() {
    for accepted in ["gzip", "identity"] {
        let (routes, sender) = streaming();
        let mut body = ask(&routes, "/", &[("accept-encoding", accepted)]).await.into_body();
        sender.send(Ok("one")).await.unwrap();
        body.frame().await.unwrap().unwrap();
        sender.send(Err("the database is away")).await.unwrap();
        drop(sender);
        let failed = loop {
            match body.frame().await {
                Some(Ok(_)) => {}
                Some(Err(_)) => break true,
                None => break false,
            }
        };
        assert!(failed, "{accepted}");
    }
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let own = || async {
        ([(CONTENT_SECURITY_POLICY, "default-src 'self'"), (CACHE_CONTROL, "max-age=60")], "page")
    };
    async fn fails() -> Response {
        panic!("with a secret")
    }
    let routes = around(Router::new().route("/", get(own)).route("/fails", any(fails)));
    for (path, status, policy, cache) in [
        ("/", 200, "default-src 'self'", "max-age=60"),
        ("/nope", 404, "default-src 'none'; frame-ancestors 'none'", "no-store"),
        ("/fails", 500, "default-src 'none'; frame-ancestors 'none'", "no-store"),
    ] {
        let response = ask(&routes, path, &[]).await;
        assert_eq!(response.status().as_u16(), status, "{path}");
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-resource-policy", "same-origin"),
            ("content-security-policy", policy),
            ("cache-control", cache),
        ] {
            let values: Vec<_> = response.headers().get_all(name).iter().collect();
            assert_eq!(values, [value], "{path} {name}");
        }
        for name in ["server", "strict-transport-security"] {
            assert!(!response.headers().contains_key(name), "{path} {name}");
        }
    }
    let secure = ask(&routes, "/nope", &[("x-forwarded-proto", "https")]).await;
    assert_eq!(secure.headers()["strict-transport-security"], "max-age=31536000");
}

/// Of what was logged, the access log.
fn lines(log: &Written) -> Vec<String> {
    log.take().lines().filter(|line| line.contains("milliseconds=")).map(str::to_owned).collect()
}

fn listening() -> (Written, tracing::subscriber::DefaultGuard, tracing::Dispatch) {
    let log = Written::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::INFO)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    // With a second subscriber every line is asked about on each thread anew; see tests/it/api/edges.rs.
    let second = tracing::Dispatch::new(tracing_subscriber::registry());
    (log, tracing::subscriber::set_default(subscriber), second)
}

#[tokio::test]
async fn the_access_log_has_a_line_for_each_request() {
    let (log, _guard, _second) = listening();
    let named = |extensions: Extensions| async move {
        name_caller(&extensions, "token:shop");
        tracing::info!("inside");
        "four"
    };
    let routes = around(Router::new().route("/things/{id}", any(named)));
    let forwarded = [("x-forwarded-for", "203.0.113.7"), ("x-request-id", "order-17")];
    bytes(ask(&routes, "/things/7?token=canary", &forwarded).await).await;
    let [line] = lines(&log).try_into().unwrap();
    for part in [
        r#"http{request_id=order-17 method="GET" route=/things/{id} caller="token:shop"}"#,
        "INFO",
        "answered",
        "status=200",
        "bytes=4",
        "client=203.0.113.7",
    ] {
        assert!(line.contains(part), "{part} in {line}");
    }
    bytes(ask(&routes, "/canary?canary", &[("user-agent", "canary")]).await).await;
    let [line] = lines(&log).try_into().unwrap();
    assert!(line.contains("route=- ") || line.contains("route=-}"), "{line}");
    assert!(
        line.contains("status=404") && line.contains("client=192.0.2.1") && !line.contains("canary"),
        "{line}"
    );

    let mut head = request("/things/7", &[]);
    *head.method_mut() = Method::HEAD;
    drop(routes.clone().oneshot(head).await.unwrap());
    let [line] = lines(&log).try_into().unwrap();
    assert!(line.contains("answered") && line.contains(r#"method="HEAD""#), "{line}");
}

#[tokio::test]
async fn the_access_log_tells_what_was_not_finished() {
    let (log, _guard, _second) = listening();
    let (routes, sender) = streaming();
    let mut body = ask(&routes, "/", &[]).await.into_body();
    sender.send(Ok("four")).await.unwrap();
    body.frame().await.unwrap().unwrap();
    assert_eq!(lines(&log).len(), 0, "it goes on");
    drop(body);
    let [line] = lines(&log).try_into().unwrap();
    assert!(line.contains("the answer broke off") && line.contains("bytes=4"), "{line}");

    let routes = around(Router::new().route("/", get(std::future::pending::<Result<(), Infallible>>)));
    let mut left = Box::pin(ask(&routes, "/", &[]));
    assert!(futures::poll!(&mut left).is_pending());
    drop(left);
    let [line] = lines(&log).try_into().unwrap();
    assert!(line.contains("the caller left before the answer") && !line.contains("status="), "{line}");
}

#[tokio::test]
async fn probes_do_not_fill_the_access_log() {
    let (log, _guard, _second) = listening();
    let down = || async { StatusCode::SERVICE_UNAVAILABLE };
    let routes =
        around(Router::new().route("/health", get(|| async { "ok" })).route("/health/ready", get(down)));
    bytes(ask(&routes, "/health", &[]).await).await;
    assert_eq!(lines(&log).len(), 0);
    bytes(ask(&routes, "/health/ready", &[]).await).await;
    assert_eq!(lines(&log).len(), 1, "one that went wrong is told");
}
