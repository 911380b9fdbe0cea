//! Dialogues: questions that follow one another, surviving restarts in the service's own database.

pub mod new;
pub mod state;

use super::arrival::Input;
use super::commands::Command;
use super::turn::{Handled, Turn};

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
