//! `/api/v1/clients/{client_id}/invite`

use axum::Json;
use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use secrecy::SecretString;

use crate::domain::actor::Actor;
use crate::services::invite_once::Once;

use super::ApiState;
use super::auth::{self, Caller};
use super::bodies::InviteBody;
use super::error::ApiError;
use super::inputs::{ClientPath, IdempotencyKey};
use super::openapi::refusals::{Inviting, OfClient, Reading, Writing};
use super::validate::Valid;

/// Makes an invite to the bot for a client's owner.
///
/// Whoever opens its link first is linked to the client and can get the configuration in the bot. It is good for seven
/// days, once. A repeated request with the same `Idempotency-Key` gets the same invite.
#[utoipa::path(
    post,
    path = "/api/v1/clients/{client_id}/invite",
    operation_id = "invite",
    tag = "clients",
    params(ClientPath, IdempotencyKey),
    responses((status = 201, description = "The invite.", body = InviteBody), Reading, Writing, OfClient, Inviting)
)]
pub async fn create(
    State(api): State<ApiState>,
    Caller(by): Caller,
    headers: HeaderMap,
    Valid((ClientPath(id), key)): Valid<(ClientPath, IdempotencyKey)>,
) -> Result<impl IntoResponse, ApiError> {
    let key = key.of(&by, &format!("POST /api/v1/clients/{id}/invite"));
    let once = key.map(|key| Once { key, secret: secret(&by, &headers) });
    let invite = api.services.invites.hand_out(&by, id, once).await?;
    Ok((StatusCode::CREATED, [(CACHE_CONTROL, "no-store")], Json(InviteBody::from(invite))))
}

/// What the caller proved to know; nothing, where no token is asked for.
fn secret(by: &Actor, headers: &HeaderMap) -> SecretString {
    let token = match by {
        Actor::Token { .. } => auth::bearer(headers).unwrap_or_default(),
        _ => &[],
    };
    // A token is compared byte by byte, so what was let in is text if the token is; other bytes stay told apart.
    token.iter().copied().map(char::from).collect::<String>().into()
}
