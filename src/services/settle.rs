//! The second half of a change: how it ended is written down in one transaction, and the caller is answered so.

mod writing;

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, timeout};
use tracing::Instrument as _;

use crate::domain::change::{Answer, Intent, IntentState};
use crate::domain::client::Client;
use crate::domain::ids::IntentId;
use crate::repositories::{clients, intents};

use super::begin::{Judged, Request};
use super::changes::{Changes, Effect, LOOK_AGAIN, busy};
use super::core::Core;
use super::error::Error;
use super::log;
use writing::entries;

pub(super) use writing::End;

/// How long one try to write it down may take.
const COMMIT: Duration = Duration::from_secs(3);
/// How long an answer may wait for the last word on what it tells.
const LAST_WORD: Duration = Duration::from_millis(500);
/// How long after a request without an answer the panel is looked at once more: it may still be under way there.
const SECOND_LOOK: chrono::TimeDelta = chrono::TimeDelta::seconds(60);

/// Who hears how a change ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// Whoever asked for it: what they are told must be true for good.
    Caller,
    /// Nobody any more: what is in doubt may still be completed.
    Nobody,
}

impl Changes {
    /// Writes down how it ended, and answers so.
    pub(super) async fn settle(
        &self,
        intent: &mut Intent,
        effect: Effect,
        told: Told,
        deadline: Instant,
    ) -> Result<Client, Error> {
        let was = intent.state;
        self.note(intent, &effect, told);
        let end = Arc::new(End { intent: intent.clone(), was, effect });
        match self.commit_in_time(&end, deadline).await {
            Ok(true) => {
                self.was_given_up(intent.id);
                report(intent, &end.effect);
                outcome(&end)
            }
            Ok(false) => Box::pin(self.overtaken(intent, deadline)).await,
            // It never will be taken: the panel gave the new user the number of another client, say. The user has to go.
            Err(Error::Internal(refused)) if matches!(end.effect, Effect::Stands { .. }) => {
                tracing::error!(intent = %intent.id, refused, "the database refuses the client");
                let error = format!("the client cannot be kept: {refused}");
                intent.state = was;
                Box::pin(self.settle(intent, Effect::Unclear { error }, Told::Caller, deadline)).await
            }
            Err(error) => {
                tracing::error!(intent = %intent.id, %error, "the end of a change could not be written");
                if told == Told::Nobody {
                    return Err(error);
                }
                match timeout(LAST_WORD, undo(&self.core, intent.id, Some(&self.core.worker))).await {
                    Ok(Ok(true)) => Err(error),
                    // Written after all, or somebody else's by now: then it may stand.
                    Ok(Ok(false)) => Box::pin(self.overtaken(intent, deadline)).await,
                    Ok(Err(_)) | Err(_) => {
                        self.give_up(intent, Some(self.core.worker.clone()));
                        Err(error)
                    }
                }
            }
        }
    }

    /// Somebody found the lease run out and went on with it, because this process stood still: their end counts.
    async fn overtaken(&self, intent: &Intent, deadline: Instant) -> Result<Client, Error> {
        // The caller's time may be over, but an answer that turns out untrue would be worse than a late one.
        let deadline = deadline.max(Instant::now() + self.core.panel.timeout());
        loop {
            let late = Instant::now() + LOOK_AGAIN >= deadline;
            match self.end_of(intent).await {
                Ok(Some(answer)) => return self.answer(intent.client_id, &intent.username, answer).await,
                Ok(None) if late => return self.last_word(intent).await,
                Err(error) if late => {
                    self.give_up(intent, None);
                    return Err(error);
                }
                Ok(None) | Err(_) => tokio::time::sleep(LOOK_AGAIN).await,
            }
        }
    }

    async fn end_of(&self, intent: &Intent) -> Result<Option<Answer>, Error> {
        Ok(intents::find(&self.core.db, intent.id).await?.and_then(|known| known.answer))
    }

    /// Whoever has the intent now must not complete what is answered with an error; unless they just did.
    async fn last_word(&self, intent: &Intent) -> Result<Client, Error> {
        match undo(&self.core, intent.id, None).await {
            Ok(true) => Err(busy()),
            Ok(false) => match self.end_of(intent).await? {
                Some(answer) => self.answer(intent.client_id, &intent.username, answer).await,
                None => Err(busy()),
            },
            Err(error) => {
                self.give_up(intent, None);
                Err(error)
            }
        }
    }

    /// What the effect makes of the intent. One that is looked at once more stays as it ended, with what was answered.
    fn note(&self, intent: &mut Intent, effect: &Effect, told: Told) {
        let now = self.core.clock.now();
        let look_again = |late: bool| late.then_some(now + SECOND_LOOK);
        let ended = intent.ended_at.is_some();
        intent.lease_until = now;
        match effect {
            Effect::Stands { client, late } => {
                intent.state = IntentState::Done;
                // What an earlier attempt met is over.
                intent.error = None;
                intent.answer = Some(Answer::Stands { client: client.clone() });
                intent.verify_at = look_again(*late);
            }
            Effect::UsernameTaken => {
                intent.state = IntentState::Failed;
                intent.answer = Some(Answer::UsernameTaken);
                intent.error = Some("the username is taken in the panel".to_owned());
            }
            Effect::Unneeded { error } => refuse(intent, Answer::NotNeeded, error.clone()),
            Effect::Failed { late, .. } | Effect::UserGone { late } if ended => {
                let stood = intent.error.is_none();
                intent.state = if stood { IntentState::Done } else { IntentState::Failed };
                intent.verify_at = look_again(*late);
            }
            Effect::Failed { error, late, .. } => {
                refuse(intent, Answer::PanelFailed, error.clone());
                intent.verify_at = look_again(*late);
            }
            Effect::UserGone { late } => {
                refuse(intent, Answer::UserGone, Error::UserGone.to_string());
                intent.verify_at = look_again(*late);
            }
            Effect::Unclear { .. } if ended => intent.state = IntentState::Undoing,
            // Nobody was told anything yet: it goes forward when the panel can be read again.
            Effect::Unclear { .. } if told == Told::Nobody && intent.state == IntentState::Open => {}
            Effect::Unclear { error } => {
                intent.state = IntentState::Undoing;
                intent.answer = None;
                intent.error = Some(error.clone());
            }
        }
    }

    /// Commits, again and again while the database is away and the caller has time. A commit whose answer was lost has
    /// worked or not: the next one tells.
    async fn commit_in_time(&self, end: &Arc<End>, deadline: Instant) -> Result<bool, Error> {
        loop {
            let written = timeout(COMMIT, self.commit(end)).await;
            match written.unwrap_or_else(|_| Err(Error::Database("no answer in time".to_owned()))) {
                Err(Error::Database(away)) if Instant::now() + LOOK_AGAIN < deadline => {
                    tracing::warn!(intent = %end.intent.id, away, "the end of a change is not written yet");
                    tokio::time::sleep(LOOK_AGAIN).await;
                }
                written => return written,
            }
        }
    }

    /// A request that failed before it was begun, because the panel did not let another change of its client be finished.
    pub(super) async fn note_failed(&self, request: &Request, why: &str) -> Result<(), Error> {
        let mut tx = self.core.db.begin().await?;
        if let Judged::Possible { username, before, wanted } = self.judge(&mut tx, request, None).await? {
            let there = clients::hold(&mut tx, request.client_id).await?;
            let mut intent = self.intent(request, username, before, wanted);
            intent.error = Some(why.to_owned());
            log::write_all(&self.core, &mut tx, entries(&intent, there)).await?;
        }
        Ok(tx.commit().await?)
    }

    /// The caller hears an error: should the intent be found open, with this owner or with anyone, it is undone. Other
    /// processes are told as soon as the database is there again.
    pub(super) fn give_up(&self, intent: &Intent, owner: Option<String>) {
        let (this, id) = (self.clone(), intent.id);
        self.given_up.lock().unwrap_or_else(PoisonError::into_inner).insert(id);
        let until_written = async move {
            while let Err(error) = undo(&this.core, id, owner.as_deref()).await {
                tracing::debug!(intent = %id, %error, "that it failed is not written yet");
                // At the stop of the service nobody waits for a database that is away.
                if this.tasks.is_closed() {
                    return;
                }
                tokio::time::sleep(LOOK_AGAIN).await;
            }
            this.was_given_up(id);
        };
        self.tasks.spawn(until_written.in_current_span());
    }

    pub(super) fn was_given_up(&self, id: IntentId) -> bool {
        self.given_up.lock().unwrap_or_else(PoisonError::into_inner).remove(&id)
    }
}

/// It failed, and nothing is kept for the key: the same key tries again.
fn refuse(intent: &mut Intent, answer: Answer, why: String) {
    intent.state = IntentState::Failed;
    intent.key = None;
    intent.answer = Some(answer);
    intent.error = Some(why);
}

async fn undo(core: &Core, id: IntentId, owner: Option<&str>) -> Result<bool, Error> {
    let mut tx = core.db.begin().await?;
    let undone = intents::undo(&mut tx, id, owner).await?;
    tx.commit().await?;
    Ok(undone)
}

/// One line a change for whoever reads the log at night. No link, no short UUID.
fn report(intent: &Intent, effect: &Effect) {
    let looked_at_again = intent.ended_at.is_some() && !matches!(effect, Effect::Stands { .. });
    if intent.state == IntentState::Open || looked_at_again {
        return;
    }
    let (action, actor) = (intent.wanted.action().as_str(), intent.actor.as_str());
    let (client, username, id, state) = (intent.client_id, &intent.username, intent.id, intent.state);
    match &intent.error {
        Some(error) if matches!(effect, Effect::Unneeded { .. }) => {
            tracing::info!(action, actor, %username, %client, intent = %id, error, "not needed");
        }
        None => tracing::info!(action, actor, %username, %client, intent = %id, "done"),
        Some(error) => {
            tracing::warn!(action, actor, %username, %client, intent = %id, ?state, error, "not done")
        }
    }
}

fn outcome(end: &End) -> Result<Client, Error> {
    match &end.effect {
        Effect::Stands { client, .. } => Ok(Client::clone(client)),
        Effect::UsernameTaken => Err(Error::UsernameTaken(end.intent.username.clone())),
        Effect::Unneeded { .. } => Err(Error::NotNeeded),
        Effect::UserGone { .. } => Err(Error::UserGone),
        Effect::Failed { error, .. } | Effect::Unclear { error } => Err(Error::Panel(error.clone())),
    }
}
