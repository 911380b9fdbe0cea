//! How anything is changed: intent, panel, commit. The only place that knows that order.
//!
//! A change is committed as an intent before the panel is asked. The open intent is the lock on its client and its name.
//! No transaction and no pooled connection is held while the panel is called. One transaction ends it: the client's row, the
//! log and the intent's end (`settle`). What is cut in between is finished by whoever finds the lease run out.

use std::collections::HashSet;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::FutureExt as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};
use tokio_util::task::TaskTracker;
use tracing::Instrument;

use crate::domain::change::{Answer, Change, Intent, IntentState};
use crate::domain::client::Client;
use crate::domain::ids::{ClientId, ClientRef, IntentId};
use crate::domain::username::Username;
use crate::repositories::{clients, intents, is_conflict, whole_tens};

use super::alteration;
use super::begin::{Begun, Request};
use super::core::Core;
use super::creation::{self, Attempt};
use super::error::Error;
use super::queues::Queues;
use super::remake;
use super::settle::{End, Told};
use super::together::{Gathering, Together};

/// How often somebody who waits for another process's intent looks again.
pub(super) const LOOK_AGAIN: Duration = Duration::from_millis(100);
/// Of the waiting time, what is kept for one last look: a busy database must not be taken for one that is away.
const LAST_LOOK: Duration = Duration::from_millis(400);
/// How long a change waits to be written together with others, before it is written by itself.
const PATIENCE: Duration = Duration::from_millis(500);

/// The part of one of many changes: so many are under way, and fewer ask the panel at once.
#[derive(Debug)]
pub(super) struct Part {
    /// The right to be under way, up to the panel's answer.
    pub admitted: OwnedSemaphorePermit,
    /// The places at the panel: fewer than are begun, so that a person's change waits there for one of them, not for all.
    pub panel: Arc<Semaphore>,
}

/// How an attempt on the panel ended.
#[derive(Debug)]
pub enum Effect {
    /// The panel has it.
    Stands {
        /// The client as it is now (as it was, if it is gone).
        client: Box<Client>,
        /// Whether an earlier request of ours may still arrive there.
        late: bool,
    },
    /// The name belongs to somebody else there.
    UsernameTaken,
    /// The panel has nothing of it, or nothing any more.
    Failed {
        /// Why, without secrets.
        error: String,
        /// Whether a request of ours may still arrive there.
        late: bool,
        /// The client as it must be kept instead, where the panel could not be brought to what the database says.
        kept: Option<Box<Client>>,
    },
    /// The panel has no such user any more: somebody deleted it there.
    UserGone {
        /// Whether a request of ours may still arrive there.
        late: bool,
    },
    /// The panel shows that a job's change is not needed; nothing was asked of it.
    Unneeded {
        /// Why, without secrets.
        error: String,
    },
    /// Nobody can say; the panel must be brought back to what the database says.
    Unclear {
        /// Why, without secrets.
        error: String,
    },
}

/// Carrying changes out.
#[derive(Debug, Clone)]
pub struct Changes {
    pub(super) core: Arc<Core>,
    queues: Arc<Queues>,
    /// Intents whose caller was told an error although the database could not be told: they are undone, not completed.
    pub(super) given_up: Arc<Mutex<HashSet<IntentId>>>,
    pub(super) tasks: TaskTracker,
    /// Requests that begin while others do.
    pub(super) beginning: Arc<Together<Arc<Request>, Result<Begun, Error>>>,
    /// Changes that end while others do.
    pub(super) ending: Arc<Together<Arc<End>, Result<bool, Error>>>,
}

impl Changes {
    /// The one of this process.
    pub fn new(core: Arc<Core>) -> Self {
        // SQLite has one writer. On PostgreSQL one that stands still for a lock of another replica must not hold up everybody.
        let leaders = if core.db.is_shared() { 2 } else { 1 };
        Self {
            core,
            queues: Arc::default(),
            given_up: Arc::default(),
            tasks: TaskTracker::new(),
            beginning: Together::sized(leaders, PATIENCE, Gathering::Ready, whole_tens),
            ending: Together::sized(leaders, PATIENCE, Gathering::Ready, whole_tens),
        }
    }

    /// Carries a change out, once for its key, within the panel's time limit. It goes on when the caller goes away.
    pub async fn apply(&self, request: Request) -> Result<Client, Error> {
        self.apply_in(request, None).await
    }

    /// The same for one of many changes: the next ones are begun while the panel is busy with others, and ask it while this
    /// one is written down.
    pub(super) async fn apply_in(&self, request: Request, part: Option<Part>) -> Result<Client, Error> {
        let deadline = Instant::now() + self.core.panel.timeout();
        let this = self.clone();
        let work = async move { this.run(Arc::new(request), part, deadline).await }.in_current_span();
        match self.tasks.spawn(work).await {
            Ok(result) => result,
            Err(error) => Err(Error::Internal(format!("a change was cut: {error}"))),
        }
    }

    /// Waits until no change runs; the doors must be closed before.
    pub async fn close(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }

    async fn run(
        &self,
        request: Arc<Request>,
        part: Option<Part>,
        deadline: Instant,
    ) -> Result<Client, Error> {
        let turn = timeout_at(deadline, self.queues.turn(&request.turn())).await;
        let late = || Instant::now() + LAST_LOOK >= deadline;
        let (Ok(_turn), false) = (turn, late()) else { return Err(self.still_waiting(&request).await) };
        loop {
            match self.begin(&request, deadline).await? {
                Begun::Mine(mut intent, attempt) => {
                    let (effect, deadline) = self.forward_in(&intent, attempt, part, deadline).await;
                    return self.settle(&mut intent, effect, Told::Caller, deadline).await;
                }
                Begun::Answered(answer) => {
                    return self.answer(request.client_id, &request.username(), answer).await;
                }
                Begun::Left(intent) => Box::pin(self.finish_first(*intent, &request, deadline)).await?,
                Begun::Waiting { same_key } if late() => {
                    return Err(if same_key { in_progress() } else { busy() });
                }
                Begun::Waiting { .. } => tokio::time::sleep(LOOK_AGAIN).await,
            }
        }
    }

    /// Finishes somebody else's intent that is in the way, in its own time. That the panel did not let it be finished is
    /// this request's failure, too.
    async fn finish_first(&self, intent: Intent, request: &Request, deadline: Instant) -> Result<(), Error> {
        let this = self.clone();
        let until = Instant::now() + self.core.panel.timeout();
        let finishing = async move { this.finish(intent, Attempt::Again, until).await };
        let finishing = self.tasks.spawn(finishing.in_current_span());
        match timeout_at(deadline, finishing).await {
            Ok(Ok(Err(Error::Panel(why)))) => {
                self.note_failed(request, &why).await?;
                Err(Error::Panel(why))
            }
            Ok(Ok(done)) => done,
            Ok(Err(error)) => Err(Error::Internal(format!("a change was cut: {error}"))),
            Err(_) => Err(busy()),
        }
    }

    /// The turn did not come in time: because the same request is under way, or another one.
    async fn still_waiting(&self, request: &Request) -> Error {
        let Some(key) = &request.key else { return busy() };
        match intents::is_open_by_key(&self.core.db, key).await {
            Ok(true) => in_progress(),
            Ok(false) => busy(),
            Err(error) => error.into(),
        }
    }

    pub(super) async fn answer(
        &self,
        id: ClientId,
        username: &Username,
        answer: Answer,
    ) -> Result<Client, Error> {
        match answer {
            Answer::Client { id } => {
                let client = clients::find(&self.core.db, id).await?;
                client.ok_or(Error::ClientNotFound(ClientRef::Id(id)))
            }
            Answer::Stands { client } => Ok(*client),
            Answer::UsernameTaken => Err(Error::UsernameTaken(username.clone())),
            Answer::ClientNotFound => Err(Error::ClientNotFound(ClientRef::Id(id))),
            Answer::AlreadyBlocked => Err(Error::AlreadyBlocked),
            Answer::NotBlocked => Err(Error::NotBlocked),
            Answer::NotLinked => Err(Error::NotLinked),
            Answer::TooSoon { until } => Err(Error::TooSoon { until }),
            Answer::DatePassed => Err(Error::DatePassed),
            Answer::SameDate => Err(Error::SameDate),
            Answer::CannotUndo => Err(Error::CannotUndo),
            Answer::NotNeeded => Err(Error::NotNeeded),
            Answer::UserGone => Err(Error::UserGone),
            Answer::PanelFailed => Err(Error::Panel("the panel did not do it".to_owned())),
        }
    }

    /// As soon as there is a place at the panel, and by when its end is to be written.
    async fn forward_in(
        &self,
        intent: &Intent,
        attempt: Attempt,
        part: Option<Part>,
        deadline: Instant,
    ) -> (Effect, Instant) {
        let Some(Part { admitted, panel }) = part else {
            return (self.forward(intent, attempt, deadline).await, deadline);
        };
        let timeout = self.core.panel.timeout();
        // From the moment it has a place it has the panel's time, and in all no more than the lease.
        let patience = self.core.rules.intent_lease.saturating_sub(timeout);
        let place = timeout_at(Instant::now() + patience, panel.acquire()).await;
        let first = attempt == Attempt::First;
        // At a stop whoever asks the panel is waited for, and nobody else.
        let (Ok(Ok(place)), false) = (place, first && self.tasks.is_closed()) else {
            let error = "not asked of the panel in time".to_owned();
            // What an earlier attempt has asked for may be done there.
            let effect = if first { Effect::Unneeded { error } } else { Effect::Unclear { error } };
            return (effect, deadline);
        };
        let deadline = deadline.max(Instant::now() + timeout);
        let effect = self.forward(intent, attempt, deadline).await;
        drop((place, admitted));
        (effect, deadline)
    }

    /// Each kind in its box: a task would have room for all of them, and is moved when it begins.
    async fn forward(&self, intent: &Intent, attempt: Attempt, deadline: Instant) -> Effect {
        let core = &self.core;
        caught(async {
            match &intent.wanted {
                Change::Create(new) => {
                    Box::pin(creation::carry_out(core, intent, new, attempt, deadline)).await
                }
                Change::Remake { .. } => Box::pin(remake::carry_out(core, intent, attempt, deadline)).await,
                _ => Box::pin(alteration::carry_out(core, intent, attempt, deadline)).await,
            }
        })
        .await
    }

    async fn back(&self, intent: &Intent, attempt: Attempt, deadline: Instant) -> Effect {
        caught(async {
            match &intent.wanted {
                Change::Create(_) => creation::restore(&self.core, intent, attempt, deadline).await,
                _ => alteration::restore(&self.core, intent, attempt, deadline).await,
            }
        })
        .await
    }

    /// Finishes an intent that was found with its lease run out, and that this process has claimed: forward, or back to
    /// what the database says. An error when it is still open afterwards.
    pub(super) async fn finish(
        &self,
        mut intent: Intent,
        attempt: Attempt,
        deadline: Instant,
    ) -> Result<(), Error> {
        let action = intent.wanted.action().as_str();
        tracing::info!(intent = %intent.id, action, state = ?intent.state, "finishing what was cut");
        let back = intent.state == IntentState::Undoing || self.was_given_up(intent.id);
        let effect = if back {
            self.back(&intent, attempt, deadline).await
        } else {
            self.forward(&intent, attempt, deadline).await
        };
        // What is taken back was answered with an error: it must not go forward again.
        let told = if back { Told::Caller } else { Told::Nobody };
        match self.settle(&mut intent, effect, told, deadline).await {
            // The caller of the cut change is gone; how it ended stands in the log.
            Err(Error::Panel(_) | Error::UserGone | Error::UsernameTaken(_)) if !intent.state.is_open() => {
                Ok(())
            }
            other => other.map(drop),
        }
    }

    /// The second look at an ended intent of which a request had no answer: what has arrived late is put back. Nothing
    /// when its client is held by another change; then it is looked at next time.
    pub(super) async fn look_again(&self, intent: &Intent) -> Result<(), Error> {
        let core = &self.core;
        let mut tx = core.db.begin().await?;
        let reopened = match intents::reopen(&mut tx, intent.id, &core.worker, core.lease_until()).await {
            // Another look at the same client began at the same moment, on another replica.
            Err(error) if is_conflict(&error) => return Ok(()),
            reopened => reopened?,
        };
        tx.commit().await?;
        match reopened {
            Some(intent) => self.finish(intent, Attempt::Look, Instant::now() + core.panel.timeout()).await,
            None => Ok(()),
        }
    }

    /// Takes the turn of this intent, claims it and finishes it; nothing when somebody else has it.
    pub(super) async fn take_over(&self, intent: &Intent) -> Result<(), Error> {
        let deadline = Instant::now() + self.core.panel.timeout();
        let Ok(_turn) = timeout_at(deadline, self.queues.turn(&turn_of(intent))).await else {
            return Ok(());
        };
        let core = &self.core;
        let mut tx = core.db.begin().await?;
        let (now, until) = (core.clock.now(), core.lease_until());
        let claimed = intents::claim(&mut tx, intent.id, &core.worker, None, now, until).await?;
        tx.commit().await?;
        match claimed {
            Some(claimed) => self.finish(claimed, Attempt::Again, deadline).await,
            None => Ok(()),
        }
    }
}

/// In whose queue it is worked on, as [`Request::turn`] says it of a request.
fn turn_of(intent: &Intent) -> String {
    match &intent.wanted {
        Change::Create(new) => new.username.to_string(),
        _ => intent.client_id.to_string(),
    }
}

/// A panic leaves a change in doubt, as a missing answer does.
async fn caught(work: impl Future<Output = Effect>) -> Effect {
    AssertUnwindSafe(work).catch_unwind().await.unwrap_or_else(|_| {
        tracing::error!("a change panicked");
        Effect::Unclear { error: "a mistake of ours".to_owned() }
    })
}

fn in_progress() -> Error {
    Error::KeyInProgress { retry_after: Duration::from_secs(1) }
}

pub(super) fn busy() -> Error {
    Error::Busy { retry_after: Duration::from_secs(1) }
}
