//! Changing clients: what a person or an integration asks for, and who may.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use serde::Serialize;

use crate::domain::actor::{Actor, Role};
use crate::domain::ask::Ask;
use crate::domain::change::{Key, NewClient, request_hash};
use crate::domain::client::Client;
use crate::domain::days::Days;
use crate::domain::ids::{ClientId, ClientRef, ShortUuid};
use crate::domain::reason::Reason;
use crate::domain::username::Username;
use crate::repositories::clients;

use super::access::{Permission, require};
use super::begin::{Request, Wanted};
use super::clients::Clients;
use super::error::Error;
use super::pause;

/// Characters of a short UUID: both dialects take 16 to 48, six bits each.
const SHORT_UUID: usize = 24;

/// What was asked for, for comparing requests of one key.
#[derive(Serialize)]
#[serde(untagged)]
enum Asked<'a> {
    New { action: &'static str, username: &'a Username, days: Days },
    Other { client: ClientId, ask: &'a Ask },
}

/// What comes along with a change.
#[derive(Debug, Clone, Default)]
pub struct With {
    /// What makes it the same request again.
    pub key: Option<Key>,
    /// Why, in the words of whoever asks.
    pub reason: Option<Reason>,
}

impl From<Option<Key>> for With {
    fn from(key: Option<Key>) -> Self {
        Self { key, reason: None }
    }
}

impl Clients {
    /// Makes a client, here and on the panel. The same key again gives the same client.
    ///
    /// # Errors
    /// `Forbidden`, `UsernameTaken`, `Panel`, `Busy`, `KeyReused`, `KeyInProgress`, `Database`.
    pub async fn create(
        &self,
        by: &Actor,
        username: Username,
        days: Days,
        key: Option<Key>,
    ) -> Result<Client, Error> {
        require(by, Permission::CreateClients)?;
        self.within_reach(by, days.get())?;
        let core = &self.core;
        let asked = Asked::New { action: "create", username: &username, days };
        let hash = hash(&asked)?;
        let new = NewClient {
            username,
            days,
            expires_at: core.clock.now_millis() + days.delta(),
            short_uuid: self.new_short_uuid(),
        };
        self.apply(by, key.into(), hash, ClientId(core.entropy.uuid()), Wanted::New(new)).await
    }

    /// Moves the date: from now if it has passed, else added. What only the old date had closed is opened again.
    ///
    /// # Errors
    /// `Forbidden`, `TooManyDays`, `ClientNotFound`, `BeyondCalendar`, `Panel`, `Busy`, `KeyReused`, `KeyInProgress`,
    /// `Database`.
    pub async fn extend(
        &self,
        by: &Actor,
        id: ClientId,
        days: Days,
        with: impl Into<With>,
    ) -> Result<Client, Error> {
        require(by, Permission::ChangeClients)?;
        self.within_reach(by, days.get())?;
        self.alter(by, id, Ask::Extend { days }, with.into()).await
    }

    /// Sets the date, to correct a mistake: that day in that zone, at the time of day it has now.
    ///
    /// # Errors
    /// `Forbidden`, `ClientNotFound`, `DatePassed`, `SameDate`, `Panel`, `Busy`, `KeyReused`, `KeyInProgress`, `Database`.
    pub async fn set_date(
        &self,
        by: &Actor,
        id: ClientId,
        (date, zone): (NaiveDate, Tz),
        key: Option<Key>,
    ) -> Result<Client, Error> {
        require(by, Permission::SetDates)?;
        self.alter(by, id, Ask::Date { date, zone }, key.into()).await
    }

    /// Takes an extension back: the days it added, from the present date, within five minutes and while the client has not
    /// changed since `changed_at`, its `updated_at` right after the extension.
    ///
    /// # Errors
    /// `Forbidden`, `ClientNotFound`, `CannotUndo`, `DatePassed`, `Panel`, `Busy`, `KeyReused`, `KeyInProgress`, `Database`.
    pub async fn undo_extension(
        &self,
        by: &Actor,
        id: ClientId,
        (days, changed_at): (Days, DateTime<Utc>),
        key: Option<Key>,
    ) -> Result<Client, Error> {
        require(by, Permission::ChangeClients)?;
        self.alter(by, id, Ask::Undo { days, changed_at }, key.into()).await
    }

    /// Takes access away.
    ///
    /// # Errors
    /// `Forbidden`, `ClientNotFound`, `AlreadyBlocked`, `Panel`, `Busy`, `KeyReused`, `KeyInProgress`, `Database`.
    pub async fn block(&self, by: &Actor, id: ClientId, with: impl Into<With>) -> Result<Client, Error> {
        require(by, Permission::ChangeClients)?;
        self.alter(by, id, Ask::Block, with.into()).await
    }

    /// Gives access back.
    ///
    /// # Errors
    /// `Forbidden`, `ClientNotFound`, `NotBlocked`, `Panel`, `Busy`, `KeyReused`, `KeyInProgress`, `Database`.
    pub async fn unblock(&self, by: &Actor, id: ClientId, key: Option<Key>) -> Result<Client, Error> {
        require(by, Permission::ChangeClients)?;
        self.alter(by, id, Ask::Unblock, key.into()).await
    }

    /// Keeps a note about a client, or none; gives the client. It stays here: neither the panel nor the client sees it.
    ///
    /// # Errors
    /// `Forbidden`, `ClientNotFound`, `Paused`, `Database`.
    pub async fn set_note(&self, by: &Actor, id: ClientId, note: Option<&Reason>) -> Result<Client, Error> {
        require(by, Permission::ChangeClients)?;
        let mut tx = self.core.db.begin().await?;
        pause::refuse_restored(&mut tx).await?;
        let set = clients::set_note(&mut tx, id, note.map(Reason::as_str)).await?;
        tx.commit().await?;
        if !set {
            return Err(Error::ClientNotFound(ClientRef::Id(id)));
        }
        tracing::info!(actor = by.label(), client = %id, removed = note.is_none(), "a note was written");
        self.find(by, &ClientRef::Id(id)).await
    }

    /// Replaces the link: the old one stops working at once.
    ///
    /// # Errors
    /// `Forbidden`, `ClientNotFound`, `NotLinked`, `Panel`, `Busy`, `KeyReused`, `KeyInProgress`, `Database`.
    pub async fn rotate(&self, by: &Actor, id: ClientId, key: Option<Key>) -> Result<Client, Error> {
        require(by, Permission::RotateLinks)?;
        self.alter(by, id, Ask::Rotate { short_uuid: self.new_short_uuid() }, key.into()).await
    }

    /// Deletes a client, here and on the panel, with its operations; the audit log keeps them. Gives the client as it was.
    ///
    /// # Errors
    /// `Forbidden`, `ClientNotFound`, `Panel`, `Busy`, `KeyReused`, `KeyInProgress`, `Database`.
    pub async fn delete(&self, by: &Actor, id: ClientId, key: Option<Key>) -> Result<Client, Error> {
        require(by, Permission::DeleteClients)?;
        self.alter(by, id, Ask::Delete, key.into()).await
    }

    pub(super) async fn alter(
        &self,
        by: &Actor,
        id: ClientId,
        ask: Ask,
        with: With,
    ) -> Result<Client, Error> {
        let hash = hash(&Asked::Other { client: id, ask: &ask })?;
        self.apply(by, with, hash, id, Wanted::Other(ask)).await
    }

    async fn apply(
        &self,
        by: &Actor,
        With { key, reason }: With,
        hash: String,
        client_id: ClientId,
        wanted: Wanted,
    ) -> Result<Client, Error> {
        let request =
            Request { actor: by.label(), source: by.source(), key, hash, client_id, wanted, reason };
        self.changes.apply(request).await
    }

    pub(super) fn new_short_uuid(&self) -> ShortUuid {
        ShortUuid::new(self.core.entropy.token(SHORT_UUID))
    }

    /// An operator gives `OPERATOR_MAX_DAYS` at a time, to new clients as to others.
    fn within_reach(&self, by: &Actor, days: i64) -> Result<(), Error> {
        match self.most_days(by) {
            Some(most) if days > most => Err(Error::TooManyDays { most }),
            _ => Ok(()),
        }
    }

    /// The most days that this actor gives at a time, where there is a limit of their own.
    pub fn most_days(&self, by: &Actor) -> Option<i64> {
        match by {
            Actor::Person { role: Role::Operator, .. } => Some(self.core.rules.operator_max_days),
            _ => None,
        }
    }
}

fn hash(asked: &Asked<'_>) -> Result<String, Error> {
    request_hash(asked).map_err(|error| Error::Internal(error.to_string()))
}
