//! One's own clients.

mod keys;
mod rotation;
mod status;

use std::sync::Arc;

use crate::bot::arrival::Input;
use crate::bot::callback::MineTap;
use crate::bot::commands::{ChangeCommand, Command, MineCommand};
use crate::bot::errors::Failure;
use crate::bot::screen::Screen;
use crate::bot::screens::mine::{self as mine_screen, Choice};
use crate::bot::screens::{diagnosis as screen, help as help_screen};
use crate::bot::turn::{Handled, Turn};

use crate::domain::client::Client;

use super::{clients, help};

/// Any of these commands.
pub async fn command(turn: Arc<Turn>, command: MineCommand) -> Handled {
    match command {
        MineCommand::Status(None) => status::mine(turn).await,
        MineCommand::Status(Some(client)) => status::named(turn, client).await,
        MineCommand::Rotate => rotation::mine(turn).await,
    }
}

/// Any of these buttons.
pub async fn tapped(turn: Arc<Turn>, tap: MineTap) -> Handled {
    match tap {
        MineTap::Statuses => status::mine(turn).await,
        MineTap::Status(id) => status::one(turn, id).await,
        MineTap::Check => check(turn).await,
        MineTap::Keys(id, page) => keys::list(turn, id, page).await,
        MineTap::Key(spot) => keys::one(turn, spot).await,
        MineTap::Rotations => rotation::mine(turn).await,
        MineTap::Rotate(id) => rotation::ask(turn, id).await,
        MineTap::YesRotate(id, nonce) => rotation::yes(turn, id, nonce).await,
        MineTap::NoRotate(id) => rotation::no(turn, id).await,
    }
}

/// The one client that this is about, when a person has no other; else they are asked. Staff have others' too: without an
/// own one they are shown the list.
pub(super) async fn own(turn: &Arc<Turn>, choice: Choice) -> Result<Option<Client>, Failure> {
    let mine = turn.door.services.clients.mine(turn.by()).await?;
    match (mine.as_slice(), turn.role().is_staff()) {
        ([], true) => clients::list(Arc::clone(turn), choice.of_all(turn.role())).await?,
        ([], false) => help::help(Arc::clone(turn)).await?,
        ([only], false) => return Ok(Some(only.clone())),
        (several, _) => turn.show(&mine_screen::choose(several, choice, turn.role(), &turn.eyes)).await?,
    }
    Ok(None)
}

/// Anything else that a person writes who has clients of their own is taken for "it does not work". Who wrote a command
/// that is none of theirs is told what they may write, too.
pub async fn said(turn: Arc<Turn>, input: Input) -> Handled {
    if let Input::Command(Command::Change(ChangeCommand::Rotate(client))) = input {
        return rotation::named(turn, client).await;
    }
    let screen = diagnosis(&turn).await?;
    match (screen, input) {
        (Some(screen), Input::Command(_)) => {
            turn.show(&screen.under(&help_screen::user_words(&turn.eyes))).await
        }
        (Some(screen), _) => turn.show(&screen).await,
        (None, _) => help::help(turn).await,
    }
}

/// The button that asks for the same.
async fn check(turn: Arc<Turn>) -> Handled {
    match diagnosis(&turn).await? {
        Some(screen) => turn.show(&screen).await,
        None => help::help(turn).await,
    }
}

/// What keeps their VPN from working; none for who has no client.
async fn diagnosis(turn: &Turn) -> Result<Option<Screen>, Failure> {
    let found = turn.door.services.clients.diagnose_mine(turn.by()).await?;
    let shown = || screen::diagnosis(&found, turn.contacts(), &turn.eyes);
    Ok((!found.is_empty()).then(shown))
}
