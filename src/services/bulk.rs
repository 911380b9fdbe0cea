//! Imports and broadcasts as tasks: begun by a tap, carried on by whichever process holds the lease, told to their end.

use std::sync::Arc;

use chrono::TimeDelta;
use tokio::sync::Notify;

use crate::domain::actor::Actor;
use crate::domain::bulk::{BulkKind, BulkState, BulkTask, Progress};
use crate::domain::ids::{BulkTaskId, TelegramId};
use crate::repositories::bulk_tasks::{self, Lease};
use crate::repositories::outbox;

use super::access::{Permission, require};
use super::core::Core;
use super::error::Error;
use super::pause;

/// How long a task belongs to the process that works on it, after its last sign of life.
const LEASE: TimeDelta = TimeDelta::seconds(60);
/// How long a task is remembered after its end was told: longer than its buttons are good.
const KEPT: TimeDelta = TimeDelta::days(7);

/// The tasks of both kinds.
#[derive(Debug, Clone)]
pub struct Bulk {
    core: Arc<Core>,
    begun: Arc<Notify>,
    changed: Arc<Notify>,
}

/// What became of beginning.
#[derive(Debug, Clone)]
pub enum Begun {
    /// It is running, or this very request has begun it before.
    Task(BulkTask),
    /// Another one of its kind is running.
    Busy(BulkTask),
}

/// What a step of a task came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// There is more to do.
    More,
    /// Others are at work; look again in a moment.
    Wait,
    /// It has ended, or another process goes on with it.
    Ended,
}

impl Bulk {
    /// On top of the core.
    pub fn new(core: Arc<Core>) -> Self {
        Self { core, begun: Arc::default(), changed: Arc::default() }
    }

    /// The present lease of this process.
    pub(super) fn lease<'a>(core: &'a Core) -> Lease<'a> {
        let now = core.clock.now();
        Lease { owner: &core.worker, now, until: now + LEASE }
    }

    /// The task that a request began, if it did.
    pub(super) async fn known(&self, key: &str) -> Result<Option<BulkTask>, Error> {
        Ok(bulk_tasks::find_by_key(&self.core.db, key).await?)
    }

    /// A task as it will be, before anything is kept of it.
    pub(super) fn plan(&self, by: &Actor, key: &str, progress: Progress) -> Result<BulkTask, Error> {
        let person = by.telegram_id();
        Ok(BulkTask {
            id: BulkTaskId(self.core.entropy.uuid()),
            state: BulkState::Running,
            started_by: person.ok_or_else(|| Error::Internal("only a person begins this".to_owned()))?,
            actor: by.label(),
            key: key.to_owned(),
            progress,
            message: None,
            told: false,
        })
    }

    /// Begins a task; the caller has asked who may.
    pub(super) async fn begin(&self, task: BulkTask, text: Option<&str>) -> Result<Begun, Error> {
        let kind = task.progress.kind();
        let mut tx = self.core.db.begin().await?;
        pause::refuse_restored(&mut tx).await?;
        let inserted = bulk_tasks::insert(&mut tx, &task, text, Self::lease(&self.core)).await?;
        tx.commit().await?;
        if inserted {
            tracing::info!(task = %task.id, kind = kind.as_str(), actor = task.actor, "begun");
            self.begun.notify_one();
            return Ok(Begun::Task(task));
        }
        if let Some(known) = self.known(&task.key).await? {
            return Ok(Begun::Task(known));
        }
        match bulk_tasks::running(&self.core.db, kind).await? {
            Some(other) => Ok(Begun::Busy(other)),
            // It ended at this moment.
            None => Err(Error::Busy { retry_after: std::time::Duration::from_secs(1) }),
        }
    }

    /// The one of that kind that is running.
    pub(super) async fn running(&self, kind: BulkKind) -> Result<Option<BulkTask>, Error> {
        Ok(bulk_tasks::running(&self.core.db, kind).await?)
    }

    /// Waits until this process has begun one.
    pub async fn begun(&self) {
        self.begun.notified().await;
    }

    /// Waits until a task has ended or was stopped here.
    pub async fn changed(&self) {
        self.changed.notified().await;
    }

    /// Says that a task has ended.
    pub fn has_changed(&self) {
        self.changed.notify_waiters();
    }

    /// Takes what has no process that works on it, or is this process's own already.
    ///
    /// # Errors
    /// `Database`.
    pub async fn claim(&self) -> Result<Vec<BulkTask>, Error> {
        let mut tx = self.core.db.begin().await?;
        let tasks = bulk_tasks::claim(&mut tx, Self::lease(&self.core)).await?;
        tx.commit().await?;
        Ok(tasks)
    }

    /// At the start, where there is one process: whoever held anything is dead.
    ///
    /// # Errors
    /// `Database`.
    pub async fn take_over(&self) -> Result<(), Error> {
        if self.core.db.is_shared() {
            return Ok(());
        }
        let mut tx = self.core.db.begin().await?;
        bulk_tasks::release_all(&mut tx, self.core.clock.now()).await?;
        Ok(tx.commit().await?)
    }

    /// How a task is now, for those who work on it; its lease is renewed. None when another process has it.
    ///
    /// # Errors
    /// `Database`.
    pub async fn look(&self, id: BulkTaskId) -> Result<Option<BulkTask>, Error> {
        let mut tx = self.core.db.begin().await?;
        let ours = bulk_tasks::renew(&mut tx, id, Self::lease(&self.core)).await?;
        tx.commit().await?;
        if ours { Ok(bulk_tasks::find(&self.core.db, id).await?) } else { Ok(None) }
    }

    /// Stops a task that is running; gives it as it is then. None when there is none.
    ///
    /// # Errors
    /// `Forbidden`, `Database`.
    pub async fn stop(&self, by: &Actor, id: BulkTaskId) -> Result<Option<BulkTask>, Error> {
        // Whoever may do neither learns not even whether there is one.
        require(by, Permission::Import)?;
        let core = &self.core;
        let Some(task) = bulk_tasks::find(&core.db, id).await? else { return Ok(None) };
        require(by, permission(task.progress.kind()))?;
        let mut tx = core.db.begin().await?;
        if bulk_tasks::end(&mut tx, id, BulkState::Stopped, core.clock.now()).await? {
            outbox::take_back(&mut tx, crate::domain::ids::BatchId(id.0)).await?;
            tracing::info!(task = %id, actor = by.label(), "stopped");
        }
        tx.commit().await?;
        self.has_changed();
        Ok(bulk_tasks::find(&core.db, id).await?)
    }

    /// Notes which message shows the progress.
    ///
    /// # Errors
    /// `Database`.
    pub async fn shown_in(&self, id: BulkTaskId, message: i32) -> Result<(), Error> {
        let mut tx = self.core.db.begin().await?;
        bulk_tasks::shown_in(&mut tx, id, message).await?;
        Ok(tx.commit().await?)
    }

    /// Notes that the end was told.
    ///
    /// # Errors
    /// `Database`.
    pub async fn told(&self, id: BulkTaskId) -> Result<(), Error> {
        let mut tx = self.core.db.begin().await?;
        bulk_tasks::told(&mut tx, id, self.core.clock.now()).await?;
        Ok(tx.commit().await?)
    }

    /// Forgets old tasks.
    ///
    /// # Errors
    /// `Database`.
    pub async fn tidy(&self) -> Result<(), Error> {
        let mut tx = self.core.db.begin().await?;
        bulk_tasks::forget(&mut tx, self.core.clock.now() - KEPT).await?;
        Ok(tx.commit().await?)
    }
}

fn permission(kind: BulkKind) -> Permission {
    match kind {
        BulkKind::Import => Permission::Import,
        BulkKind::Broadcast => Permission::Broadcast,
    }
}

/// Nobody: where a list by id begins.
pub(super) const NOBODY: TelegramId = TelegramId(0);
