//! `/api/v1/audit`

use axum::extract::State;
use axum::response::Response;

use super::ApiState;
use super::auth::Caller;
use super::bodies::AuditBody;
use super::cursor::Kind;
use super::error::ApiError;
use super::list_inputs::AuditQuery;
use super::listing;
use super::validate::Valid;

/// `GET /api/v1/audit`
pub async fn list(
    State(api): State<ApiState>,
    Caller(by): Caller,
    Valid(query): Valid<AuditQuery>,
) -> Result<Response, ApiError> {
    let page = api.services.audit.page(&by, query.filter, query.window).await?;
    Ok(listing::page::<AuditBody, _>(Kind::Audit, page))
}
