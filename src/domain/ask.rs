//! What is asked of a client that exists. What that means in absolute terms depends on how the client is at that moment.

use chrono::{DateTime, NaiveDate, TimeDelta, TimeZone as _, Utc};
use chrono_tz::Tz;
use serde::Serialize;

use super::change::{Change, NewExpiry};
use super::client::{Access, BeyondCalendar, Client};
use super::days::Days;
use super::ids::{ShortUuid, TelegramId};

/// For how long an extension can be taken back.
pub const UNDO: TimeDelta = TimeDelta::minutes(5);

/// How far in the future a date must be for the panel to take it, whatever its clock says.
pub const NEAREST: TimeDelta = TimeDelta::minutes(3);

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum Ask {
    /// So many days more.
    Extend {
        /// How many.
        days: Days,
    },
    /// This date, to correct a mistake; the time of day stays.
    Date {
        /// The day in that zone.
        date: NaiveDate,
        /// Where people read dates.
        #[serde(skip)]
        zone: Tz,
    },
    /// So many days less, after an extension that was a mistake.
    Undo {
        /// How many it had added.
        days: Days,
        /// When the client was extended: it must not have changed since.
        changed_at: DateTime<Utc>,
    },
    /// Take access away because this date has passed.
    Lapse {
        /// The date that it is about.
        expires_at: DateTime<Utc>,
    },
    /// Make the client's panel user again, with the name, link and date that the client has.
    Remake {
        /// The link's secret part for a client that has none any more.
        #[serde(skip)]
        short_uuid: ShortUuid,
    },
    /// Give back what only the passing of a date had taken away, since there is a later one.
    Reopen,
    /// Take access away.
    Block,
    /// Give access back.
    Unblock,
    /// Replace the link.
    Rotate {
        /// The new secret part. No part of what is asked: asked again, it is another.
        #[serde(skip)]
        short_uuid: ShortUuid,
    },
    /// Delete the client.
    Delete,
    /// Replace the link of one's own client, not too often.
    RotateOwn {
        /// Whose it must be.
        owner: TelegramId,
        /// The new secret part, as for any other link.
        #[serde(skip)]
        short_uuid: ShortUuid,
        /// How long after the last time it may be done again; nothing means always.
        #[serde(skip)]
        pause: TimeDelta,
    },
}

/// Why something cannot be asked of a client as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Access is off already.
    AlreadyBlocked,
    /// Access is on already.
    NotBlocked,
    /// There is no panel user whose link could be replaced.
    NotLinked,
    /// No calendar has that date.
    BeyondCalendar(BeyondCalendar),
    /// The date would be in the past, which the panel does not take.
    DatePassed,
    /// It has that date.
    SameDate,
    /// The client has changed since the extension, or the five minutes are over.
    CannotUndo,
    /// The client is somebody else's, or nobody's any more.
    NotTheirs,
    /// The client has changed since a job found it: there is nothing to do any more.
    NotNeeded,
}

impl Ask {
    /// What it means for this client; `now` in milliseconds.
    ///
    /// # Errors
    /// It cannot be asked of the client as it is.
    pub fn of(&self, client: &Client, now: DateTime<Utc>) -> Result<Change, Refusal> {
        match self {
            Self::Extend { days } => {
                let expires_at = client.extended(*days, now).map_err(Refusal::BeyondCalendar)?;
                Ok(moved(client, days.get(), expires_at))
            }
            Self::Date { date, zone } => dated(client, *date, *zone, now),
            Self::Undo { days, changed_at } => undone(client, *days, *changed_at, now),
            Self::Lapse { expires_at } => {
                let due =
                    client.access == Access::Open && client.expires_at == *expires_at && client.expired(now);
                due.then_some(Change::Access { to: Access::Lapsed }).ok_or(Refusal::NotNeeded)
            }
            Self::Remake { short_uuid } => {
                let link = client.short_uuid.clone().unwrap_or_else(|| short_uuid.clone());
                Ok(Change::Remake { short_uuid: link })
            }
            Self::Reopen => {
                let due = client.access == Access::Lapsed && !client.expired(now);
                due.then_some(Change::Access { to: Access::Open }).ok_or(Refusal::NotNeeded)
            }
            Self::Block if client.access != Access::Open => Err(Refusal::AlreadyBlocked),
            Self::Block => Ok(Change::Access { to: Access::Blocked }),
            Self::Unblock if client.access == Access::Open => Err(Refusal::NotBlocked),
            Self::Unblock => Ok(Change::Access { to: Access::Open }),
            Self::RotateOwn { owner, .. } if client.telegram_id != Some(*owner) => Err(Refusal::NotTheirs),
            Self::Rotate { .. } | Self::RotateOwn { .. } if client.remnawave_uuid.is_none() => {
                Err(Refusal::NotLinked)
            }
            Self::Rotate { short_uuid } | Self::RotateOwn { short_uuid, .. } => {
                Ok(Change::Rotate { short_uuid: short_uuid.clone() })
            }
            Self::Delete => Ok(Change::Delete),
        }
    }
}

/// A later date opens again what only the old one had closed.
fn moved(client: &Client, days: i64, expires_at: DateTime<Utc>) -> Change {
    Change::Expiry(NewExpiry { days, expires_at, reopens: client.access == Access::Lapsed })
}

fn dated(client: &Client, date: NaiveDate, zone: Tz, now: DateTime<Utc>) -> Result<Change, Refusal> {
    let old = client.expires_at.with_timezone(&zone);
    let days = date.signed_duration_since(old.date_naive()).num_days();
    if days == 0 {
        return Err(Refusal::SameDate);
    }
    let wanted = date.and_time(old.time());
    // A time that the clocks skip or have twice: the same moment counted in whole days.
    let local = zone.from_local_datetime(&wanted).earliest();
    let expires_at = local.map_or(client.expires_at + TimeDelta::days(days), |at| at.with_timezone(&Utc));
    if expires_at <= now + NEAREST { Err(Refusal::DatePassed) } else { Ok(moved(client, days, expires_at)) }
}

fn undone(
    client: &Client,
    days: Days,
    changed_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Change, Refusal> {
    if client.updated_at != changed_at || now - changed_at > UNDO {
        return Err(Refusal::CannotUndo);
    }
    match client.without(days, now) {
        Some(expires_at) => Ok(Change::Expiry(NewExpiry { days: -days.get(), expires_at, reopens: false })),
        None => Err(Refusal::DatePassed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::ClientId;
    use crate::domain::username::Username;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn client(expires_at: &str) -> Client {
        Client {
            id: ClientId(uuid::Uuid::nil()),
            username: Username::stored("alice"),
            remnawave_uuid: None,
            short_uuid: None,
            subscription_url: None,
            access: Access::Open,
            expires_at: at(expires_at),
            created_at: at("2026-01-01T00:00:00Z"),
            updated_at: at("2026-05-01T00:00:00Z"),
            telegram_id: None,
        }
    }

    fn expiry(change: Result<Change, Refusal>) -> Result<(i64, String), Refusal> {
        change.map(|change| match change {
            Change::Expiry(new) => (new.days, new.expires_at.to_rfc3339()),
            other => panic!("{other:?}"),
        })
    }

    #[test]
    fn a_date_keeps_the_time_of_day_where_people_live() {
        let now = at("2026-05-01T00:00:00Z");
        let ask = |date: &str| Ask::Date { date: date.parse().unwrap(), zone: Tz::Europe__Moscow };
        // 23:30 UTC is the next day in Moscow.
        let alice = client("2026-05-10T23:30:00Z");
        let of = |date| expiry(ask(date).of(&alice, now));
        assert_eq!(of("2026-05-21"), Ok((10, "2026-05-20T23:30:00+00:00".to_owned())));
        assert_eq!(of("2026-05-09"), Ok((-2, "2026-05-08T23:30:00+00:00".to_owned())));
        assert_eq!(of("2026-05-11"), Err(Refusal::SameDate));
        assert_eq!(of("2026-04-30"), Err(Refusal::DatePassed));
    }

    #[test]
    fn a_time_that_the_clocks_skip_is_no_trouble() {
        // 02:30 on 2026-03-29 does not exist in Berlin.
        let alice = client("2026-03-20T01:30:00Z");
        let ask = Ask::Date { date: "2026-03-29".parse().unwrap(), zone: Tz::Europe__Berlin };
        let got = expiry(ask.of(&alice, at("2026-03-01T00:00:00Z")));
        assert_eq!(got, Ok((9, "2026-03-29T01:30:00+00:00".to_owned())));
    }

    #[test]
    fn an_extension_is_taken_back_while_nothing_else_happened() {
        let mut alice = client("2026-05-17T00:00:00Z");
        let changed_at = alice.updated_at;
        let ask = Ask::Undo { days: "7".parse().unwrap(), changed_at };
        let soon = changed_at + TimeDelta::minutes(5);
        assert_eq!(expiry(ask.of(&alice, soon)), Ok((-7, "2026-05-10T00:00:00+00:00".to_owned())));
        assert_eq!(ask.of(&alice, soon + TimeDelta::seconds(1)), Err(Refusal::CannotUndo));
        // Expired before, extended from that moment on: without the days it would be over now.
        alice.expires_at = changed_at + TimeDelta::days(7);
        assert_eq!(ask.of(&alice, changed_at), Err(Refusal::DatePassed));
        alice.updated_at += TimeDelta::microseconds(1);
        assert_eq!(ask.of(&alice, soon), Err(Refusal::CannotUndo));
    }
}
