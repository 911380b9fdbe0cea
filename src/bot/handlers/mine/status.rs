//! How one's own clients stand.

use std::sync::Arc;

use crate::bot::handlers::clients;
use crate::bot::screens::mine::Choice;
use crate::bot::screens::status as screen;
use crate::bot::spot::Spot;
use crate::bot::turn::{Handled, Turn};
use crate::domain::ids::{ClientId, ClientRef};

use super::own;

/// `/status`: the only one's, else which? Staff without an own one are shown the list.
pub async fn mine(turn: Arc<Turn>) -> Handled {
    match own(&turn, Choice::Status).await? {
        Some(only) => {
            let found = turn.door.services.clients.diagnosis_of(only).await;
            turn.show(&screen::status(&found, false, turn.contacts(), &turn.eyes)).await
        }
        None => Ok(()),
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
