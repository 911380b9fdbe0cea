//! A panel user again, for a client whose own the panel does not know any more: the same name, link and date.

use tokio::time::Instant;

use crate::domain::change::Intent;
use crate::domain::client::Client;
use crate::panel::{Effect as PanelEffect, PanelError};

use super::changes::Effect;
use super::core::Core;
use super::creation::{Attempt, adopt, left, make_again};

/// Makes it, or finds that it is there.
pub async fn carry_out(core: &Core, intent: &Intent, attempt: Attempt, deadline: Instant) -> Effect {
    let Some(before) = &intent.before else { return failed("the state before is not known", false) };
    let late = attempt.is_late(false);
    let before = &intent.wanted.applied(before.as_ref().clone());
    match find_or_make(core, before, deadline).await {
        Ok(Some(client)) => Effect::Stands { client: Box::new(client), late },
        Ok(None) => failed("the panel has somebody else of this name", late),
        Err(error) if error.effect() == PanelEffect::None && attempt == Attempt::First => {
            failed(&error.to_string(), false)
        }
        // A request without an answer may have made it.
        Err(error) => match find(core, before, deadline).await {
            Ok(Found::Ours(client)) => Effect::Stands { client, late: true },
            Ok(Found::Nobody | Found::SomebodyElse) => failed(&error.to_string(), true),
            Err(_) => Effect::Unclear { error: error.to_string() },
        },
    }
}

enum Found {
    Ours(Box<Client>),
    SomebodyElse,
    Nobody,
}

async fn find_or_make(core: &Core, client: &Client, deadline: Instant) -> Result<Option<Client>, PanelError> {
    match find(core, client, deadline).await? {
        Found::Ours(client) => Ok(Some(*client)),
        Found::SomebodyElse => Ok(None),
        Found::Nobody => make_again(core, client.clone(), deadline).await.map(Some),
    }
}

async fn find(core: &Core, client: &Client, deadline: Instant) -> Result<Found, PanelError> {
    let Some(user) = core.panel.user_by_username(&client.username, left(deadline)).await? else {
        return Ok(Found::Nobody);
    };
    let linked = client.short_uuid.as_ref() == Some(&user.short_uuid);
    if !linked && user.marked_client() != Some(client.id) {
        return Ok(Found::SomebodyElse);
    }
    Ok(Found::Ours(Box::new(adopt(core, client.clone(), user, deadline).await?)))
}

fn failed(error: &str, late: bool) -> Effect {
    Effect::Failed { error: error.to_owned(), late, kept: None }
}
