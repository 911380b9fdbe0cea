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

/// "Yes". From then on whoever works on it keeps this message up to date.
pub async fn yes(turn: &Arc<Turn>, nonce: Nonce) -> Handled {
    if nonce.stale(turn.eyes.now) {
        return home::outdated(Arc::clone(turn)).await;
    }
    let imports = &turn.door.services.imports;
    let key = nonce.text();
    if let Some(task) = imports.known(turn.by(), &key).await? {
        return if is_kept(turn, &task) { Ok(()) } else { show(turn, &task).await };
    }
    let mut task = imports.plan(turn.by(), &key)?;
    let message = turn.chat.keep(turn.editable, &screen::progress(&task, &turn.eyes)).await?;
    task.message = Some(message.0);
    match imports.begin(turn.by(), task).await? {
        Begun::Task(_) => Ok(()),
        Begun::Busy(task) => show(turn, &task).await,
    }
}

/// How far it is.
pub async fn show(turn: &Turn, task: &BulkTask) -> Handled {
    turn.show(&screen::progress(task, &turn.eyes)).await
}
