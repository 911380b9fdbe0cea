//! The page's files, compiled in, and what the page may do.

use axum::extract::{Path, Request};
use axum::http::StatusCode;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Run our files, show pictures, ask us: nothing from elsewhere, and no text made into markup (trusted types).
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
                      connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
                      require-trusted-types-for 'script'; trusted-types 'none'";

const HEADERS: [(HeaderName, HeaderValue); 6] = [
    (CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
];

const INDEX: &str = include_str!("../../../assets/demo/index.html");

/// Name, and what is in it.
const FILES: [(&str, &str); 16] = [
    ("demo.css", include_str!("../../../assets/demo/demo.css")),
    ("chat.css", include_str!("../../../assets/demo/chat.css")),
    ("app.js", include_str!("../../../assets/demo/app.js")),
    ("dom.js", include_str!("../../../assets/demo/dom.js")),
    ("words.js", include_str!("../../../assets/demo/words.js")),
    ("state.js", include_str!("../../../assets/demo/state.js")),
    ("people.js", include_str!("../../../assets/demo/people.js")),
    ("chat.js", include_str!("../../../assets/demo/chat.js")),
    ("text.js", include_str!("../../../assets/demo/text.js")),
    ("keys.js", include_str!("../../../assets/demo/keys.js")),
    ("composer.js", include_str!("../../../assets/demo/composer.js")),
    ("windows.js", include_str!("../../../assets/demo/windows.js")),
    ("panel.js", include_str!("../../../assets/demo/panel.js")),
    ("log.js", include_str!("../../../assets/demo/log.js")),
    ("guide.js", include_str!("../../../assets/demo/guide.js")),
    ("trouble.js", include_str!("../../../assets/demo/trouble.js")),
];

/// `GET /demo`
pub async fn index() -> Response {
    ([(CONTENT_TYPE, "text/html; charset=utf-8")], INDEX).into_response()
}

/// `GET /demo/{file}`
pub async fn file(Path(name): Path<String>) -> Response {
    let Some((name, text)) = FILES.into_iter().find(|(own, _)| *own == name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let kind =
        if name.ends_with(".css") { "text/css; charset=utf-8" } else { "text/javascript; charset=utf-8" };
    ([(CONTENT_TYPE, kind)], text).into_response()
}

/// Says with every answer what a browser may do with it.
pub async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    for (name, value) in HEADERS {
        response.headers_mut().entry(name).or_insert(value);
    }
    response
}
