//! How anything is changed: intent, panel, commit. The only place that knows that order.
//!
//! A change is committed as an intent before the panel is asked. The open intent is the lock on its client and its name.
//! No transaction and no pooled connection is held while the panel is called. One transaction ends it: the client's row, the
//! log and the intent's end. What is cut in between is finished by whoever finds the lease run out.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, timeout_at};
use tokio_util::task::TaskTracker;
use tracing::Instrument;

use chrono::{DateTime, Utc};

use crate::domain::change::{Answer, Change, Intent, IntentState};
use crate::domain::client::Client;
use crate::domain::ids::{ClientId, ClientRef, IntentId};
use crate::domain::username::Username;
use crate::repositories::{Tx, clients, intents};

use super::alteration;
use super::begin::{Begun, Request};
use super::core::Core;
use super::creation::{self, Attempt};
use super::error::Error;
use super::log::{self, Entry, Has};
use super::queues::Queues;

/// How often somebody who waits for another process's intent looks again.
const LOOK_AGAIN: Duration = Duration::from_millis(100);
/// Of the waiting time, what is kept for one last look: a busy database must not be taken for one that is away.
const LAST_LOOK: Duration = Duration::from_millis(400);
/// How long after a failure without an answer the panel is looked at once more: a request may still be under way there.
const SECOND_LOOK: chrono::TimeDelta = chrono::TimeDelta::seconds(60);

/// How an attempt on the panel ended.
#[derive(Debug)]
pub enum Effect {
    /// The panel has it.
    Stands(Box<Client>),
    /// The name belongs to somebody else there.
    UsernameTaken,
    /// The panel has nothing of it. `late`: the request had no answer, so it may still arrive.
    Failed {
        /// Why, without secrets.
        error: String,
        /// Whether it may still arrive.
        late: bool,
        /// The date that the panel was given instead of the old one, which has passed: it takes none in the past.
        adopted: Option<DateTime<Utc>>,
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
    given_up: Arc<Mutex<HashSet<IntentId>>>,
    tasks: TaskTracker,
}

impl Changes {
    /// The one of this process.
    pub fn new(core: Arc<Core>) -> Self {
        Self { core, queues: Arc::default(), given_up: Arc::default(), tasks: TaskTracker::new() }
    }

    /// Carries a change out, once for its key, within the panel's time limit. It goes on when the caller goes away.
    pub async fn apply(&self, request: Request) -> Result<Client, Error> {
        let deadline = Instant::now() + self.core.panel.timeout();
        let this = self.clone();
        let work = async move { this.run(request, deadline).await }.in_current_span();
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

    async fn run(&self, request: Request, deadline: Instant) -> Result<Client, Error> {
        let turn = timeout_at(deadline, self.queues.turn(&request.turn())).await;
        let Ok(_turn) = turn else { return Err(self.still_waiting(&request).await) };
        loop {
            match self.begin(&request, deadline).await? {
                Begun::Mine(intent, attempt) => return self.drive(*intent, attempt, deadline).await,
                Begun::Answered(answer) => {
                    return self.answer(request.client_id, &request.username(), answer).await;
                }
                Begun::Left(intent) => self.finish(*intent, deadline).await?,
                Begun::Waiting { same_key } if Instant::now() + LAST_LOOK >= deadline => {
                    return Err(if same_key { in_progress() } else { busy() });
                }
                Begun::Waiting { .. } => tokio::time::sleep(LOOK_AGAIN).await,
            }
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

    async fn answer(&self, id: ClientId, username: &Username, answer: Answer) -> Result<Client, Error> {
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
            Answer::PanelFailed => Err(Error::Panel("the panel did not do it".to_owned())),
        }
    }

    /// Carries a claimed intent forward to its end.
    async fn drive(&self, mut intent: Intent, attempt: Attempt, deadline: Instant) -> Result<Client, Error> {
        let effect = self.forward(&intent, attempt, deadline).await;
        self.settle(&mut intent, effect, deadline).await
    }

    async fn forward(&self, intent: &Intent, attempt: Attempt, deadline: Instant) -> Effect {
        match &intent.wanted {
            Change::Create(new) => creation::carry_out(&self.core, intent, new, attempt, deadline).await,
            _ => alteration::carry_out(&self.core, intent, attempt, deadline).await,
        }
    }

    async fn back(&self, intent: &Intent, deadline: Instant) -> Effect {
        match &intent.wanted {
            Change::Create(_) => creation::undo(&self.core, intent, deadline).await,
            _ => alteration::undo(&self.core, intent, deadline).await,
        }
    }

    /// Finishes an intent that was found with its lease run out, and that this process has claimed: forward, or back to
    /// what the database says. An error when it is still open afterwards.
    pub(super) async fn finish(&self, mut intent: Intent, deadline: Instant) -> Result<(), Error> {
        tracing::info!(intent = %intent.id, action = intent.wanted.action().as_str(), state = ?intent.state, "finishing what was cut");
        let undo = intent.state == IntentState::Undoing || self.was_given_up(intent.id);
        let effect = if undo {
            self.back(&intent, deadline).await
        } else {
            self.forward(&intent, Attempt::Again, deadline).await
        };
        match self.settle(&mut intent, effect, deadline).await {
            // The caller of the cut change is gone; how it ended stands in the log.
            Err(Error::Panel(_) | Error::UsernameTaken(_)) if !intent.state.is_open() => Ok(()),
            other => other.map(drop),
        }
    }

    /// The second look at an intent that failed without an answer: what has arrived late is put back. Nothing when its
    /// client is held by another change; then it is looked at next time.
    pub(super) async fn look_again(&self, intent: &Intent) -> Result<(), Error> {
        let core = &self.core;
        let mut tx = core.db.begin().await?;
        let reopened = intents::reopen(&mut tx, intent.id, &core.worker, core.lease_until()).await?;
        tx.commit().await?;
        match reopened {
            Some(intent) => self.finish(intent, Instant::now() + core.panel.timeout()).await,
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
            Some(claimed) => self.finish(claimed, deadline).await,
            None => Ok(()),
        }
    }

    /// Writes down how it ended, and answers so.
    async fn settle(&self, intent: &mut Intent, effect: Effect, deadline: Instant) -> Result<Client, Error> {
        self.note(intent, &effect);
        match self.commit_in_time(intent, &effect, deadline).await {
            Ok(true) => {
                self.was_given_up(intent.id);
                report(intent);
                outcome(intent, effect)
            }
            Ok(false) => self.overtaken(intent, deadline).await,
            // It never will be taken: the panel gave the new user the number of another client, say. The user has to go.
            Err(Error::Internal(refused)) if matches!(effect, Effect::Stands(_)) => {
                tracing::error!(intent = %intent.id, refused, "the database refuses the client");
                let error = format!("the client cannot be kept: {refused}");
                Box::pin(self.settle(intent, Effect::Unclear { error }, deadline)).await
            }
            Err(error) => {
                self.give_up(intent.id);
                tracing::error!(intent = %intent.id, %error, "the end of a change could not be written");
                Err(error)
            }
        }
    }

    /// Somebody found the lease run out and went on with it, because this process stood still: their end counts.
    async fn overtaken(&self, intent: &Intent, deadline: Instant) -> Result<Client, Error> {
        loop {
            let known = intents::find(&self.core.db, intent.id).await?;
            match known.and_then(|known| known.answer) {
                Some(answer) => return self.answer(intent.client_id, &intent.username, answer).await,
                None if Instant::now() + LOOK_AGAIN >= deadline => return Err(busy()),
                None => tokio::time::sleep(LOOK_AGAIN).await,
            }
        }
    }

    /// What the effect makes of the intent.
    fn note(&self, intent: &mut Intent, effect: &Effect) {
        let now = self.core.clock.now();
        intent.lease_until = now;
        match effect {
            Effect::Stands(client) => {
                intent.state = IntentState::Done;
                // What an earlier attempt met is over.
                intent.error = None;
                intent.answer = Some(match intent.wanted {
                    Change::Create(_) => Answer::Client { id: client.id },
                    _ => Answer::Stands { client: client.clone() },
                });
            }
            Effect::UsernameTaken => {
                intent.state = IntentState::Failed;
                intent.answer = Some(Answer::UsernameTaken);
                intent.error = Some("the username is taken in the panel".to_owned());
            }
            Effect::Failed { error, late, .. } => {
                intent.state = IntentState::Failed;
                // Not kept for the key: the same key tries again.
                intent.key = None;
                intent.answer = Some(Answer::PanelFailed);
                intent.error = Some(error.clone());
                // There is no third look.
                intent.verify_at = (*late && intent.ended_at.is_none()).then_some(now + SECOND_LOOK);
            }
            Effect::Unclear { error } => {
                intent.state = IntentState::Undoing;
                intent.answer = None;
                intent.error = Some(error.clone());
            }
        }
    }

    /// Commits, again and again while the database is away and the caller has time. A commit whose answer was lost has
    /// worked or not: the next one tells.
    async fn commit_in_time(
        &self,
        intent: &Intent,
        effect: &Effect,
        deadline: Instant,
    ) -> Result<bool, Error> {
        loop {
            match self.commit(intent, effect).await {
                Err(Error::Database(away)) if Instant::now() + LOOK_AGAIN < deadline => {
                    tracing::warn!(intent = %intent.id, away, "the end of a change is not written yet");
                    tokio::time::sleep(LOOK_AGAIN).await;
                }
                written => return written,
            }
        }
    }

    /// One transaction: the client, the log, the intent's end. `false` when somebody else holds the intent.
    async fn commit(&self, intent: &Intent, effect: &Effect) -> Result<bool, Error> {
        let core = &self.core;
        let ended_at = (!intent.state.is_open()).then(|| core.clock.now());
        let mut tx = core.db.begin().await?;
        if !intents::settle(&mut tx, intent, ended_at).await? {
            return Ok(false);
        }
        keep(&mut tx, intent, effect, core.clock.now()).await?;
        // A second look that found nothing new has nothing to add to the log.
        if intent.state == IntentState::Done || (!intent.state.is_open() && intent.ended_at.is_none()) {
            for entry in Entry::of_intent(intent) {
                log::write(core, &mut tx, entry, has(intent)).await?;
            }
        }
        tx.commit().await?;
        Ok(true)
    }

    /// The caller hears an error: should the intent be found open, it is undone.
    pub(super) fn give_up(&self, id: IntentId) {
        self.given_up.lock().unwrap_or_else(PoisonError::into_inner).insert(id);
    }

    fn was_given_up(&self, id: IntentId) -> bool {
        self.given_up.lock().unwrap_or_else(PoisonError::into_inner).remove(&id)
    }
}

/// In whose queue it is worked on, as [`Request::turn`] says it of a request.
fn turn_of(intent: &Intent) -> String {
    match &intent.wanted {
        Change::Create(new) => new.username.to_string(),
        _ => intent.client_id.to_string(),
    }
}

/// Writes what the effect makes of the client.
async fn keep(tx: &mut Tx, intent: &Intent, effect: &Effect, now: DateTime<Utc>) -> Result<(), Error> {
    let there = match (effect, &intent.wanted) {
        (Effect::Stands(client), Change::Create(_)) => {
            clients::insert(tx, client).await?;
            true
        }
        (Effect::Stands(client), Change::Delete) => clients::delete(tx, client.id).await?,
        (Effect::Stands(client), _) => clients::update(tx, client).await?,
        (Effect::Failed { adopted: Some(date), .. }, _) => {
            clients::set_expiry(tx, intent.client_id, *date, now).await?
        }
        _ => true,
    };
    if there { Ok(()) } else { Err(Error::Internal("the client of an intent is not there".to_owned())) }
}

/// Whether the log of the client has the row too: it must be there afterwards.
fn has(intent: &Intent) -> Has {
    match (&intent.wanted, intent.state == IntentState::Done) {
        (Change::Create(_), stands) if stands => Has::Client,
        (Change::Create(_), _) => Has::NoClient,
        (Change::Delete, true) => Has::NoClient,
        _ => Has::Client,
    }
}

/// One line a change for whoever reads the log at night. No link, no short UUID.
fn report(intent: &Intent) {
    let (action, actor) = (intent.wanted.action().as_str(), intent.actor.as_str());
    let (client, username, id, state) = (intent.client_id, &intent.username, intent.id, intent.state);
    match &intent.error {
        None => tracing::info!(action, actor, %username, %client, intent = %id, "done"),
        Some(error) => {
            tracing::warn!(action, actor, %username, %client, intent = %id, ?state, error, "not done")
        }
    }
}

fn outcome(intent: &Intent, effect: Effect) -> Result<Client, Error> {
    match effect {
        Effect::Stands(client) => Ok(*client),
        Effect::UsernameTaken => Err(Error::UsernameTaken(intent.username.clone())),
        Effect::Failed { error, .. } | Effect::Unclear { error } => Err(Error::Panel(error)),
    }
}

fn in_progress() -> Error {
    Error::KeyInProgress { retry_after: Duration::from_secs(1) }
}

fn busy() -> Error {
    Error::Busy { retry_after: Duration::from_secs(1) }
}
