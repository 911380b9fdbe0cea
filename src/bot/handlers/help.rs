//! Help.

use std::sync::Arc;

use crate::bot::commands::Usage;
use crate::bot::screens::help as screen;
use crate::bot::turn::{Handled, Turn};

/// What the bot can do for this person.
pub async fn help(turn: Arc<Turn>) -> Handled {
    let screen = match turn.role().is_staff() {
        true => screen::help(turn.role(), &turn.eyes),
        false => screen::user(turn.contacts(), &turn.eyes),
    };
    turn.show(&screen).await
}

/// How a command is written.
pub async fn usage(turn: Arc<Turn>, usage: Usage) -> Handled {
    turn.say(&screen::usage(usage, &turn.eyes)).await
}
