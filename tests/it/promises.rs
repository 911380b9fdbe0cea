//! What must hold, whatever happens: one short test a promise, of the built binary between the simulators. What each rests on
//! is tested closer by in other files; all of them at once, at random, are `scripts/chaos`.

mod cuts;
mod doors;
mod ends;
mod guard;
mod memory;
mod outside;
mod replicas;
mod storms;

use std::time::Duration;

use chrono::{DateTime, Utc};
use orchestrator::demo::panel::PanelVersion;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::e2e::Stage;
use crate::support::chat::Chat;
use crate::support::db::Kind;

/// How long anything may take on a busy machine.
const LIMIT: Duration = Duration::from_secs(30);

/// A stage whose process has these settings besides.
async fn stage_with(kind: Kind, others: &[(&'static str, String)]) -> Stage {
    let mut stage = Stage::empty(kind, PanelVersion::V3).await;
    stage.restart_with(others).await;
    stage
}

/// A client for 30 days; its id.
async fn client(stage: &Stage, username: &str) -> String {
    let (status, made) = stage.post("/api/v1/clients", &json!({ "username": username, "days": 30 })).await;
    assert_eq!(status, 201, "{made}");
    made["id"].as_str().unwrap().to_owned()
}

/// The answer to a request that is sent until it is neither "still at it" nor "not now".
async fn answered(stage: &Stage, (method, path): (&str, &str), body: &Value, key: &str) -> (u16, Value) {
    let asking = async {
        loop {
            let (status, answer) = stage.ask(method, path, body, Some(key)).await.unwrap();
            let under_way = status == 409 && answer["detail"].as_str().unwrap().contains("ещё выполняется");
            if !under_way && status != 503 {
                return (status, answer);
            }
        }
    };
    timeout(LIMIT, asking).await.unwrap()
}

/// Until when a client has access, by the panel.
fn until(stage: &Stage, username: &str) -> DateTime<Utc> {
    stage.panel.user(username).unwrap().expire_at
}

/// Whether the bot has said this.
fn said(chat: &Chat, text: &str) -> bool {
    chat.messages().iter().any(|message| message.from_bot && message.text.contains(text))
}

/// Waits until the bot has handled all that the owner did: one's updates are handled in order, and only its help names
/// this command.
async fn all_handled(olga: &Chat) {
    olga.write("/help");
    olga.until("the help", |chat| said(chat, "/roles")).await;
}

/// The log, oldest first.
async fn log(stage: &Stage) -> Vec<String> {
    let (_, log) = stage.get("/api/v1/audit").await;
    let row =
        |row: &Value| format!("{} {}", row["action"].as_str().unwrap(), row["result"].as_str().unwrap());
    log["items"].as_array().unwrap().iter().rev().map(row).collect()
}
