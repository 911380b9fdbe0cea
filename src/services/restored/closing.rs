//! What a backup still wanted to do, when it was made, has been done or given up since. It must not happen again.

use chrono::{DateTime, Utc};

use crate::domain::change::Answer;
use crate::domain::matter::Matter;
use crate::repositories::{bulk_tasks, clients, dialogues, intents, leases, matters, outbox, updates};

use super::super::digest;
use super::super::error::Error;
use super::Restored;

/// Why things have ended.
const WHY: &str = "restored from a backup";
/// What is still true of the matters of a backup: of clients, until somebody has seen to it.
const STAY: [&str; 2] = ["user_gone:", "another_user:"];

/// How much will not happen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Closed {
    /// Changes that were neither finished nor taken back.
    pub changes: u64,
    /// Messages that waited.
    pub messages: u64,
    /// What people had written to the bot and had no answer to.
    pub updates: u64,
    /// Imports and broadcasts that ran.
    pub tasks: u64,
}

impl Restored {
    /// Ends all that the backup, made at that moment, still wanted to do, and has everything wait for an owner. In one
    /// transaction, before anybody uses the database.
    ///
    /// # Errors
    /// `Database`.
    pub async fn close(&self, made_at: DateTime<Utc>) -> Result<Closed, Error> {
        let core = &self.core;
        let now = core.clock.now();
        let mut tx = core.db.begin().await?;
        let closed = Closed {
            // An old date, brought to the panel now, could shorten a newer one.
            changes: intents::end_all(&mut tx, WHY, &Answer::PanelFailed, now).await?,
            messages: outbox::drop_all(&mut tx, WHY, now).await?,
            updates: updates::all_handled(&mut tx, now).await?,
            tasks: bulk_tasks::stop_all(&mut tx, now).await?,
        };
        dialogues::forget_all(&mut tx).await?;
        leases::forget_all(&mut tx).await?;
        if let Some(memory) = digest::told_by(&core.rules, now) {
            leases::remember(&mut tx, digest::JOB, &memory, now).await?;
        }
        clients::begin_anew(&mut tx, now).await?;
        matters::settle_all_but(&mut tx, STAY).await?;
        matters::raise(&mut tx, &Matter::Restored { made_at }, now).await?;
        tx.commit().await?;
        tracing::debug!(%made_at, ?closed, "restored: what the backup still wanted to do will not be done");
        Ok(closed)
    }
}
