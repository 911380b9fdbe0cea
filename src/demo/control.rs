//! Being the demo people from a terminal: sending, tapping and looking, over HTTP. The page has a door of its own (`page`).

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::middleware::from_fn;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::page::own_pages_only;
use super::panel::{PanelSim, SimUser};
use super::telegram::{SimMessage, TelegramSim};
use super::transcript::transcript;

/// How long the bot may take to react at all.
const FIRST: Duration = Duration::from_secs(15);
/// An answer of several messages is over when nothing has come for so long.
const QUIET: Duration = Duration::from_millis(500);

/// What the handlers need.
#[derive(Clone)]
pub struct Control {
    /// The simulated Telegram.
    pub telegram: TelegramSim,
    /// The simulated panel.
    pub panel: PanelSim,
    /// What `/` tells.
    pub help: Arc<str>,
}

/// The table of what can be done.
pub fn router(control: Control) -> Router {
    Router::new()
        .route("/", get(async |State(control): State<Control>| control.help.to_string()))
        .route("/people/{id}", get(chat))
        .route("/people/{id}/chat.json", get(chat_json))
        .route("/people/{id}/send", post(send))
        .route("/people/{id}/tap", post(tap))
        .route("/people/{id}/photo", get(photo))
        .route("/panel/users", get(users))
        .layer(from_fn(own_pages_only))
        .with_state(control)
}

async fn chat(State(control): State<Control>, Path(id): Path<i64>) -> String {
    transcript(&control.telegram.chat(id))
}

/// The chat with all that a picture of it needs; a photo as a `data:` address.
async fn chat_json(State(control): State<Control>, Path(id): Path<i64>) -> Json<Vec<Value>> {
    Json(control.telegram.chat(id).iter().map(message).collect())
}

fn message(message: &SimMessage) -> Value {
    let photo = message.photo.as_ref().map(|png| format!("data:image/png;base64,{}", STANDARD.encode(png)));
    let mut shown = json!(message);
    if let Some(fields) = shown.as_object_mut() {
        fields.insert("photo".to_owned(), json!(photo));
    }
    shown
}

/// Sends the body as this person's message and shows what the bot answers. An invite link is opened as the app would.
async fn send(State(control): State<Control>, Path(id): Path<i64>, text: String) -> Response {
    let before = control.telegram.moment();
    let text = match text.split_once("?start=") {
        Some((link, token)) if link.contains("t.me/") => format!("/start {token}"),
        _ => text,
    };
    control.telegram.send_text(id, text.trim());
    answer(&control, id, before).await
}

/// Taps the newest button whose label has the body in it.
async fn tap(State(control): State<Control>, Path(id): Path<i64>, label: String) -> Response {
    let before = control.telegram.moment();
    let label = label.trim().to_lowercase();
    let chat = control.telegram.chat(id);
    let found = chat.iter().rev().find_map(|message| {
        let buttons = message.keyboard.iter().flatten();
        let wanted = buttons.filter(|button| button.text.to_lowercase().contains(&label));
        wanted.filter_map(|button| button.callback_data.clone()).next().map(|data| (message.id, data))
    });
    match found {
        Some((message, data)) => {
            control.telegram.tap(id, message, &data);
            answer(&control, id, before).await
        }
        None => (StatusCode::NOT_FOUND, "no such button to tap; look at the chat\n").into_response(),
    }
}

async fn answer(control: &Control, id: i64, before: u64) -> Response {
    let telegram = &control.telegram;
    let first = telegram.wait(|telegram| telegram.reactions(id, before).last().map(|last| last.moment));
    let Ok(mut last) = timeout(FIRST, first).await else {
        return (StatusCode::GATEWAY_TIMEOUT, "the bot has not answered; look at its log\n").into_response();
    };
    let later =
        |after| telegram.wait(move |telegram| telegram.reactions(id, after).last().map(|last| last.moment));
    while let Ok(moment) = timeout(QUIET, later(last)).await {
        last = moment;
    }
    let mut messages: Vec<SimMessage> = vec![];
    for message in telegram.reactions(id, before).into_iter().filter_map(|reaction| reaction.message) {
        // A tap is answered and then its message edited: only what came of it is worth showing.
        match messages.iter_mut().find(|shown| shown.id == message.id) {
            Some(shown) => *shown = message,
            None => messages.push(message),
        }
    }
    transcript(&messages).into_response()
}

/// The newest photo of this chat.
async fn photo(State(control): State<Control>, Path(id): Path<i64>) -> Response {
    match control.telegram.chat(id).into_iter().rev().find_map(|message| message.photo) {
        Some(photo) => ([(header::CONTENT_TYPE, "image/png")], photo).into_response(),
        None => (StatusCode::NOT_FOUND, "no photo in this chat yet\n").into_response(),
    }
}

async fn users(State(control): State<Control>) -> String {
    let users: Vec<_> = control.panel.users().iter().map(user).collect();
    serde_json::to_string_pretty(&users).unwrap_or_default() + "\n"
}

fn user(user: &SimUser) -> Value {
    json!({
        "id": user.id,
        "username": user.username,
        "shortUuid": user.short_uuid,
        "status": user.status.name(),
        "expireAt": user.expire_at,
        "description": user.description,
    })
}
