//! Panel users become clients.

use std::sync::Arc;

use crate::bot::callback::Nonce;
use crate::bot::handlers::home;
use crate::bot::screens::import as screen;
use crate::bot::turn::{Handled, Turn};
use crate::domain::bulk::BulkTask;
use crate::services::bulk::Begun;

use super::is_kept;

/// What there is to import, and the question.
pub async fn count(turn: &Turn) -> Handled {
    match turn.door.services.imports.count(turn.by()).await? {
        Err(task) => show(turn, &task).await,
        Ok(counts) => {
            let nonce = Nonce::new(turn.eyes.now, turn.door.entropy.as_ref());
            turn.show(&screen::ask(&counts, nonce, &turn.eyes)).await
        }
    }
}

/// "Yes": whoever works on it shows how far it is, in this very message.
pub async fn yes(turn: &Arc<Turn>, nonce: Nonce) -> Handled {
    if nonce.stale(turn.eyes.now) {
        return home::outdated(Arc::clone(turn)).await;
    }
    let message = turn.editable.map(|message| message.0);
    match turn.door.services.imports.begin(turn.by(), &nonce.text(), message).await? {
        Begun::Task(task) if is_kept(turn, &task) => Ok(()),
        Begun::Task(task) | Begun::Busy(task) => show(turn, &task).await,
    }
}

/// How far it is.
pub async fn show(turn: &Turn, task: &BulkTask) -> Handled {
    if is_kept(turn, task) {
        return Ok(());
    }
    turn.show(&screen::progress(task, &turn.eyes)).await
}
