//! A body that says it is too long is refused before a byte of it is read, whether the route takes bodies or not.

use axum::extract::Request;
use axum::http::header::CONTENT_LENGTH;

use crate::api::error::ApiError;
use crate::api::webhooks;

/// The most bytes of a body.
pub const MOST_BYTES: usize = 64 * 1024;

/// The most bytes of an update that Telegram sends: two messages of 4,096 characters, one in answer to the other, each
/// character written as `\uXXXX`, with all their entities and buttons, are well below.
pub const MOST_BYTES_OF_AN_UPDATE: usize = 256 * 1024;

/// Refuses by `Content-Length`. A body without one is counted by whoever reads it ([`crate::api::validate`]).
///
/// # Errors
/// `TooLarge`.
pub fn refuse(request: &Request) -> Result<(), ApiError> {
    let claimed = request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    // More digits than a number takes are too many bytes, too.
    let most = if request.uri().path() == webhooks::TELEGRAM { MOST_BYTES_OF_AN_UPDATE } else { MOST_BYTES };
    let too_long = claimed.is_some_and(|text| text.parse().map_or(true, |length: usize| length > most));
    if too_long { Err(ApiError::TooLarge) } else { Ok(()) }
}
