//! People are told that their date comes, and when it has come; of each date once.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::client::Access;
use crate::domain::daytime;
use crate::domain::ids::TelegramId;
use crate::domain::notice::{Dated, Notice};
use crate::repositories::expiry_notices::{self, Candidate, behind_all_of};
use crate::repositories::{Tx, clients};

use super::core::Core;
use super::error::Error;
use super::outbox::{LATEST, When, notify_when};

/// So many clients are told in one transaction.
const PART: i64 = 500;
/// A change may become visible so long after its moment: what was due since then is looked at again.
const OVERLAP: TimeDelta = TimeDelta::minutes(10);
/// Whoever is told of one client hears of their others that are due so soon.
const SOON: TimeDelta = TimeDelta::hours(1);
/// At most so many others.
const MOST_OTHERS: i64 = 100;
/// For how long after a date it is remembered what was told of it.
const REMEMBERED: TimeDelta = TimeDelta::days(2);

/// Telling people of their dates.
#[derive(Debug, Clone)]
pub struct ExpiryNotices {
    core: Arc<Core>,
}

/// Whose turn it is to be told: those with a date after the first and up to the second moment. Of two stages that are due
/// for one date only the nearer one has it, and none has what would be too late.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stage {
    /// So many hours before the date; 0: at the date.
    hours: u32,
    after: DateTime<Utc>,
    until: DateTime<Utc>,
}

impl Stage {
    /// Every stage, as it is at that moment, the date itself last.
    fn all(before: &[u32], now: DateTime<Utc>) -> Vec<Self> {
        let ahead = |hours: u32| now + TimeDelta::hours(hours.into());
        let hours = || before.iter().copied().chain([0]);
        let nearer = hours().skip(1).map(Some).chain([None]);
        hours()
            .zip(nearer)
            .map(|(hours, nearer)| {
                let until = ahead(hours);
                let after = (until - LATEST).max(nearer.map_or(DateTime::<Utc>::MIN_UTC, ahead));
                Self { hours, after, until }
            })
            .collect()
    }

    fn has(&self, date: DateTime<Utc>) -> bool {
        self.after < date && date <= self.until
    }

    /// When somebody with that date is to be told.
    fn moment(&self, date: DateTime<Utc>) -> DateTime<Utc> {
        date - TimeDelta::hours(self.hours.into())
    }

    /// Whether the client had this date and this person then.
    fn concerns(&self, candidate: &Candidate) -> bool {
        candidate.notices_from.is_none_or(|from| from < self.moment(candidate.dated.expires_at))
    }

    async fn tell(&self, tx: &mut Tx, candidate: &Candidate) -> Result<bool, Error> {
        let hours = i32::try_from(self.hours).unwrap_or(i32::MAX);
        Ok(self.concerns(candidate) && expiry_notices::tell(tx, &candidate.dated, hours).await?)
    }
}

impl ExpiryNotices {
    /// On top of the core.
    pub(super) fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// Puts in what is due. `memory`: what the last look gave (JSON), by whichever process: nobody is looked at for ever
    /// who was not to be told. Gives to how many people, and what is to be kept in mind instead.
    ///
    /// # Errors
    /// `Database`. What was put in until then stands.
    pub async fn run_once(&self, memory: Option<&str>) -> Result<(u64, String), Error> {
        let now = self.core.clock.now();
        let looked = memory.and_then(|memory| serde_json::from_str::<DateTime<Utc>>(memory).ok());
        let unseen = looked.map_or(LATEST, |looked| (now - looked.min(now) + OVERLAP).min(LATEST));
        let mut told = 0;
        for stage in Stage::all(&self.core.rules.notify_before, now) {
            let after = stage.after.max(stage.until - unseen);
            told += self.run_stage(Stage { after, ..stage }, now).await?;
        }
        let memory = serde_json::to_string(&now).map_err(|error| Error::Internal(error.to_string()))?;
        Ok((told, memory))
    }

    /// A part at a time, so that nobody else waits long for the database.
    async fn run_stage(&self, stage: Stage, now: DateTime<Utc>) -> Result<u64, Error> {
        let hours = i32::try_from(stage.hours).unwrap_or(i32::MAX);
        let (mut behind, mut told) = (behind_all_of(stage.after), 0);
        loop {
            let due = expiry_notices::due(&self.core.db, hours, (behind, stage.until), PART).await?;
            let Some(last) = due.last() else { return Ok(told) };
            behind = (last.dated.expires_at, last.dated.client);
            told += self.tell(stage, due, now).await?;
        }
    }

    async fn tell(&self, stage: Stage, due: Vec<Candidate>, now: DateTime<Utc>) -> Result<u64, Error> {
        let mut people = BTreeMap::<TelegramId, Vec<Candidate>>::new();
        for candidate in due {
            people.entry(candidate.person).or_default().push(candidate);
        }
        let mut told = 0;
        let mut tx = self.core.db.begin().await?;
        for (person, due) in people {
            told += u64::from(self.tell_person(&mut tx, person, stage, due, now).await?);
        }
        tx.commit().await?;
        if told > 0 {
            self.core.posted.notify_one();
        }
        Ok(told)
    }

    /// One message to one person, if there is anything new to tell; whether there was.
    async fn tell_person(
        &self,
        tx: &mut Tx,
        person: TelegramId,
        stage: Stage,
        due: Vec<Candidate>,
        now: DateTime<Utc>,
    ) -> Result<bool, Error> {
        let mut clients = vec![];
        for candidate in due {
            if stage.tell(tx, &candidate).await? {
                clients.push(candidate.dated);
            }
        }
        let Some(first) = clients.iter().map(|dated| stage.moment(dated.expires_at)).min() else {
            return Ok(false);
        };
        let zone = self.core.rules.timezone;
        if stage.hours == 0 {
            let when = When { not_before: now, drop_after: first + LATEST };
            notify_when(&self.core, tx, person, Notice::Expired { clients }, when).await?;
            return Ok(true);
        }
        clients.extend(self.others(tx, person, &clients, now).await?);
        clients.sort_by_key(|dated| dated.expires_at);
        let not_before = daytime::by_day(now, zone);
        let drop_after = if not_before > now { not_before } else { first } + LATEST;
        notify_when(&self.core, tx, person, Notice::Expiring { clients }, When { not_before, drop_after })
            .await?;
        Ok(true)
    }

    /// The person's other clients whose turn it is within the next hour.
    async fn others(
        &self,
        tx: &mut Tx,
        person: TelegramId,
        told: &[Dated],
        now: DateTime<Utc>,
    ) -> Result<Vec<Dated>, Error> {
        let mut stages = Stage::all(&self.core.rules.notify_before, now + SOON);
        stages.retain(|stage| stage.hours > 0);
        let until = stages.first().map_or(now, |stage| stage.until);
        let mut others = vec![];
        for other in expiry_notices::open_of(tx, person, (now, until), MOST_OTHERS).await? {
            let stage = stages.iter().find(|stage| stage.has(other.dated.expires_at));
            if let Some(stage) = stage.filter(|_| !told.contains(&other.dated))
                && stage.tell(tx, &other).await?
            {
                others.push(other.dated);
            }
        }
        Ok(others)
    }

    /// Forgets what was told of dates long gone.
    ///
    /// # Errors
    /// `Database`.
    pub async fn tidy(&self) -> Result<(), Error> {
        let mut tx = self.core.db.begin().await?;
        expiry_notices::forget(&mut tx, self.core.clock.now() - REMEMBERED).await?;
        Ok(tx.commit().await?)
    }
}

/// Those clients of which it is still true: they have that date, are not closed, and are this person's.
pub(super) async fn still(
    core: &Core,
    person: TelegramId,
    told: Vec<Dated>,
    passed: bool,
) -> Result<Vec<Dated>, Error> {
    let now = core.clock.now();
    let mut left = vec![];
    for dated in told {
        let Some(client) = clients::find(&core.db, dated.client).await? else { continue };
        let open = client.access == Access::Open || (passed && client.access == Access::Lapsed);
        if open
            && client.telegram_id == Some(person)
            && client.expires_at == dated.expires_at
            && client.expired(now) == passed
        {
            left.push(dated);
        }
    }
    Ok(left)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(now: DateTime<Utc>, stage: Stage) -> (u32, i64, i64) {
        (stage.hours, (stage.after - now).num_hours(), (stage.until - now).num_hours())
    }

    #[test]
    fn of_stages_that_are_due_at_once_the_nearest_is_told_and_none_too_late() {
        let now = DateTime::UNIX_EPOCH;
        let stages = |before: &[u32]| -> Vec<_> {
            Stage::all(before, now).into_iter().map(|stage| hours(now, stage)).collect()
        };
        assert_eq!(stages(&[72, 24]), [(72, 66, 72), (24, 18, 24), (0, -6, 0)]);
        assert_eq!(stages(&[26, 24, 3]), [(26, 24, 26), (24, 18, 24), (3, 0, 3), (0, -6, 0)]);
        assert_eq!(stages(&[]), [(0, -6, 0)]);
    }
}
