//! `GET /metrics`: the service's numbers, for Prometheus.

use axum::Extension;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{Extensions, HeaderMap};
use axum::response::IntoResponse;

use super::ApiState;
use super::edge::Origin;
use super::error::ApiError;
use super::openapi::refusals::Watching;

/// Prometheus' text format.
const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Shows the service's numbers in Prometheus' text format.
///
/// Free from this machine; from elsewhere with any token. It answers without the database too, with fewer numbers.
#[utoipa::path(
    get,
    path = "/metrics",
    operation_id = "metrics",
    tag = "health",
    security((), ("token" = [])),
    responses(
        (status = 200, description = "The numbers.", body = String, content_type = "text/plain"),
        Watching
    )
)]
pub async fn show(
    State(api): State<ApiState>,
    Extension(origin): Extension<Origin>,
    headers: HeaderMap,
    extensions: Extensions,
) -> Result<impl IntoResponse, ApiError> {
    if !origin.on_this_machine {
        api.auth.authenticate(&headers, &extensions).await?;
    }
    Ok(([(CONTENT_TYPE, TEXT)], api.services.metrics.render().await?))
}
