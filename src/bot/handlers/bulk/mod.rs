//! Search, import, broadcast and numbers.

pub mod broadcast;
pub mod find;
mod import;
mod stats;

use std::sync::Arc;

use crate::bot::callback::BulkTap;
use crate::bot::commands::BulkCommand;
use crate::bot::dialogues;
use crate::bot::dialogues::bulk as dialogue;
use crate::bot::spot::Purpose;
use crate::bot::turn::{Handled, Turn};
use crate::domain::bulk::{BulkTask, Progress};
use crate::domain::ids::BulkTaskId;

use super::home;

/// Any of these commands.
pub async fn command(turn: Arc<Turn>, command: BulkCommand) -> Handled {
    match command {
        BulkCommand::Find(Some(text)) => find::look(&turn, &text, Purpose::Card).await,
        BulkCommand::Find(None) => dialogue::ask_find(&turn, Purpose::Card).await,
        BulkCommand::Import => import::count(&turn).await,
        BulkCommand::Broadcast => dialogue::ask_broadcast(&turn).await,
        BulkCommand::Stats => stats::stats(&turn).await,
    }
}

/// Any of these buttons.
pub async fn tapped(turn: Arc<Turn>, tap: BulkTap) -> Handled {
    match tap {
        BulkTap::Find(purpose) => dialogue::ask_find(&turn, purpose).await,
        BulkTap::NoFind | BulkTap::NoImport | BulkTap::NoBroadcast => dialogues::no(turn).await,
        BulkTap::Import => import::count(&turn).await,
        BulkTap::YesImport(nonce) => import::yes(&turn, nonce).await,
        BulkTap::Broadcast => dialogue::ask_broadcast(&turn).await,
        BulkTap::YesBroadcast(nonce) => broadcast::yes(&turn, nonce).await,
        BulkTap::Stop(id) => stop(turn, id).await,
        BulkTap::Stats => stats::stats(&turn).await,
    }
}

/// A text outside of any dialogue: what to look for.
pub async fn search(turn: Arc<Turn>, text: String) -> Handled {
    find::look(&turn, &text, Purpose::Card).await
}

async fn stop(turn: Arc<Turn>, id: BulkTaskId) -> Handled {
    match turn.door.services.bulk.stop(turn.by(), id).await? {
        Some(task) => show(&turn, &task).await,
        None => home::outdated(turn).await,
    }
}

async fn show(turn: &Turn, task: &BulkTask) -> Handled {
    match task.progress {
        Progress::Import(_) => import::show(turn, task).await,
        Progress::Broadcast(_) => broadcast::show(turn, task).await,
    }
}

/// Whether whoever works on the task keeps the message with the tapped button up to date: then nobody else writes there.
fn is_kept(turn: &Turn, task: &BulkTask) -> bool {
    !task.told && turn.editable.is_some_and(|message| task.message == Some(message.0))
}
