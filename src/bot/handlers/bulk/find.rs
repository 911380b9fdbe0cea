//! Looking for a client.

use crate::bot::handlers::clients;
use crate::bot::screens::find as screen;
use crate::bot::spot::{Purpose, Spot};
use crate::bot::turn::{Handled, Turn};
use crate::services::finding::Found;

/// One hit opens its card, several the list; with another purpose than a card even one is a list, whose button does it.
pub async fn look(turn: &Turn, text: &str, purpose: Purpose) -> Handled {
    let list = |search| Spot { purpose, ..Spot::default() }.searched(Some(search));
    match turn.door.services.finding.find(turn.by(), text).await? {
        Found::Empty => turn.show(&screen::ask(turn.role(), &turn.eyes)).await,
        Found::Nobody(text) => turn.show(&screen::nobody(&text, purpose, &turn.eyes)).await,
        Found::One(id, _) if purpose == Purpose::Card => {
            turn.show(&clients::card_screen(turn, id, Spot::default()).await?).await
        }
        Found::One(_, search) | Found::Many(search) => clients::show(turn, list(search)).await,
    }
}
