//! `/api/v1/operations`

use axum::Json;
use axum::extract::State;

use super::ApiState;
use super::auth::Caller;
use super::bodies::{ListBody, OperationList};
use super::error::ApiError;
use super::inputs::OperationsQuery;
use super::openapi::refusals::Reading;
use super::validate::Valid;

/// Lists what was done to the clients that there are, newest first.
#[utoipa::path(
    get,
    path = "/api/v1/operations",
    operation_id = "list_operations",
    tag = "log",
    params(OperationsQuery),
    responses((status = 200, description = "The operations.", body = OperationList), Reading)
)]
pub async fn list(
    State(api): State<ApiState>,
    Caller(by): Caller,
    Valid(OperationsQuery(client)): Valid<OperationsQuery>,
) -> Result<Json<OperationList>, ApiError> {
    Ok(Json(ListBody::of(api.services.operations.list(&by, client).await?)))
}
