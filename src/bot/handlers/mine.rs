//! One's own clients.

use std::sync::Arc;

use crate::bot::callback::MineTap;
use crate::bot::commands::MineCommand;
use crate::bot::turn::{Handled, Turn};

use super::help;

/// Any of these commands.
pub async fn command(_turn: Arc<Turn>, command: MineCommand) -> Handled {
    match command {}
}

/// Any of these buttons.
pub async fn tapped(_turn: Arc<Turn>, tap: MineTap) -> Handled {
    match tap {}
}

/// Anything else that a person writes who has clients of their own.
pub async fn said(turn: Arc<Turn>) -> Handled {
    help::help(turn).await
}
