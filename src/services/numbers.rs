//! Numbers by day: what is to come and what was done.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::domain::actor::Actor;
use crate::repositories::numbers;

use super::access::{Permission, require};
use super::core::Core;
use super::error::Error;

/// Counting by day.
#[derive(Debug, Clone)]
pub struct Numbers {
    core: Arc<Core>,
}

/// Where days begin is a matter of who looks.
#[derive(Debug, Clone, Default)]
pub struct DayBounds {
    /// The beginning of each coming day, today first, and the end of the last.
    pub coming: Vec<DateTime<Utc>>,
    /// The beginning of each past day, today last, and its end.
    pub past: Vec<DateTime<Utc>>,
}

/// One number for each day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DayNumbers {
    /// Clients with access that end on each coming day.
    pub ending: Vec<i64>,
    /// Clients made on each past day; imported ones are none.
    pub made: Vec<i64>,
    /// Extensions on each past day.
    pub extended: Vec<i64>,
}

impl Numbers {
    /// On top of the core.
    pub fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// The numbers of these days.
    ///
    /// # Errors
    /// `Forbidden`, `Database`.
    pub async fn by_day(&self, by: &Actor, days: &DayBounds) -> Result<DayNumbers, Error> {
        require(by, Permission::SeeClients)?;
        require(by, Permission::SeeLog)?;
        let db = &self.core.db;
        let now = self.core.clock.now();
        let mut found = DayNumbers::default();
        for (from, until) in days.coming.iter().zip(days.coming.iter().skip(1)) {
            // What has ended this morning is not to come.
            found.ending.push(numbers::ending(db, (*from).max(now), *until).await?);
        }
        for (from, until) in days.past.iter().zip(days.past.iter().skip(1)) {
            found.made.push(numbers::made(db, *from, *until).await?);
            found.extended.push(numbers::extended(db, *from, *until).await?);
        }
        Ok(found)
    }
}
