//! One stored update from beginning to end: read, enter, the tree, and words when something goes wrong.

use std::ops::ControlFlow;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::FutureExt as _;
use teloxide::dispatching::UpdateHandler;
use teloxide::dptree;

use crate::domain::actor::Role;
use crate::services::updates::IncomingUpdate;

use super::arrival::{Arrival, Input};
use super::dialogues;
use super::door::Door;
use super::errors::Failure;
use super::format::Eyes;
use super::patience::with_words;
use super::render::Chat;
use super::screens::notice;
use super::turn::Handled;
use super::visitor;

/// How the person sees things, and as what they came: until they are known, what Telegram says and nobody.
#[derive(Debug, Clone, Copy)]
struct Met {
    eyes: Eyes,
    role: Role,
}

/// Handles one update. `first`: it is not tried again after a failure.
///
/// # Errors
/// Only failures that pass: the update should be handled again later. Others were told to the person and logged.
pub async fn handle(
    door: &Arc<Door>,
    tree: &UpdateHandler<Failure>,
    incoming: &IncomingUpdate,
    first: bool,
) -> Handled {
    let Some(arrival) = read(incoming) else { return Ok(()) };
    let chat = Chat::new(Arc::clone(door), arrival.seen.id);
    let met = Mutex::new(Met { eyes: visitor::guess(door, &arrival), role: Role::Stranger });
    let seen = || *met.lock().unwrap_or_else(PoisonError::into_inner);
    let work = async {
        if arrival.input == Input::BlockedBot {
            return Ok(door.services.people.blocked_bot(arrival.seen.id).await?);
        }
        if let Some(tap) = &arrival.tap {
            chat.answer(tap).await;
        }
        let turn = visitor::enter(door, &chat, &arrival, incoming.update_id).await?;
        *met.lock().unwrap_or_else(PoisonError::into_inner) = Met { eyes: turn.eyes, role: turn.role() };
        dialogues::leave(&turn, &arrival.input).await?;
        match tree.dispatch(dptree::deps![turn, arrival.input.clone()]).await {
            ControlFlow::Break(handled) => handled,
            ControlFlow::Continue(_) => Err(Failure::Broken("no branch took the update".to_owned())),
        }
    };
    let work = Box::pin(guarded(door.settings.limits.handler, work));
    // Whoever waits for a second attempt was told so at the first.
    let handled = if first && arrival.input != Input::BlockedBot {
        let words = || notice::still_working(&seen().eyes);
        with_words(&chat, door.settings.limits.patience, words, work).await
    } else {
        work.await
    };
    let Err(failure) = handled else { return Ok(()) };
    let Met { eyes, role } = seen();
    let reference = door.reference();
    let again = match &arrival.input {
        Input::Tap(tap) => Some(tap),
        _ => None,
    };
    failure.log(&reference, incoming.update_id);
    // Nobody is there, or nothing gets through, or they were told at the first attempt.
    let silent = match failure {
        Failure::Gone => true,
        Failure::Telegram(_) => failure.passes(),
        _ => failure.passes() && !first,
    };
    if !silent
        && let Err(error) = chat.send(&failure.screen(arrival.seen.id, role, &reference, again, &eyes)).await
    {
        tracing::warn!(reference, %error, "nor could the person be told");
    }
    if failure.passes() { Err(failure) } else { Ok(()) }
}

fn read(incoming: &IncomingUpdate) -> Option<Arrival> {
    Arrival::read(&incoming.payload).unwrap_or_else(|error| {
        tracing::warn!(update_id = incoming.update_id, %error, "an update cannot be read");
        None
    })
}

/// Bounded in time, a panic caught.
async fn guarded(limit: Duration, work: impl Future<Output = Handled>) -> Handled {
    match tokio::time::timeout(limit, AssertUnwindSafe(work).catch_unwind()).await {
        Ok(Ok(handled)) => handled,
        // The panic's own words are on stderr, from the panic hook.
        Ok(Err(_panic)) => Err(Failure::Broken("a handler panicked".to_owned())),
        Err(_) => Err(Failure::Slow),
    }
}
