//! Where people are in their dialogues: survives restarts, seen by every replica.

use std::sync::Arc;

use chrono::TimeDelta;

use crate::domain::ids::TelegramId;
use crate::repositories::dialogues;

use super::core::Core;
use super::error::Error;

/// Keeping dialogue states as JSON texts with a version inside.
#[derive(Debug, Clone)]
pub struct Dialogues {
    core: Arc<Core>,
}

/// An untouched dialogue is dropped after this.
const KEPT: TimeDelta = TimeDelta::hours(24);

impl Dialogues {
    /// On top of the core.
    pub fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// The state, unless there is none or it was untouched for 24 hours.
    ///
    /// # Errors
    /// `Database`.
    pub async fn get(&self, person: TelegramId) -> Result<Option<String>, Error> {
        Ok(dialogues::find(&self.core.db, person, self.core.clock.now() - KEPT).await?)
    }

    /// Keeps a state.
    ///
    /// # Errors
    /// `Database`.
    pub async fn set(&self, person: TelegramId, state: &str) -> Result<(), Error> {
        let mut tx = self.core.db.begin().await?;
        dialogues::put(&mut tx, person, state, self.core.clock.now()).await?;
        Ok(tx.commit().await?)
    }

    /// Forgets the state; whether there was one.
    ///
    /// # Errors
    /// `Database`.
    pub async fn remove(&self, person: TelegramId) -> Result<bool, Error> {
        // Mostly there is none, and looking costs less than a transaction that changes nothing.
        if self.get(person).await?.is_none() {
            return Ok(false);
        }
        let mut tx = self.core.db.begin().await?;
        let removed = dialogues::remove(&mut tx, person).await?;
        tx.commit().await?;
        Ok(removed)
    }

    /// Forgets what was untouched for 24 hours.
    ///
    /// # Errors
    /// `Database`.
    pub async fn tidy(&self) -> Result<(), Error> {
        let mut tx = self.core.db.begin().await?;
        dialogues::forget(&mut tx, self.core.clock.now() - KEPT).await?;
        Ok(tx.commit().await?)
    }
}
