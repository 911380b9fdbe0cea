//! `/api/v1/operations`

use axum::extract::State;
use axum::response::Response;

use super::ApiState;
use super::auth::Caller;
use super::bodies::{OperationBody, OperationList};
use super::cursor::Kind;
use super::error::ApiError;
use super::list_inputs::OperationsQuery;
use super::listing;
use super::openapi::refusals::Reading;
use super::validate::Valid;

/// Lists what was done to the clients that there are, newest first.
#[utoipa::path(
    get,
    path = "/api/v1/operations",
    operation_id = "list_operations",
    tag = "log",
    params(OperationsQuery),
    responses((status = 200, description = "The operations.", body = OperationList,
            headers(("X-Next-Cursor" = Option<String>, description = "The next page's `cursor`; not there on the last one."))), Reading)
)]
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
