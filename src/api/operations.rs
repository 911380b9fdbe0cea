//! `/api/v1/operations`

use axum::Json;
use axum::extract::State;

use super::ApiState;
use super::auth::Caller;
use super::bodies::{ListBody, OperationBody};
use super::error::ApiError;
use super::inputs::OperationsQuery;
use super::validate::Valid;

/// `GET /api/v1/operations`
pub async fn list(
    State(api): State<ApiState>,
    Caller(by): Caller,
    Valid(OperationsQuery(client)): Valid<OperationsQuery>,
) -> Result<Json<ListBody<OperationBody>>, ApiError> {
    Ok(Json(ListBody::of(api.services.operations.list(&by, client).await?)))
}
