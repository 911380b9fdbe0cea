//! A change without a look, in a burst of changes.

use tokio::time::Instant;

use crate::domain::change::{Change, Intent};
use crate::domain::client::{Access, Client};
use crate::panel::{Effect as PanelEffect, PanelError, PanelUser};

use super::super::alerts;
use super::super::changes::Effect;
use super::super::core::Core;
use super::super::creation::{Attempt, left};
use super::super::sync::suspect;
use super::{ask, failed, has_a_link_of_ours, is_done, is_lapse, is_ours, refused, stands};

/// Whether nobody need look at the client's user before it is changed.
pub(super) fn is_vouched_for(core: &Core, intent: &Intent, client: &Client) -> bool {
    let id = client.remnawave_uuid.as_ref();
    // Access by date goes only after the panel was read.
    id.is_some_and(|id| core.vouched.covers(&intent.wanted, id, Instant::now())) && !is_lapse(intent)
}

/// The change without a look, where its user is vouched for. Nothing where only a look can say more.
pub(super) async fn at_once(
    core: &Core,
    intent: &Intent,
    before: &Client,
    deadline: Instant,
) -> Option<Effect> {
    let id = before.remnawave_uuid.as_ref()?;
    match ask(core, &intent.wanted, id, deadline).await {
        Ok(Some(user)) if is_ours(intent, before, &user) && is_done(&intent.wanted, &user) => {
            return Some(stands(core, intent, before, Some(&user), false));
        }
        Ok(Some(user)) => {
            core.vouched.forget();
            if !is_ours(intent, before, &user) && !has_a_link_of_ours(core, before, &user).await {
                return Some(was_somebody_else(core, intent, before, &user, deadline).await);
            }
        }
        Err(error) if error.effect() == PanelEffect::Unknown => {
            return Some(refused(core, intent, before, error, Attempt::First, deadline).await);
        }
        Ok(None) | Err(_) => core.vouched.forget(),
    }
    None
}

/// The panel was replaced within the second: what can be put back is, and owners are told.
async fn was_somebody_else(
    core: &Core,
    intent: &Intent,
    client: &Client,
    user: &PanelUser,
    deadline: Instant,
) -> Effect {
    let put_back = match &intent.wanted {
        Change::Access { to: Access::Open } => core.panel.disable(&user.id, left(deadline)).await.map(drop),
        Change::Access { .. } => core.panel.enable(&user.id, left(deadline)).await.map(drop),
        _ => Err(PanelError::Nonsense),
    };
    tracing::error!(
        intent = %intent.id, client = %client.id, panel_user = %user.id, put_back = put_back.is_ok(),
        "the panel had another user under this client's id: was it reinstalled a moment ago?"
    );
    alerts::another_user(core, client).await;
    suspect(core, client.id).await;
    failed("the panel has another user under this id", false)
}
