//! Invites: made by staff, opened by whoever has the link.

use std::sync::Arc;

use crate::bot::render::Chat;
use crate::bot::screens::invite as screen;
use crate::bot::spot::{Purpose, Spot};
use crate::bot::turn::{Handled, Turn};
use crate::domain::client::Client;
use crate::domain::ids::{ClientId, ClientRef, TelegramId};
use crate::services::Error;
use crate::services::error::InviteError;
use crate::services::views::Redeemed;

use super::clients;
use super::config::picture;

/// `/invite [CLIENT]`
pub async fn command(turn: Arc<Turn>, client: Option<ClientRef>) -> Handled {
    let Some(client) = client else {
        return clients::list(turn, Spot { purpose: Purpose::Invite, ..Spot::default() }).await;
    };
    let client = turn.door.services.clients.find(turn.by(), &client).await?;
    invite(turn, client.id).await
}

/// What it is good for, then the message to forward with its QR code.
pub async fn invite(turn: Arc<Turn>, id: ClientId) -> Handled {
    let invite = turn.door.services.invites.create(turn.by(), id).await?;
    let link = turn.door.start_link(invite.token.expose());
    turn.say(&screen::made(&invite, &turn.eyes)).await?;
    let forward = screen::forward(&link, &turn.eyes);
    match picture(&link).await? {
        Some(png) => turn.chat.photo("invite.png", png, &forward).await,
        None => turn.say(&forward).await,
    }
}

/// `/start TOKEN`, from anyone.
pub async fn redeem(turn: Arc<Turn>, token: String) -> Handled {
    match turn.door.services.invites.redeem(turn.by(), &token).await? {
        Redeemed::Owner => turn.say(&screen::owner(&turn.eyes)).await,
        Redeemed::Client { client, invited_by, again } => {
            turn.say(&screen::welcome(&client, &turn.eyes)).await?;
            if let Some(inviter) = invited_by.filter(|inviter| !again && *inviter != turn.visitor.person.id) {
                tell(&turn, inviter, &client).await;
            }
            Ok(())
        }
    }
}

/// `/start` with something that no invite can be.
pub async fn bad_token(_turn: Arc<Turn>) -> Handled {
    Err(Error::from(InviteError::Unknown).into())
}

/// Best effort, in the inviter's own language.
async fn tell(turn: &Turn, inviter: TelegramId, client: &Client) {
    let told = async {
        let eyes = turn.door.eyes(turn.door.services.people.lang_of(inviter).await?);
        let screen = screen::accepted(client, &turn.visitor.person, &eyes);
        Chat::new(Arc::clone(&turn.door), inviter).send(&screen).await
    };
    if let Err(error) = told.await {
        tracing::warn!(%error, %inviter, "the inviter was not told");
    }
}
