//! Dialogues: questions that follow one another, surviving restarts in the service's own database.

pub mod bulk;
pub mod change;
pub mod new;
pub mod people;
pub mod state;

use std::sync::Arc;

use super::arrival::Input;
use super::commands::Command;
use super::handlers;
use super::screens::notice;
use super::turn::{Handled, Turn};

use state::Step;

/// Any command but `/cancel` leaves the dialogue, and runs.
///
/// # Errors
/// `Service`.
pub async fn leave(turn: &Turn, input: &Input) -> Handled {
    match input {
        // `/cancel` wants to know whether there was one.
        Input::Command(command) if *command != Command::Cancel && turn.role().is_staff() => {
            turn.door.services.dialogues.remove(turn.visitor.person.id).await?;
            Ok(())
        }
        _ => Ok(()),
    }
}

/// A text from one of the staff: the answer to the question that waits, else what to look for.
pub async fn typed(turn: Arc<Turn>, text: String) -> Handled {
    let Some(waiting) = state::load(&turn).await? else { return handlers::bulk::search(turn, text).await };
    let asked_now = waiting.asked_now;
    match waiting.step {
        Step::New(step) => new::typed(&turn, step, asked_now, &text).await,
        Step::Change(step) => change::typed(&turn, step, asked_now, &text).await,
        Step::People(step) => people::typed(&turn, step, asked_now, &text).await,
        Step::Bulk(step) => bulk::typed(&turn, step, asked_now, &text).await,
    }
}

/// A photo, a sticker, a voice message from one of the staff: no answer to anything.
pub async fn not_text(turn: Arc<Turn>) -> Handled {
    match state::load(&turn).await?.map(|waiting| waiting.step) {
        None => handlers::help::help(turn).await,
        Some(Step::New(step)) => new::not_text(&turn, &step).await,
        Some(Step::Change(step)) => change::not_text(&turn, &step).await,
        Some(Step::People(step)) => people::not_text(&turn, &step).await,
        Some(Step::Bulk(step)) => bulk::not_text(&turn, &step).await,
    }
}

/// "No", and the cancel button of each question.
pub async fn no(turn: Arc<Turn>) -> Handled {
    state::end(&turn).await?;
    turn.show(&notice::cancelled(&turn.eyes)).await
}

/// `/cancel`
pub async fn cancel(turn: Arc<Turn>) -> Handled {
    let screen = match state::end(&turn).await? {
        true => notice::cancelled(&turn.eyes),
        false => notice::nothing_to_cancel(&turn.eyes),
    };
    turn.show(&screen).await
}
