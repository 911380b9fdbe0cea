//! What browsers are told about every answer.

use axum::http::HeaderMap;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, REFERRER_POLICY,
    STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};

/// What an answer says unless its handler said something else.
const DEFAULTS: [(HeaderName, HeaderValue); 6] = [
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'")),
    (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
];

/// A year. Nothing about subdomains: they may be somebody else's.
const HTTPS_ONLY: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Adds the headers that the handler left out.
pub fn secure(headers: &mut HeaderMap, https: bool) {
    // With the number of the request, and what hyper adds.
    headers.reserve(DEFAULTS.len() + 4);
    for (name, value) in DEFAULTS {
        headers.entry(name).or_insert(value);
    }
    if https {
        headers.entry(STRICT_TRANSPORT_SECURITY).or_insert(HTTPS_ONLY);
    }
}
