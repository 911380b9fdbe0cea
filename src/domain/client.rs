//! A client: one person's VPN access, sold or given.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::ids::{ClientId, PanelUserId, ShortUuid, SubscriptionUrl, TelegramId};
use super::username::Username;

/// Whether the client may use the VPN as far as people decided; expiry is [`Client::expired`].
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
    pub status: Status,
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

impl Client {
    /// Whether the date has passed.
    pub fn expired(&self, now: DateTime<Utc>) -> bool {
        self.expires_at <= now
    }

    /// The state shown to people as far as the database knows it. Expiry goes before the block,
    /// because auto-deactivation blocks what has expired.
    pub fn state(&self, now: DateTime<Utc>) -> State {
        if self.expired(now) {
            State::Expired
        } else if self.status == Status::Blocked {
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
