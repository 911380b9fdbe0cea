//! Where others tell us by themselves. Not part of the contract: what they send is theirs to describe.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};

use crate::services::webhook::Found;

use super::ApiState;
use super::edge::length::MOST_BYTES_OF_AN_UPDATE;
use super::error::ApiError;
use super::validate::body;

/// Where Telegram sends updates.
pub const TELEGRAM: &str = "/webhooks/telegram";
/// How Telegram proves that it is Telegram.
const SECRET: HeaderName = HeaderName::from_static("x-telegram-bot-api-secret-token");

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
