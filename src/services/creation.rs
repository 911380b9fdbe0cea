//! A new client on the panel: made once however often it is tried, and taken back without a trace.
//!
//! The service chooses the short UUID and writes the client's id into the panel user's description. Found with it, the
//! user is ours; absent, it was not made; with anything else it is somebody else's and is not touched.

use std::time::Duration;

use tokio::time::Instant;

use crate::domain::change::{Intent, NewClient};
use crate::domain::client::{Access, Client};
use crate::domain::ids::ClientId;
use crate::panel::{Effect as PanelEffect, NewPanelUser, PanelError, PanelUser};
use crate::repositories::{clients, intents};

use super::changes::Effect;
use super::core::Core;
use super::error::Error;

/// Of the caller's time, what is kept back for looking at the panel again when a request has no answer.
const LOOK_BACK: Duration = Duration::from_secs(2);

/// Of the caller's time, what is kept back for writing down how it ended.
const FOR_THE_DATABASE: Duration = Duration::from_millis(300);

/// What the panel may have heard of the intent before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempt {
    /// It was decided a moment ago: what the panel refuses now was never done.
    First,
    /// An earlier attempt was cut or had no answer: a refusal of this one says nothing of that one.
    Again,
    /// The last request without an answer was sent so long ago that it has arrived or never will.
    Look,
}

impl Attempt {
    /// Whether a request may still be under way, after an attempt that left one without an answer or none.
    pub fn is_late(self, unanswered: bool) -> bool {
        unanswered || self == Self::Again
    }
}

/// Makes the panel user, or finds that it is there.
pub async fn carry_out(
    core: &Core,
    intent: &Intent,
    new: &NewClient,
    attempt: Attempt,
    deadline: Instant,
) -> Effect {
    let late = attempt.is_late(false);
    match create(core, intent, new, deadline).await {
        Ok(user) => stands(core, intent, new, user, late),
        Err(error) if is_taken(&error) => match clear_the_way(core, intent, deadline).await {
            Way::Ours(user) => stands(core, intent, new, *user, late),
            Way::Taken => Effect::UsernameTaken,
            Way::Clear => match create(core, intent, new, deadline).await {
                Ok(user) => stands(core, intent, new, user, late),
                Err(error) if is_taken(&error) => Effect::UsernameTaken,
                Err(error) => look_back(core, intent, new, error, attempt, deadline).await,
            },
            Way::Unknown(error) => Effect::Unclear { error },
        },
        Err(error) => look_back(core, intent, new, error, attempt, deadline).await,
    }
}

/// Brings the panel to what the database says of the new client: it takes away a user without a client, and makes the
/// one that a request of ours took away after the client was made all the same.
pub async fn restore(core: &Core, intent: &Intent, attempt: Attempt, deadline: Instant) -> Effect {
    let error = intent.error.clone().unwrap_or_else(|| "cut before it was done".to_owned());
    let client = match clients::find(&core.db, intent.client_id).await {
        Ok(client) => client,
        Err(error) => return Effect::Unclear { error: Error::from(error).to_string() },
    };
    let found = match core.panel.user_by_username(&intent.username, left(deadline)).await {
        Ok(found) => found,
        Err(again) => return unclear(&again),
    };
    let ours = found.as_ref().filter(|user| user.marked_client() == Some(intent.client_id));
    let done = match (client, ours) {
        (None, Some(user)) => {
            tracing::warn!(intent = %intent.id, "the panel has a user that no client owns; taking it back");
            core.panel.delete_user(&user.id, left(deadline)).await.map(|_| None)
        }
        (Some(client), None) if found.is_none() && client.remnawave_uuid.is_some() => {
            make_again(core, client, deadline).await.map(Some)
        }
        // It was made again, and nobody heard.
        (Some(client), Some(user)) if client.remnawave_uuid.as_ref() != Some(&user.id) => {
            adopt(core, client, user.clone(), deadline).await.map(Some)
        }
        _ => Ok(None),
    };
    match done {
        Ok(kept) => Effect::Failed { error, late: attempt.is_late(false), kept: kept.map(Box::new) },
        Err(again) => unclear(&again),
    }
}

/// The panel user of a client that lost it to a late request, as the database has it.
pub(super) async fn make_again(core: &Core, client: Client, deadline: Instant) -> Result<Client, PanelError> {
    let Some(short_uuid) = &client.short_uuid else { return Ok(client) };
    tracing::warn!(client = %client.id, "the panel has lost the user of a client; making it again");
    let user = NewPanelUser {
        username: client.username.clone(),
        expire_at: client.expires_at,
        short_uuid: short_uuid.clone(),
        client_id: client.id,
        telegram_id: client.telegram_id,
    };
    let made = core.panel.create_user(&user, time_to_ask(deadline)).await?;
    adopt(core, client, made, deadline).await
}

/// The client with this panel user, which gets the client's access.
pub(super) async fn adopt(
    core: &Core,
    client: Client,
    user: PanelUser,
    deadline: Instant,
) -> Result<Client, PanelError> {
    if client.access != Access::Open {
        core.panel.disable(&user.id, left(deadline)).await?;
    }
    Ok(Client {
        remnawave_uuid: Some(user.id),
        short_uuid: Some(user.short_uuid),
        subscription_url: Some(user.subscription_url),
        updated_at: core.clock.now(),
        ..client
    })
}

async fn create(
    core: &Core,
    intent: &Intent,
    new: &NewClient,
    deadline: Instant,
) -> Result<PanelUser, PanelError> {
    let user = NewPanelUser {
        username: new.username.clone(),
        expire_at: new.expires_at,
        short_uuid: new.short_uuid.clone(),
        client_id: intent.client_id,
        telegram_id: None,
    };
    core.panel.create_user(&user, time_to_ask(deadline)).await
}

fn is_taken(error: &PanelError) -> bool {
    matches!(error, PanelError::UsernameTaken | PanelError::ShortUuidTaken)
}

/// What stands where the new user should.
enum Way {
    /// Our own, from an earlier attempt of this very creation.
    Ours(Box<PanelUser>),
    /// Somebody else's.
    Taken,
    /// It was the leftover of a creation of ours, and is gone now.
    Clear,
    /// The panel, or the database, does not say.
    Unknown(String),
}

async fn clear_the_way(core: &Core, intent: &Intent, deadline: Instant) -> Way {
    let user = match core.panel.user_by_username(&intent.username, left(deadline)).await {
        Ok(Some(user)) => user,
        Ok(None) => return Way::Clear,
        Err(error) => return Way::Unknown(error.to_string()),
    };
    let Some(owner) = user.marked_client() else { return Way::Taken };
    if owner == intent.client_id {
        return Way::Ours(Box::new(user));
    }
    match is_leftover(core, owner).await {
        // It arrived late. The name is locked by this intent, so nobody is making it now.
        Ok(true) => match core.panel.delete_user(&user.id, left(deadline)).await {
            Ok(_) => Way::Clear,
            Err(error) => Way::Unknown(error.to_string()),
        },
        Ok(false) => Way::Taken,
        Err(error) => Way::Unknown(error.to_string()),
    }
}

/// Whether a creation of ours made or would have made this client, and it is not there. The mark alone proves nothing:
/// another installation on the same panel writes it too.
async fn is_leftover(core: &Core, owner: ClientId) -> Result<bool, Error> {
    Ok(intents::was_to_be_made(&core.db, owner).await? && clients::find(&core.db, owner).await?.is_none())
}

/// The request failed: did it, or one before it, leave anything?
async fn look_back(
    core: &Core,
    intent: &Intent,
    new: &NewClient,
    error: PanelError,
    attempt: Attempt,
    deadline: Instant,
) -> Effect {
    let unanswered = error.effect() == PanelEffect::Unknown;
    if attempt == Attempt::First && !unanswered {
        return Effect::Failed { error: error.to_string(), late: false, kept: None };
    }
    let late = attempt.is_late(unanswered);
    match core.panel.user_by_username(&intent.username, left(deadline)).await {
        Ok(Some(user)) if user.marked_client() == Some(intent.client_id) => {
            stands(core, intent, new, user, late)
        }
        Ok(_) => Effect::Failed { error: error.to_string(), late, kept: None },
        Err(_) => unclear(&error),
    }
}

/// The panel user is there. Is it the right one? Ids are used again after a panel was reinstalled.
fn stands(core: &Core, intent: &Intent, new: &NewClient, user: PanelUser, late: bool) -> Effect {
    if user.username != intent.username.as_str() || user.short_uuid != new.short_uuid {
        tracing::error!(intent = %intent.id, panel_user = %user.id, "the panel answered about another user");
        return Effect::Unclear { error: "the panel answered about another user".to_owned() };
    }
    let now = core.clock.now();
    let client = Client {
        id: intent.client_id,
        username: intent.username.clone(),
        remnawave_uuid: Some(user.id),
        short_uuid: Some(user.short_uuid),
        subscription_url: Some(user.subscription_url),
        access: Access::Open,
        expires_at: new.expires_at,
        created_at: now,
        updated_at: now,
        telegram_id: None,
    };
    Effect::Stands { client: Box::new(client), late }
}

fn unclear(error: &PanelError) -> Effect {
    Effect::Unclear { error: error.to_string() }
}

/// The caller's time that is left for the panel; what follows in the database needs some, too.
pub(super) fn left(deadline: Instant) -> Duration {
    deadline.saturating_duration_since(Instant::now()).saturating_sub(FOR_THE_DATABASE)
}

/// The part of it for the request itself.
pub(super) fn time_to_ask(deadline: Instant) -> Duration {
    let all = left(deadline);
    all.saturating_sub(LOOK_BACK).max(all / 2)
}
