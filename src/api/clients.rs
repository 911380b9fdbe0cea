//! `/api/v1/clients`

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use crate::domain::ids::ClientRef;

use super::ApiState;
use super::auth::Caller;
use super::bodies::{ClientBody, ConfigBody, CreatedBody, DeletedBody};
use super::cursor::Kind;
use super::error::ApiError;
use super::inputs::{ClientPath, CreateBody, ExtendBody, IdempotencyKey};
use super::list_inputs::ClientsQuery;
use super::listing;
use super::validate::Valid;

/// `POST /api/v1/clients`
pub async fn create(
    State(api): State<ApiState>,
    Caller(by): Caller,
    Valid((key, body)): Valid<(IdempotencyKey, CreateBody)>,
) -> Result<(StatusCode, Json<CreatedBody>), ApiError> {
    let key = key.of(&by, "POST /api/v1/clients");
    let client = api.services.clients.create(&by, body.username, body.days, key).await?;
    Ok((StatusCode::CREATED, Json(CreatedBody { id: client.id })))
}

/// `GET /api/v1/clients`
pub async fn list(
    State(api): State<ApiState>,
    Caller(by): Caller,
    Valid(ClientsQuery { filter, window }): Valid<ClientsQuery>,
) -> Result<Response, ApiError> {
    let lists = &api.services.lists;
    Ok(match window {
        Some(window) => {
            let page = lists.clients(&by, filter, window).await?;
            listing::page::<ClientBody, _>(Kind::Clients, page)
        }
        None => listing::whole::<ClientBody, _>(lists.all_clients(&by, filter).await?),
    })
}

/// `GET /api/v1/clients/{client_id}`
pub async fn show(
    State(api): State<ApiState>,
    Caller(by): Caller,
    Valid(ClientPath(id)): Valid<ClientPath>,
) -> Result<Json<ClientBody>, ApiError> {
    Ok(Json(api.services.clients.find(&by, &ClientRef::Id(id)).await?.into()))
}

/// `GET /api/v1/clients/{client_id}/config`
pub async fn config(
    State(api): State<ApiState>,
    Caller(by): Caller,
    Valid(ClientPath(id)): Valid<ClientPath>,
) -> Result<Json<ConfigBody>, ApiError> {
    Ok(Json(api.services.configs.raw(&by, id).await?.into()))
}

/// What every change of a client takes: its path and the key.
type Keyed = (ClientPath, IdempotencyKey);

/// `POST /api/v1/clients/{client_id}/extend`
pub async fn extend(
    State(api): State<ApiState>,
    Caller(by): Caller,
    Valid(((ClientPath(id), key), ExtendBody(days))): Valid<(Keyed, ExtendBody)>,
) -> Result<Json<ClientBody>, ApiError> {
    let key = key.of_client(&by, "POST", id, "/extend");
    Ok(Json(api.services.clients.extend(&by, id, days, key).await?.into()))
}

/// `POST /api/v1/clients/{client_id}/block`
pub async fn block(
    State(api): State<ApiState>,
    Caller(by): Caller,
    Valid((ClientPath(id), key)): Valid<Keyed>,
) -> Result<Json<ClientBody>, ApiError> {
    let key = key.of_client(&by, "POST", id, "/block");
    Ok(Json(api.services.clients.block(&by, id, key).await?.into()))
}

/// `POST /api/v1/clients/{client_id}/unblock`
pub async fn unblock(
    State(api): State<ApiState>,
    Caller(by): Caller,
    Valid((ClientPath(id), key)): Valid<Keyed>,
) -> Result<Json<ClientBody>, ApiError> {
    let key = key.of_client(&by, "POST", id, "/unblock");
    Ok(Json(api.services.clients.unblock(&by, id, key).await?.into()))
}

/// `POST /api/v1/clients/{client_id}/config/rotate`
pub async fn rotate(
    State(api): State<ApiState>,
    Caller(by): Caller,
    Valid((ClientPath(id), key)): Valid<Keyed>,
) -> Result<Json<ClientBody>, ApiError> {
    let key = key.of_client(&by, "POST", id, "/config/rotate");
    Ok(Json(api.services.clients.rotate(&by, id, key).await?.into()))
}

/// `DELETE /api/v1/clients/{client_id}`
pub async fn delete(
    State(api): State<ApiState>,
    Caller(by): Caller,
    Valid((ClientPath(id), key)): Valid<Keyed>,
) -> Result<Json<DeletedBody>, ApiError> {
    let key = key.of_client(&by, "DELETE", id, "");
    api.services.clients.delete(&by, id, key).await?;
    Ok(Json(DeletedBody::new()))
}
