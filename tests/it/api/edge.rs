//! What a connection may take, on real sockets: slow, long, many.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::routing::get;
use futures::stream;
use orchestrator::api::edge::Limits;
use orchestrator::api::serve;
use orchestrator::api::settings::{ApiAuth, ApiSettings};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::{WRITE, router, router_with};

/// So short that a test does not wait, for the one limit that it is about.
const SHORT: Duration = Duration::from_millis(100);

/// How often a slow client does anything.
const TICK: Duration = Duration::from_millis(10);

/// So long that only a test that fails takes it.
const LONG: Duration = Duration::from_secs(30);

/// A limit that is not reached.
const NEVER: Duration = Duration::from_secs(3600);

fn patient() -> Limits {
    Limits { head: NEVER, body: NEVER, write: NEVER, linger: NEVER, connections: 100 }
}

struct Server {
    address: std::net::SocketAddr,
    _running: DropGuard,
}

impl Server {
    async fn start(router: Router, limits: Limits) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shutdown = CancellationToken::new();
        tokio::spawn(serve(listener, router, limits, shutdown.clone(), Duration::ZERO));
        Self { address, _running: shutdown.drop_guard() }
    }

    async fn connect(&self) -> Wire {
        Wire(TcpStream::connect(self.address).await.unwrap())
    }
}

/// A client that says exactly what the test wants.
struct Wire(TcpStream);

impl Wire {
    async fn send(&mut self, text: &str) {
        self.0.write_all(text.as_bytes()).await.unwrap();
    }

    /// The next bytes up to and with `end`.
    async fn until(&mut self, end: &str) -> String {
        let mut seen = vec![];
        while !seen.ends_with(end.as_bytes()) {
            let byte = tokio::time::timeout(LONG, self.0.read_u8()).await.unwrap();
            seen.push(
                byte.unwrap_or_else(|error| panic!("{error} after {}", String::from_utf8_lossy(&seen))),
            );
        }
        String::from_utf8(seen).unwrap()
    }

    /// An answer: its head, and its body by its length.
    async fn answer(&mut self) -> (String, String) {
        let head = self.until("\r\n\r\n").await;
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
        self.0.read_exact(&mut body).await.unwrap();
        (head, String::from_utf8(body).unwrap())
    }

    /// Everything up to the end of the connection.
    async fn rest(&mut self) -> String {
        let mut seen = vec![];
        let ended = tokio::time::timeout(LONG, self.0.read_to_end(&mut seen)).await;
        assert!(ended.is_ok(), "the connection is still open");
        String::from_utf8(seen).unwrap()
    }

    /// Sends a byte each tick until the server answers or closes; then gives what it said.
    async fn trickle(&mut self, bytes: &str) -> String {
        for byte in bytes.bytes() {
            if self.0.write_u8(byte).await.is_err() {
                break;
            }
            let mut first = [0];
            if let Ok(read) = tokio::time::timeout(TICK, self.0.read(&mut first)).await {
                let said = first[..read.unwrap_or(0)].to_vec();
                return String::from_utf8(said).unwrap() + &self.rest().await;
            }
        }
        panic!("the server waited for all of it");
    }
}

fn post(more: &str) -> String {
    format!("POST /api/v1/clients HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {WRITE}\r\n{more}\r\n")
}

const HEALTH: &str = "GET /health HTTP/1.1\r\nhost: x\r\n\r\n";

#[tokio::test]
async fn a_trickling_head_is_cut() {
    let server = Server::start(router(ApiAuth::Required), Limits { head: SHORT, ..patient() }).await;
    let mut wire = server.connect().await;
    wire.send("GET /health HTTP/1.1\r\nhost: x\r\nx-long: ").await;
    assert_eq!(wire.trickle(&"x".repeat(10_000)).await, "");

    let mut silent = server.connect().await;
    assert_eq!(silent.rest().await, "", "saying nothing is no better");

    let mut idle = server.connect().await;
    idle.send(HEALTH).await;
    assert!(idle.answer().await.0.starts_with("HTTP/1.1 200"));
    assert_eq!(idle.rest().await, "", "nor saying nothing more");
}

#[tokio::test]
async fn a_trickling_body_is_cut() {
    let limits = Limits { body: SHORT, linger: SHORT, ..patient() };
    let server = Server::start(router(ApiAuth::Required), limits).await;
    for framing in ["content-length: 60000\r\n", "transfer-encoding: chunked\r\n"] {
        let mut wire = server.connect().await;
        wire.send(&post(framing)).await;
        let body =
            if framing.starts_with("content") { " ".repeat(10_000) } else { "1\r\n \r\n".repeat(2000) };
        let said = wire.trickle(&body).await;
        assert!(said.starts_with("HTTP/1.1 408 ") && said.contains("\r\nconnection: close\r\n"), "{said}");
        assert!(said.ends_with(r#"{"detail":"Request Timeout"}"#), "{said}");
    }
}

/// Tells when it is dropped.
struct Held(Arc<Notify>);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

/// An answer without end, and when it is given up.
fn endless() -> (Router, Arc<Notify>) {
    let given_up = Arc::new(Notify::new());
    let told = given_up.clone();
    let handler = move || {
        let held = Held(told.clone());
        let piece = Bytes::from(vec![b'x'; 64 * 1024]);
        async move {
            Body::from_stream(stream::repeat_with(move || {
                let _held = &held;
                Ok::<_, Infallible>(piece.clone())
            }))
        }
    };
    (Router::new().route("/", get(handler)), given_up)
}

#[tokio::test]
async fn an_answer_that_is_not_taken_is_given_up() {
    let (router, given_up) = endless();
    let server = Server::start(router, Limits { write: SHORT, ..patient() }).await;
    let mut deaf = server.connect().await;
    deaf.send("GET / HTTP/1.1\r\nhost: x\r\n\r\n").await;
    tokio::time::timeout(LONG, given_up.notified()).await.unwrap();

    let mut sips = server.connect().await;
    sips.send("GET / HTTP/1.1\r\nhost: x\r\n\r\n").await;
    let (mut ticks, mut count) = (tokio::time::interval(TICK), 0);
    loop {
        tokio::select! {
            () = given_up.notified() => break,
            _ = ticks.tick() => {
                sips.0.read_u8().await.unwrap();
                count += 1;
                assert!(count < 1000, "a byte at a time is taken for progress");
            }
        }
    }
}

#[tokio::test]
async fn the_longest_idle_connection_makes_room() {
    let server = Server::start(router(ApiAuth::Required), Limits { connections: 3, ..patient() }).await;
    let (mut silent, mut slow, mut used) =
        (server.connect().await, server.connect().await, server.connect().await);
    slow.send("GET /hea").await;
    used.send(HEALTH).await;
    used.answer().await;
    let mut kept = vec![];
    for other in [&mut silent, &mut slow] {
        let mut new = server.connect().await;
        new.send(HEALTH).await;
        assert!(new.answer().await.0.starts_with("HTTP/1.1 200 "));
        assert_eq!(other.rest().await, "");
        used.send(HEALTH).await;
        assert!(used.answer().await.0.starts_with("HTTP/1.1 200 "), "it was not the longest");
        kept.push(new);
    }
}

#[tokio::test]
async fn no_more_connections_than_there_may_be() {
    let (entered, release) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (enter, let_go) = (entered.clone(), release.clone());
    let handler = move || {
        enter.notify_one();
        let let_go = let_go.clone();
        async move { let_go.notified().await }
    };
    let routes = Router::new().route("/", get(handler)).route("/health", get(|| async { "ok" }));
    let server = Server::start(routes, Limits { connections: 2, ..patient() }).await;
    let (mut first, mut second) = (server.connect().await, server.connect().await);
    for wire in [&mut first, &mut second] {
        wire.send("GET / HTTP/1.1\r\nhost: x\r\n\r\n").await;
        entered.notified().await;
    }
    let mut third = server.connect().await;
    third.send(HEALTH).await;
    let mut byte = [0];
    assert!(tokio::time::timeout(SHORT, third.0.read(&mut byte)).await.is_err(), "nobody who works is cut");
    release.notify_one();
    assert!(third.answer().await.0.starts_with("HTTP/1.1 200 "), "until one has ended");
    release.notify_one();
    for wire in [&mut first, &mut second] {
        assert!(wire.answer().await.0.starts_with("HTTP/1.1 200 "));
    }
}

const TOO_LARGE: &str = r#"{"detail":"Request Entity Too Large"}"#;

#[tokio::test]
async fn a_body_that_says_it_is_too_long_is_not_read() {
    let server = Server::start(router(ApiAuth::Required), patient()).await;
    for head in [
        post("content-length: 65537\r\n"),
        post("content-length: 65537\r\nexpect: 100-continue\r\n"),
        post("content-length: 5000000000000000\r\n"),
        "GET /health HTTP/1.1\r\nhost: x\r\ncontent-length: 70000\r\n\r\n".to_owned(),
        "PUT /nope HTTP/1.1\r\nhost: x\r\ncontent-length: 70000\r\n\r\n".to_owned(),
    ] {
        let mut wire = server.connect().await;
        wire.send(&head).await;
        let (answer, body) = wire.answer().await;
        assert!(answer.starts_with("HTTP/1.1 413 "), "{answer} to {head}");
        assert!(
            answer.contains("\r\nconnection: close\r\n") && answer.contains("\r\nx-request-id: "),
            "{answer}"
        );
        assert_eq!(body, TOO_LARGE);
        assert_eq!(wire.rest().await, "", "closed, although nothing of the body was sent");
    }
}

#[tokio::test]
async fn who_sends_all_of_it_still_reads_the_answer() {
    let server = Server::start(router(ApiAuth::Required), patient()).await;
    let body = " ".repeat(5_000_000);
    let mut declared = server.connect().await;
    declared.send(&post("content-length: 5000000\r\n")).await;
    declared.send(&body).await;
    assert!(declared.rest().await.ends_with(TOO_LARGE));

    let mut chunked = server.connect().await;
    chunked.send(&post("transfer-encoding: chunked\r\n")).await;
    chunked.send(&format!("4c4b40\r\n{body}\r\n0\r\n\r\n")).await;
    assert!(chunked.rest().await.ends_with(TOO_LARGE));
}

#[tokio::test]
async fn a_body_nobody_reads_is_taken_for_a_while_only() {
    let server = Server::start(router(ApiAuth::Required), Limits { linger: SHORT, ..patient() }).await;
    let mut wire = server.connect().await;
    wire.send("GET /health HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n1\r\n").await;
    let (head, body) = wire.answer().await;
    assert!(head.starts_with("HTTP/1.1 200 ") && head.contains("\r\nconnection: close\r\n"), "{head}");
    assert_eq!(body, r#"{"status":"ok"}"#);
    assert_eq!(wire.rest().await, "");
    // The server's half is closed; its other half is when a write is refused.
    let closed = async { while wire.0.write_all(b"x").await.is_ok() {} };
    tokio::time::timeout(LONG, closed).await.unwrap();

    let mut short = server.connect().await;
    short.send("GET /health HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}").await;
    assert!(!short.answer().await.0.contains("connection: close"));
    short.send(HEALTH).await;
    assert!(short.answer().await.0.starts_with("HTTP/1.1 200 "), "a short one costs no connection");
}

#[tokio::test]
async fn as_many_requests_as_permits_and_health_besides() {
    let router = router_with(ApiSettings { concurrency: 1, ..super::settings(ApiAuth::Required) });
    let server = Server::start(router, patient()).await;
    let mut first = server.connect().await;
    first.send(&post("content-length: 2\r\nexpect: 100-continue\r\n")).await;
    // Said when the handler wants the body: then it holds the permit.
    assert_eq!(first.until("\r\n\r\n").await, "HTTP/1.1 100 Continue\r\n\r\n");

    let mut second = server.connect().await;
    second.send("GET /nope HTTP/1.1\r\nhost: x\r\nx-request-id: order-17\r\n\r\n").await;
    let (head, body) = second.answer().await;
    assert!(head.starts_with("HTTP/1.1 503 "), "{head}");
    for line in ["retry-after: 1", "x-request-id: order-17", "x-content-type-options: nosniff"] {
        assert!(head.contains(&format!("\r\n{line}\r\n")), "{line} in {head}");
    }
    assert!(!head.contains("\r\nserver: "), "{head}");
    assert_eq!(body, r#"{"detail":"Сервис временно недоступен"}"#);
    for path in ["/health", "/health/ready"] {
        second.send(&format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n")).await;
        assert!(second.answer().await.0.starts_with("HTTP/1.1 200 "), "{path}");
    }

    first.send("{}").await;
    assert!(first.answer().await.0.starts_with("HTTP/1.1 422 "));
    second.send("GET /nope HTTP/1.1\r\nhost: x\r\n\r\n").await;
    assert!(second.answer().await.0.starts_with("HTTP/1.1 404 "), "there is room again");
}

#[tokio::test]
async fn only_a_trusted_proxy_speaks_for_others() {
    let ready = |headers: &str| format!("GET /health/ready HTTP/1.1\r\nhost: x\r\n{headers}\r\n");
    for (trusted, headers, told, https) in [
        ("", "", true, false),
        ("", "x-forwarded-for: 127.0.0.1\r\n", false, false),
        ("", "x-forwarded-proto: https\r\n", false, false),
        ("loopback", "x-forwarded-for: 203.0.113.7\r\nx-forwarded-proto: https\r\n", false, true),
        ("loopback", "x-forwarded-for: 127.0.0.1\r\n", true, false),
        ("loopback", "via: 1.1 proxy\r\n", false, false),
    ] {
        let trusted_proxies = trusted.parse().unwrap();
        let settings = ApiSettings { trusted_proxies, ..super::settings(ApiAuth::Required) };
        let server = Server::start(router_with(settings), patient()).await;
        let mut wire = server.connect().await;
        wire.send(&ready(headers)).await;
        let (head, body) = wire.answer().await;
        assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
        assert_eq!(body.contains("reason"), told, "{trusted:?} {headers:?}: {body}");
        assert_eq!(head.contains("strict-transport-security"), https, "{trusted:?} {headers:?}: {head}");
    }
}
