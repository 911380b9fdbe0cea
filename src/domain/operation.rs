//! The log: what was done to a client, and how it ended.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::actor::Source;
use super::ids::{ClientId, OperationId};
use super::page::Place;
use super::reason::Reason;
use super::username::Username;

/// What was done; the words are the contract's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "operation_action", rename_all = "snake_case")]
pub enum Action {
    /// A client was made.
    Create,
    /// A client was deleted.
    Delete,
    /// The expiry date was moved.
    Extend,
    /// Access was taken away.
    Block,
    /// Access was given back.
    Unblock,
    /// The configuration was fetched.
    GetConfig,
    /// The link was replaced.
    RotateConfig,
    /// Access was taken away because the date had passed.
    AutoDeactivate,
}

impl Action {
    /// Every action, in the contract's order.
    pub const ALL: [Self; 8] = [
        Self::Create,
        Self::Delete,
        Self::Extend,
        Self::Block,
        Self::Unblock,
        Self::GetConfig,
        Self::RotateConfig,
        Self::AutoDeactivate,
    ];

    /// The word in the contract and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Delete => "delete",
            Self::Extend => "extend",
            Self::Block => "block",
            Self::Unblock => "unblock",
            Self::GetConfig => "get_config",
            Self::RotateConfig => "rotate_config",
            Self::AutoDeactivate => "auto_deactivate",
        }
    }
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "lowercase")]
#[sqlx(type_name = "operation_result", rename_all = "lowercase")]
pub enum Outcome {
    /// It stands.
    Success,
    /// It does not stand.
    Fail,
}

impl Outcome {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Success, Self::Fail];

    /// The word in the contract and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Fail => "fail",
        }
    }
}

/// A row of the contract's log; it goes when its client goes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Operation {
    /// Its own id.
    pub id: OperationId,
    /// The client it was done to.
    pub client_id: ClientId,
    /// What was done.
    pub action: Action,
    /// The contract's payload for that action, or `None`.
    pub payload: Option<Value>,
    /// How it ended.
    pub result: Outcome,
    /// Why it failed, in words without secrets.
    pub error: Option<String>,
    /// When it ended; microseconds.
    pub created_at: DateTime<Utc>,
}

/// A row of the log that outlives its client, with who did it and from where.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditEntry {
    /// Its own id; the same as the operation's where there is one.
    pub id: OperationId,
    /// The client it was done to, perhaps gone by now.
    pub client_id: ClientId,
    /// The client's name at that time.
    pub username: Username,
    /// Who, as [`super::actor::Actor::label`] writes it.
    pub actor: String,
    /// Through which door.
    pub source: Source,
    /// What was done.
    pub action: Action,
    /// The contract's payload for that action, or `None`.
    pub payload: Option<Value>,
    /// Why, in the words of whoever did it.
    pub reason: Option<Reason>,
    /// How it ended.
    pub result: Outcome,
    /// Why it failed.
    pub error: Option<String>,
    /// When it ended; microseconds.
    pub created_at: DateTime<Utc>,
}

/// Which rows of the log that outlives its clients.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Only those about this client.
    pub client_id: Option<ClientId>,
    /// Only those about clients of exactly this name.
    pub username: Option<String>,
    /// Only those of this actor, as [`super::actor::Actor::label`] writes it.
    pub actor: Option<String>,
    /// Only those that came through this door.
    pub source: Option<Source>,
    /// Only this action.
    pub action: Option<Action>,
    /// Only those that ended so.
    pub result: Option<Outcome>,
    /// Only those of this moment and later.
    pub since: Option<DateTime<Utc>>,
    /// Only those earlier than this moment.
    pub until: Option<DateTime<Utc>>,
    /// Only this row and older ones: what came since moves no page.
    pub from_row: Option<Place>,
}

/// What was done how often, and how it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActionCount {
    /// What.
    pub action: Action,
    /// How it ended.
    pub result: Outcome,
    /// How often.
    pub count: i64,
}
