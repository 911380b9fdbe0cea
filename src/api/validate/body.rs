//! From the bytes of a body to a value.

use std::error::Error;

use axum::body::{Body, Bytes};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use http_body_util::{BodyExt, LengthLimitError, Limited};

use super::json::Json;
use super::json_parser::{Broken, parse};
use super::problem::{Problem, Problems, Step};
use crate::api::edge::SlowBody;
use crate::api::edge::length::MOST_BYTES;
use crate::api::error::ApiError;

/// The body's value; `None` when there is no body. A body that does not claim to be JSON is a text.
///
/// # Errors
/// `TooLarge`, `TooSlow`, `UnreadableBody`, or `Invalid` when it is no JSON.
pub async fn read(headers: &HeaderMap, body: Body) -> Result<Option<Json>, ApiError> {
    let bytes = bytes(body, MOST_BYTES).await?;
    if bytes.is_empty() {
        return Ok(None);
    }
    if !says_json(headers) {
        return Ok(Some(Json::text(String::from_utf8_lossy(&bytes))));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let text = std::str::from_utf8(bytes).map_err(|_| ApiError::UnreadableBody)?;
    match parse(text) {
        Ok(value) => Ok(Some(value)),
        Err(Broken::TooDeep) => Err(ApiError::UnreadableBody),
        Err(Broken::At(at, why)) => Err(invalid(at, why)),
    }
}

/// The whole body, at most so many bytes.
///
/// # Errors
/// `TooLarge`, `TooSlow`, `UnreadableBody`: it broke off.
pub async fn bytes(body: Body, most: usize) -> Result<Bytes, ApiError> {
    match Limited::new(body, most).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(ApiError::TooLarge),
        Err(error) if is_slow(&*error) => Err(ApiError::TooSlow),
        Err(_) => Err(ApiError::UnreadableBody),
    }
}

fn is_slow(error: &(dyn Error + 'static)) -> bool {
    error.is::<SlowBody>() || error.source().is_some_and(is_slow)
}

fn invalid(at: usize, why: &'static str) -> ApiError {
    let mut problems = Problems::default();
    let loc = [Step::Name("body"), Step::Character(at)];
    problems.add(loc, &Json::Object(vec![]), &Problem::JsonInvalid(why));
    ApiError::Invalid(problems)
}

/// `application/json`, `application/…+json`, or nothing said at all.
fn says_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(CONTENT_TYPE) else {
        return true;
    };
    if value.is_empty() {
        return true;
    }
    let Ok(value) = value.to_str() else {
        return false;
    };
    let essence = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence
        .strip_prefix("application/")
        .is_some_and(|subtype| subtype == "json" || (subtype.ends_with("+json") && !subtype.contains('/')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_says_json() {
        for (value, json) in [
            (None, true),
            (Some(""), true),
            (Some("application/json"), true),
            (Some("APPLICATION/JSON; charset=latin1"), true),
            (Some("application/vnd.api+json"), true),
            (Some("text/plain"), false),
            (Some("text/json"), false),
            (Some("application/json/x"), false),
            (Some("application/jsonx"), false),
            (Some("application/x/y+json"), false),
            (Some("application/x-www-form-urlencoded"), false),
            (Some("json"), false),
            (Some("; application/json"), false),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(value) = value {
                headers.insert(CONTENT_TYPE, value.parse().unwrap());
            }
            assert_eq!(says_json(&headers), json, "{value:?}");
        }
    }
}
