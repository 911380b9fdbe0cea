//! Numbers: how many clients of each kind, how the panel is, what was done since yesterday.

use std::sync::Arc;

use chrono::TimeDelta;

use crate::domain::actor::Actor;
use crate::repositories::{audit, clients};

use super::access::{Permission, require};
use super::clients::SOON_DAYS;
use super::core::Core;
use super::error::Error;
use super::health;
use super::views::Stats;

/// How far back operations are counted.
const LATELY: TimeDelta = TimeDelta::hours(24);

/// Counting.
#[derive(Debug, Clone)]
pub struct Statistics {
    core: Arc<Core>,
}

impl Statistics {
    /// On top of the core.
    pub fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// The numbers now; the panel as last seen.
    ///
    /// # Errors
    /// `Forbidden`, `Database`.
    pub async fn now(&self, by: &Actor) -> Result<Stats, Error> {
        require(by, Permission::SeeClients)?;
        require(by, Permission::SeeLog)?;
        let db = &self.core.db;
        let now = self.core.clock.now();
        let since = now - LATELY;
        let status = self.core.panel.status();
        Ok(Stats {
            counts: clients::counts(db, now, now + TimeDelta::days(SOON_DAYS)).await?,
            linked: clients::count_linked(db).await?,
            panel: health::component(&status),
            panel_version: status.version,
            operations_since: since,
            operations: audit::counts_since(db, since).await?,
        })
    }
}
