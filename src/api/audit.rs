//! `/api/v1/audit`

use axum::extract::State;
use axum::response::Response;

use super::ApiState;
use super::auth::Caller;
use super::bodies::{AuditBody, AuditList};
use super::cursor::Kind;
use super::error::ApiError;
use super::list_inputs::AuditQuery;
use super::listing;
use super::openapi::refusals::Reading;
use super::validate::Valid;

/// Lists what was done by anyone to any client, deleted ones too, newest first.
#[utoipa::path(
    get,
    path = "/api/v1/audit",
    operation_id = "list_audit",
    tag = "log",
    params(AuditQuery),
    responses((status = 200, description = "The entries.", body = AuditList,
            headers(("X-Next-Cursor" = Option<String>, description = "The next page's `cursor`; not there on the last one."))), Reading)
)]
pub async fn list(
    State(api): State<ApiState>,
    Caller(by): Caller,
    Valid(query): Valid<AuditQuery>,
) -> Result<Response, ApiError> {
    let page = api.services.audit.page(&by, query.filter, query.window).await?;
    Ok(listing::page::<AuditBody, _>(Kind::Audit, page))
}
