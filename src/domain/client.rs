//! A client: one person's VPN access, sold or given.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::ask::NEAREST;
use super::days::Days;
use super::ids::{ClientId, PanelUserId, ShortUuid, SubscriptionUrl, TelegramId};
use super::username::Username;

/// The contract's word for whether the client may use the VPN; expiry is [`Client::expired`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "lowercase")]
#[sqlx(type_name = "client_status", rename_all = "lowercase")]
pub enum Status {
    /// Access is on.
    Active,
    /// Access was taken away.
    Blocked,
}

impl Status {
    /// The word in the contract and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Blocked => "blocked",
        }
    }
}

/// Whether the client may use the VPN, and who decided so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Access {
    /// It may.
    Open,
    /// A person took it away: only a person gives it back.
    Blocked,
    /// It was taken away only because the date had passed: a later date gives it back.
    Lapsed,
}

impl Access {
    /// The contract's word.
    pub fn status(self) -> Status {
        match self {
            Self::Open => Status::Active,
            Self::Blocked | Self::Lapsed => Status::Blocked,
        }
    }
}

/// A client as the database keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Client {
    /// Our own id.
    pub id: ClientId,
    /// The name, the same on the panel.
    pub username: Username,
    /// The panel user; `None` when the client has no link to the panel.
    pub remnawave_uuid: Option<PanelUserId>,
    /// The secret part of the link.
    pub short_uuid: Option<ShortUuid>,
    /// The link itself, as the panel gave it.
    pub subscription_url: Option<SubscriptionUrl>,
    /// Access on or off.
    pub access: Access,
    /// When access ends; milliseconds.
    pub expires_at: DateTime<Utc>,
    /// When the client was made; microseconds.
    pub created_at: DateTime<Utc>,
    /// When it last changed; microseconds.
    pub updated_at: DateTime<Utc>,
    /// The Telegram account that may fetch the configuration.
    pub telegram_id: Option<TelegramId>,
}

/// How a client stands at a moment: one of the states people see, each with its emoji.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// ✅
    Active,
    /// 🚫 taken away by a person
    Blocked,
    /// ⌛ the date has passed
    Expired,
    /// 🪫 the traffic limit is reached; only the panel knows
    TrafficUsedUp,
}

/// The first moment that four digits of a year do not hold: neither the panel nor an integration reads such a date.
const END: DateTime<Utc> = match DateTime::from_timestamp(253_402_300_800, 0) {
    Some(end) => end,
    None => DateTime::<Utc>::MAX_UTC,
};

/// So many days more would lead beyond the year 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{days} days more lead beyond the year 9999; at most {most} fit")]
pub struct BeyondCalendar {
    /// How many were asked for.
    pub days: i64,
    /// How many days still fit.
    pub most: i64,
}

impl Client {
    /// The contract's word for its access.
    pub fn status(&self) -> Status {
        self.access.status()
    }

    /// The date after so many days more: from now if it has expired, else added.
    ///
    /// # Errors
    /// That date is beyond the year 9999.
    pub fn extended(&self, days: Days, now: DateTime<Utc>) -> Result<DateTime<Utc>, BeyondCalendar> {
        let from = self.expires_at.max(now);
        let most = (END - TimeDelta::milliseconds(1) - from).num_days().max(0);
        if days.get() > most {
            Err(BeyondCalendar { days: days.get(), most })
        } else {
            Ok(from + days.delta())
        }
    }

    /// The date without so many of its days; none when the panel would not take it, because it has passed or nearly so.
    pub fn without(&self, days: Days, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let date = self.expires_at - days.delta();
        (date > now + NEAREST).then_some(date)
    }

    /// Whether the date has passed.
    pub fn expired(&self, now: DateTime<Utc>) -> bool {
        self.expires_at <= now
    }

    /// The state shown to people as far as the database knows it. Expiry goes before the block,
    /// because auto-deactivation blocks what has expired.
    pub fn state(&self, now: DateTime<Utc>) -> State {
        if self.expired(now) {
            State::Expired
        } else if self.access != Access::Open {
            State::Blocked
        } else {
            State::Active
        }
    }
}

/// Which clients a list shows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct ClientFilter {
    /// Only with this status.
    pub status: Option<Status>,
    /// Only expired (`true`) or only valid (`false`) ones.
    pub expired: Option<bool>,
    /// Only those that are valid now and expire within so many hours.
    pub expiring_within_hours: Option<u32>,
    /// Only those linked to this account.
    pub telegram_id: Option<TelegramId>,
    /// Only the one of exactly this name; any text, also one that is no name.
    pub username: Option<String>,
}

/// How many clients there are of each kind, for the home screen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ClientCounts {
    /// All of them.
    pub total: i64,
    /// Active and not expired.
    pub active: i64,
    /// Blocked and not expired.
    pub blocked: i64,
    /// The date has passed.
    pub expired: i64,
    /// Active, and the date passes within three days.
    pub expiring: i64,
}
