//! An owner says that it goes on: the panel's state is taken over, in small parts that a cut does not undo, and only then
//! do jobs, messages and changes go on.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::actor::Actor;
use crate::domain::matter::Matter;
use crate::domain::notice::{OwnerNotice, TakenOver};
use crate::domain::operation::{Action, ActionCount};
use crate::repositories::{audit, clients, leases, matters};

use super::super::access::{Permission, require};
use super::super::drift::count;
use super::super::error::Error;
use super::super::outbox::alert;
use super::Restored;

/// The name of the job: its turns, and its name in the log.
pub const JOB: &str = "resume";
/// Whoever is to be looked at again within this time is waited for: the panel did not answer.
const SOON: TimeDelta = TimeDelta::seconds(60);
/// How soon it is looked whether it answers.
const PAUSE: Duration = Duration::from_secs(5);

/// How far it is, kept in mind from part to part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Plan {
    by: String,
    since: DateTime<Utc>,
    /// Whether all clients have been compared: those that differ are noted.
    compared: bool,
}

/// What a part came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Nobody has said that it goes on, or it has gone on already.
    Nothing,
    /// There is more to do; what is to be kept in mind.
    More(String),
    /// There is more to do after that time.
    In(Duration),
    /// Everything goes on.
    Done(TakenOver),
}

/// How it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Nothing waits.
    Usual,
    /// Everything waits for an owner.
    Waiting,
    /// An owner has said that it goes on; the panel's state is being taken over.
    UnderWay,
}

impl Restored {
    /// How it stands.
    ///
    /// # Errors
    /// `Database`.
    pub async fn standing(&self) -> Result<Standing, Error> {
        if !self.is_open().await? {
            return Ok(Standing::Usual);
        }
        let plan = leases::memory(&self.core.db, JOB).await?;
        Ok(if plan.is_some() { Standing::UnderWay } else { Standing::Waiting })
    }

    /// An owner says that it goes on. Whether this was the first time; nothing when nothing waits.
    ///
    /// # Errors
    /// `Forbidden`, `Database`.
    pub async fn begin(&self, by: &Actor) -> Result<bool, Error> {
        require(by, Permission::Decide)?;
        let core = &self.core;
        let first = self.standing().await? == Standing::Waiting;
        if first {
            let plan = Plan { by: by.label(), since: core.clock.now(), compared: false };
            let mut tx = core.db.begin().await?;
            leases::remember(&mut tx, JOB, &written(&plan)?, plan.since).await?;
            tx.commit().await?;
            tracing::warn!(actor = plan.by, "an owner says that it goes on: the panel's state is taken over");
        }
        self.begun.notify_one();
        Ok(first)
    }

    /// Waits until an owner has said so in this process.
    pub async fn begun(&self) {
        self.begun.notified().await;
    }

    /// The next part.
    ///
    /// # Errors
    /// `Panel`, `Database`.
    pub async fn part(&self, memory: Option<&str>) -> Result<Step, Error> {
        let Some(mut plan) = memory.and_then(|text| serde_json::from_str::<Plan>(text).ok()) else {
            return Ok(Step::Nothing);
        };
        if !self.is_open().await? {
            return Ok(Step::Nothing);
        }
        if !plan.compared {
            // Whoever was linked anew has not been compared yet.
            plan.compared = self.drift.run_once().await?.relinked == 0;
            return written(&plan).map(Step::More);
        }
        if self.sync.run_once().await? {
            return written(&plan).map(Step::More);
        }
        let next = clients::next_look_at(&self.core.db).await?;
        match next.is_some_and(|next| next <= self.core.clock.now() + SOON) {
            true => Ok(Step::In(PAUSE)),
            false => self.end(&plan).await.map(Step::Done),
        }
    }

    /// Everything goes on, and those who look after the service hear what was taken over.
    async fn end(&self, plan: &Plan) -> Result<TakenOver, Error> {
        let core = &self.core;
        let taken = self.taken_over(plan.since).await?;
        let replaced = matters::find(&core.db, Matter::PANEL_REPLACED).await?;
        let mut tx = core.db.begin().await?;
        if !matters::settle(&mut tx, Matter::RESTORED).await? {
            return Ok(taken);
        }
        alert(core, &mut tx, OwnerNotice::Resumed { taken }, None).await?;
        if let Some(replaced) = replaced {
            alert(core, &mut tx, OwnerNotice::Matter(replaced.matter), None).await?;
        }
        tx.commit().await?;
        tracing::warn!(actor = plan.by, ?taken, "resumed: jobs, messages and changes go on");
        core.posted.notify_one();
        core.suspected.notify_one();
        Ok(taken)
    }

    /// What was taken over since then: while everything waits, nothing else is done to clients.
    async fn taken_over(&self, since: DateTime<Utc>) -> Result<TakenOver, Error> {
        let db = &self.core.db;
        let gone = matters::open_of(db, "user_gone:").await?;
        let gone = gone.iter().filter(|open| open.raised_at >= since).count();
        // All but this one.
        let matters = matters::count(db).await? - 1;
        let mut taken =
            TakenOver { gone: count(gone), matters: matters.unsigned_abs(), ..TakenOver::default() };
        for ActionCount { action, count, .. } in audit::counts_since(db, since).await? {
            match action {
                Action::Extend => taken.dates += count.unsigned_abs(),
                Action::Block | Action::Unblock => taken.access += count.unsigned_abs(),
                Action::RotateConfig => taken.links += count.unsigned_abs(),
                _ => {}
            }
        }
        Ok(taken)
    }
}

fn written(plan: &Plan) -> Result<String, Error> {
    serde_json::to_string(plan).map_err(|error| Error::Internal(error.to_string()))
}
