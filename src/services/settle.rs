//! The second half of a change: how it ended is written down in one transaction, and the caller is answered so.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, timeout};

use crate::domain::change::{Answer, Change, Intent, IntentState};
use crate::domain::client::Client;
use crate::domain::ids::IntentId;
use crate::repositories::{Tx, clients, intents};

use super::changes::{Changes, Effect, LOOK_AGAIN, busy};
use super::core::Core;
use super::error::Error;
use super::log::{self, Entry, Has};

/// How long one try to write it down may take.
const COMMIT: Duration = Duration::from_secs(3);
/// How long after a request without an answer the panel is looked at once more: it may still be under way there.
const SECOND_LOOK: chrono::TimeDelta = chrono::TimeDelta::seconds(60);

impl Changes {
    /// Writes down how it ended, and answers so.
    pub(super) async fn settle(
        &self,
        intent: &mut Intent,
        effect: Effect,
        deadline: Instant,
    ) -> Result<Client, Error> {
        self.note(intent, &effect);
        match self.commit_in_time(intent, &effect, deadline).await {
            Ok(true) => {
                self.was_given_up(intent.id);
                report(intent);
                outcome(intent, effect)
            }
            Ok(false) => self.overtaken(intent, deadline).await,
            // It never will be taken: the panel gave the new user the number of another client, say. The user has to go.
            Err(Error::Internal(refused)) if matches!(effect, Effect::Stands { .. }) => {
                tracing::error!(intent = %intent.id, refused, "the database refuses the client");
                let error = format!("the client cannot be kept: {refused}");
                Box::pin(self.settle(intent, Effect::Unclear { error }, deadline)).await
            }
            Err(error) => {
                self.give_up(intent);
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

    /// What the effect makes of the intent. One that is looked at once more stays as it ended, with what was answered.
    fn note(&self, intent: &mut Intent, effect: &Effect) {
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
            Effect::Failed { late, .. } if ended => {
                let stood = intent.error.is_none();
                intent.state = if stood { IntentState::Done } else { IntentState::Failed };
                intent.verify_at = look_again(*late);
            }
            Effect::Failed { error, late, .. } => {
                intent.state = IntentState::Failed;
                // Not kept for the key: the same key tries again.
                intent.key = None;
                intent.answer = Some(Answer::PanelFailed);
                intent.error = Some(error.clone());
                intent.verify_at = look_again(*late);
            }
            Effect::Unclear { .. } if ended => intent.state = IntentState::Undoing,
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
            let written = timeout(COMMIT, self.commit(intent, effect)).await;
            match written.unwrap_or_else(|_| Err(Error::Database("no answer in time".to_owned()))) {
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
        keep(&mut tx, intent, effect).await?;
        // A second look that found nothing new has nothing to add to the log.
        let first = intent.ended_at.is_none() || matches!(effect, Effect::Stands { .. });
        if first && !intent.state.is_open() {
            let there = clients::hold(&mut tx, intent.client_id).await?;
            let has = if there { Has::Client } else { Has::NoClient };
            for entry in Entry::of_intent(intent) {
                log::write(core, &mut tx, entry, has).await?;
            }
        }
        tx.commit().await?;
        Ok(true)
    }

    /// The caller hears an error: should the intent be found open, it is undone. Other processes are told as soon as the
    /// database is there again, while the intent is still ours.
    pub(super) fn give_up(&self, intent: &Intent) {
        let (core, id, until) = (Arc::clone(&self.core), intent.id, intent_time(&self.core));
        self.given_up.lock().unwrap_or_else(PoisonError::into_inner).insert(id);
        let this = self.clone();
        self.tasks.spawn(async move {
            while Instant::now() < until {
                match undo(&core, id).await {
                    // Now all know, or somebody ended it or went on with it.
                    Ok(_) => {
                        this.was_given_up(id);
                        return;
                    }
                    Err(error) => tracing::debug!(intent = %id, %error, "that it failed is not written yet"),
                }
                tokio::time::sleep(LOOK_AGAIN).await;
            }
        });
    }

    pub(super) fn was_given_up(&self, id: IntentId) -> bool {
        self.given_up.lock().unwrap_or_else(PoisonError::into_inner).remove(&id)
    }
}

/// Writes what the effect makes of the client.
async fn keep(tx: &mut Tx, intent: &Intent, effect: &Effect) -> Result<(), Error> {
    match (effect, &intent.wanted) {
        (Effect::Stands { client, .. }, Change::Create(_)) => clients::insert(tx, client).await?,
        (Effect::Stands { client, .. }, Change::Delete) => {
            clients::delete(tx, client.id).await.map(|_| ())?
        }
        (Effect::Stands { client, .. } | Effect::Failed { kept: Some(client), .. }, _) => {
            clients::update(tx, client).await.map(|_| ())?;
        }
        _ => {}
    }
    Ok(())
}

/// Until when an intent that is ours now stays so.
fn intent_time(core: &Core) -> Instant {
    Instant::now() + core.rules.intent_lease
}

async fn undo(core: &Core, id: IntentId) -> Result<bool, Error> {
    let mut tx = core.db.begin().await?;
    let undone = intents::undo(&mut tx, id, &core.worker).await?;
    tx.commit().await?;
    Ok(undone)
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
        Effect::Stands { client, .. } => Ok(*client),
        Effect::UsernameTaken => Err(Error::UsernameTaken(intent.username.clone())),
        Effect::Failed { error, .. } | Effect::Unclear { error } => Err(Error::Panel(error)),
    }
}
