//! Texts that browsers ask for again and again: sent once, then only confirmed.

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use crate::domain::change::hex;

/// Characters of a tag.
const LENGTH: usize = 16;

/// A text and its tag.
#[derive(Debug)]
pub struct Tagged {
    text: String,
    tag: String,
}

/// The tag of bytes: equal for equal ones only.
pub fn tag(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes)).chars().take(LENGTH).collect()
}

impl Tagged {
    /// A text that stays as it is while the process lives.
    pub fn of(text: String) -> Self {
        let tag = format!("\"{}\"", tag(text.as_bytes()));
        Self { text, tag }
    }

    /// The text, or 304 to one who has it.
    pub fn answer(&'static self, headers: &HeaderMap, content_type: &'static str) -> Response {
        let kept = [(ETAG, &*self.tag), (CACHE_CONTROL, "no-cache")];
        if self.is_known(headers) {
            return (StatusCode::NOT_MODIFIED, kept).into_response();
        }
        (kept, [(CONTENT_TYPE, content_type)], &*self.text).into_response()
    }

    fn is_known(&self, headers: &HeaderMap) -> bool {
        let known = headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
        known
            .flat_map(|value| value.split(','))
            .map(|tag| tag.trim().trim_start_matches("W/"))
            .any(|tag| tag == "*" || tag == self.tag)
    }
}
