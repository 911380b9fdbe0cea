//! `/api/v1/operations`

use axum::extract::State;
use axum::response::Response;

use super::ApiState;
use super::auth::Caller;
use super::bodies::OperationBody;
use super::cursor::Kind;
use super::error::ApiError;
use super::list_inputs::OperationsQuery;
use super::listing;
use super::validate::Valid;

/// `GET /api/v1/operations`
pub async fn list(
    State(api): State<ApiState>,
    Caller(by): Caller,
    Valid(OperationsQuery { client, window }): Valid<OperationsQuery>,
) -> Result<Response, ApiError> {
    let lists = &api.services.lists;
    Ok(match window {
        Some(window) => {
            let page = lists.operations(&by, client, window).await?;
            listing::page::<OperationBody, _>(Kind::Operations, page)
        }
        None => listing::whole::<OperationBody, _>(lists.all_operations(&by, client).await?),
    })
}
