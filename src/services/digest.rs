//! In the morning those who look after the service hear whose date is today.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};

use crate::domain::daytime;
use crate::domain::notice::{Dated, OwnerNotice};
use crate::repositories::clients;

use super::core::{Core, Rules};
use super::error::Error;
use super::outbox::{LATEST, alert};

/// The name of the job: its turns, and its name in the log.
pub const JOB: &str = "digest";
/// So many clients are named, each with a button.
const NAMED: i64 = 20;

/// The morning's message.
#[derive(Debug, Clone)]
pub struct Digest {
    core: Arc<Core>,
}

impl Digest {
    /// On top of the core.
    pub(super) fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// Puts the message in once a day. `done`: the day of the last time (JSON), as this gave it; gives the present day
    /// when it is done with. Much too late in the day it is left out.
    ///
    /// # Errors
    /// `Database`.
    pub async fn run_once(&self, done: Option<&str>) -> Result<Option<String>, Error> {
        let core = &self.core;
        let Some(at) = core.rules.digest_at else { return Ok(None) };
        let (now, zone) = (core.clock.now(), core.rules.timezone);
        let day = daytime::date(now, zone);
        let (due, today) = (daytime::at(day, at, zone), kept(day));
        if now < due || done == Some(today.as_str()) {
            return Ok(None);
        }
        if now - due <= LATEST && count(core, day).await? > 0 {
            let mut tx = core.db.begin().await?;
            let notice = OwnerNotice::Digest { day, total: 0, clients: vec![] };
            // A clock that is set back, or a memory that was lost, makes no second one.
            alert(core, &mut tx, notice, Some(&format!("digest:{day}"))).await?;
            tx.commit().await?;
            core.posted.notify_one();
        }
        Ok(Some(today))
    }
}

/// What is to be kept in mind so that the day's message, whose time has come by now, is not sent; nothing before it comes.
pub(super) fn told_by(rules: &Rules, now: DateTime<Utc>) -> Option<String> {
    let day = daytime::date(now, rules.timezone);
    let due = daytime::at(day, rules.digest_at?, rules.timezone);
    (due <= now).then(|| kept(day))
}

/// A day as it is kept in mind.
fn kept(day: NaiveDate) -> String {
    format!("\"{day}\"")
}

/// What is to be told of that day now: who was extended since is left out. None when the day is over or nobody is left.
pub(super) async fn fresh(core: &Core, day: NaiveDate) -> Result<Option<OwnerNotice>, Error> {
    let zone = core.rules.timezone;
    let total = count(core, day).await?;
    if total == 0 || daytime::date(core.clock.now(), zone) != day {
        return Ok(None);
    }
    let clients = clients::expiring(&core.db, daytime::day(day, zone), NAMED).await?;
    let clients = clients.into_iter().map(|client| Dated {
        client: client.id,
        username: client.username,
        expires_at: client.expires_at,
    });
    Ok(Some(OwnerNotice::Digest { day, total, clients: clients.collect() }))
}

async fn count(core: &Core, day: NaiveDate) -> Result<u64, Error> {
    let count = clients::count_expiring(&core.db, daytime::day(day, core.rules.timezone)).await?;
    Ok(u64::try_from(count).unwrap_or_default())
}
