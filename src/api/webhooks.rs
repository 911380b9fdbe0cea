//! `POST /webhooks/remnawave`: what the panel tells by itself. It proves who it is by its signature and needs no token, so
//! that a wrong one is no guess at a token either.

use axum::body::Body;
use axum::extract::State;
use axum::http::{Extensions, HeaderMap, HeaderName, HeaderValue, StatusCode};

use crate::services::panel_events::Heard;

use super::ApiState;
use super::edge::name_caller;
use super::error::ApiError;
use super::validate;

const SIGNATURE: HeaderName = HeaderName::from_static("x-remnawave-signature");

/// Answered with success once it is noted for good; the panel tries four times, five seconds apart.
pub async fn remnawave(
    State(api): State<ApiState>,
    headers: HeaderMap,
    extensions: Extensions,
    body: Body,
) -> Result<StatusCode, ApiError> {
    let body = validate::bytes(body).await?;
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
