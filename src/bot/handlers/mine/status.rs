//! How one's own clients stand.

use std::sync::Arc;

use crate::bot::handlers::{clients, help};
use crate::bot::screens::mine::{self as choice, Choice};
use crate::bot::screens::status as screen;
use crate::bot::spot::Spot;
use crate::bot::turn::{Handled, Turn};
use crate::domain::ids::{ClientId, ClientRef};

/// `/status`: the only one's, else which? Staff without an own one are shown the list.
pub async fn mine(turn: Arc<Turn>) -> Handled {
    let mine = turn.door.services.clients.mine(turn.by()).await?;
    let staff = turn.role().is_staff();
    match (mine.as_slice(), staff) {
        ([], true) => clients::list(turn, Spot::default()).await,
        ([], false) => help::help(turn).await,
        ([only], false) => one(turn, only.id).await,
        (several, _) => turn.show(&choice::choose(several, Choice::Status, staff, &turn.eyes)).await,
    }
}

/// `/status CLIENT`: one's own; of others staff are shown the card.
pub async fn named(turn: Arc<Turn>, client: ClientRef) -> Handled {
    let client = turn.door.services.clients.find(turn.by(), &client).await?;
    if client.telegram_id == Some(turn.visitor.person.id) {
        one(turn, client.id).await
    } else {
        clients::card(turn, (client.id, Spot::default())).await
    }
}

/// This one.
pub async fn one(turn: Arc<Turn>, id: ClientId) -> Handled {
    let found = turn.door.services.clients.diagnose(turn.by(), id).await?;
    let several = turn.role().is_staff() || turn.door.services.clients.mine(turn.by()).await?.len() > 1;
    turn.show(&screen::status(&found, several, turn.contacts(), &turn.eyes)).await
}
