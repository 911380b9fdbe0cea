//! Roles and links.

use std::sync::Arc;

use crate::bot::callback::PeopleTap;
use crate::bot::commands::PeopleCommand;
use crate::bot::turn::{Handled, Turn};

/// Any of these commands.
pub async fn command(_turn: Arc<Turn>, command: PeopleCommand) -> Handled {
    match command {}
}

/// Any of these buttons.
pub async fn tapped(_turn: Arc<Turn>, tap: PeopleTap) -> Handled {
    match tap {}
}
