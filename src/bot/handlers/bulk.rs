//! Search, import, broadcast and numbers.

use std::sync::Arc;

use crate::bot::callback::BulkTap;
use crate::bot::commands::BulkCommand;
use crate::bot::turn::{Handled, Turn};

use super::help;

/// Any of these commands.
pub async fn command(_turn: Arc<Turn>, command: BulkCommand) -> Handled {
    match command {}
}

/// Any of these buttons.
pub async fn tapped(_turn: Arc<Turn>, tap: BulkTap) -> Handled {
    match tap {}
}

/// A text outside of any dialogue: what to look for.
pub async fn search(turn: Arc<Turn>, _text: String) -> Handled {
    help::help(turn).await
}
