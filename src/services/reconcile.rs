//! Finishing what was cut: at every start and from time to time.

use std::sync::Arc;

use chrono::TimeDelta;
use futures::stream::{self, StreamExt as _};

use crate::domain::change::Intent;
use crate::domain::matter::Matter;
use crate::panel::PanelProblem;
use crate::repositories::{intents, kept_answers, matters};

use super::changes::Changes;
use super::core::Core;
use super::error::Error;
use super::matters::{raise_now, settle_now};
use super::updates::REMEMBERED as UPDATES_REMEMBERED;

/// How long answers are kept for an `Idempotency-Key`.
const ANSWERS_KEPT: TimeDelta = TimeDelta::days(30);

/// A change that is open for longer needs a person.
const PATIENCE: TimeDelta = TimeDelta::minutes(15);

/// How many are finished at once: each may take as long as the panel's time limit.
const AT_ONCE: usize = 8;

/// The reconciler.
#[derive(Debug, Clone)]
pub struct Reconciler {
    core: Arc<Core>,
    changes: Changes,
}

impl Reconciler {
    /// On top of the changes of this process.
    pub fn new(core: Arc<Core>, changes: Changes) -> Self {
        Self { core, changes }
    }

    /// At the start of the one process of a SQLite file: whoever held a lease is dead.
    ///
    /// # Errors
    /// `Database`.
    pub async fn take_over_leases(&self) -> Result<(), Error> {
        if self.core.db.is_shared() {
            return Ok(());
        }
        let mut tx = self.core.db.begin().await?;
        let open = intents::release_all(&mut tx, self.core.clock.now()).await?;
        tx.commit().await?;
        if open > 0 {
            tracing::info!(open, "changes were cut by the last stop; finishing them");
        }
        Ok(())
    }

    /// One round: every intent nobody works on, and every second look that is due. One that fails does not stop the rest.
    /// Whether all went well.
    ///
    /// # Errors
    /// `Database`, when not even the list can be read.
    pub async fn run_once(&self) -> Result<bool, Error> {
        let now = self.core.clock.now();
        let cut = intents::abandoned(&self.core.db, now).await?;
        let finished = stream::iter(cut).map(|intent| self.finish(intent)).buffer_unordered(AT_ONCE);
        let finished = finished.fold(true, async |all, well| all && well).await;
        let doubtful = intents::to_verify(&self.core.db, now).await?;
        let looked = stream::iter(doubtful).map(|intent| self.look_again(intent)).buffer_unordered(AT_ONCE);
        let looked = looked.fold(true, async |all, well| all && well).await;
        self.tell_stuck().await?;
        Ok(finished && looked)
    }

    /// A change that the panel lets nobody finish for long needs a person, but while the whole panel is away: that is told
    /// once, not for each.
    async fn tell_stuck(&self) -> Result<(), Error> {
        let core = &self.core;
        let stuck = intents::decided_before(&core.db, core.clock.now() - PATIENCE).await?;
        for open in matters::open_of(&core.db, "stuck:").await? {
            if !stuck.iter().any(|intent| open.key == Matter::stuck(intent.id)) {
                settle_now(core, &open.key).await?;
            }
        }
        if core.panel.status().problem.is_some_and(|problem| problem != PanelProblem::UntestedVersion) {
            return Ok(());
        }
        for intent in stuck {
            let action = intent.wanted.action();
            let (client, username, since) = (intent.client_id, intent.username, intent.created_at);
            raise_now(core, Matter::Stuck { intent: intent.id, client, username, action, since }).await?;
        }
        Ok(())
    }

    async fn finish(&self, intent: Intent) -> bool {
        let finished = self.changes.take_over(&intent).await;
        if let Err(error) = &finished {
            tracing::warn!(intent = %intent.id, %error, "a cut change could not be finished yet");
        }
        finished.is_ok()
    }

    async fn look_again(&self, intent: Intent) -> bool {
        let looked = self.changes.look_again(&intent).await;
        if let Err(error) = &looked {
            tracing::warn!(intent = %intent.id, %error, "the panel could not be looked at again yet");
        }
        looked.is_ok()
    }

    /// Forgets the answers kept for keys: a bot's after 48 hours, as its updates; others after 30 days.
    ///
    /// # Errors
    /// `Database`.
    pub async fn tidy(&self) -> Result<(), Error> {
        let now = self.core.clock.now();
        let mut tx = self.core.db.begin().await?;
        intents::forget_bot_keys(&mut tx, now - UPDATES_REMEMBERED).await?;
        kept_answers::forget_bot_keys(&mut tx, now - UPDATES_REMEMBERED).await?;
        intents::forget(&mut tx, now - ANSWERS_KEPT).await?;
        kept_answers::forget(&mut tx, now - ANSWERS_KEPT).await?;
        Ok(tx.commit().await?)
    }
}
