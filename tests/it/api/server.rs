//! The sockets: real connections, and how the server ends.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use orchestrator::api::edge::Limits;
use orchestrator::api::serve;
use orchestrator::api::settings::ApiAuth;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

struct Running {
    url: String,
    shutdown: CancellationToken,
    ended: tokio::task::JoinHandle<()>,
}

async fn run(router: Router, grace: Duration) -> Running {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let shutdown = CancellationToken::new();
    let ended = tokio::spawn(serve(listener, router, Limits::default(), shutdown.clone(), grace));
    Running { url, shutdown, ended }
}

/// A route that says when it was entered and waits to be let go.
fn waiting() -> (Router, Arc<Notify>, Arc<Notify>) {
    let (entered, release) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (enter, let_go) = (entered.clone(), release.clone());
    let handler = move || {
        let (enter, let_go) = (enter.clone(), let_go.clone());
        async move {
            enter.notify_one();
            let_go.notified().await;
            "done"
        }
    };
    (Router::new().route("/", get(handler)), entered, release)
}

#[tokio::test]
async fn a_connection_is_answered() {
    let running = run(super::router(ApiAuth::Required), Duration::from_secs(5)).await;
    let answer = reqwest::get(format!("{}/health", running.url)).await.unwrap();
    assert_eq!(answer.status().as_u16(), 200);
    assert_eq!(answer.text().await.unwrap(), r#"{"status":"ok"}"#);
    let ready = reqwest::get(format!("{}/health/ready", running.url)).await.unwrap();
    assert_eq!(ready.headers()["content-type"], "application/json");
    running.shutdown.cancel();
    running.ended.await.unwrap();
}

#[tokio::test]
async fn what_runs_may_end_and_nothing_new_begins() {
    let (router, entered, release) = waiting();
    let running = run(router, Duration::from_secs(60)).await;
    let request = tokio::spawn(reqwest::get(running.url.clone()));
    entered.notified().await;
    running.shutdown.cancel();
    // The listener is gone once a connection is refused; until then one may still be queued.
    let address = running.url.trim_start_matches("http://").to_owned();
    assert!(!running.ended.is_finished());
    release.notify_one();
    assert_eq!(request.await.unwrap().unwrap().text().await.unwrap(), "done");
    running.ended.await.unwrap();
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn what_never_ends_is_cut() {
    let (router, entered, _release) = waiting();
    let running = run(router, Duration::ZERO).await;
    let request = tokio::spawn(reqwest::get(running.url.clone()));
    entered.notified().await;
    running.shutdown.cancel();
    running.ended.await.unwrap();
    assert!(request.await.unwrap().is_err());
}
