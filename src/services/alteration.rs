//! A change of a client that exists, on the panel: the right user, once however often it is tried, and put back where it
//! must not stand.
//!
//! The user is read before anything is asked of it: ids are used again after a panel was reinstalled, and what was done
//! to somebody else (a new link, say) cannot be put back.

use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::Instant;

use crate::domain::change::{Change, Intent};
use crate::domain::client::{Access, Client};
use crate::domain::ids::PanelUserId;
use crate::panel::{
    Effect as PanelEffect, PanelError, PanelPatch, PanelPatchStatus, PanelUser, PanelUserStatus, Switched,
};
use crate::repositories::clients;

use super::changes::Effect;
use super::core::Core;
use super::creation::{Attempt, left, time_to_ask};
use super::error::Error;

/// How far in the future a date must be for the panel to take it, whatever its clock says. A client that had expired is
/// given this when a longer date must be taken back: the panel takes none in the past.
const NEAREST: TimeDelta = TimeDelta::seconds(60);

/// Whom the panel has under the client's id.
enum Found {
    Ours(Box<PanelUser>),
    SomebodyElse,
    Nobody,
}

/// Does it, or finds that it is done.
pub async fn carry_out(core: &Core, intent: &Intent, attempt: Attempt, deadline: Instant) -> Effect {
    let Some(before) = &intent.before else { return failed("the state before is not known", false) };
    let Some(id) = &before.remnawave_uuid else { return stands(core, intent, before, None) };
    match look(core, intent, before, id, deadline).await {
        Ok(Found::Ours(user)) if is_done(&intent.wanted, &user) => stands(core, intent, before, Some(&user)),
        Ok(Found::Ours(_)) => send(core, intent, before, id, attempt, deadline).await,
        Ok(Found::Nobody) if intent.wanted == Change::Delete => stands(core, intent, before, None),
        Ok(Found::Nobody) => failed("the panel has no such user", false),
        Ok(Found::SomebodyElse) => failed("the panel has another user under this id", false),
        // Nothing was asked of the panel yet.
        Err(error) if attempt == Attempt::First => failed(&error.to_string(), false),
        Err(error) => unclear(&error),
    }
}

async fn send(
    core: &Core,
    intent: &Intent,
    before: &Client,
    id: &PanelUserId,
    attempt: Attempt,
    deadline: Instant,
) -> Effect {
    let error = match ask(core, &intent.wanted, id, deadline).await {
        Ok(None) => return stands(core, intent, before, None),
        Ok(Some(user)) if is_ours(intent, before, &user) && is_done(&intent.wanted, &user) => {
            return stands(core, intent, before, Some(&user));
        }
        Ok(Some(_)) => PanelError::Nonsense,
        Err(error) => error,
    };
    if attempt == Attempt::First && error.effect() == PanelEffect::None {
        return failed(&error.to_string(), false);
    }
    match look(core, intent, before, id, deadline).await {
        Ok(Found::Ours(user)) if is_done(&intent.wanted, &user) => stands(core, intent, before, Some(&user)),
        Ok(Found::Nobody) if intent.wanted == Change::Delete => stands(core, intent, before, None),
        Ok(_) => failed(&error.to_string(), true),
        Err(_) => unclear(&error),
    }
}

/// One request; the user as it is afterwards, if the panel shows it.
async fn ask(
    core: &Core,
    wanted: &Change,
    id: &PanelUserId,
    deadline: Instant,
) -> Result<Option<PanelUser>, PanelError> {
    let (panel, within) = (&core.panel, time_to_ask(deadline));
    match wanted {
        Change::Expiry(new) => {
            let status = new.reopens.then_some(PanelPatchStatus::Active);
            let patch = PanelPatch { expire_at: Some(new.expires_at), status, ..PanelPatch::default() };
            panel.patch_user(id, &patch, within).await.map(Some)
        }
        Change::Access { to: Access::Open } => panel.enable(id, within).await.map(shown),
        Change::Access { to: Access::Blocked | Access::Lapsed } => panel.disable(id, within).await.map(shown),
        Change::Rotate { short_uuid } => panel.revoke(id, short_uuid, within).await.map(Some),
        Change::Delete => panel.delete_user(id, within).await.map(|_| None),
        Change::Create(_) => Err(PanelError::Nonsense),
    }
}

fn shown(switched: Switched) -> Option<PanelUser> {
    match switched {
        Switched::Done(user) => Some(*user),
        Switched::Already => None,
    }
}

/// Brings the panel back to what the database says, in what the intent may have changed. A deletion is never taken back:
/// where the user is gone, the client goes too.
pub async fn undo(core: &Core, intent: &Intent, deadline: Instant) -> Effect {
    let why = intent.error.clone().unwrap_or_else(|| "cut before it was done".to_owned());
    let known = match clients::find(&core.db, intent.client_id).await {
        Ok(known) => known,
        Err(error) => return Effect::Unclear { error: Error::from(error).to_string() },
    };
    let Some((client, id)) = known.and_then(|client| Some((client.clone(), client.remnawave_uuid?))) else {
        return failed(&why, false);
    };
    match look(core, intent, &client, &id, deadline).await {
        Ok(Found::Nobody) if intent.wanted == Change::Delete => stands(core, intent, &client, None),
        Ok(Found::Ours(user)) if is_done(&intent.wanted, &user) => {
            put_back(core, intent, &client, &id, why, deadline).await
        }
        // A request of an earlier attempt may still be under way.
        Ok(_) => failed(&why, true),
        Err(error) => unclear(&error),
    }
}

async fn put_back(
    core: &Core,
    intent: &Intent,
    client: &Client,
    id: &PanelUserId,
    why: String,
    deadline: Instant,
) -> Effect {
    // What the database says may be the same by now, because somebody asked for it again.
    if intent.wanted.applied(client.clone()) == *client {
        return failed(&why, false);
    }
    let (panel, within) = (&core.panel, left(deadline));
    let mut adopted = None;
    let done = match &intent.wanted {
        Change::Expiry(new) => {
            let nearest = core.clock.now_millis() + NEAREST;
            adopted = (client.expires_at < nearest).then_some(nearest);
            let status = new.reopens.then_some(PanelPatchStatus::Disabled);
            let expire_at = Some(adopted.unwrap_or(client.expires_at));
            let patch = PanelPatch { expire_at, status, ..PanelPatch::default() };
            panel.patch_user(id, &patch, within).await.map(drop)
        }
        Change::Access { .. } if client.access == Access::Open => panel.enable(id, within).await.map(drop),
        Change::Access { .. } => panel.disable(id, within).await.map(drop),
        Change::Rotate { .. } => match &client.short_uuid {
            Some(old) => panel.revoke(id, old, within).await.map(drop),
            None => Ok(()),
        },
        Change::Create(_) | Change::Delete => Ok(()),
    };
    match done {
        Ok(()) => Effect::Failed { error: why, late: true, adopted },
        Err(error) => unclear(&error),
    }
}

async fn look(
    core: &Core,
    intent: &Intent,
    client: &Client,
    id: &PanelUserId,
    deadline: Instant,
) -> Result<Found, PanelError> {
    Ok(match core.panel.user(id, left(deadline)).await? {
        None => Found::Nobody,
        Some(user) if is_ours(intent, client, &user) => Found::Ours(Box::new(user)),
        Some(user) => {
            tracing::error!(
                intent = %intent.id, client = %client.id, username = %client.username, panel_user = %user.id,
                "the panel has another user under this client's id: was it reinstalled? Nothing was changed"
            );
            Found::SomebodyElse
        }
    })
}

/// By its name and its link; the link may be the new one already.
fn is_ours(intent: &Intent, client: &Client, user: &PanelUser) -> bool {
    let known =
        [intent.before.as_ref().and_then(|before| before.short_uuid.as_ref()), client.short_uuid.as_ref()];
    let new = match &intent.wanted {
        Change::Rotate { short_uuid } => Some(short_uuid),
        _ => None,
    };
    user.username == client.username.as_str()
        && known.into_iter().chain([new]).flatten().any(|short| *short == user.short_uuid)
}

/// Whether the panel's user is as the change wants it.
fn is_done(wanted: &Change, user: &PanelUser) -> bool {
    let disabled = user.status == PanelUserStatus::Disabled;
    match wanted {
        Change::Expiry(new) => user.expire_at == new.expires_at && !(new.reopens && disabled),
        Change::Access { to: Access::Open } => !disabled,
        Change::Access { to: Access::Blocked | Access::Lapsed } => disabled,
        Change::Rotate { short_uuid } => user.short_uuid == *short_uuid,
        Change::Create(_) | Change::Delete => false,
    }
}

fn stands(core: &Core, intent: &Intent, before: &Client, user: Option<&PanelUser>) -> Effect {
    let mut client = intent.wanted.applied(before.clone());
    if let (Change::Rotate { .. }, Some(user)) = (&intent.wanted, user) {
        client.subscription_url = Some(user.subscription_url.clone());
    }
    if intent.wanted != Change::Delete {
        client.updated_at = core.clock.now();
    }
    Effect::Stands(Box::new(client))
}

fn failed(error: &str, late: bool) -> Effect {
    Effect::Failed { error: error.to_owned(), late, adopted: None::<DateTime<Utc>> }
}

fn unclear(error: &PanelError) -> Effect {
    Effect::Unclear { error: error.to_string() }
}
