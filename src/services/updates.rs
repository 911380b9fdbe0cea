//! The stored intake: an update is kept before it is confirmed to Telegram, and handled from the table.

use std::mem::take;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::TimeDelta;
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep_until};

use crate::repositories::facts;
use crate::repositories::updates::{self, Claim};

use super::core::Core;
use super::error::Error;
use super::people::BOT;

pub use crate::repositories::updates::UpdateRow as IncomingUpdate;

/// How long a handled update is remembered, so that Telegram sending it again does nothing.
pub const REMEMBERED: TimeDelta = TimeDelta::hours(48);

/// How long an update belongs to a process that has stopped working on it.
const LEASE: TimeDelta = TimeDelta::seconds(20);

/// So much time passes at least between two commits of what was handled: what ends within it is written by one.
const GATHERED: Duration = Duration::from_millis(5);

/// Keeping updates until they are handled.
#[derive(Debug, Clone)]
pub struct Updates {
    core: Arc<Core>,
    notes: Arc<Notes>,
}

/// What was handled and is not written down yet. Many end at the same moment, and a commit costs a disk's time: whoever has
/// the turn writes down all that wait.
#[derive(Debug, Default)]
struct Notes {
    waiting: Mutex<Vec<Note>>,
    /// Whose turn it is, and when the last one ended.
    turn: tokio::sync::Mutex<Option<Instant>>,
}

#[derive(Debug)]
struct Note {
    bot_id: i64,
    update_id: i64,
    written: oneshot::Sender<Result<(), String>>,
}

impl Notes {
    fn take(&self) -> Vec<Note> {
        take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether the turn before took them all.
    fn is_empty(&self) -> bool {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    fn put(&self, note: Note) {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).push(note);
    }
}

impl Updates {
    /// On top of the core.
    pub fn new(core: Arc<Core>) -> Self {
        Self { core, notes: Arc::default() }
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

    /// Notes that an update was handled.
    ///
    /// # Errors
    /// `Database`.
    pub async fn handled(&self, bot_id: i64, update_id: i64) -> Result<(), Error> {
        let (written, answer) = oneshot::channel();
        self.notes.put(Note { bot_id, update_id, written });
        let mut last = self.notes.turn.lock().await;
        if !self.notes.is_empty() {
            if let Some(last) = *last {
                sleep_until(last + GATHERED).await;
            }
            self.write_down(self.notes.take()).await;
            *last = Some(Instant::now());
        }
        drop(last);
        // Without an answer whoever wrote was cut; the next try tells.
        let cut = |_| Err("cut while it was written down".to_owned());
        answer.await.unwrap_or_else(cut).map_err(Error::Database)
    }

    /// Answers each note.
    async fn write_down(&self, notes: Vec<Note>) {
        let Some(bot_id) = notes.first().map(|note| note.bot_id) else { return };
        let (these, others): (Vec<Note>, Vec<Note>) =
            notes.into_iter().partition(|note| note.bot_id == bot_id);
        others.into_iter().for_each(|note| self.notes.put(note));
        let ids: Vec<i64> = these.iter().map(|note| note.update_id).collect();
        let done = self.commit(bot_id, &ids).await.map_err(|error| match error {
            Error::Database(why) => why,
            other => other.to_string(),
        });
        for note in these {
            // Whoever asked may have gone.
            note.written.send(done.clone()).unwrap_or_default();
        }
    }

    async fn commit(&self, bot_id: i64, update_ids: &[i64]) -> Result<(), Error> {
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
