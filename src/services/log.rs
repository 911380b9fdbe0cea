//! Writing the log: the contract's row while the client lives, and the row that outlives it, always together.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::domain::actor::{Actor, Source};
use crate::domain::change::{Change, Intent};
use crate::domain::client::Client;
use crate::domain::ids::{ClientId, OperationId};
use crate::domain::operation::{Action, AuditEntry, Operation, Outcome};
use crate::domain::reason::Reason;
use crate::domain::username::Username;
use crate::repositories::{Result, Tx, audit};

use super::core::Core;

/// What there is to say of one attempt.
#[derive(Debug, Clone)]
pub struct Entry {
    /// About which client.
    pub client_id: ClientId,
    /// Its name.
    pub username: Username,
    /// Who, as actors are named in the log.
    pub actor: String,
    /// Through which door.
    pub source: Source,
    /// What was done.
    pub action: Action,
    /// The contract's payload.
    pub payload: Option<Value>,
    /// Why, in the words of whoever did it.
    pub reason: Option<Reason>,
    /// `None` when it stands, else why not.
    pub error: Option<String>,
}

impl Entry {
    /// About an intent that ended. A date that opened a client again is told as `unblock` too.
    pub fn of_intent(intent: &Intent) -> Vec<Self> {
        let entry = Self {
            client_id: intent.client_id,
            username: intent.username.clone(),
            actor: intent.actor.clone(),
            source: intent.source,
            action: intent.wanted.action(),
            reason: intent.reason.clone(),
            payload: payload(&intent.wanted, intent.error.is_none()),
            error: intent.error.clone(),
        };
        match &intent.wanted {
            Change::Expiry(new) if new.reopens && entry.error.is_none() => {
                let opened = Self { action: Action::Unblock, payload: None, ..entry.clone() };
                vec![entry, opened]
            }
            _ => vec![entry],
        }
    }

    /// About a configuration that was asked for.
    pub fn of_config(by: &Actor, client: &Client, error: Option<String>) -> Self {
        Self {
            client_id: client.id,
            username: client.username.clone(),
            actor: by.label(),
            source: by.source(),
            action: Action::GetConfig,
            payload: None,
            reason: None,
            error,
        }
    }
}

/// The contract's payload of a change that stands, or that does not.
fn payload(change: &Change, stands: bool) -> Option<Value> {
    match change {
        Change::Create(new) => Some(json!({ "username": new.username, "days": new.days })),
        Change::Expiry(new) if stands => {
            let date = new.expires_at.format("%Y-%m-%dT%H:%M:%S%.6f+00:00").to_string();
            Some(json!({ "days": new.days, "new_expires_at": date }))
        }
        Change::Expiry(new) => Some(json!({ "days": new.days })),
        Change::Rotate { short_uuid } if stands => Some(json!({ "new_short_uuid": short_uuid.expose() })),
        Change::Access { .. } | Change::Rotate { .. } | Change::Remake { .. } | Change::Delete => None,
    }
}

/// Whether a log row belongs to a client that exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Has {
    /// It does: the contract's log has the row too.
    Client,
    /// It does not (it was never made): only the log that outlives clients has it.
    NoClient,
}

/// Writes one attempt down.
pub async fn write(core: &Core, tx: &mut Tx, entry: Entry, has: Has) -> Result<()> {
    write_all(core, tx, vec![(entry, has)]).await
}

/// Writes attempts down.
pub async fn write_all(core: &Core, tx: &mut Tx, entries: Vec<(Entry, Has)>) -> Result<()> {
    let (mut contract, mut kept) = (Vec::new(), Vec::new());
    for (entry, has) in entries {
        let id = OperationId(core.entropy.uuid());
        let row = row(id, entry, core.clock.now());
        if has == Has::Client {
            contract.push(operation(&row));
        }
        kept.push(row);
    }
    audit::insert_both(tx, &contract, &kept).await
}

/// The row that outlives the client.
fn row(id: OperationId, entry: Entry, created_at: DateTime<Utc>) -> AuditEntry {
    let result = if entry.error.is_none() { Outcome::Success } else { Outcome::Fail };
    let Entry { client_id, username, actor, source, action, payload, reason, error } = entry;
    AuditEntry { id, client_id, username, actor, source, action, payload, reason, result, error, created_at }
}

/// The contract's row of the same.
fn operation(kept: &AuditEntry) -> Operation {
    Operation {
        id: kept.id,
        client_id: kept.client_id,
        action: kept.action,
        payload: kept.payload.clone(),
        result: kept.result,
        error: kept.error.clone(),
        created_at: kept.created_at,
    }
}
