//! A change as a value: what is wanted, decided before the panel is asked.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::actor::Source;
use super::client::{Access, Client};
use super::days::Days;
use super::ids::{ClientId, IntentId, ShortUuid};
use super::operation::Action;
use super::reason::Reason;
use super::username::Username;

/// What is wanted, in absolute terms, so that carrying it out twice is the same as once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Change {
    /// A new client.
    Create(NewClient),
    /// Another date.
    Expiry(NewExpiry),
    /// Access on or off.
    Access {
        /// What it becomes.
        to: Access,
    },
    /// Another link; the old one stops working.
    Rotate {
        /// The new secret part, chosen by us so that a repeated request gives the same link.
        short_uuid: ShortUuid,
    },
    /// A panel user again, for a client that has lost its own.
    Remake {
        /// The link's secret part: the client's own, or a new one where it has none any more.
        short_uuid: ShortUuid,
    },
    /// No more client.
    Delete,
}

/// The date a client gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewExpiry {
    /// How many days were asked for (the log's payload).
    pub days: i64,
    /// The date that follows from them; milliseconds.
    pub expires_at: DateTime<Utc>,
    /// Whether it gives back what the passing of the old date had taken away.
    pub reopens: bool,
}

/// Everything about a new client that is decided before the panel is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewClient {
    /// Its name.
    pub username: Username,
    /// How many days were asked for (the log's payload).
    pub days: Days,
    /// The date that follows from them; milliseconds.
    pub expires_at: DateTime<Utc>,
    /// The short UUID, chosen by us so that a repeated request makes the same user.
    pub short_uuid: ShortUuid,
}

impl Change {
    /// The log's word for it.
    pub fn action(&self) -> Action {
        match self {
            Self::Create(_) | Self::Remake { .. } => Action::Create,
            Self::Expiry(_) => Action::Extend,
            Self::Access { to: Access::Open } => Action::Unblock,
            Self::Access { to: Access::Blocked } => Action::Block,
            Self::Access { to: Access::Lapsed } => Action::AutoDeactivate,
            Self::Rotate { .. } => Action::RotateConfig,
            Self::Delete => Action::Delete,
        }
    }

    /// The client after this change. A new link is not known here: the panel makes it.
    pub fn applied(&self, mut client: Client) -> Client {
        match self {
            Self::Expiry(new) => {
                client.expires_at = new.expires_at;
                if new.reopens {
                    client.access = Access::Open;
                }
            }
            Self::Access { to } => client.access = *to,
            Self::Rotate { short_uuid } | Self::Remake { short_uuid } => {
                client.short_uuid = Some(short_uuid.clone());
            }
            Self::Create(_) | Self::Delete => {}
        }
        client
    }
}

/// What makes a repeated request the same request: the door's own key.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key {
    /// Whose key it is: a token with method and path, or a bot.
    pub scope: String,
    /// The key within that scope: an `Idempotency-Key`, an update id, a nonce.
    pub key: String,
}

impl Key {
    /// The key of what a stored update changes.
    pub fn update(bot_id: i64, update_id: i64) -> Self {
        Self { scope: format!("bot:{bot_id}"), key: format!("update:{update_id}") }
    }

    /// The key of what a button changes, however often it is tapped.
    pub fn button(bot_id: i64, nonce: &str) -> Self {
        Self { scope: format!("bot:{bot_id}"), key: format!("nonce:{nonce}") }
    }
}

/// SHA-256 of what was asked, lower-case hex: the same key with another request is refused.
pub fn request_hash(request: &impl Serialize) -> Result<String, serde_json::Error> {
    Ok(hex(&Sha256::digest(serde_json::to_vec(request)?)))
}

/// Bytes as lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// How far an intent is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, sqlx::Type)]
#[sqlx(type_name = "intent_state", rename_all = "lowercase")]
pub enum IntentState {
    /// Decided; the panel may or may not have it yet. Goes forward.
    Open,
    /// The caller was told that it failed; the panel is brought back to what the database says.
    Undoing,
    /// It stands.
    Done,
    /// It does not stand, and the panel has nothing of it.
    Failed,
}

impl IntentState {
    /// Whether it still holds its client and its name.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Open | Self::Undoing)
    }
}

/// A change that was decided: committed before the panel is asked. While it is open it is the lock on its client and name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intent {
    /// Its own id.
    pub id: IntentId,
    /// The door's key, where it has one.
    pub key: Option<Key>,
    /// [`request_hash`] of what was asked.
    pub request_hash: String,
    /// Who asked, as [`super::actor::Actor::label`] writes it.
    pub actor: String,
    /// Through which door.
    pub source: Source,
    /// The client it is about (chosen here for a new one).
    pub client_id: ClientId,
    /// The client's name.
    pub username: Username,
    /// Why, in the words of whoever asked.
    pub reason: Option<Reason>,
    /// The client as it was when this was decided; `None` for a new one.
    pub before: Option<Box<Client>>,
    /// What is wanted.
    pub wanted: Change,
    /// How far it is.
    pub state: IntentState,
    /// Why it failed, in words without secrets.
    pub error: Option<String>,
    /// The answer kept for the key, once it has ended.
    pub answer: Option<Answer>,
    /// Who works on it: a process.
    pub lease_owner: String,
    /// Until when nobody else may; afterwards whoever finds it finishes it.
    pub lease_until: DateTime<Utc>,
    /// When it was decided.
    pub created_at: DateTime<Utc>,
    /// When the panel must be looked at once more, because a request without an answer may still arrive there.
    pub verify_at: Option<DateTime<Utc>>,
    /// When it first ended; set while it is open again for that second look.
    pub ended_at: Option<DateTime<Utc>>,
}

/// How an ended intent is answered again for the same key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Answer {
    /// The client was made; it is read from the database as it is now. Earlier versions wrote this.
    Client {
        /// Which.
        id: ClientId,
    },
    /// It stands; the client as it was right after (before, if it was deleted).
    Stands {
        /// That client.
        client: Box<Client>,
    },
    /// The name was taken, in the database or in the panel.
    UsernameTaken,
    /// There was no such client.
    ClientNotFound,
    /// Access was off already.
    AlreadyBlocked,
    /// Access was on already.
    NotBlocked,
    /// The client had no link to the panel.
    NotLinked,
    /// The date would have been in the past.
    DatePassed,
    /// It had that date already.
    SameDate,
    /// The client had changed since, or it was too late to take it back.
    CannotUndo,
    /// What a job wanted was not needed any more. Not kept: the same key looks again.
    NotNeeded,
    /// The panel did not do it. Not kept: the same key tries again.
    PanelFailed,
    /// The panel had no such user any more. Not kept: the same key tries again.
    UserGone,
    /// It was done not long ago. Not kept: the same key tries again.
    TooSoon {
        /// From when on it may be done again.
        until: DateTime<Utc>,
    },
}
