//! Replacing the link of one's own client.

use std::sync::Arc;

use crate::bot::callback::{MineTap, Nonce, Tap};
use crate::bot::handlers::{config, home};
use crate::bot::locale::args;
use crate::bot::screens::mine::Choice;
use crate::bot::screens::{notice, rotation as screen};
use crate::bot::turn::{Handled, Turn};
use crate::domain::change::Key;
use crate::domain::ids::{ClientId, ClientRef};
use crate::services::Error;

use super::own;

/// `/rotate`: of the only one, else of which? Staff without an own one are shown the list.
pub async fn mine(turn: Arc<Turn>) -> Handled {
    match own(&turn, Choice::Rotate).await? {
        Some(only) => ask(turn, only.id).await,
        None => Ok(()),
    }
}

/// `/rotate CLIENT`, from who has clients of their own only.
pub async fn named(turn: Arc<Turn>, client: ClientRef) -> Handled {
    let client = turn.door.services.clients.find(turn.by(), &client).await?;
    ask(turn, client.id).await
}

/// Really? Who may not yet is told so first.
pub async fn ask(turn: Arc<Turn>, id: ClientId) -> Handled {
    let found = turn.door.services.clients.replaceable(turn.by(), id).await?;
    let nonce = Nonce::new(turn.eyes.now, turn.door.entropy.as_ref());
    turn.show(&screen::ask(&found.client, nonce, found.pause, &turn.eyes)).await
}

/// "Yes": the new configuration follows. The same button is also the one to tap once more when the panel fails.
pub async fn yes(turn: Arc<Turn>, id: ClientId, nonce: Nonce) -> Handled {
    if nonce.stale(turn.eyes.now) {
        return home::outdated(turn).await;
    }
    let key = Key::button(turn.door.bot_id(), &nonce.text());
    match turn.door.services.clients.rotate_own(turn.by(), id, Some(key)).await {
        Ok(client) => {
            turn.show(&screen::done(&client, &turn.eyes)).await?;
            config::deliver(&turn, id, true).await
        }
        Err(Error::Panel(error)) => failed(&turn, Tap::Mine(MineTap::YesRotate(id, nonce)), &error).await,
        Err(error) => Err(error.into()),
    }
}

async fn failed(turn: &Turn, again: Tap, error: &str) -> Handled {
    let reference = turn.door.reference();
    tracing::error!(reference, error, "a link was not replaced");
    let t = turn.eyes.t;
    let words = [t.html("relink-failed", &[]), t.html("error-reference", args![reference = &reference])];
    turn.show(&notice::with_retry(words.join("\n\n"), again, &turn.eyes)).await
}

/// "No".
pub async fn no(turn: Arc<Turn>, id: ClientId) -> Handled {
    let client = turn.door.services.clients.find(turn.by(), &ClientRef::Id(id)).await?;
    turn.show(&screen::left(&client, &turn.eyes)).await
}
