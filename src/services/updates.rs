//! The stored intake: an update is kept before it is confirmed to Telegram, and handled from the table.

use std::sync::Arc;

use chrono::TimeDelta;

use crate::repositories::updates;

use super::core::Core;
use super::error::Error;

pub use crate::repositories::updates::UpdateRow as IncomingUpdate;

/// How long a handled update is remembered, so that Telegram sending it again does nothing.
pub const REMEMBERED: TimeDelta = TimeDelta::hours(48);

/// Keeping updates until they are handled.
#[derive(Debug, Clone)]
pub struct Updates {
    core: Arc<Core>,
}

impl Updates {
    /// On top of the core.
    pub fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// Keeps a batch in one transaction; what is already there is left alone. Returns how many were new.
    /// After this the batch may be confirmed to Telegram.
    ///
    /// # Errors
    /// `Database`.
    pub async fn store(&self, bot_id: i64, batch: &[IncomingUpdate]) -> Result<u64, Error> {
        let now = self.core.clock.now();
        let mut tx = self.core.db.begin().await?;
        let mut new = 0;
        for update in batch {
            new += u64::from(updates::insert(&mut tx, bot_id, update, now).await?);
        }
        tx.commit().await?;
        Ok(new)
    }

    /// Updates that are not handled yet, in order of arrival, at most `limit`, leaving out those of `busy` senders
    /// (their next one waits its turn) and at most one a sender.
    ///
    /// # Errors
    /// `Database`.
    pub async fn next(&self, bot_id: i64, busy: &[i64], limit: u32) -> Result<Vec<IncomingUpdate>, Error> {
        // Each busy sender can be in the way once at the most.
        let asked = i64::from(limit).saturating_add(i64::try_from(busy.len()).unwrap_or(i64::MAX));
        let mut waiting = updates::first_of_each_sender(&self.core.db, bot_id, asked).await?;
        waiting.retain(|update| !busy.contains(&update.sender));
        waiting.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(waiting)
    }

    /// Notes that an update was handled.
    ///
    /// # Errors
    /// `Database`.
    pub async fn handled(&self, bot_id: i64, update_id: i64) -> Result<(), Error> {
        let mut tx = self.core.db.begin().await?;
        updates::handled(&mut tx, bot_id, update_id, self.core.clock.now()).await?;
        Ok(tx.commit().await?)
    }

    /// Forgets what was handled more than 48 hours ago.
    ///
    /// # Errors
    /// `Database`.
    pub async fn tidy(&self) -> Result<(), Error> {
        let mut tx = self.core.db.begin().await?;
        updates::forget(&mut tx, self.core.clock.now() - REMEMBERED).await?;
        Ok(tx.commit().await?)
    }
}
