//! Turns: what one process at a time does, however many replicas there are.
//!
//! On PostgreSQL they are kept in the database. SQLite has one process: it keeps them in memory, so that jobs that find
//! nothing to do, and have nothing to keep in mind, write nothing.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout_at};

use crate::repositories::leases::{self, Taker};

use super::core::Core;
use super::error::Error;

/// Taking turns with other processes.
#[derive(Debug, Clone)]
pub struct Leases {
    core: Arc<Core>,
    /// When the next turn is due, where there is one process.
    alone: Arc<Mutex<HashMap<&'static str, DateTime<Utc>>>>,
    /// Counted up each time the clock is moved by a hand.
    moves: watch::Sender<u64>,
}

/// A turn that this process has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// Whose turn it is: the name of the work.
    pub name: &'static str,
    /// What the last turn kept in mind, as JSON.
    pub memory: Option<String>,
}

impl Leases {
    /// On top of the core.
    pub(super) fn new(core: Arc<Core>) -> Self {
        Self { core, alone: Arc::default(), moves: watch::Sender::new(0) }
    }

    /// Somebody has moved this process's clock (the demo does): what is due by it now is done at once, not when it would
    /// next have been looked at.
    pub fn clock_moved(&self) {
        self.moves.send_modify(|moves| *moves += 1);
        self.core.posted.notify_one();
    }

    /// Told each time the clock is moved by a hand.
    pub fn moves(&self) -> watch::Receiver<u64> {
        self.moves.subscribe()
    }

    /// Takes the turn for so long, or keeps it, if nobody else has it and it is due, or `early`. None when it is not to be
    /// had.
    ///
    /// # Errors
    /// `Database`.
    pub async fn take(
        &self,
        name: &'static str,
        lasts: Duration,
        early: bool,
    ) -> Result<Option<Turn>, Error> {
        let core = &self.core;
        let now = core.clock.now();
        if !core.db.is_shared() {
            let due = early || self.alone_due(name).is_none_or(|due_at| due_at <= now);
            return match due {
                true => Ok(Some(Turn { name, memory: leases::memory(&core.db, name).await? })),
                false => Ok(None),
            };
        }
        let taker = Taker { owner: &core.worker, now, until: now + delta(lasts) };
        let mut tx = core.db.begin().await?;
        let taken = leases::take(&mut tx, name, taker, early).await?;
        tx.commit().await?;
        Ok(taken.map(|memory| Turn { name, memory }))
    }

    /// Holds a lease that has no turns, or goes on holding it; whether this process has it now. The one process of a SQLite
    /// file has every lease.
    ///
    /// # Errors
    /// `Database`.
    pub async fn hold(&self, name: &'static str, lasts: Duration) -> Result<bool, Error> {
        Ok(!self.core.db.is_shared() || self.take(name, lasts, true).await?.is_some())
    }

    /// Goes on holding a lease for as long as this is waited for; ends when another process has it, or when it has run out
    /// because the database did not answer.
    pub async fn keep(&self, name: &'static str, lasts: Duration, every: Duration) {
        let mut held_until = Instant::now() + lasts;
        loop {
            sleep(every).await;
            let asked = Instant::now();
            match timeout_at(held_until, self.hold(name, lasts)).await {
                Ok(Ok(true)) => held_until = asked + lasts,
                Ok(Ok(false)) => return,
                Ok(Err(error)) => tracing::warn!(lease = name, %error, "a lease could not be renewed"),
                Err(_) => {}
            }
            if Instant::now() >= held_until {
                return;
            }
        }
    }

    /// Ends the turn; the next is due after that time. What is to be kept in mind replaces what was, if there is anything.
    ///
    /// # Errors
    /// `Database`.
    pub async fn end(
        &self,
        name: &'static str,
        next_in: Duration,
        memory: Option<&str>,
    ) -> Result<(), Error> {
        let core = &self.core;
        let now = core.clock.now();
        let due_at = now + delta(next_in);
        let shared = core.db.is_shared();
        if !shared {
            self.alone.lock().unwrap_or_else(PoisonError::into_inner).insert(name, due_at);
        }
        if !shared && memory.is_none() {
            return Ok(());
        }
        let mut tx = core.db.begin().await?;
        match memory {
            Some(memory) if !shared => leases::remember(&mut tx, name, memory, now).await?,
            _ => drop(leases::give_back(&mut tx, name, &core.worker, (now, due_at), memory).await?),
        }
        Ok(tx.commit().await?)
    }

    /// How long until a turn may be had, if nobody else takes it.
    ///
    /// # Errors
    /// `Database`.
    pub async fn free_in(&self, name: &str) -> Result<Duration, Error> {
        let now = self.core.clock.now();
        let free_at = match self.core.db.is_shared() {
            true => leases::free_at(&self.core.db, name).await?,
            false => self.alone_due(name),
        };
        Ok(free_at.and_then(|at| (at - now).to_std().ok()).unwrap_or_default())
    }

    fn alone_due(&self, name: &str) -> Option<DateTime<Utc>> {
        self.alone.lock().unwrap_or_else(PoisonError::into_inner).get(name).copied()
    }
}

fn delta(duration: Duration) -> TimeDelta {
    TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX)
}
