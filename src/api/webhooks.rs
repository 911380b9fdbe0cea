//! Where others tell us by themselves. Not part of the contract: what they send is theirs to describe. They prove who they are
//! by a signature or a secret and need no token, so that a wrong one is no guess at a token either.

use axum::body::Body;
use axum::extract::State;
use axum::http::{Extensions, HeaderMap, HeaderName, HeaderValue, Method, StatusCode};

use crate::services::panel_events::Heard;
use crate::services::webhook::Found;

use super::ApiState;
use super::edge::length::{MOST_BYTES, MOST_BYTES_OF_AN_UPDATE};
use super::edge::name_caller;
use super::error::ApiError;
use super::validate::body;

/// Where Telegram sends updates.
pub const TELEGRAM: &str = "/webhooks/telegram";
/// How Telegram proves that it is Telegram.
const SECRET: HeaderName = HeaderName::from_static("x-telegram-bot-api-secret-token");
/// How the panel proves that it is the panel.
const SIGNATURE: HeaderName = HeaderName::from_static("x-remnawave-signature");

/// `POST /webhooks/telegram`: answered when the update is kept; else Telegram sends it again. Without a webhook there is no
/// such path, whatever the method; and only whoever knows the secret learns which there is.
pub async fn telegram(
    State(api): State<ApiState>,
    method: Method,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, ApiError> {
    let secret = headers.get(SECRET).map(HeaderValue::as_bytes).unwrap_or_default();
    let entrance = match api.services.webhook.find(secret) {
        Found::Closed => return Err(ApiError::NotFound),
        Found::Forged => return Err(ApiError::Unauthenticated { wrong: false }),
        Found::Entrance(entrance) => entrance,
    };
    if method != Method::POST {
        return Err(ApiError::MethodNotAllowed("POST"));
    }
    let bytes = body::bytes(body, MOST_BYTES_OF_AN_UPDATE).await?;
    let update = serde_json::from_slice(&bytes).map_err(|_| ApiError::UnreadableBody)?;
    entrance.hand_in(update).await?;
    Ok(StatusCode::OK)
}

/// `POST /webhooks/remnawave`: answered with success once it is noted for good; the panel tries four times, five seconds apart.
pub async fn remnawave(
    State(api): State<ApiState>,
    headers: HeaderMap,
    extensions: Extensions,
    body: Body,
) -> Result<StatusCode, ApiError> {
    let body = body::bytes(body, MOST_BYTES).await?;
    let signature = headers.get(SIGNATURE).map(HeaderValue::as_bytes);
    match api.services.panel_events.hear(&body, signature).await? {
        Heard::Noted(_) => {
            name_caller(&extensions, "panel");
            Ok(StatusCode::NO_CONTENT)
        }
        Heard::Forged => Err(ApiError::Unauthenticated { wrong: false }),
        Heard::Unreadable => Err(ApiError::UnreadableBody),
        Heard::Off => Err(ApiError::NotFound),
    }
}
