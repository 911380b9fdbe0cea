//! Telegram accounts taken off clients, and clients moved to other accounts.

use std::sync::Arc;

use crate::bot::callback::Nonce;
use crate::bot::screens::people as screen;
use crate::bot::spot::{Purpose, Spot};
use crate::bot::turn::{Handled, Turn};
use crate::domain::actor::Role;
use crate::domain::change::Key;
use crate::domain::ids::{ClientId, ClientRef, TelegramId};
use crate::services::links::{Link, Move, Moved, Unlinked};

use super::{clients, home, invite};

/// `/unlink [CLIENT]`: acts at once; without one, the picker.
pub async fn command(turn: Arc<Turn>, client: Option<ClientRef>) -> Handled {
    turn.require(Role::Operator, "unlink people")?;
    let Some(client) = client else {
        return clients::list(turn, Spot { purpose: Purpose::Unlink, ..Spot::default() }).await;
    };
    let client = turn.door.services.clients.find(turn.by(), &client).await?;
    let done = turn.door.services.links.unlink(turn.by(), client.id, None, &turn.key()).await?;
    show(&turn, &done).await
}

/// Really take it off? Only `person`, where one is named: somebody else may be linked by now.
pub async fn ask(turn: &Turn, id: ClientId, person: Option<TelegramId>) -> Handled {
    let linked = turn.door.services.links.of(turn.by(), id).await?;
    let Some(now) = linked.client.telegram_id else {
        return turn.show(&screen::nobody(&linked.client, &turn.eyes)).await;
    };
    if person.is_some_and(|person| person != now) {
        return turn.show(&screen::another(&linked, &turn.eyes)).await;
    }
    let link = Link { client: id, person: now };
    turn.show(&screen::ask_unlink(&linked, link, nonce(turn), &turn.eyes)).await
}

/// "Yes": a second tap finds what the first one did.
pub async fn yes(turn: Arc<Turn>, link: Link, nonce: Nonce) -> Handled {
    if nonce.stale(turn.eyes.now) {
        return home::outdated(turn).await;
    }
    let links = &turn.door.services.links;
    let done = links.unlink(turn.by(), link.client, Some(link.person), &key(&turn, nonce)).await?;
    show(&turn, &done).await
}

/// "No": the card again.
pub async fn no(turn: Arc<Turn>, id: ClientId) -> Handled {
    clients::card(turn, (id, Spot::default())).await
}

/// Really move it?
pub async fn ask_move(turn: &Turn, id: ClientId) -> Handled {
    let linked = turn.door.services.links.of(turn.by(), id).await?;
    let Some(person) = linked.client.telegram_id else {
        return turn.show(&screen::nobody(&linked.client, &turn.eyes)).await;
    };
    let link = Link { client: id, person };
    turn.show(&screen::ask_move(&linked, link, nonce(turn), turn.role(), &turn.eyes)).await
}

/// "Yes": the account off, the link replaced if so, and an invite for the next one.
pub async fn yes_move(turn: Arc<Turn>, link: Link, nonce: Nonce, replace: bool) -> Handled {
    if nonce.stale(turn.eyes.now) {
        return home::outdated(turn).await;
    }
    let wanted = Move { link, replace, key: key(&turn, nonce), update: turn.key() };
    match turn.door.services.links.move_on(turn.by(), &wanted).await? {
        Moved::Invited { invite: made, person, replaced } => {
            if let Some(Err(error)) = &replaced {
                tracing::warn!(client = %link.client, %error, "a client was moved, but its link was not replaced");
            }
            turn.show(&screen::moved(&made, person.as_ref(), replaced.as_ref(), &turn.eyes)).await?;
            invite::hand_over(&turn, &made).await
        }
        Moved::Before(linked) => turn.show(&screen::moved_before(&linked, &turn.eyes)).await,
        Moved::Not(why) => show(&turn, &why).await,
    }
}

async fn show(turn: &Turn, done: &Unlinked) -> Handled {
    let eyes = &turn.eyes;
    let screen = match done {
        Unlinked::Done(linked) => screen::unlinked(linked, eyes),
        Unlinked::Nobody(client) => screen::nobody(client, eyes),
        Unlinked::Another(linked) => screen::another(linked, eyes),
    };
    turn.show(&screen).await
}

fn nonce(turn: &Turn) -> Nonce {
    Nonce::new(turn.eyes.now, turn.door.entropy.as_ref())
}

fn key(turn: &Turn, nonce: Nonce) -> Key {
    Key::button(turn.door.bot_id(), &nonce.text())
}
