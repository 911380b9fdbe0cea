//! One text to all linked people, through the outbox.

use std::sync::Arc;

use crate::domain::actor::Actor;
use crate::domain::bulk::{BroadcastProgress, BulkKind, BulkState, BulkTask, Progress};
use crate::domain::ids::BatchId;
use crate::domain::notice::BatchCounts;
use crate::repositories::{bulk_tasks, outbox, recipients};

use super::access::{Permission, require};
use super::bulk::{Begun, Bulk, NOBODY, Step};
use super::core::Core;
use super::error::Error;
use super::outbox::broadcast;

/// How many messages go into the outbox at once.
const CHUNK: i64 = 200;

/// Broadcasting.
#[derive(Debug, Clone)]
pub struct Broadcasts {
    core: Arc<Core>,
    bulk: Bulk,
}

impl Broadcasts {
    /// On top of the core and its tasks.
    pub fn new(core: Arc<Core>, bulk: Bulk) -> Self {
        Self { core, bulk }
    }

    /// How many people would get it, or the broadcast that is running.
    ///
    /// # Errors
    /// `Forbidden`, `Database`.
    pub async fn count(&self, by: &Actor) -> Result<Result<i64, BulkTask>, Error> {
        require(by, Permission::Broadcast)?;
        match self.bulk.running(BulkKind::Broadcast).await? {
            Some(task) => Ok(Err(task)),
            None => Ok(Ok(recipients::count(&self.core.db).await?)),
        }
    }

    /// The one that this request began, if it did.
    ///
    /// # Errors
    /// `Forbidden`, `Database`.
    pub async fn known(&self, by: &Actor, key: &str) -> Result<Option<BulkTask>, Error> {
        require(by, Permission::Broadcast)?;
        let known = self.bulk.known(key).await?;
        Ok(known.filter(|task| task.progress.kind() == BulkKind::Broadcast))
    }

    /// A broadcast as it will begin.
    ///
    /// # Errors
    /// `Forbidden`, `Database`.
    pub async fn plan(&self, by: &Actor, key: &str) -> Result<BulkTask, Error> {
        require(by, Permission::Broadcast)?;
        let recipients = recipients::count(&self.core.db).await?;
        let progress = BroadcastProgress { recipients, ..BroadcastProgress::default() };
        self.bulk.plan(by, key, Progress::Broadcast(progress))
    }

    /// Begins to send. The same key again gives the same broadcast.
    ///
    /// # Errors
    /// `Forbidden`, `Busy`, `Database`.
    pub async fn begin(&self, by: &Actor, task: BulkTask, text: &str) -> Result<Begun, Error> {
        require(by, Permission::Broadcast)?;
        self.bulk.begin(task, Some(text)).await
    }

    /// Puts some more into the outbox; when all are there, looks whether all are sent.
    ///
    /// # Errors
    /// `Database`.
    pub async fn step(&self, task: &BulkTask, sent: BroadcastProgress) -> Result<Step, Error> {
        if !sent.all {
            return self.queue(task, sent).await;
        }
        if self.counts(task).await?.waiting > 0 {
            return Ok(Step::Wait);
        }
        let mut tx = self.core.db.begin().await?;
        bulk_tasks::end(&mut tx, task.id, BulkState::Done, self.core.clock.now()).await?;
        tx.commit().await?;
        Ok(Step::Ended)
    }

    async fn queue(&self, task: &BulkTask, mut sent: BroadcastProgress) -> Result<Step, Error> {
        let core = &self.core;
        let Some(text) = bulk_tasks::text(&core.db, task.id).await? else { return Ok(Step::Ended) };
        let mut tx = core.db.begin().await?;
        let people = recipients::some(&mut tx, sent.last.unwrap_or(NOBODY), CHUNK).await?;
        let count = i64::try_from(people.len()).unwrap_or(i64::MAX);
        sent.queued += count;
        sent.last = people.last().copied().or(sent.last);
        sent.all = count < CHUNK;
        // First, so that whoever stops the broadcast waits until these are in the outbox.
        let progress = Progress::Broadcast(sent);
        if !bulk_tasks::advance(&mut tx, task.id, &progress, Bulk::lease(core)).await? {
            return Ok(Step::Ended);
        }
        broadcast(core, &mut tx, BatchId(task.id.0), &people, &text).await?;
        tx.commit().await?;
        core.posted.notify_one();
        Ok(Step::More)
    }

    /// How far its messages are.
    ///
    /// # Errors
    /// `Database`.
    pub async fn counts(&self, task: &BulkTask) -> Result<BatchCounts, Error> {
        Ok(outbox::counts(&self.core.db, BatchId(task.id.0)).await?)
    }
}
