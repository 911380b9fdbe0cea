//! `/docs`, `/redoc` and `/openapi.json`: all of it from the binary, nothing from elsewhere.

mod assets;

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::HeaderMap;
use axum::http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, VARY};
use axum::response::{IntoResponse, Response};

use super::error::ApiError;
use super::tagged::Tagged;
use super::{negotiation, openapi as document};

/// What the pages may do: run our files, ask us, and start the search's worker, which is made in the page. Both write
/// styles into the page.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                      font-src 'self' data:; connect-src 'self'; worker-src blob:; base-uri 'none'; \
                      form-action 'none'; frame-ancestors 'none'";

/// Nothing else ever has the name of a file.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

fn html(page: &'static Tagged, headers: &HeaderMap) -> Response {
    let policy = [(CONTENT_SECURITY_POLICY, POLICY)];
    (policy, page.answer(headers, "text/html; charset=utf-8")).into_response()
}

/// `GET /docs`: Swagger UI.
pub async fn swagger(headers: HeaderMap) -> Response {
    static PAGE: LazyLock<Tagged> =
        LazyLock::new(|| Tagged::of(assets::page(include_str!("../../../assets/docs/swagger.html"))));
    html(&PAGE, &headers)
}

/// `GET /redoc`: ReDoc.
pub async fn redoc(headers: HeaderMap) -> Response {
    static PAGE: LazyLock<Tagged> =
        LazyLock::new(|| Tagged::of(assets::page(include_str!("../../../assets/docs/redoc.html"))));
    html(&PAGE, &headers)
}

/// `GET /openapi.json`: what both show.
pub async fn openapi(headers: HeaderMap) -> Response {
    static DOCUMENT: LazyLock<Result<Tagged, serde_json::Error>> =
        LazyLock::new(|| document::json().map(Tagged::of));
    match &*DOCUMENT {
        Ok(document) => document.answer(&headers, "application/json"),
        Err(error) => {
            tracing::error!(%error, "the API's description cannot be written");
            ApiError::Internal.into_response()
        }
    }
}

/// `GET /docs/{file}`: what the pages load.
pub async fn asset(Path(name): Path<String>, headers: HeaderMap) -> Response {
    let Some(asset) = assets::find(&name) else {
        return ApiError::NotFound.into_response();
    };
    let kept = [(CONTENT_TYPE, asset.content_type), (CACHE_CONTROL, FOR_EVER)];
    if let Some(bytes) = asset.plain() {
        return (kept, bytes).into_response();
    }
    if negotiation::takes_gzip(&headers) {
        let coding = [(CONTENT_ENCODING, "gzip"), (VARY, "accept-encoding")];
        return (kept, coding, asset.packed()).into_response();
    }
    match tokio::task::spawn_blocking(|| asset.unpacked()).await {
        Ok(Ok(bytes)) => (kept, [(VARY, "accept-encoding")], bytes).into_response(),
        Ok(Err(_)) | Err(_) => ApiError::Internal.into_response(),
    }
}
