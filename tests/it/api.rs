//! The REST door through its router: the recorded contract, and everything around it.

mod audit;
mod breaking_in;
mod connect;
mod contract;
mod documents;
mod edge;
mod edges;
mod flow;
mod guesses;
mod handouts;
mod lists;
mod logs;
mod metrics;
mod panel_faults;
mod server;
mod storms;
mod streams;
mod tokens;
mod validation;
pub mod webhooks;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request};
use http_body_util::BodyExt;
use orchestrator::api::settings::{ApiAuth, ApiSettings, ApiToken};
use orchestrator::domain::actor::TokenScope;
use orchestrator::domain::clock::OsEntropy;
use serde_json::Value;
use tokio::runtime::Runtime;
use tower::ServiceExt;

use crate::support::db::Kind;
use crate::support::world::World;

const WRITE: &str = "write-token-0123456789";
const READ: &str = "read-token-0123456789";
const ALICE: &str = "f0deca00-9b5d-4a33-94d6-8c694d48137e";
const BOB: &str = "0b0b0b0b-9b5d-4a33-94d6-8c694d48137e";

thread_local! {
    /// A world behind the door for each test, on a runtime of its own, so that a router can be had without waiting.
    static WORLD: World = {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        let runtime: &'static Runtime = Box::leak(Box::new(builder.worker_threads(1).enable_all().build().unwrap()));
        std::thread::spawn(|| runtime.block_on(World::new(Kind::Sqlite))).join().unwrap()
    };
}

fn settings(auth: ApiAuth) -> ApiSettings {
    let token =
        |name: &str, secret: &str, scope| ApiToken { name: name.into(), secret: secret.into(), scope };
    let tokens = vec![token("shop", WRITE, TokenScope::Write), token("eye", READ, TokenScope::Read)];
    ApiSettings { tokens, auth, ..ApiSettings::default() }
}

fn router_with(settings: ApiSettings) -> Router {
    orchestrator::api::router(WORLD.with(|world| world.services.clone()), settings, Arc::new(OsEntropy))
}

fn router(auth: ApiAuth) -> Router {
    router_with(settings(auth))
}

/// An answer, read to its end.
struct Answer {
    status: u16,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    fn errors(&self) -> Value {
        serde_json::from_str::<Value>(&self.body).unwrap()["errors"].clone()
    }
}

async fn send(router: &Router, request: Request<Body>) -> Answer {
    let response = router.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
    Answer { status: parts.status.as_u16(), headers: parts.headers, body }
}

/// A request with the token that may do everything.
async fn ask(method: &str, path: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Answer {
    let mut request =
        Request::builder().method(method).uri(path).header("authorization", format!("Bearer {WRITE}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    send(&router(ApiAuth::Required), request.body(body.into()).unwrap()).await
}

async fn get(path: &str) -> Answer {
    ask("GET", path, &[], Body::empty()).await
}

async fn create(body: impl Into<Body>) -> Answer {
    ask("POST", "/api/v1/clients", &[("content-type", "application/json")], body).await
}

/// The stub refuses after validation: this is what getting that far looks like.
fn is_valid(answer: &Answer) -> bool {
    answer.status != 422 && answer.status != 400
}
