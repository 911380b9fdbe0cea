//! Invites: made by staff, opened by whoever has the link.

use std::sync::Arc;

use crate::bot::screens::{invite as screen, people};
use crate::bot::spot::{Purpose, Spot};
use crate::bot::turn::{Handled, Turn};
use crate::domain::ids::{ClientId, ClientRef};
use crate::services::Error;
use crate::services::error::InviteError;
use crate::services::views::{NewInvite, Redeemed};

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
    let invite = match turn.door.services.invites.create(turn.by(), id).await {
        Err(Error::Invite(InviteError::AlreadyLinked)) => {
            let linked = turn.door.services.links.of(turn.by(), id).await?;
            return turn.show(&people::taken(&linked, &turn.eyes)).await;
        }
        made => made?,
    };
    turn.say(&screen::made(&invite, &turn.eyes)).await?;
    hand_over(&turn, &invite).await
}

/// The message to forward, with the QR code of the link.
pub async fn hand_over(turn: &Turn, invite: &NewInvite) -> Handled {
    let link = turn.door.start_link(invite.token.expose());
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
        Redeemed::Client { client, .. } => turn.say(&screen::welcome(&client, &turn.eyes)).await,
    }
}

/// `/start` with something that no invite can be.
pub async fn bad_token(_turn: Arc<Turn>) -> Handled {
    Err(Error::from(InviteError::Unknown).into())
}
