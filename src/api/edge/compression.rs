//! gzip for those who ask for it.

use axum::body::HttpBody;
use axum::http::header::CONTENT_TYPE;
use axum::http::{Extensions, HeaderMap, Response, StatusCode, Version};
use http_body_util::BodyExt;
use http_body_util::combinators::Fuse;
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{And, Predicate, SizeAbove};

/// Below this many bytes gzip gains next to nothing.
const WORTH_IT: u16 = 1024;

type Texts = fn(StatusCode, Version, &HeaderMap, &Extensions) -> bool;

/// Compresses texts, as they stream: what is there is flushed whenever the handler pauses.
///
/// BREACH needs a browser that sends a victim's credentials by itself. Tokens are sent by programs, there are no cookies,
/// so bodies that hold secrets beside what a caller wrote may be compressed.
pub fn layer() -> CompressionLayer<And<SizeAbove, Texts>> {
    CompressionLayer::new()
        .quality(CompressionLevel::Fastest)
        .compress_when(SizeAbove::new(WORTH_IT).and(is_text as Texts))
}

/// Not every stream bears to be asked again when it has ended, and compression does ask again.
pub fn ended_once<B: HttpBody>(response: Response<B>) -> Response<Fuse<B>> {
    response.map(BodyExt::fuse)
}

fn is_text(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    let Some(value) = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()) else {
        return false;
    };
    let essence = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    matches!(
        essence.as_str(),
        "application/json"
            | "application/javascript"
            | "text/javascript"
            | "text/css"
            | "text/html"
            | "text/plain"
            | "image/svg+xml"
    )
}
