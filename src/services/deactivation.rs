//! Clients whose date has passed lose access, here and on the panel: once for each date, after the panel was read again,
//! and never many at once without an owner's word.

mod listed;

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use futures::stream::StreamExt as _;
use serde::{Deserialize, Serialize};
use tokio::sync::{Notify, Semaphore};

use crate::domain::actor::Actor;
use crate::domain::ask::Ask;
use crate::domain::client::Client;
use crate::domain::matter::{Matter, Pause};
use crate::domain::notice::OwnerNotice;
use crate::domain::skew::APART;
use crate::domain::username::Username;
use crate::panel::PanelProblem;
use crate::repositories::{clients, leases, matters};

use super::access::{Permission, require};
use super::changes::{Changes, Part};
use super::core::Core;
use super::error::Error;
use super::job::{self, most_at_once};
use super::matters::{raise_now, settle_now};
use super::outbox::alert;
use super::sync::suspect;
use listed::as_listed;

/// The name of the job: its turns, and its name in the log.
pub const JOB: &str = "deactivate";
/// So many at most in a round.
const ROUND: i64 = 10_000;
/// So many at once at the panel.
const AT_ONCE: usize = 32;
/// So many are begun and not done at the panel: when one is done there, the next one need not be begun first.
const ADMITTED: usize = 3 * AT_ONCE;
/// So many at once in all: what the panel has done is written down while it is asked for the next ones.
const UNDER_WAY: usize = 8 * AT_ONCE;
/// For how long an owner's word counts.
const WORD: TimeDelta = TimeDelta::hours(1);
/// So many names are told.
const NAMES: usize = 10;

/// Taking access away by date.
#[derive(Debug, Clone)]
pub struct Deactivation {
    core: Arc<Core>,
    changes: Changes,
    allowed: Arc<Notify>,
}

/// What came of a round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Round {
    /// It was carried out.
    Done(Counts),
    /// More would be touched than is done without asking.
    TooMany {
        /// How many clients have expired.
        expired: u64,
        /// The most that is done without asking.
        most: u64,
    },
    /// The panel's clock is so many seconds ahead of ours (behind, if negative).
    ClocksDiffer {
        /// Seconds.
        seconds: i64,
    },
    /// An owner has to decide first.
    Paused(Pause),
    /// The panel does not work, and why.
    NoPanel(PanelProblem),
}

/// How many clients a round touched.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Those that had access although their date had passed.
    pub expired: u64,
    /// Those that lost it.
    pub deactivated: u64,
    /// Those that turned out to have a later date, or were changed by somebody else meanwhile.
    pub unneeded: u64,
    /// Those that could not be reached on the panel; they are tried again.
    pub failed: u64,
    /// The first of those that lost access, by name.
    pub names: Vec<Username>,
}

/// An owner's word, kept in mind from turn to turn.
#[derive(Debug, Serialize, Deserialize)]
struct Allowed {
    expired: u64,
    until: DateTime<Utc>,
}

impl Deactivation {
    /// On top of the changes of this process.
    pub(super) fn new(core: Arc<Core>, changes: Changes) -> Self {
        Self { core, changes, allowed: Arc::default() }
    }

    /// One round. `memory` is what was kept in mind: an owner may have allowed many at once. With `anyway` that is not asked.
    ///
    /// # Errors
    /// `Database`.
    pub async fn run_once(&self, memory: Option<&str>, anyway: bool) -> Result<Round, Error> {
        let core = &self.core;
        let now = core.clock.now();
        let expired = clients::count_to_lapse(&core.db, now).await?;
        if expired == 0 {
            settle_now(core, Matter::MANY_EXPIRED).await?;
            return Ok(Round::Done(Counts::default()));
        }
        if let Some(obstacle) = self.obstacle().await? {
            return Ok(obstacle);
        }
        let most = most_at_once(clients::count_on_panel(&core.db).await?);
        if expired > most && !anyway && !is_allowed(memory, expired, now) {
            raise_now(core, Matter::ManyExpired { expired, most }).await?;
            return Ok(Round::TooMany { expired, most });
        }
        settle_now(core, Matter::MANY_EXPIRED).await?;
        let counts = self.carry_out(expired).await?;
        self.tell(&counts).await?;
        tracing::info!(?counts, "clients whose date has passed");
        Ok(Round::Done(counts))
    }

    /// What forbids to take access away by date now.
    async fn obstacle(&self) -> Result<Option<Round>, Error> {
        let core = &self.core;
        if let Some(pause) = matters::paused(&core.db).await? {
            return Ok(Some(Round::Paused(pause)));
        }
        let problem = core.panel.check(core.panel.timeout()).await.problem;
        if let Some(problem) = problem.filter(|problem| *problem != PanelProblem::UntestedVersion) {
            return Ok(Some(Round::NoPanel(problem)));
        }
        match core.panel.clock_skew().filter(|skew| skew.abs() > APART) {
            Some(skew) => {
                let seconds = skew.num_seconds();
                raise_now(core, Matter::ClocksDiffer { seconds }).await?;
                Ok(Some(Round::ClocksDiffer { seconds }))
            }
            None => {
                settle_now(core, Matter::CLOCKS_DIFFER).await?;
                Ok(None)
            }
        }
    }

    async fn carry_out(&self, expired: u64) -> Result<Counts, Error> {
        let due = clients::to_lapse(&self.core.db, self.core.clock.now(), ROUND).await?;
        let (admission, panel) = (Arc::new(Semaphore::new(ADMITTED)), Arc::new(Semaphore::new(AT_ONCE)));
        let ends = as_listed(&self.core, due).map(|client| async {
            let end = self.lapse(&client, &admission, &panel).await;
            (client, end)
        });
        let counts = Counts { expired, ..Counts::default() };
        let counts = ends.buffer_unordered(UNDER_WAY).fold(counts, |mut counts, (client, end)| {
            counts.count(client, end);
            std::future::ready(counts)
        });
        Ok(counts.await)
    }

    async fn tell(&self, counts: &Counts) -> Result<(), Error> {
        if counts.deactivated == 0 {
            return Ok(());
        }
        let core = &self.core;
        let Counts { deactivated: count, failed, names, .. } = counts.clone();
        let mut tx = core.db.begin().await?;
        alert(core, &mut tx, OwnerNotice::Deactivated { count, names, failed }, None).await?;
        tx.commit().await?;
        core.posted.notify_one();
        Ok(())
    }

    async fn lapse(
        &self,
        client: &Client,
        admission: &Arc<Semaphore>,
        panel: &Arc<Semaphore>,
    ) -> Result<(), Error> {
        let admitted = Arc::clone(admission).acquire_owned().await;
        let admitted = admitted.map_err(|error| Error::Internal(error.to_string()))?;
        let part = Part { admitted, panel: Arc::clone(panel) };
        let ask = Ask::Lapse { expires_at: client.expires_at };
        let key = format!("{}:{}", client.id, client.expires_at.timestamp_millis());
        let request = job::request(JOB, client.id, ask, Some(key))?;
        let lapsed = self.changes.apply_in(request, Some(part)).await;
        if matches!(lapsed, Err(Error::NotNeeded)) {
            suspect(&self.core, client.id).await;
        }
        lapsed.map(drop)
    }

    /// An owner says that so many may lose access: those that have expired, within the hour.
    ///
    /// # Errors
    /// `Forbidden`, `Database`.
    pub async fn allow(&self, by: &Actor) -> Result<(), Error> {
        require(by, Permission::Decide)?;
        let core = &self.core;
        let now = core.clock.now();
        let expired = clients::count_to_lapse(&core.db, now).await?;
        let allowed = serde_json::to_string(&Allowed { expired, until: now + WORD });
        let allowed = allowed.map_err(|error| Error::Internal(error.to_string()))?;
        let mut tx = core.db.begin().await?;
        leases::remember(&mut tx, JOB, &allowed, now).await?;
        matters::settle(&mut tx, Matter::MANY_EXPIRED).await?;
        tx.commit().await?;
        tracing::info!(actor = by.label(), expired, "many may lose access by date");
        self.allowed.notify_one();
        Ok(())
    }

    /// Waits until an owner has allowed it in this process.
    pub async fn allowed(&self) {
        self.allowed.notified().await;
    }
}

impl Counts {
    fn count(&mut self, client: Client, end: Result<(), Error>) {
        match end {
            Ok(()) => {
                self.deactivated += 1;
                if self.names.len() < NAMES {
                    self.names.push(client.username);
                }
            }
            Err(Error::NotNeeded) => self.unneeded += 1,
            Err(error) => {
                tracing::warn!(client = %client.id, %error, "a client whose date has passed keeps access for now");
                self.failed += 1;
            }
        }
    }
}

/// Whether an owner has seen that many, or nearly.
fn is_allowed(memory: Option<&str>, expired: u64, now: DateTime<Utc>) -> bool {
    let allowed = memory.and_then(|text| serde_json::from_str::<Allowed>(text).ok());
    allowed.is_some_and(|allowed| now < allowed.until && expired <= allowed.expired + most_at_once(0))
}
