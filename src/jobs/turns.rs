//! Turns: a job is done by whichever process finds it due first; the others see that it was done.

use std::time::Duration;

use futures::future::BoxFuture;
use tokio::time::{Instant, timeout};
use tracing::Instrument as _;

use crate::services::leases::Turn;
use crate::services::{Error, Services};

/// How long a turn belongs to a process that has stopped working on it.
const LEASE: Duration = Duration::from_secs(20);
/// How often a process that works says so.
const RENEW: Duration = Duration::from_secs(5);
/// Others may have taken the turn, or died in it: it is looked at this often at least.
const LOOK: Duration = Duration::from_secs(30);
/// A turn that is due is looked for at once, but never faster than this.
const SHORTEST: Duration = Duration::from_millis(200);
/// How often it is looked whether an owner has said that everything goes on after a restore.
const WAITING: Duration = Duration::from_secs(5);
/// After an error of the database.
const TROUBLE: Duration = Duration::from_secs(5);

/// When a job wants its next turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// As usual.
    Usual,
    /// After that time, if that is sooner than usual.
    In(Duration),
    /// As usual, keeping this in mind (JSON).
    Remember(String),
    /// At once, keeping this in mind.
    GoOn(String),
}

/// Waits until something has happened that calls for a turn.
type Wake = for<'a> fn(&'a Services) -> BoxFuture<'a, ()>;

/// What is done in a turn.
pub type Work = for<'a> fn(&'a Services, Turn) -> BoxFuture<'a, Result<Next, Error>>;

/// A job: its name and how often it is done.
#[derive(Debug, Clone, Copy)]
pub struct Job {
    name: &'static str,
    /// `None`: only when it is woken.
    every: Option<Duration>,
    at_start: bool,
    /// Whether it is done while everything waits after a restore; no other job is.
    after_a_restore: bool,
    wake: Wake,
}

impl Job {
    /// One that is done so often; `None` for only when it is woken.
    pub fn new(name: &'static str, every: impl Into<Option<Duration>>) -> Self {
        let wake: Wake = |_| Box::pin(std::future::pending());
        Self { name, every: every.into(), at_start: false, after_a_restore: false, wake }
    }

    /// Done as soon as this process starts, too.
    pub fn at_start(self) -> Self {
        Self { at_start: self.every.is_some(), ..self }
    }

    /// Done while everything waits after a restore, too.
    pub fn after_a_restore(self) -> Self {
        Self { after_a_restore: true, ..self }
    }

    /// Done whenever this is over, too.
    pub fn woken(self, wake: Wake) -> Self {
        Self { wake, ..self }
    }
}

/// Takes the job's turns for ever.
pub async fn take(services: Services, job: Job, work: Work) {
    let mut early = job.at_start;
    let mut moves = services.leases.moves();
    for number in 1_u64.. {
        // As an error, so that it is there whatever the filter leaves out.
        let span = tracing::error_span!("job", job = job.name, turn = number);
        let taking = async {
            turn(&services, job, work, early).await.unwrap_or_else(|error| {
                tracing::warn!(%error, "a job could not be done");
                TROUBLE
            })
        };
        let pause = taking.instrument(span).await;
        early = tokio::select! {
            woken = timeout(pause.clamp(SHORTEST, LOOK), (job.wake)(&services)) => woken.is_ok(),
            _moved = moves.changed() => false,
        };
    }
}

/// One turn, if it is to be had; how long until it is worth asking again.
async fn turn(services: &Services, job: Job, work: Work, early: bool) -> Result<Duration, Error> {
    let leases = &services.leases;
    let every = match job.every {
        Some(every) => every,
        None if early => LOOK,
        None => return Ok(LOOK),
    };
    if !job.after_a_restore && services.restored.is_open().await? {
        return Ok(WAITING);
    }
    let Some(turn) = leases.take(job.name, LEASE, early).await? else {
        return leases.free_in(job.name).await;
    };
    let begun = Instant::now();
    let done = tokio::select! {
        done = work(services, turn) => done,
        () = leases.keep(job.name, LEASE, RENEW) => {
            tracing::warn!(job = job.name, "the turn is lost to another process, or the database is silent; this one stops");
            return Ok(every);
        }
    };
    services.metrics.job(job.name, done.is_ok(), begun.elapsed());
    tracing::debug!(ms = begun.elapsed().as_millis(), ok = done.is_ok(), "job done");
    let (next, memory) = match &done {
        Ok(Next::Usual) => (every, None),
        Ok(Next::In(pause)) => ((*pause).min(every), None),
        Ok(Next::GoOn(memory)) => (Duration::ZERO, Some(memory.as_str())),
        Ok(Next::Remember(memory)) => (every, Some(memory.as_str())),
        Err(_) => (every.min(TROUBLE), None),
    };
    leases.end(job.name, next, memory).await?;
    done.map(|_| next)
}
