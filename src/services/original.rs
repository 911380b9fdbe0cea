//! What the original Python service knew becomes this one's: clients with their ids, and their log. Its database and the
//! panel are only read. Cut in the middle, it is simply begun again: who is known here is passed over.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde_json::Value;
use uuid::Uuid;

use crate::domain::actor::Source;
use crate::domain::client::{Access, Client};
use crate::domain::ids::{ClientId, OperationId, PanelUserId, ShortUuid, SubscriptionUrl, TelegramId};
use crate::domain::operation::{Action, AuditEntry, Operation, Outcome};
use crate::domain::username::Username;
use crate::repositories::original::{Original, OriginalClient, OriginalError, OriginalOperation};
use crate::repositories::{Tx, adoptions, audit, clients, operations};

use super::core::Core;
use super::drift::Pages;
use super::error::Error;
use super::imports::fits;
use super::pause;

/// How many clients are taken over at once, with their log, in one transaction.
const PART: i64 = 50;
/// How many rows of one client's log are read at once.
const ROWS: i64 = 500;
/// Who did what stands in the log from before: the original did not know.
const ACTOR: &str = "original";

/// Taking over.
#[derive(Debug, Clone)]
pub struct TakeOver {
    core: Arc<Core>,
}

/// Whose Telegram account the panel names, by the secret part of the link.
#[derive(Debug, Default)]
pub struct PanelPeople(HashMap<String, TelegramId>);

/// What has come over so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TakenOver {
    /// Clients that are new here.
    pub clients: u64,
    /// Of those, how many belong to a Telegram account.
    pub linked: u64,
    /// Rows of the log.
    pub operations: u64,
    /// Clients that were here before, also those that were deleted here since.
    pub known: u64,
    /// Clients whose name, number or link another client has here, or that do not fit.
    pub left_out: Vec<String>,
    /// The last one looked at.
    pub last: Option<ClientId>,
}

impl TakenOver {
    /// How many clients were looked at.
    pub fn seen(&self) -> u64 {
        self.clients + self.known + u64::try_from(self.left_out.len()).unwrap_or(u64::MAX)
    }
}

impl TakeOver {
    /// On top of the core.
    pub(super) fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// Opens the original's database.
    ///
    /// # Errors
    /// It cannot be reached, or is something else.
    pub async fn open(url: &SecretString) -> Result<Original, OriginalError> {
        Original::connect(url).await
    }

    /// Whom the panel names. Nothing else of the panel is needed: 40 bytes a user are kept.
    ///
    /// # Errors
    /// `Panel`.
    pub async fn people(&self) -> Result<PanelPeople, Error> {
        let (mut people, mut pages) = (HashMap::new(), Pages::new(&self.core));
        while let Some(users) = pages.next().await? {
            let linked = users.into_iter().filter_map(|user| Some((user.short_uuid, user.telegram_id?)));
            let linked = linked.filter(|(_, person)| person.0 > 0);
            people.extend(linked.map(|(short, person)| (short.expose().to_owned(), person)));
        }
        Ok(PanelPeople(people))
    }

    /// Goes on by a part; whether that was all.
    ///
    /// # Errors
    /// `Database`, of either side.
    pub async fn go_on(
        &self,
        original: &Original,
        people: &PanelPeople,
        done: &mut TakenOver,
    ) -> Result<bool, Error> {
        let theirs = original.clients_after(done.last.map(|id| id.0), PART).await?;
        let Some(last) = theirs.last().map(|client| ClientId(client.id)) else { return Ok(true) };
        let mut further = TakenOver { last: Some(last), ..done.clone() };
        let mut tx = self.core.db.begin().await?;
        pause::refuse_restored(&mut tx).await?;
        for client in theirs {
            self.take(&mut tx, original, (client, people), &mut further).await?;
        }
        tx.commit().await?;
        *done = further;
        Ok(false)
    }

    async fn take(
        &self,
        tx: &mut Tx,
        original: &Original,
        (theirs, people): (OriginalClient, &PanelPeople),
        done: &mut TakenOver,
    ) -> Result<(), Error> {
        let id = ClientId(theirs.id);
        if clients::was_ever(tx, id).await? {
            done.known += 1;
            return Ok(());
        }
        let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
        let (short, url) = (text(&theirs.short_uuid), text(&theirs.subscription_url));
        let client = client(theirs, people);
        let now = self.core.clock.now();
        if !fits(client.username.as_str(), &short, &url) || !adoptions::insert(tx, &client, now).await? {
            done.left_out.push(client.username.to_string());
            return Ok(());
        }
        done.clients += 1;
        done.linked += u64::from(client.telegram_id.is_some());
        done.operations += copy_log(tx, original, &client).await?;
        Ok(())
    }
}

fn client(theirs: OriginalClient, people: &PanelPeople) -> Client {
    let access = match (theirs.blocked, theirs.lapsed) {
        (false, _) => Access::Open,
        (true, true) => Access::Lapsed,
        (true, false) => Access::Blocked,
    };
    let telegram_id = theirs.short_uuid.as_ref().and_then(|short| people.0.get(short)).copied();
    Client {
        id: ClientId(theirs.id),
        username: Username::stored(theirs.username),
        remnawave_uuid: theirs.remnawave_uuid.map(PanelUserId),
        short_uuid: theirs.short_uuid.map(ShortUuid::new),
        subscription_url: theirs.subscription_url.map(SubscriptionUrl::new),
        access,
        expires_at: theirs.expires_at,
        created_at: theirs.created_at,
        updated_at: theirs.updated_at,
        telegram_id,
    }
}

/// The whole log of one client; how many rows.
async fn copy_log(tx: &mut Tx, original: &Original, client: &Client) -> Result<u64, Error> {
    let (mut after, mut copied) = (None::<(DateTime<Utc>, Uuid)>, 0);
    loop {
        let rows = original.operations_after(client.id.0, after, ROWS).await?;
        let Some(last) = rows.last() else { return Ok(copied) };
        after = Some((last.created_at, last.id));
        for row in rows {
            copied += u64::from(copy_row(tx, client, row).await?);
        }
    }
}

/// A row of the log, unless it is of a kind that the contract does not know.
async fn copy_row(tx: &mut Tx, client: &Client, row: OriginalOperation) -> Result<bool, Error> {
    let action = Action::ALL.into_iter().find(|action| action.as_str() == row.action);
    let result = Outcome::ALL.into_iter().find(|result| result.as_str() == row.result);
    let (Some(action), Some(result)) = (action, result) else {
        tracing::warn!(operation = %row.id, action = row.action, "a row of the log of an unknown kind is left out");
        return Ok(false);
    };
    let payload = row.payload.as_deref().map(serde_json::from_str::<Value>).transpose();
    let payload = payload.map_err(|error| Error::Internal(format!("the payload of {}: {error}", row.id)))?;
    let operation = Operation {
        id: OperationId(row.id),
        client_id: client.id,
        action,
        payload: payload.filter(|payload| !payload.is_null()),
        result,
        error: row.error,
        created_at: row.created_at,
    };
    operations::insert(tx, &operation).await?;
    audit::insert(tx, &entry(operation, client)).await?;
    Ok(true)
}

fn entry(operation: Operation, client: &Client) -> AuditEntry {
    let source = if operation.action == Action::AutoDeactivate { Source::Job } else { Source::Api };
    AuditEntry {
        id: operation.id,
        client_id: client.id,
        username: client.username.clone(),
        actor: ACTOR.to_owned(),
        source,
        action: operation.action,
        payload: operation.payload,
        result: operation.result,
        error: operation.error,
        reason: None,
        created_at: operation.created_at,
    }
}
