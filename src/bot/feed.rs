//! From the table to the handlers: each sender's updates one after another, nobody waiting for anybody else.
//!
//! The tree is dispatched directly rather than through teloxide's `Dispatcher`: that one takes an update from its
//! listener long before a handler has ended, so "handled" could not be noted at the right moment, and a panic in one
//! of its workers ends it (teloxide#1435). Order, bounds and the catching of panics are here instead.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use teloxide::dispatching::UpdateHandler;
use tokio::sync::Notify;
use tokio::task::{Id, JoinSet};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use crate::services::updates::IncomingUpdate;
use crate::services::views::ComponentState;

use super::backoff::{Backoff, wait};
use super::door::Door;
use super::errors::Failure;
use super::turn::Handled;
use super::update::handle;

/// So many people are served at once.
const AT_ONCE: usize = 128;

/// While the table has more than are served, it is looked at for so many at least, or after [`BREATH`]: a look costs as much
/// as an answer.
const BATCH: usize = AT_ONCE / 4;

/// How long a free place may stay free while others end.
const BREATH: Duration = Duration::from_millis(20);

/// How often the table is looked at when nobody wakes the feed: updates may be left from before a restart.
const ROUND: Duration = Duration::from_secs(1);

/// So often an update is tried that fails while the database itself works: then the fault is the update's.
const ATTEMPTS: u32 = 12;

/// How often those updates that run are kept from other processes.
const KEEP: Duration = Duration::from_secs(5);

/// What runs at the moment.
#[derive(Debug, Clone, Copy)]
struct Busy {
    update_id: i64,
    sender: i64,
}

/// Feeds the handlers until the process ends; what runs then is finished, and what could not be is left to others.
pub async fn run(
    door: Arc<Door>,
    tree: UpdateHandler<Failure>,
    wake: Arc<Notify>,
    shutdown: CancellationToken,
) {
    let mut running = JoinSet::new();
    let mut busy = HashMap::<Id, Busy>::new();
    let mut backoff = Backoff::default();
    let mut kept_at = Instant::now();
    let mut looks = Looks::default();
    while !shutdown.is_cancelled() {
        kept_at = keep(&door, &busy, kept_at).await;
        let wanted = looks.wanted(AT_ONCE.saturating_sub(busy.len()), Instant::now());
        let pause = match next(&door, &busy, wanted).await {
            Ok(updates) => {
                backoff.reset();
                looks.found(wanted, updates.len());
                for update in updates {
                    let work = Busy { update_id: update.update_id, sender: update.sender };
                    // As an error, so that it is there whatever the filter leaves out.
                    let span = tracing::error_span!("update", update_id = update.update_id);
                    let task =
                        one(Arc::clone(&door), tree.clone(), update, shutdown.clone()).instrument(span);
                    busy.insert(running.spawn(task).id(), work);
                }
                looks.pause()
            }
            Err(error) => {
                tracing::error!(%error, "the stored updates cannot be read");
                backoff.next().min(KEEP)
            }
        };
        tokio::select! {
            () = shutdown.cancelled() => {}
            () = wake.notified() => {}
            () = tokio::time::sleep(pause) => {}
            Some(ended) = running.join_next_with_id() => {
                busy.remove(&ended.map_or_else(|error| error.id(), |(id, ())| id));
                while let Some(ended) = running.try_join_next_with_id() {
                    busy.remove(&ended.map_or_else(|error| error.id(), |(id, ())| id));
                }
            }
        }
    }
    finish(&door, running, busy, kept_at).await;
}

/// When the table is looked at.
#[derive(Debug, Default)]
struct Looks {
    /// Whether the last look found as many as were asked for: then more are waiting.
    more: bool,
    last: Option<Instant>,
}

impl Looks {
    /// For how many it is to be looked now, with so many free places; 0 for not yet.
    fn wanted(&mut self, free: usize, now: Instant) -> usize {
        let early = self.last.is_some_and(|last| now.duration_since(last) < BREATH);
        if self.more && free < BATCH && early {
            return 0;
        }
        self.last = Some(now);
        free
    }

    fn found(&mut self, wanted: usize, found: usize) {
        if wanted > 0 {
            self.more = found >= wanted;
        }
    }

    /// How long nobody need look when nothing happens.
    fn pause(&self) -> Duration {
        if self.more { BREATH } else { ROUND }
    }
}

/// The end: what runs is kept until it has ended.
async fn finish(door: &Door, mut running: JoinSet<()>, mut busy: HashMap<Id, Busy>, mut kept_at: Instant) {
    while !running.is_empty() {
        tokio::select! {
            () = tokio::time::sleep(ROUND) => kept_at = keep(door, &busy, kept_at).await,
            Some(ended) = running.join_next_with_id() => {
                busy.remove(&ended.map_or_else(|error| error.id(), |(id, ())| id));
            }
        }
    }
    if let Err(error) = door.services.updates.leave(door.bot_id()).await {
        tracing::warn!(%error, "updates that were not handled could not be left to others; they wait for their lease's end");
    }
}

/// Keeps what runs from other processes, when it is time again; when that was done last.
async fn keep(door: &Door, busy: &HashMap<Id, Busy>, kept_at: Instant) -> Instant {
    let now = Instant::now();
    if now.duration_since(kept_at) < KEEP {
        return kept_at;
    }
    let running: Vec<i64> = busy.values().map(|busy| busy.update_id).collect();
    if !running.is_empty()
        && let Err(error) = door.services.updates.keep(door.bot_id(), &running).await
    {
        tracing::warn!(%error, "updates that are being handled could not be kept from other processes");
    }
    now
}

async fn next(
    door: &Door,
    busy: &HashMap<Id, Busy>,
    wanted: usize,
) -> Result<Vec<IncomingUpdate>, crate::services::Error> {
    if wanted == 0 {
        return Ok(vec![]);
    }
    let senders: Vec<i64> = busy.values().map(|busy| busy.sender).collect();
    door.services.updates.next(door.bot_id(), &senders, u32::try_from(wanted).unwrap_or_default()).await
}

/// Handles an update until it is done, then notes that. Its sender's next one waits.
async fn one(
    door: Arc<Door>,
    tree: UpdateHandler<Failure>,
    update: IncomingUpdate,
    shutdown: CancellationToken,
) {
    let mut backoff = Backoff::default();
    let mut attempts = 0;
    loop {
        let begun = Instant::now();
        let handled = safely(&update, Box::pin(handle(&door, &tree, &update, attempts == 0))).await;
        door.services.metrics.update(handled.is_ok(), begun.elapsed());
        let Err(failure) = handled else { break };
        attempts += 1;
        if attempts >= ATTEMPTS && !outage(&door).await {
            tracing::error!(update_id = update.update_id, %failure, "given up: nothing but this update fails");
            break;
        }
        if !wait(backoff.next(), &shutdown).await {
            return;
        }
    }
    let mut backoff = Backoff::default();
    while let Err(error) = door.services.updates.handled(door.bot_id(), update.update_id).await {
        tracing::error!(update_id = update.update_id, %error, "cannot note that an update was handled");
        if !wait(backoff.next(), &shutdown).await {
            return;
        }
    }
}

/// An update that panics outside the handlers, say as it is read, would panic at every further attempt: it is done with.
/// Else it would be the first of its sender for ever.
async fn safely(update: &IncomingUpdate, work: impl Future<Output = Handled>) -> Handled {
    AssertUnwindSafe(work).catch_unwind().await.unwrap_or_else(|_panic| {
        tracing::error!(update_id = update.update_id, "given up: this update panics");
        Ok(())
    })
}

/// Whether the fault is not the update's: the database or Telegram is down.
async fn outage(door: &Door) -> bool {
    let readiness = door.services.health.readiness().await;
    [readiness.database, readiness.telegram].iter().any(|part| part.state == ComponentState::Down)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_a_rush_places_are_filled_together() {
        let (mut looks, now) = (Looks::default(), Instant::now());
        assert_eq!(looks.wanted(64, now), 64);
        looks.found(64, 64);
        assert_eq!(looks.wanted(1, now), 0, "more are waiting: it pays to wait for more places");
        assert_eq!(looks.pause(), BREATH);
        assert_eq!(looks.wanted(BATCH, now), BATCH);
        assert_eq!(looks.wanted(1, now + BREATH), 1, "but nobody waits long for the slow ones");
        looks.found(1, 0);
        assert_eq!((looks.wanted(1, now + BREATH), looks.pause()), (1, ROUND), "the rush is over");
        looks.found(0, 0);
        assert!(!looks.more);
    }

    #[tokio::test]
    async fn an_update_that_panics_is_done_with() {
        let update = IncomingUpdate { update_id: 1, sender: 5, payload: "{}".to_owned() };
        let broken = async { panic!("as teloxide does when a reaction is nobody's") };
        assert!(safely(&update, broken).await.is_ok());
    }
}
