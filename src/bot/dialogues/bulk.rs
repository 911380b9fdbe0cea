//! Search and broadcast: the text.

use serde::{Deserialize, Serialize};

use crate::bot::callback::Nonce;
use crate::bot::handlers::bulk::{broadcast, find};
use crate::bot::screens::{broadcast as broadcast_screen, find as find_screen, notices};
use crate::bot::spot::Purpose;
use crate::bot::turn::{Handled, Turn};

use super::state::{self, Step};

/// The longest text of a broadcast, in UTF-16 units; a message has room for more, but not much.
pub const LONGEST: usize = 3500;

/// A question that waits for its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum BulkStep {
    /// What to look for?
    Find {
        /// The letter of what a tap on what is found does.
        purpose: char,
    },
    /// Which text?
    Broadcast,
    /// Send it?
    SendBroadcast {
        /// The text.
        text: String,
        /// The nonce of the "yes" button.
        nonce: String,
    },
}

/// Asks what to look for.
pub async fn ask_find(turn: &Turn, purpose: Purpose) -> Handled {
    turn.door.services.finding.may_look(turn.by())?;
    state::save(turn, Step::Bulk(BulkStep::Find { purpose: purpose.letter() })).await?;
    turn.show(&find_screen::ask(turn.role(), &turn.eyes)).await
}

/// Asks for the text of a broadcast.
pub async fn ask_broadcast(turn: &Turn) -> Handled {
    match turn.door.services.broadcasts.count(turn.by()).await? {
        Err(task) => broadcast::show(turn, &task).await,
        Ok(0) => turn.show(&broadcast_screen::nobody(&turn.eyes)).await,
        Ok(people) => {
            state::save(turn, Step::Bulk(BulkStep::Broadcast)).await?;
            turn.show(&broadcast_screen::ask(people, &turn.eyes)).await
        }
    }
}

/// A text: the answer to the question that waits. `asked_now`: this very update has asked it before.
pub async fn typed(turn: &Turn, step: BulkStep, asked_now: bool, text: &str) -> Handled {
    match step {
        step if asked_now => ask(turn, &step).await,
        BulkStep::Find { purpose } => {
            state::end(turn).await?;
            find::look(turn, text, Purpose::of(purpose).unwrap_or_default()).await
        }
        // A text instead of a tap is a better text.
        BulkStep::Broadcast | BulkStep::SendBroadcast { .. } => written(turn, text).await,
    }
}

/// Something that is no text: the question once more.
pub async fn not_text(turn: &Turn, step: &BulkStep) -> Handled {
    match step {
        BulkStep::Broadcast | BulkStep::SendBroadcast { .. } => {
            turn.show(&broadcast_screen::not_text(&turn.eyes)).await
        }
        step => ask(turn, step).await,
    }
}

async fn ask(turn: &Turn, step: &BulkStep) -> Handled {
    match step {
        BulkStep::Find { .. } => turn.show(&find_screen::ask(turn.role(), &turn.eyes)).await,
        BulkStep::Broadcast => ask_broadcast(turn).await,
        BulkStep::SendBroadcast { text, nonce } => preview(turn, text, nonce).await,
    }
}

async fn written(turn: &Turn, text: &str) -> Handled {
    let text = text.trim();
    let length = text.encode_utf16().count();
    if length == 0 || length > LONGEST {
        return turn.show(&broadcast_screen::too_long(length, LONGEST, &turn.eyes)).await;
    }
    let nonce = Nonce::new(turn.eyes.now, turn.door.entropy.as_ref()).text();
    let step = BulkStep::SendBroadcast { text: text.to_owned(), nonce: nonce.clone() };
    state::save(turn, Step::Bulk(step)).await?;
    preview(turn, text, &nonce).await
}

/// The message as people get it, and the question below it.
async fn preview(turn: &Turn, text: &str, nonce: &str) -> Handled {
    match turn.door.services.broadcasts.count(turn.by()).await? {
        Err(task) => broadcast::show(turn, &task).await,
        Ok(people) => {
            turn.say(&notices::broadcast(text, &turn.eyes)).await?;
            turn.say(&broadcast_screen::confirm(people, nonce, &turn.eyes)).await
        }
    }
}

/// The text that waits for this nonce's "yes".
///
/// # Errors
/// `Service`.
pub async fn waiting(turn: &Turn, nonce: &str) -> Result<Option<String>, crate::bot::errors::Failure> {
    Ok(match state::load(turn).await?.map(|waiting| waiting.step) {
        Some(Step::Bulk(BulkStep::SendBroadcast { text, nonce: asked })) if asked == nonce => Some(text),
        _ => None,
    })
}
