//! Home, for whoever comes.

use std::sync::Arc;

use crate::bot::callback::Tap;
use crate::bot::errors::Failure;
use crate::bot::menu;
use crate::bot::screen::Screen;
use crate::bot::screens::{self, mine};
use crate::bot::turn::{Handled, Turn};
use crate::services::Error;

/// `/start`, `/menu`.
pub async fn started(turn: Arc<Turn>) -> Handled {
    if turn.role().is_staff() {
        menu::for_staff(&turn);
    }
    home(turn).await
}

/// The home button.
pub async fn home(turn: Arc<Turn>) -> Handled {
    let screen = screen(&turn).await?;
    turn.show(&screen).await
}

/// A button of another version: a fresh screen instead.
pub async fn outdated(turn: Arc<Turn>) -> Handled {
    tracing::info!(actor = turn.by().label(), "a button that is out of date or invented");
    let screen = screen(&turn).await?;
    turn.show(&screen.under(&turn.eyes.t.html("outdated", &[]))).await
}

/// Whoever is nobody here.
pub async fn stranger(turn: Arc<Turn>) -> Handled {
    turn.say(&mine::stranger(turn.visitor.person.id, &turn.eyes)).await
}

/// A button that was never this person's.
pub async fn forbidden(turn: Arc<Turn>, tap: Tap) -> Handled {
    tracing::warn!(actor = turn.by().label(), %tap, "a button of someone else's was refused");
    Err(Error::Forbidden { actor: turn.by().label(), action: "use this button" }.into())
}

/// Home as this person sees it.
pub async fn screen(turn: &Turn) -> Result<Screen, Failure> {
    let clients = &turn.door.services.clients;
    Ok(if turn.role().is_staff() {
        screens::home::home(&clients.home(turn.by()).await?, turn.role(), &turn.eyes)
    } else {
        mine::home(&clients.mine(turn.by()).await?, turn.contacts(), &turn.eyes)
    })
}
