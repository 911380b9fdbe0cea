//! What can be done on the page.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};

use super::Page;
use crate::demo::people;
use crate::demo::telegram::{SimMessage, TapId};

/// The most bytes of a button's data, Telegram's own limit.
const MOST_DATA: usize = 64;

/// A message to send.
#[derive(Debug, Deserialize)]
pub struct Text {
    text: String,
}

/// `POST /demo/people/{id}/send`: a message of this person.
pub async fn send(State(page): State<Page>, Path(id): Path<i64>, Json(body): Json<Text>) -> StatusCode {
    let text = body.text.trim();
    if people::person(id).is_none() {
        return StatusCode::NOT_FOUND;
    }
    if text.is_empty() {
        return StatusCode::UNPROCESSABLE_ENTITY;
    }
    page.telegram.send_text(id, text);
    StatusCode::NO_CONTENT
}

/// A button to tap.
#[derive(Debug, Deserialize)]
pub struct Button {
    message: i64,
    data: String,
}

/// A tap under way: its answer comes with the events.
#[derive(Debug, Serialize)]
pub struct Tapped {
    tap: TapId,
}

/// `POST /demo/people/{id}/tap`: a tap on a button, with the data that it carries.
pub async fn tap(
    State(page): State<Page>,
    Path(id): Path<i64>,
    Json(Button { message, data }): Json<Button>,
) -> Result<Json<Tapped>, StatusCode> {
    people::person(id).ok_or(StatusCode::NOT_FOUND)?;
    if data.is_empty() || data.len() > MOST_DATA {
        return Err(StatusCode::UNPROCESSABLE_ENTITY);
    }
    Ok(Json(Tapped { tap: page.telegram.tap(id, message, &data) }))
}

/// The languages that the page offers for people's apps.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Русский
    Ru,
    /// English
    En,
}

/// Another language for this person's app.
#[derive(Debug, Deserialize)]
pub struct Speaks {
    language: Language,
}

/// `POST /demo/people/{id}/language`.
pub async fn language(State(page): State<Page>, Path(id): Path<i64>, Json(body): Json<Speaks>) -> StatusCode {
    if people::person(id).is_none() {
        return StatusCode::NOT_FOUND;
    }
    let code = match body.language {
        Language::Ru => "ru",
        Language::En => "en",
    };
    page.telegram.speaks(id, code);
    StatusCode::NO_CONTENT
}

/// `GET /demo/people/{id}/files/{message}`: a message's photo, or its document to save.
pub async fn file(State(page): State<Page>, Path((id, message)): Path<(i64, i64)>) -> Response {
    match page.telegram.message(id, message) {
        Some(SimMessage { photo: Some(photo), .. }) => {
            let kind = if photo.starts_with(b"\xff\xd8") { "image/jpeg" } else { "image/png" };
            ([(CONTENT_TYPE, kind)], photo).into_response()
        }
        Some(SimMessage { document: Some(document), .. }) => {
            let name = utf8_percent_encode(&document.name, NON_ALPHANUMERIC);
            let saved = format!("attachment; filename*=UTF-8''{name}");
            let headers = [(CONTENT_TYPE, "application/octet-stream"), (CONTENT_DISPOSITION, &saved)];
            (headers, document.bytes).into_response()
        }
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Trouble that is there or not.
#[derive(Debug, Deserialize)]
pub struct Switch {
    on: bool,
}

/// `POST /demo/trouble/panel`: the panel goes down, or comes back.
pub async fn panel(State(page): State<Page>, Json(Switch { on }): Json<Switch>) -> StatusCode {
    match page.trouble.panel_down(on).await {
        Ok(()) => StatusCode::NO_CONTENT,
        Err(error) => {
            tracing::warn!(%error, "the simulated panel does not come back: its port was taken");
            StatusCode::SERVICE_UNAVAILABLE
        }
    }
}

/// `POST /demo/trouble/telegram`: Telegram takes no messages for a while, or takes them again.
pub async fn telegram(State(page): State<Page>, Json(Switch { on }): Json<Switch>) -> StatusCode {
    page.trouble.flood(on);
    StatusCode::NO_CONTENT
}

/// `POST /demo/trouble/days`: three days pass; 409 while they do already.
pub async fn days(State(page): State<Page>) -> StatusCode {
    if page.trouble.pass_days(page.shutdown.clone()) { StatusCode::ACCEPTED } else { StatusCode::CONFLICT }
}
