//! Finding a client's panel user again after the panel was upgraded from version 2 to 3, which gives every user another id.
//! It is found by its link and its name together, never by the name alone.

use std::time::Duration;

use tokio::time::Instant;

use crate::domain::client::Client;
use crate::domain::ids::ShortUuid;
use crate::panel::{PanelError, PanelUser};
use crate::repositories::clients;

use super::core::Core;
use super::error::Error;

/// The panel user under the client's id, or, when that id is of the panel's other version, under its link (or the one it may
/// have been given just now). A new id is kept at once. None when the panel has no such user.
pub(super) async fn panel_user(
    core: &Core,
    client: &Client,
    other_link: Option<&ShortUuid>,
    within: Duration,
) -> Result<Option<PanelUser>, PanelError> {
    let Some(id) = &client.remnawave_uuid else { return Ok(None) };
    let until = Instant::now() + within;
    match core.panel.user(id, within).await {
        Err(PanelError::ForeignId) => core.upgraded.notify_one(),
        known => return known,
    }
    for link in client.short_uuid.iter().chain(other_link) {
        let left = until.saturating_duration_since(Instant::now());
        let found = core.panel.user_by_short_uuid(link, left).await?;
        if let Some(user) = found.filter(|user| user.username == client.username.as_str()) {
            keep(core, client, &user).await;
            return Ok(Some(user));
        }
    }
    Ok(None)
}

/// What cannot be written now is found again next time.
async fn keep(core: &Core, client: &Client, user: &PanelUser) {
    let kept: Result<bool, Error> = async {
        let mut tx = core.db.begin().await?;
        let kept = clients::relink(&mut tx, client.id, user.short_uuid.expose(), &user.id).await?;
        tx.commit().await?;
        Ok(kept)
    }
    .await;
    match kept {
        Ok(_) => {
            tracing::info!(client = %client.id, panel_user = %user.id, "linked anew: the panel was upgraded")
        }
        Err(error) => tracing::warn!(client = %client.id, %error, "the panel's new id could not be kept"),
    }
}
