//! What the doors show: plain values, ready to be rendered.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use secrecy::SecretString;

use crate::domain::client::{Client, ClientCounts, State};
use crate::domain::ids::{ClientId, InviteToken, OperationId, ShortUuid, SubscriptionUrl};
use crate::domain::operation::{ActionCount, AuditEntry};
use crate::domain::person::Person;
use crate::domain::token::{ApiToken, SettingsToken};

/// The home screen of those who run the VPN.
#[derive(Debug, Clone)]
pub struct Home {
    /// How many clients of each kind.
    pub counts: ClientCounts,
    /// How the panel is.
    pub panel: PanelStatus,
    /// Whether everything waits, because the database was restored from a backup.
    pub restored: bool,
}

pub use crate::panel::{PanelProblem, PanelStatus};

/// One page of the list.
#[derive(Debug, Clone)]
pub struct ClientPage {
    /// The clients, newest first.
    pub items: Vec<Client>,
    /// How many there are in all with this filter.
    pub total: i64,
    /// This page's number, from 0; never beyond the last.
    pub page: u32,
    /// How many pages there are; at least 1.
    pub pages: u32,
}

/// A page of the log that outlives its clients.
#[derive(Debug, Clone)]
pub struct Log {
    /// The rows, newest first.
    pub items: Vec<AuditEntry>,
    /// How many there are in all with this filter.
    pub total: i64,
    /// This page's number, from 0; never beyond the last.
    pub page: u32,
    /// How many pages there are; at least 1.
    pub pages: u32,
    /// The newest row when page 0 was looked at; `None` when there is none. Later pages keep to it and what is older.
    pub newest: Option<OperationId>,
    /// The client of the first row here, if it still exists.
    pub client: Option<ClientId>,
    /// The people among the actors, by label, as far as they wrote to the bot.
    pub people: BTreeMap<String, Person>,
    /// How many matters need a person.
    pub matters: i64,
}

/// In which columns rows of the log are to be like a given one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LogColumns {
    /// The client's id.
    pub client: bool,
    /// The client's name.
    pub username: bool,
    /// Who.
    pub actor: bool,
    /// What was done.
    pub action: bool,
}

/// Numbers.
#[derive(Debug, Clone)]
pub struct Stats {
    /// How many clients of each kind.
    pub counts: ClientCounts,
    /// How many clients are linked to a Telegram account.
    pub linked: i64,
    /// How the panel is, as last seen.
    pub panel: Component,
    /// The panel's version, once it has told it.
    pub panel_version: Option<String>,
    /// Since when operations are counted.
    pub operations_since: DateTime<Utc>,
    /// What was done how often since then; only what was done at all.
    pub operations: Vec<ActionCount>,
}

/// A client's card.
#[derive(Debug, Clone)]
pub struct Card {
    /// The client. Links and short UUID are cleared for a viewer.
    pub client: Client,
    /// How it stands, the panel's word included.
    pub state: State,
    /// What the panel knows besides; `None` while it cannot be asked.
    pub panel: Option<PanelFacts>,
    /// The Telegram account linked to it, if it wrote to the bot.
    pub person: Option<Person>,
    /// What staff wrote about it.
    pub note: Option<String>,
}

/// What only the panel knows of a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PanelFacts {
    /// Bytes used in the current period.
    pub traffic_used: u64,
    /// The limit in bytes; `None` means unlimited.
    pub traffic_limit: Option<u64>,
    /// When it was last online.
    pub online_at: Option<DateTime<Utc>>,
}

/// A configuration as the REST API gives it: whatever the panel serves.
#[derive(Debug, Clone)]
pub struct RawConfig {
    /// Whose it is.
    pub client: Client,
    /// The secret part of the link.
    pub short_uuid: ShortUuid,
    /// The link.
    pub subscription_url: SubscriptionUrl,
    /// Base64, byte for byte what the panel serves. A secret.
    pub config_data: ConfigData,
}

/// The base64 text of a configuration: keys, so `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct ConfigData(pub String);

impl std::fmt::Debug for ConfigData {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ConfigData({} bytes)", self.0.len())
    }
}

/// A configuration as a person gets it: never a dead one.
#[derive(Debug, Clone)]
pub enum Delivery {
    /// All of it.
    Ready {
        /// Whose it is.
        client: Client,
        /// The base64 text.
        config: ConfigData,
        /// The link.
        url: SubscriptionUrl,
    },
    /// The panel cannot be asked; the stored link still works.
    LinkOnly {
        /// Whose it is.
        client: Client,
        /// The stored link.
        url: SubscriptionUrl,
    },
    /// There is no working configuration, and why.
    Unfit {
        /// Whose it would be.
        client: Client,
        /// The reason.
        why: Unfit,
    },
}

/// Why a client has no working configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unfit {
    /// Access was taken away.
    Blocked,
    /// The date has passed.
    Expired,
    /// The traffic limit is reached.
    TrafficUsedUp,
    /// The panel user is in no squad that has keys.
    NoSquad,
    /// The client has no panel user.
    NotLinked,
}

/// A fresh invite. The only moment its token is known.
#[derive(Debug, Clone)]
pub struct NewInvite {
    /// For which client.
    pub client: Client,
    /// The token for the link `https://t.me/BOT?start=TOKEN`.
    pub token: InviteToken,
    /// Until when it may be used.
    pub expires_at: DateTime<Utc>,
}

/// An invite for a program to hand on. The only moment its token is known.
#[derive(Debug, Clone)]
pub struct InviteLink {
    /// The link that opens the bot, once Telegram has said what the bot is called.
    pub url: Option<String>,
    /// The token in it.
    pub token: InviteToken,
    /// Until when it may be used.
    pub expires_at: DateTime<Utc>,
}

/// What opening an invite did.
#[derive(Debug, Clone)]
pub enum Redeemed {
    /// The account is linked to this client now.
    Client {
        /// The client.
        client: Client,
        /// Who made the invite, when that was a person: to be told who accepted.
        invited_by: Option<crate::domain::ids::TelegramId>,
        /// Whether it had been linked by this same person before.
        again: bool,
    },
    /// The account is the owner now.
    Owner,
}

/// A fresh token of the REST API. The only moment its secret is known.
#[derive(Debug, Clone)]
pub struct NewToken {
    /// What is kept of it.
    pub token: ApiToken,
    /// What its holder sends.
    pub secret: SecretString,
    /// Whether this very request made it before: what was told of its secret then is void.
    pub again: bool,
}

/// The tokens there are.
#[derive(Debug, Clone)]
pub struct TokenList {
    /// Those of `API_TOKENS`.
    pub settings: Vec<SettingsToken>,
    /// Those made in the bot and not revoked, newest first.
    pub made: Vec<MadeToken>,
}

/// A token that was made in the bot.
#[derive(Debug, Clone)]
pub struct MadeToken {
    /// What is kept of it.
    pub token: ApiToken,
    /// Who made it, if it was a person who wrote to the bot.
    pub maker: Option<Person>,
    /// Whether `API_TOKENS` has its name: then that one counts, and this one opens nothing.
    pub hidden: bool,
}

/// What revoking a token did.
#[derive(Debug, Clone)]
pub struct RevokedToken {
    /// The token.
    pub token: ApiToken,
    /// Whether it had been revoked before.
    pub again: bool,
}

/// Whether the service can do its work, part by part.
#[derive(Debug, Clone)]
pub struct Readiness {
    /// The database: without it nothing works (503).
    pub database: Component,
    /// The panel.
    pub panel: Component,
    /// Telegram.
    pub telegram: Component,
    /// What needs a person.
    pub attention: Component,
}

/// One part's state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Component {
    /// How it is.
    pub state: ComponentState,
    /// What is wrong and what to do, in English, for operators; no secrets.
    pub reason: Option<String>,
}

/// How a part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ComponentState {
    /// It works.
    Ok,
    /// It works with a reservation.
    Warning,
    /// It does not work.
    Down,
    /// It was not asked yet.
    Unknown,
}

impl ComponentState {
    /// The word on `/health/ready`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Down => "down",
            Self::Unknown => "unknown",
        }
    }
}
