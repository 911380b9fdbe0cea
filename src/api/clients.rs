//! `/api/v1/clients`

use axum::Json;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, VARY};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::domain::ids::ClientRef;
use crate::services::qr::Picture;

use super::ApiState;
use super::auth::Caller;
use super::bodies::{ClientBody, ClientList, ConfigBody, CreatedBody, DeletedBody};
use super::cursor::Kind;
use super::error::ApiError;
use super::inputs::{ClientPath, CreateBody, ExtendBody, IdempotencyKey};
use super::list_inputs::ClientsQuery;
use super::listing;
use super::negotiation;
use super::openapi::refusals::{
    Blocking, Naming, OfClient, OfLink, OnPanel, Reading, Unblocking, WithBody, Writing,
};
use super::openapi::schemas::Png;
use super::validate::Valid;

/// Makes a client, here and on the panel.
///
/// A repeated request with the same `Idempotency-Key` gets the same client.
#[utoipa::path(
    post,
    path = "/api/v1/clients",
    operation_id = "create_client",
    tag = "clients",
    params(IdempotencyKey),
    request_body(content = CreateBody, example = json!({"username": "alice", "days": 30})),
    responses((status = 201, description = "It was made.", body = CreatedBody), Reading, Writing, Naming, WithBody, OnPanel)
)]
pub async fn create(
    State(api): State<ApiState>,
    Caller(by): Caller,
    Valid((key, body)): Valid<(IdempotencyKey, CreateBody)>,
) -> Result<(StatusCode, Json<CreatedBody>), ApiError> {
    let key = key.of(&by, "POST /api/v1/clients");
    let client = api.services.clients.create(&by, body.username, body.days, key).await?;
    Ok((StatusCode::CREATED, Json(CreatedBody { id: client.id })))
}

/// Lists clients, newest first.
#[utoipa::path(
    get,
    path = "/api/v1/clients",
    operation_id = "list_clients",
    tag = "clients",
    params(ClientsQuery),
    responses((status = 200, description = "The clients.", body = ClientList,
            headers(("X-Next-Cursor" = Option<String>, description = "The next page's `cursor`; not there on the last one."))), Reading)
)]
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

/// Shows a client.
#[utoipa::path(
    get,
    path = "/api/v1/clients/{client_id}",
    operation_id = "get_client",
    tag = "clients",
    params(ClientPath),
    responses((status = 200, description = "The client.", body = ClientBody), Reading, OfClient)
)]
pub async fn show(
    State(api): State<ApiState>,
    Caller(by): Caller,
    Valid(ClientPath(id)): Valid<ClientPath>,
) -> Result<Json<ClientBody>, ApiError> {
    Ok(Json(api.services.clients.find(&by, &ClientRef::Id(id)).await?.into()))
}

/// Fetches a client's configuration as the panel serves it, for blocked and expired clients too.
///
/// Every fetch is in the log as `get_config`.
#[utoipa::path(
    get,
    path = "/api/v1/clients/{client_id}/config",
    operation_id = "get_config",
    tag = "configuration",
    params(ClientPath),
    responses((status = 200, description = "The configuration.", body = ConfigBody), Reading, OfLink, OnPanel)
)]
pub async fn config(
    State(api): State<ApiState>,
    Caller(by): Caller,
    Valid(ClientPath(id)): Valid<ClientPath>,
) -> Result<Json<ConfigBody>, ApiError> {
    Ok(Json(api.services.configs.raw(&by, id).await?.into()))
}

/// What every change of a client takes: its path and the key.
type Keyed = (ClientPath, IdempotencyKey);

/// Extends a client.
///
/// From now if its date has passed, else the days are added to it. A client that was closed only because its date had
/// passed is opened again.
#[utoipa::path(
    post,
    path = "/api/v1/clients/{client_id}/extend",
    operation_id = "extend_client",
    tag = "clients",
    params(ClientPath, IdempotencyKey),
    request_body(content = ExtendBody, example = json!({"days": 30})),
    responses((status = 200, description = "The client.", body = ClientBody), Reading, Writing, WithBody, OfClient, OnPanel)
)]
pub async fn extend(
    State(api): State<ApiState>,
    Caller(by): Caller,
    Valid(((ClientPath(id), key), ExtendBody(days))): Valid<(Keyed, ExtendBody)>,
) -> Result<Json<ClientBody>, ApiError> {
    let key = key.of_client(&by, "POST", id, "/extend");
    Ok(Json(api.services.clients.extend(&by, id, days, key).await?.into()))
}

/// Takes access away from a client.
///
/// Until it is given back; the date goes on meanwhile.
#[utoipa::path(
    post,
    path = "/api/v1/clients/{client_id}/block",
    operation_id = "block_client",
    tag = "clients",
    params(ClientPath, IdempotencyKey),
    responses((status = 200, description = "The client.", body = ClientBody), Reading, Writing, OfClient, Blocking, OnPanel)
)]
pub async fn block(
    State(api): State<ApiState>,
    Caller(by): Caller,
    Valid((ClientPath(id), key)): Valid<Keyed>,
) -> Result<Json<ClientBody>, ApiError> {
    let key = key.of_client(&by, "POST", id, "/block");
    Ok(Json(api.services.clients.block(&by, id, key).await?.into()))
}

/// Gives access back to a client.
///
/// Until its date.
#[utoipa::path(
    post,
    path = "/api/v1/clients/{client_id}/unblock",
    operation_id = "unblock_client",
    tag = "clients",
    params(ClientPath, IdempotencyKey),
    responses((status = 200, description = "The client.", body = ClientBody), Reading, Writing, OfClient, Unblocking, OnPanel)
)]
pub async fn unblock(
    State(api): State<ApiState>,
    Caller(by): Caller,
    Valid((ClientPath(id), key)): Valid<Keyed>,
) -> Result<Json<ClientBody>, ApiError> {
    let key = key.of_client(&by, "POST", id, "/unblock");
    Ok(Json(api.services.clients.unblock(&by, id, key).await?.into()))
}

/// Replaces a client's link.
///
/// The old one stops working at once.
#[utoipa::path(
    post,
    path = "/api/v1/clients/{client_id}/config/rotate",
    operation_id = "rotate_config",
    tag = "configuration",
    params(ClientPath, IdempotencyKey),
    responses((status = 200, description = "The client with its new link.", body = ClientBody), Reading, Writing, OfLink, OnPanel)
)]
pub async fn rotate(
    State(api): State<ApiState>,
    Caller(by): Caller,
    Valid((ClientPath(id), key)): Valid<Keyed>,
) -> Result<Json<ClientBody>, ApiError> {
    let key = key.of_client(&by, "POST", id, "/config/rotate");
    Ok(Json(api.services.clients.rotate(&by, id, key).await?.into()))
}

/// Deletes a client, here and on the panel.
///
/// Its operations go with it; the audit log keeps them.
#[utoipa::path(
    delete,
    path = "/api/v1/clients/{client_id}",
    operation_id = "delete_client",
    tag = "clients",
    params(ClientPath, IdempotencyKey),
    responses((status = 200, description = "It is gone.", body = DeletedBody), Reading, Writing, OfClient, OnPanel)
)]
pub async fn delete(
    State(api): State<ApiState>,
    Caller(by): Caller,
    Valid((ClientPath(id), key)): Valid<Keyed>,
) -> Result<Json<DeletedBody>, ApiError> {
    let key = key.of_client(&by, "DELETE", id, "");
    api.services.clients.delete(&by, id, key).await?;
    Ok(Json(DeletedBody::new()))
}

/// Draws a client's link as a QR code.
///
/// A PNG, or an SVG if the header `Accept` prefers it. The panel is not asked. Whoever has the picture has the link, so the log says `get_config`.
#[utoipa::path(
    get,
    path = "/api/v1/clients/{client_id}/qr",
    operation_id = "get_qr",
    tag = "configuration",
    params(ClientPath),
    responses(
        (
            status = 200,
            description = "The picture.",
            content((inline(Png) = "image/png"), (String = "image/svg+xml")),
            headers(("Cache-Control" = String, description = "`no-store`: the picture is a secret."))
        ),
        Reading,
        OfLink
    )
)]
pub async fn qr(
    State(api): State<ApiState>,
    Caller(by): Caller,
    headers: HeaderMap,
    Valid(ClientPath(id)): Valid<ClientPath>,
) -> Result<impl IntoResponse, ApiError> {
    let offers = [("image/png", Picture::Png), ("image/svg+xml", Picture::Svg)];
    let (kind, picture) = negotiation::preferred(&headers, offers);
    let drawn = api.services.configs.qr(&by, id, picture).await?;
    Ok(([(CONTENT_TYPE, kind), (CACHE_CONTROL, "no-store"), (VARY, "accept")], drawn))
}
