//! A change of a client that exists, on the panel: the right user, once however often it is tried, and put back where it
//! must not stand.
//!
//! The user is read before anything is asked of it: ids are used again after a panel was reinstalled, and what was done
//! to somebody else (a new link, say) cannot be put back. In a burst one look vouches for many (`vouched`).

mod at_once;

use chrono::{DateTime, Utc};
use tokio::time::Instant;

use crate::domain::ask::NEAREST;
use crate::domain::change::{Change, Intent, NewExpiry};
use crate::domain::client::{Access, Client};
use crate::domain::ids::{PanelUserId, ShortUuid};
use crate::panel::{
    Effect as PanelEffect, PanelError, PanelPatch, PanelPatchStatus, PanelUser, PanelUserStatus, Switched,
};
use crate::repositories::{clients, intents};

use super::alerts;
use super::changes::Effect;
use super::core::Core;
use super::creation::{Attempt, left, time_to_ask};
use super::error::Error;
use super::relink;
use super::sync::suspect;
use super::vouched;
use at_once::{at_once, is_vouched_for};

/// Whom the panel has under the client's id.
enum Found {
    Ours(Box<PanelUser>),
    SomebodyElse,
    Nobody,
}

/// Does it, or finds that it is done.
pub async fn carry_out(core: &Core, intent: &Intent, attempt: Attempt, deadline: Instant) -> Effect {
    let Some(before) = &intent.before else { return failed("the state before is not known", false) };
    if before.remnawave_uuid.is_none() {
        return stands(core, intent, before, None, false);
    }
    if attempt == Attempt::First
        && is_vouched_for(core, intent, before)
        && let Some(effect) = Box::pin(at_once(core, intent, before, deadline)).await
    {
        return effect;
    }
    let late = attempt.is_late(false);
    match seen(core, intent, before, attempt, deadline).await {
        Ok(Found::Ours(user)) if is_done(&intent.wanted, &user) => {
            stands(core, intent, before, Some(&user), late)
        }
        Ok(Found::Ours(user)) if is_unneeded(core, intent, &user) => unneeded("the panel has a later date"),
        Ok(Found::Ours(user)) => send(core, intent, before, &user, attempt, deadline).await,
        Ok(Found::Nobody) if intent.wanted == Change::Delete => stands(core, intent, before, None, late),
        Ok(Found::Nobody) => Effect::UserGone { late },
        Ok(Found::SomebodyElse) => failed("the panel has another user under this id", late),
        // Nothing was asked of the panel yet.
        Err(error) if attempt == Attempt::First && is_lapse(intent) => unneeded(&error.to_string()),
        Err(error) if attempt == Attempt::First => failed(&error.to_string(), false),
        Err(error) => unclear(&error),
    }
}

/// Nobody loses access by date whom the panel has a later date for.
fn is_unneeded(core: &Core, intent: &Intent, user: &PanelUser) -> bool {
    is_lapse(intent) && user.expire_at > core.clock.now()
}

fn is_lapse(intent: &Intent) -> bool {
    matches!(intent.wanted, Change::Access { to: Access::Lapsed })
}

async fn send(
    core: &Core,
    intent: &Intent,
    before: &Client,
    found: &PanelUser,
    attempt: Attempt,
    deadline: Instant,
) -> Effect {
    let late = attempt.is_late(false);
    let error = match ask(core, &intent.wanted, &found.id, deadline).await {
        Ok(None) => return stands(core, intent, before, Some(found), late),
        Ok(Some(user)) if is_ours(intent, before, &user) && is_done(&intent.wanted, &user) => {
            return stands(core, intent, before, Some(&user), late);
        }
        Ok(Some(_)) => PanelError::Nonsense,
        Err(error) => error,
    };
    Box::pin(refused(core, intent, before, error, attempt, deadline)).await
}

/// The request was refused or had no answer: what came of it all the same?
async fn refused(
    core: &Core,
    intent: &Intent,
    before: &Client,
    error: PanelError,
    attempt: Attempt,
    deadline: Instant,
) -> Effect {
    core.vouched.forget();
    let unanswered = error.effect() == PanelEffect::Unknown;
    if attempt == Attempt::First && !unanswered {
        return failed(&error.to_string(), false);
    }
    let late = attempt.is_late(unanswered);
    match look(core, intent, before, deadline).await {
        Ok(Found::Ours(user)) if is_done(&intent.wanted, &user) => {
            stands(core, intent, before, Some(&user), late)
        }
        Ok(Found::Nobody) if intent.wanted == Change::Delete => stands(core, intent, before, None, late),
        Ok(_) => failed(&error.to_string(), late),
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
        // How users are made is in `creation`.
        Change::Create(_) | Change::Remake { .. } => Err(PanelError::Nonsense),
    }
}

fn shown(switched: Switched) -> Option<PanelUser> {
    match switched {
        Switched::Done(user) => Some(*user),
        Switched::Already => None,
    }
}

/// Brings the panel back to what the database says, in what the intent may have changed: when it must not stand, and at
/// its second look, when a request that had no answer may have arrived after others. A deletion is never taken back:
/// where the user is gone, the client goes too.
pub async fn restore(core: &Core, intent: &Intent, attempt: Attempt, deadline: Instant) -> Effect {
    let late = attempt.is_late(false);
    let why = intent.error.clone().unwrap_or_else(|| "cut before it was done".to_owned());
    let known = match clients::find(&core.db, intent.client_id).await {
        Ok(known) => known,
        Err(error) => return Effect::Unclear { error: Error::from(error).to_string() },
    };
    let Some(client) = known.filter(|client| client.remnawave_uuid.is_some()) else {
        return failed(&why, false);
    };
    match look(core, intent, &client, deadline).await {
        Ok(Found::Nobody) if intent.wanted == Change::Delete => stands(core, intent, &client, None, late),
        Ok(Found::Ours(user)) => match mend(core, intent, &client, &user, deadline).await {
            Ok(kept) => Effect::Failed { error: why, late, kept: kept.map(Box::new) },
            Err(error) => unclear(&error),
        },
        Ok(Found::Nobody | Found::SomebodyElse) => failed(&why, late),
        Err(error) => unclear(&error),
    }
}

/// Puts back what this intent may have sent, where the database says something else by now. Gives the client as it must
/// be kept, where the panel could not be brought to what the database says.
async fn mend(
    core: &Core,
    intent: &Intent,
    client: &Client,
    user: &PanelUser,
    deadline: Instant,
) -> Result<Option<Client>, PanelError> {
    let (panel, within) = (&core.panel, left(deadline));
    match &intent.wanted {
        Change::Expiry(new) => return mend_date(core, intent, new, client, user, deadline).await,
        Change::Access { .. } => {
            let disabled = user.status == PanelUserStatus::Disabled;
            match (client.access == Access::Open, disabled) {
                (true, true) => panel.enable(&user.id, within).await.map(drop)?,
                (false, false) => panel.disable(&user.id, within).await.map(drop)?,
                _ => return Ok(None),
            }
        }
        Change::Rotate { .. } => {
            match &client.short_uuid {
                // Found as ours, so it is a link that we once gave.
                Some(ours) if user.short_uuid != *ours => {
                    panel.revoke(&user.id, ours, within).await?;
                }
                _ => return Ok(None),
            }
        }
        Change::Create(_) | Change::Remake { .. } | Change::Delete => return Ok(None),
    }
    put_back(intent);
    Ok(None)
}

async fn mend_date(
    core: &Core,
    intent: &Intent,
    new: &NewExpiry,
    client: &Client,
    user: &PanelUser,
    deadline: Instant,
) -> Result<Option<Client>, PanelError> {
    // A client that had expired is given the nearest date when a longer one must be taken back.
    let nearest = core.clock.now_millis() + NEAREST;
    let has_passed = client.expires_at < nearest;
    let with = |expires_at| Some(Client { expires_at, updated_at: core.clock.now(), ..client.clone() });
    if user.expire_at == client.expires_at {
        return Ok(None);
    }
    if user.expire_at != new.expires_at && !was_given(core, client, user.expire_at).await {
        // The nearest date of an earlier attempt, which nobody could write down.
        return Ok(if has_passed && user.expire_at <= nearest { with(user.expire_at) } else { None });
    }
    let date = if has_passed { nearest } else { client.expires_at };
    let access = match client.access {
        Access::Open => PanelPatchStatus::Active,
        Access::Blocked | Access::Lapsed => PanelPatchStatus::Disabled,
    };
    let status = new.reopens.then_some(access);
    let patch = PanelPatch { expire_at: Some(date), status, ..PanelPatch::default() };
    core.panel.patch_user(&user.id, &patch, left(deadline)).await?;
    put_back(intent);
    Ok(if has_passed { with(date) } else { None })
}

/// Whether this client had that date or was to have it: then a request of ours may have brought it. Somebody else's date
/// is left alone.
async fn was_given(core: &Core, client: &Client, date: DateTime<Utc>) -> bool {
    let wanted = |change: &Change| matches!(change, Change::Expiry(new) if new.expires_at == date);
    let history = history(core, client).await;
    history.iter().any(|(before, change)| before.expires_at == date || wanted(change))
}

async fn history(core: &Core, client: &Client) -> Vec<(Client, Change)> {
    intents::history(&core.db, client.id).await.unwrap_or_else(|error| {
        tracing::warn!(client = %client.id, %error, "what was done to the client cannot be read");
        Vec::new()
    })
}

/// For whoever wonders at night why the panel's user changed once more.
fn put_back(intent: &Intent) {
    let action = intent.wanted.action().as_str();
    tracing::warn!(intent = %intent.id, client = %intent.client_id, action, "the panel had what must not stand: put back");
}

/// Whom the panel has: as a list of a moment ago shows it, or by a look, beside which the newest user is looked at where a
/// burst of changes wants it.
async fn seen(
    core: &Core,
    intent: &Intent,
    client: &Client,
    attempt: Attempt,
    deadline: Instant,
) -> Result<Found, PanelError> {
    let listed = client.remnawave_uuid.as_ref().filter(|_| attempt == Attempt::First);
    match listed
        .and_then(|id| core.vouched.take(id, Instant::now()))
        .filter(|user| is_ours(intent, client, user))
    {
        Some(user) => Ok(Found::Ours(Box::new(user))),
        None => {
            let looked = Box::pin(look(core, intent, client, deadline));
            tokio::join!(looked, Box::pin(vouched::vouch(core, left(deadline)))).0
        }
    }
}

async fn look(core: &Core, intent: &Intent, client: &Client, deadline: Instant) -> Result<Found, PanelError> {
    Ok(match relink::panel_user(core, client, new_link(intent), left(deadline)).await? {
        None => {
            suspect(core, client.id).await;
            Found::Nobody
        }
        Some(user) if is_ours(intent, client, &user) || has_a_link_of_ours(core, client, &user).await => {
            Found::Ours(Box::new(user))
        }
        Some(user) => {
            tracing::error!(
                intent = %intent.id, client = %client.id, username = %client.username, panel_user = %user.id,
                "the panel has another user under this client's id: was it reinstalled? Nothing was changed"
            );
            alerts::another_user(core, client).await;
            suspect(core, client.id).await;
            Found::SomebodyElse
        }
    })
}

/// A link that this client was given and whose request arrived late. Looked for only where the link is not the client's.
async fn has_a_link_of_ours(core: &Core, client: &Client, user: &PanelUser) -> bool {
    if user.username != client.username.as_str() {
        return false;
    }
    let had = |client: &Client| client.short_uuid.as_ref() == Some(&user.short_uuid);
    let given =
        |change: &Change| matches!(change, Change::Rotate { short_uuid } if *short_uuid == user.short_uuid);
    history(core, client).await.iter().any(|(before, change)| had(before) || given(change))
}

/// By its name and its link; the link may be the new one already.
fn is_ours(intent: &Intent, client: &Client, user: &PanelUser) -> bool {
    let known =
        [intent.before.as_ref().and_then(|before| before.short_uuid.as_ref()), client.short_uuid.as_ref()];
    user.username == client.username.as_str()
        && known.into_iter().chain([new_link(intent)]).flatten().any(|short| *short == user.short_uuid)
}

fn new_link(intent: &Intent) -> Option<&ShortUuid> {
    match &intent.wanted {
        Change::Rotate { short_uuid } => Some(short_uuid),
        _ => None,
    }
}

/// Whether the panel's user is as the change wants it.
fn is_done(wanted: &Change, user: &PanelUser) -> bool {
    let disabled = user.status == PanelUserStatus::Disabled;
    match wanted {
        Change::Expiry(new) => user.expire_at == new.expires_at && !(new.reopens && disabled),
        Change::Access { to: Access::Open } => !disabled,
        Change::Access { to: Access::Blocked | Access::Lapsed } => disabled,
        Change::Rotate { short_uuid } => user.short_uuid == *short_uuid,
        Change::Create(_) | Change::Remake { .. } | Change::Delete => false,
    }
}

fn stands(core: &Core, intent: &Intent, before: &Client, user: Option<&PanelUser>, late: bool) -> Effect {
    let mut client = intent.wanted.applied(before.clone());
    if let Some(user) = user {
        // Another one since the panel was upgraded.
        client.remnawave_uuid = Some(user.id.clone());
    }
    if let (Change::Rotate { .. }, Some(user)) = (&intent.wanted, user) {
        client.subscription_url = Some(user.subscription_url.clone());
    }
    if intent.wanted != Change::Delete {
        client.updated_at = core.clock.now();
    }
    Effect::Stands { client: Box::new(client), late }
}

fn failed(error: &str, late: bool) -> Effect {
    Effect::Failed { error: error.to_owned(), late, kept: None }
}

fn unneeded(error: &str) -> Effect {
    Effect::Unneeded { error: error.to_owned() }
}

fn unclear(error: &PanelError) -> Effect {
    Effect::Unclear { error: error.to_string() }
}
