//! What changes a client.

use std::sync::Arc;

use crate::bot::callback::ChangeTap;
use crate::bot::commands::ChangeCommand;
use crate::bot::turn::{Handled, Turn};

/// Any of these commands.
pub async fn command(_turn: Arc<Turn>, command: ChangeCommand) -> Handled {
    match command {}
}

/// Any of these buttons.
pub async fn tapped(_turn: Arc<Turn>, tap: ChangeTap) -> Handled {
    match tap {}
}
