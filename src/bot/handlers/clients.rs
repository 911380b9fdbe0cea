//! The list and the card.

use std::sync::Arc;

use crate::bot::callback::Nonce;
use crate::bot::errors::Failure;
use crate::bot::screen::Screen;
use crate::bot::screens::{card as screen, list as list_screen};
use crate::bot::spot::Spot;
use crate::bot::turn::{Handled, Turn};
use crate::domain::ids::{ClientId, ClientRef};

/// A page of the list: `/clients`, its buttons, the picker of a command without a client.
pub async fn list(turn: Arc<Turn>, spot: Spot) -> Handled {
    show(&turn, spot).await
}

/// A page of the list; of all when its search is forgotten.
pub async fn show(turn: &Turn, spot: Spot) -> Handled {
    let services = &turn.door.services;
    let (by, per_page) = (turn.by(), list_screen::PER_PAGE);
    if let Some(page) = services.finding.page(by, spot.look(), spot.page, per_page).await? {
        return turn.show(&list_screen::list(&page, spot, turn.role(), &turn.eyes)).await;
    }
    let spot = spot.searched(None);
    match services.finding.page(by, spot.look(), spot.page, per_page).await? {
        Some(page) => {
            let screen = list_screen::list(&page, spot, turn.role(), &turn.eyes);
            turn.show(&screen.under(&turn.eyes.t.html("outdated", &[]))).await
        }
        None => Err(Failure::Broken("a list of all has no search".to_owned())),
    }
}

/// `/client [CLIENT]`
pub async fn command(turn: Arc<Turn>, client: Option<ClientRef>) -> Handled {
    let Some(client) = client else { return list(turn, Spot::default()).await };
    let client = turn.door.services.clients.find(turn.by(), &client).await?;
    card(turn, (client.id, Spot::default())).await
}

/// A client of the list; Back leads to its place there.
pub async fn card(turn: Arc<Turn>, (id, spot): (ClientId, Spot)) -> Handled {
    let screen = card_screen(&turn, id, spot).await?;
    turn.show(&screen).await
}

/// The card as it is now.
///
/// # Errors
/// `Service`.
pub async fn card_screen(turn: &Turn, id: ClientId, spot: Spot) -> Result<Screen, Failure> {
    let view = turn.door.services.clients.card(turn.by(), id).await?;
    let nonce = Nonce::new(turn.eyes.now, turn.door.entropy.as_ref());
    Ok(screen::card(&view, spot, turn.role(), nonce, &turn.eyes))
}
