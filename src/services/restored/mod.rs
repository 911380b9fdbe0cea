//! A database that was restored from a backup. The panel and people have gone on since the backup was made, so nothing
//! that it still wanted to do is done, and nothing new either, until an owner has seen the differences to the panel. Then
//! the panel's present state counts: it is taken over without a word to people, and everything goes on.

mod closing;
mod comparison;
mod resuming;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::sync::Notify;

use crate::domain::matter::Matter;
use crate::repositories::matters;

use super::core::Core;
use super::drift::Drift;
use super::error::Error;
use super::pause;
use super::sync::Sync;

pub use closing::Closed;
pub use comparison::{Comparison, Found};
pub use resuming::{JOB, Standing, Step};

/// Restoring and resuming.
#[derive(Debug, Clone)]
pub struct Restored {
    core: Arc<Core>,
    drift: Drift,
    sync: Sync,
    begun: Arc<Notify>,
}

impl Restored {
    /// On top of what compares with the panel.
    pub(super) fn new(core: Arc<Core>, drift: Drift, sync: Sync) -> Self {
        Self { core, drift, sync, begun: Arc::default() }
    }

    /// Whether everything waits for an owner.
    ///
    /// # Errors
    /// `Database`.
    pub async fn is_open(&self) -> Result<bool, Error> {
        pause::is_restored(&self.core.db).await
    }

    /// When the backup was made, while everything waits; none when it does not.
    ///
    /// # Errors
    /// `Database`.
    pub async fn made_at(&self) -> Result<Option<DateTime<Utc>>, Error> {
        let open = matters::find(&self.core.db, Matter::RESTORED).await?;
        Ok(open.and_then(|open| match open.matter {
            Matter::Restored { made_at } => Some(made_at),
            _ => None,
        }))
    }

    /// Says in the log that everything waits, and what to do.
    ///
    /// # Errors
    /// `Database`.
    pub async fn advise(&self) -> Result<(), Error> {
        if let Some(made_at) = self.made_at().await? {
            tracing::warn!(
                backup_of = %made_at,
                "RESTORED FROM A BACKUP: nothing is changed, no job runs and nobody is written to until an owner writes \
                 /resume to the bot (without a bot: orchestrator resume)"
            );
        }
        Ok(())
    }
}
