//! The live tokens in memory, and when their uses are noted.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Mutex;
use tokio_util::task::TaskTracker;
use tracing::Instrument;

use crate::domain::actor::Actor;
use crate::domain::ids::TokenId;
use crate::domain::token::{ApiToken, TokenHash};
use crate::repositories::tokens;

use super::core::Core;
use super::error::Error;

/// For how long the copy of a database that others may change is believed. A revoked token must be refused everywhere
/// within a second, the reading included.
const TRUSTED: TimeDelta = TimeDelta::milliseconds(500);
/// How far apart two notes of a token's use are, at least.
const NOTED_EVERY: TimeDelta = TimeDelta::seconds(60);

/// Who the live tokens belong to.
#[derive(Debug)]
pub struct Known {
    core: Arc<Core>,
    copy: RwLock<Option<Arc<Copy>>>,
    /// Goes up with every change of this process, so that a copy read before it is not taken for one read after it.
    version: AtomicU64,
    /// One reads at a time. Why and when that last failed: those who waited are told the same instead of waiting again.
    reading: Mutex<Option<(DateTime<Utc>, String)>>,
    tasks: TaskTracker,
}

/// The live tokens as they were once.
#[derive(Debug)]
struct Copy {
    version: u64,
    read_at: DateTime<Utc>,
    tokens: HashMap<TokenHash, Live>,
}

/// A live token.
#[derive(Debug)]
struct Live {
    id: TokenId,
    actor: Actor,
    /// The last use that was noted, in microseconds since 1970.
    noted: AtomicI64,
}

impl Known {
    /// Knows nothing yet.
    pub fn new(core: Arc<Core>) -> Self {
        Self {
            core,
            copy: RwLock::default(),
            version: AtomicU64::new(0),
            reading: Mutex::default(),
            tasks: TaskTracker::new(),
        }
    }

    /// Whose token that is, if it is live.
    ///
    /// # Errors
    /// `Database`: it cannot be known.
    pub async fn whose(&self, presented: &TokenHash) -> Result<Option<Actor>, Error> {
        let now = self.core.clock.now();
        let copy = match self.trusted(now) {
            Some(copy) => copy,
            None => self.read().await?,
        };
        // A hash of 256 random bits cannot be approached by guessing, so the look-up may take what time it takes.
        let Some(live) = copy.tokens.get(presented) else { return Ok(None) };
        self.note(live, now);
        Ok(Some(live.actor.clone()))
    }

    /// Makes a change that the next look must see. It goes on when its caller goes away: cut in the middle, nobody would
    /// know that the copy is out of date.
    pub async fn change<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl Future<Output = Result<T, Error>> + Send + 'static,
    ) -> Result<T, Error> {
        let this = Arc::clone(self);
        let work = async move {
            let done = work.await;
            // A commit that failed may stand nevertheless.
            this.version.fetch_add(1, Ordering::AcqRel);
            done
        };
        let ended = self.tasks.spawn(work.in_current_span()).await;
        ended.unwrap_or_else(|error| Err(Error::Internal(format!("a change of a token was cut: {error}"))))
    }

    /// Waits until what runs in the background has ended.
    pub async fn close(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }

    fn last_copy(&self) -> Option<Arc<Copy>> {
        self.copy.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The copy, if it is still good. Only other processes can make it bad unseen, so SQLite's does not age.
    fn trusted(&self, now: DateTime<Utc>) -> Option<Arc<Copy>> {
        let copy = self.last_copy()?;
        let fresh = !self.core.db.is_shared() || is_recent(copy.read_at, now);
        (fresh && copy.version == self.version.load(Ordering::Acquire)).then_some(copy)
    }

    async fn read(&self) -> Result<Arc<Copy>, Error> {
        let mut failed = self.reading.lock().await;
        let now = self.core.clock.now();
        if let Some(copy) = self.trusted(now) {
            return Ok(copy);
        }
        if let Some((_, why)) = failed.as_ref().filter(|(at, _)| is_recent(*at, now)) {
            return Err(Error::Database(why.clone()));
        }
        let version = self.version.load(Ordering::Acquire);
        match tokens::live(&self.core.db).await.map_err(Error::from) {
            Ok(live) => {
                let copy = Arc::new(self.copied(version, now, live));
                *self.copy.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&copy));
                *failed = None;
                Ok(copy)
            }
            Err(error) => {
                *failed = Some((self.core.clock.now(), error.to_string()));
                Err(error)
            }
        }
    }

    fn copied(&self, version: u64, read_at: DateTime<Utc>, live: Vec<ApiToken>) -> Copy {
        let before = self.last_copy();
        let in_settings =
            |token: &ApiToken| self.core.rules.api_tokens.iter().any(|set| set.name == token.name);
        let tokens = live.into_iter().filter(|token| !in_settings(token)).map(|token| {
            // What is being noted right now may not stand in the row yet.
            let noted = before.as_ref().and_then(|copy| copy.tokens.get(&token.hash));
            let noted = noted.map_or(i64::MIN, |live| live.noted.load(Ordering::Relaxed));
            let written = token.last_used_at.map_or(i64::MIN, |at| at.timestamp_micros());
            let actor = Actor::Token { name: token.known_as(), scope: token.scope };
            (token.hash, Live { id: token.id, actor, noted: AtomicI64::new(noted.max(written)) })
        });
        Copy { version, read_at, tokens: tokens.collect() }
    }

    /// Notes a use, if the last note is a minute old. Nobody waits for it, and a failure only means an older date.
    fn note(&self, live: &Live, now: DateTime<Utc>) {
        let noted = live.noted.load(Ordering::Relaxed);
        let moment = now.timestamp_micros();
        let due = Some(moment.saturating_sub(noted)) >= NOTED_EVERY.num_microseconds();
        let exchange =
            || live.noted.compare_exchange(noted, moment, Ordering::Relaxed, Ordering::Relaxed).is_ok();
        if due && exchange() {
            let (core, id) = (Arc::clone(&self.core), live.id);
            let noting = async move {
                if let Err(error) = write(&core, id, now).await {
                    tracing::warn!(%error, %id, "the use of an API token was not noted");
                }
            };
            self.tasks.spawn(noting.in_current_span());
        }
    }
}

async fn write(core: &Core, id: TokenId, now: DateTime<Utc>) -> Result<(), Error> {
    let mut tx = core.db.begin().await?;
    tokens::used(&mut tx, id, now, now - NOTED_EVERY).await?;
    Ok(tx.commit().await?)
}

/// Whether that moment is less than [`TRUSTED`] gone by, by a clock that may have been set back.
fn is_recent(at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    let age = now.signed_duration_since(at);
    age >= TimeDelta::zero() && age < TRUSTED
}
