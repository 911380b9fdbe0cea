//! The simulated panel answers as the real one did: every recorded request that concerns its endpoints is sent to it,
//! in the recorded order, and the answers are compared with the recordings in `tests/fixtures/panel`.

mod faults;
mod hosts;
mod replay;
mod scopes;
mod skipped;
mod state;

use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, Utc};
use orchestrator::demo::panel::{PanelSim, PanelSimOptions, PanelVersion};
use orchestrator::domain::clock::{Clock, OsEntropy};
use reqwest::{Client, RequestBuilder, Response};
use serde_json::Value;

/// A clock that is set by hand.
#[derive(Debug)]
struct HandClock(Mutex<DateTime<Utc>>);

impl HandClock {
    fn at(text: &str) -> Arc<Self> {
        Arc::new(Self(Mutex::new(text.parse().unwrap())))
    }

    fn set(&self, at: DateTime<Utc>) {
        *self.0.lock().unwrap() = at;
    }

    fn advance(&self, seconds: i64) {
        *self.0.lock().unwrap() += TimeDelta::seconds(seconds);
    }
}

impl Clock for HandClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap()
    }
}

/// The recordings' own placeholder serves as the token.
const TOKEN: &str = "<token>";
const NOW: &str = "2026-11-22T07:00:00Z";

async fn start(version: PanelVersion, clock: Arc<HandClock>) -> PanelSim {
    PanelSim::start(PanelSimOptions {
        version,
        addr: "127.0.0.1:0".parse().unwrap(),
        token: TOKEN.to_owned(),
        clock,
        entropy: Arc::new(OsEntropy),
        subscription_base: Some("https://sub.example.test".to_owned()),
    })
    .await
    .unwrap()
}

/// A request as the adapter sends it.
fn ask(sim: &PanelSim, method: &str, path: &str) -> RequestBuilder {
    Client::new()
        .request(method.parse().unwrap(), format!("{}{path}", sim.url()))
        .header("X-Forwarded-For", "127.0.0.1")
        .header("X-Forwarded-Proto", "https")
        .header("User-Agent", "test/1")
        .bearer_auth(sim.token())
}

async fn send(sim: &PanelSim, method: &str, path: &str, body: Option<Value>) -> Response {
    let request = ask(sim, method, path);
    match body {
        None => request,
        Some(body) => request.json(&body),
    }
    .send()
    .await
    .unwrap()
}

/// Sends and reads an answer: status and JSON (null for an empty body).
async fn answer(sim: &PanelSim, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
    let response = send(sim, method, path, body).await;
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    (status, if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap() })
}
