//! One text to all linked people.

use std::sync::Arc;

use crate::bot::callback::Nonce;
use crate::bot::dialogues::{bulk as dialogue, state};
use crate::bot::handlers::home;
use crate::bot::screens::broadcast as screen;
use crate::bot::turn::{Handled, Turn};
use crate::domain::bulk::BulkTask;
use crate::domain::notice::BatchCounts;
use crate::services::bulk::Begun;

use super::is_kept;

/// "Yes": the text stands in the dialogue. Tapped again, it finds what the first tap began. From then on whoever works on
/// it keeps this message up to date.
pub async fn yes(turn: &Arc<Turn>, nonce: Nonce) -> Handled {
    let broadcasts = &turn.door.services.broadcasts;
    let key = nonce.text();
    let known = broadcasts.known(turn.by(), &key).await?;
    let text = dialogue::waiting(turn, &key).await?;
    let begun = match (known, &text) {
        (Some(task), _) if is_kept(turn, &task) => None,
        (Some(task), _) => Some(task),
        (None, Some(text)) if !nonce.stale(turn.eyes.now) => {
            let mut task = broadcasts.plan(turn.by(), &key).await?;
            let first = screen::progress(&task, BatchCounts::default(), &turn.eyes);
            task.message = Some(turn.chat.keep(turn.editable, &first).await?.0);
            match broadcasts.begin(turn.by(), task, text).await? {
                Begun::Task(_) => None,
                Begun::Busy(task) => return show(turn, &task).await,
            }
        }
        _ => return home::outdated(Arc::clone(turn)).await,
    };
    if text.is_some() {
        state::end(turn).await?;
    }
    match begun {
        Some(task) => show(turn, &task).await,
        None => Ok(()),
    }
}

/// How far it is.
pub async fn show(turn: &Turn, task: &BulkTask) -> Handled {
    let counts = turn.door.services.broadcasts.counts(task).await?;
    turn.show(&screen::progress(task, counts, &turn.eyes)).await
}
