//! One text to all linked people.

use std::sync::Arc;

use crate::bot::callback::Nonce;
use crate::bot::dialogues::{bulk as dialogue, state};
use crate::bot::handlers::home;
use crate::bot::screens::broadcast as screen;
use crate::bot::turn::{Handled, Turn};
use crate::domain::bulk::BulkTask;
use crate::services::bulk::Begun;

use super::is_kept;

/// "Yes": the text stands in the dialogue. Tapped again, it finds what the first tap began.
pub async fn yes(turn: &Arc<Turn>, nonce: Nonce) -> Handled {
    let broadcasts = &turn.door.services.broadcasts;
    let key = nonce.text();
    let known = broadcasts.known(turn.by(), &key).await?;
    let text = dialogue::waiting(turn, &key).await?;
    let begun = match (known, &text) {
        (Some(task), _) => Begun::Task(task),
        (None, Some(text)) if !nonce.stale(turn.eyes.now) => {
            let message = turn.editable.map(|message| message.0);
            broadcasts.begin(turn.by(), &key, message, text).await?
        }
        _ => return home::outdated(Arc::clone(turn)).await,
    };
    match begun {
        Begun::Task(task) => {
            if text.is_some() {
                state::end(turn).await?;
            }
            show(turn, &task).await
        }
        Begun::Busy(task) => show(turn, &task).await,
    }
}

/// How far it is.
pub async fn show(turn: &Turn, task: &BulkTask) -> Handled {
    if is_kept(turn, task) {
        return Ok(());
    }
    let counts = turn.door.services.broadcasts.counts(task).await?;
    turn.show(&screen::progress(task, counts, &turn.eyes)).await
}
