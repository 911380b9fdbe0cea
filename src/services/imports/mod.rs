//! Panel users that are not clients yet become clients. The panel is only read.
//!
//! Names stay as they are. Disabled becomes blocked; an expired user keeps access and its past date, as the panel has it.
//! Whoever the panel links to a Telegram account is linked here. The log gets a `create` of source `panel` for each, without
//! days; the contract's list of operations gets nothing, because nothing was done to the client.
//!
//! Here is the task that a tap begins; `orchestrator import` does the same `alone`.

mod adopting;
mod alone;
mod counts;

use std::sync::Arc;

use crate::domain::actor::Actor;
use crate::domain::bulk::{BulkKind, BulkState, BulkTask, ImportProgress, Progress};
use crate::repositories::bulk_tasks;

use super::access::{Permission, require};
use super::bulk::{Begun, Bulk, Step};
use super::core::Core;
use super::error::Error;
use super::pause;
use adopting::Work;

pub(super) use adopting::fits;
pub use counts::ImportCounts;

/// Importing.
#[derive(Debug, Clone)]
pub struct Imports {
    core: Arc<Core>,
    bulk: Bulk,
}

impl Imports {
    /// On top of the core and its tasks.
    pub fn new(core: Arc<Core>, bulk: Bulk) -> Self {
        Self { core, bulk }
    }

    /// The one that this request began, if it did.
    ///
    /// # Errors
    /// `Forbidden`, `Database`.
    pub async fn known(&self, by: &Actor, key: &str) -> Result<Option<BulkTask>, Error> {
        require(by, Permission::Import)?;
        let known = self.bulk.known(key).await?;
        Ok(known.filter(|task| task.progress.kind() == BulkKind::Import))
    }

    /// An import as it will begin.
    ///
    /// # Errors
    /// `Forbidden`.
    pub fn plan(&self, by: &Actor, key: &str) -> Result<BulkTask, Error> {
        require(by, Permission::Import)?;
        self.bulk.plan(by, key, Progress::Import(ImportProgress::default()))
    }

    /// Begins it. The same key again gives the same one.
    ///
    /// # Errors
    /// `Forbidden`, `Busy`, `Database`.
    pub async fn begin(&self, by: &Actor, task: BulkTask) -> Result<Begun, Error> {
        require(by, Permission::Import)?;
        self.bulk.begin(task, None).await
    }

    /// Goes on by a page. What it could not get is noted, and the error given.
    ///
    /// # Errors
    /// `Panel`, `Database`.
    pub async fn step(&self, task: &BulkTask, import: ImportProgress) -> Result<Step, Error> {
        let page = match self.page(import.next).await {
            Ok(page) => page,
            Err(error) => {
                self.keep(task, ImportProgress { trouble: true, ..import }).await?;
                return Err(error);
            }
        };
        let work = Work { actor: &task.actor, task: Some(task) };
        match self.take_in(work, import, page).await? {
            Some((import, true)) => self.finish(task, import).await,
            Some((import, false)) => self.keep(task, import).await,
            None => Ok(Step::Ended),
        }
    }

    async fn keep(&self, task: &BulkTask, import: ImportProgress) -> Result<Step, Error> {
        let core = &self.core;
        let mut tx = core.db.begin().await?;
        let ours =
            bulk_tasks::advance(&mut tx, task.id, &Progress::Import(import), Bulk::lease(core)).await?;
        tx.commit().await?;
        Ok(if ours { Step::More } else { Step::Ended })
    }

    async fn finish(&self, task: &BulkTask, import: ImportProgress) -> Result<Step, Error> {
        let core = &self.core;
        tracing::info!(task = %task.id, adopted = import.adopted, taken = import.taken, unfit = import.unfit, "imported");
        let mut tx = core.db.begin().await?;
        if bulk_tasks::advance(&mut tx, task.id, &Progress::Import(import), Bulk::lease(core)).await? {
            bulk_tasks::end(&mut tx, task.id, BulkState::Done, core.clock.now()).await?;
        }
        tx.commit().await?;
        Ok(Step::Ended)
    }
}
