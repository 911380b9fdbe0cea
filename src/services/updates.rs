//! The stored intake: an update is kept before it is confirmed to Telegram, and handled from the table.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use tokio::time::Instant;

use crate::repositories::facts;
use crate::repositories::updates::{self, Claim};

use super::core::Core;
use super::error::Error;
use super::people::BOT;
use super::together::{Gathering, Lead, Member, Together};

pub use crate::repositories::updates::UpdateRow as IncomingUpdate;

/// How long a handled update is remembered, so that Telegram sending it again does nothing.
pub const REMEMBERED: TimeDelta = TimeDelta::hours(48);

/// How long an update belongs to a process that has stopped working on it.
const LEASE: TimeDelta = TimeDelta::seconds(20);

/// What ends within so much time after a commit of what was handled is written by the next one.
const GATHERED: Duration = Duration::from_millis(5);

/// How long somebody waits for others to write down what they handled, before they do it by themselves; and when they hear
/// that there is no answer.
const PATIENCE: Duration = Duration::from_secs(1);
const LATE: Duration = Duration::from_secs(10);

/// An update that was handled: the bot's number, and its own.
type Handled = (i64, i64);

/// Keeping updates until they are handled.
#[derive(Debug, Clone)]
pub struct Updates {
    core: Arc<Core>,
    notes: Arc<Together<Handled, Result<(), Error>>>,
}

impl Updates {
    /// On top of the core.
    pub fn new(core: Arc<Core>) -> Self {
        Self { core, notes: Together::new(1, PATIENCE, Gathering::For(GATHERED)) }
    }

    /// Keeps a batch in one transaction; what is already there is left alone. Returns how many were new.
    /// After this the batch may be confirmed to Telegram.
    ///
    /// # Errors
    /// `Database`.
    pub async fn store(&self, bot_id: i64, batch: &[IncomingUpdate]) -> Result<u64, Error> {
        let now = self.core.clock.now();
        let mut tx = self.core.db.begin().await?;
        let new = updates::insert(&mut tx, bot_id, batch, now).await?;
        tx.commit().await?;
        Ok(new)
    }

    /// Updates that are not handled yet, in order of arrival, at most `limit`, leaving out those of `busy` senders
    /// (their next one waits its turn) and at most one a sender. No other process gets them while they are kept
    /// ([`Self::keep`]).
    ///
    /// # Errors
    /// `Database`.
    pub async fn next(&self, bot_id: i64, busy: &[i64], limit: u32) -> Result<Vec<IncomingUpdate>, Error> {
        let core = &self.core;
        let now = core.clock.now();
        let claim = Claim { bot_id, owner: &core.worker, now, until: now + LEASE, busy, limit };
        Ok(updates::claim(&core.db, claim).await?)
    }

    /// Keeps updates that are being handled from other processes a little longer. One that could not be kept may be
    /// handled by another process as well: what it changes has its number for a key, so nothing is done twice.
    ///
    /// # Errors
    /// `Database`.
    pub async fn keep(&self, bot_id: i64, running: &[i64]) -> Result<(), Error> {
        let core = &self.core;
        updates::renew(&core.db, bot_id, &core.worker, running, core.clock.now() + LEASE).await?;
        Ok(())
    }

    /// Leaves to others at once what this process has not handled.
    ///
    /// # Errors
    /// `Database`.
    pub async fn leave(&self, bot_id: i64) -> Result<(), Error> {
        updates::release(&self.core.db, bot_id, &self.core.worker).await?;
        Ok(())
    }

    /// Notes that an update was handled. A commit costs a disk's time, and many end at the same moment.
    ///
    /// # Errors
    /// `Database`.
    pub async fn handled(&self, bot_id: i64, update_id: i64) -> Result<(), Error> {
        let this = [update_id];
        let alone = || self.write_down(bot_id, &this);
        let noted = self.notes.run((bot_id, update_id), Instant::now() + LATE, alone, |lead| {
            tokio::spawn(self.clone().lead(lead));
        });
        noted.await.unwrap_or_else(|| Err(Error::Database("no answer in time".to_owned())))
    }

    async fn lead(self, lead: Lead<Handled, Result<(), Error>>) {
        lead.work(|group| self.write_group(group)).await;
    }

    /// One statement for those of one bot. A process has one; were there others, theirs would hear nothing, and be noted one by one
    /// as where the statement fails.
    async fn write_group(&self, group: Vec<Member<Handled, Result<(), Error>>>) {
        let Some(bot_id) = group.first().map(|member| member.job.0) else { return };
        let (these, others): (Vec<_>, Vec<_>) = group.into_iter().partition(|member| member.job.0 == bot_id);
        drop(others);
        let ids: Vec<i64> = these.iter().map(|member| member.job.1).collect();
        match self.write_down(bot_id, &ids).await {
            Ok(()) => these.into_iter().for_each(|member| drop(member.answer(Ok(())))),
            Err(error) => tracing::debug!(%error, "what was handled is noted one by one"),
        }
    }

    async fn write_down(&self, bot_id: i64, update_ids: &[i64]) -> Result<(), Error> {
        Ok(updates::handled(&self.core.db, bot_id, update_ids, self.core.clock.now()).await?)
    }

    /// Forgets what was handled more than 48 hours ago, and what came so long ago for a bot that nobody runs any more.
    ///
    /// # Errors
    /// `Database`.
    pub async fn tidy(&self) -> Result<(), Error> {
        let before = self.core.clock.now() - REMEMBERED;
        let bot = facts::find(&self.core.db, BOT).await?;
        let mut tx = self.core.db.begin().await?;
        updates::forget(&mut tx, before).await?;
        if let Some(bot_id) = bot.and_then(|id| id.parse().ok()) {
            let forgotten = updates::forget_of_others(&mut tx, bot_id, before).await?;
            if forgotten > 0 {
                tracing::warn!(forgotten, "updates of a former bot were never handled and are forgotten");
            }
        }
        Ok(tx.commit().await?)
    }
}
