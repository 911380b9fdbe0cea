//! Clients: made, listed, looked at.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use serde::Serialize;

use crate::domain::actor::Actor;
use crate::domain::change::{Ask, Key, NewClient, request_hash};
use crate::domain::client::{Client, ClientFilter, State};
use crate::domain::days::Days;
use crate::domain::ids::{ClientId, ClientRef, ShortUuid};
use crate::domain::username::Username;
use crate::panel::{PanelUser, PanelUserStatus};
use crate::repositories::{clients, people};

use super::access::{Permission, require, require_for, shown};
use super::begin::{Request, Wanted};
use super::changes::Changes;
use super::core::Core;
use super::error::Error;
use super::views::{Card, ClientPage, Home, PanelFacts};

/// Characters of a short UUID: both dialects take 16 to 48, six bits each.
const SHORT_UUID: usize = 24;
/// How long a card waits for what only the panel knows.
pub(super) const CARD_WAIT: Duration = Duration::from_secs(2);
/// What counts as "expiring soon" on the home screen, in days.
pub(super) const SOON_DAYS: i64 = 3;

/// What can be done with clients.
#[derive(Debug, Clone)]
pub struct Clients {
    pub(super) core: Arc<Core>,
    changes: Changes,
}

/// What was asked for, for comparing requests of one key.
#[derive(Serialize)]
#[serde(untagged)]
enum Asked<'a> {
    New { action: &'static str, username: &'a Username, days: Days },
    Other { client: ClientId, ask: &'a Ask },
}

impl Clients {
    /// On top of the changes of this process.
    pub fn new(core: Arc<Core>, changes: Changes) -> Self {
        Self { core, changes }
    }

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
        let core = &self.core;
        let asked = Asked::New { action: "create", username: &username, days };
        let hash = hash(&asked)?;
        let new = NewClient {
            username,
            days,
            expires_at: core.clock.now_millis() + days.delta(),
            short_uuid: self.new_short_uuid(),
        };
        self.apply(by, key, hash, ClientId(core.entropy.uuid()), Wanted::New(new)).await
    }

    /// Moves the date: from now if it has passed, else added. What only the old date had closed is opened again.
    ///
    /// # Errors
    /// `Forbidden`, `ClientNotFound`, `BeyondCalendar`, `Panel`, `Busy`, `KeyReused`, `KeyInProgress`, `Database`.
    pub async fn extend(
        &self,
        by: &Actor,
        id: ClientId,
        days: Days,
        key: Option<Key>,
    ) -> Result<Client, Error> {
        require(by, Permission::ChangeClients)?;
        self.alter(by, id, Ask::Extend { days }, key).await
    }

    /// Takes access away.
    ///
    /// # Errors
    /// `Forbidden`, `ClientNotFound`, `AlreadyBlocked`, `Panel`, `Busy`, `KeyReused`, `KeyInProgress`, `Database`.
    pub async fn block(&self, by: &Actor, id: ClientId, key: Option<Key>) -> Result<Client, Error> {
        require(by, Permission::ChangeClients)?;
        self.alter(by, id, Ask::Block, key).await
    }

    /// Gives access back.
    ///
    /// # Errors
    /// `Forbidden`, `ClientNotFound`, `NotBlocked`, `Panel`, `Busy`, `KeyReused`, `KeyInProgress`, `Database`.
    pub async fn unblock(&self, by: &Actor, id: ClientId, key: Option<Key>) -> Result<Client, Error> {
        require(by, Permission::ChangeClients)?;
        self.alter(by, id, Ask::Unblock, key).await
    }

    /// Replaces the link: the old one stops working at once.
    ///
    /// # Errors
    /// `Forbidden`, `ClientNotFound`, `NotLinked`, `Panel`, `Busy`, `KeyReused`, `KeyInProgress`, `Database`.
    pub async fn rotate(&self, by: &Actor, id: ClientId, key: Option<Key>) -> Result<Client, Error> {
        require(by, Permission::RotateLinks)?;
        self.alter(by, id, Ask::Rotate { short_uuid: self.new_short_uuid() }, key).await
    }

    /// Deletes a client, here and on the panel, with its operations; the audit log keeps them. Gives the client as it was.
    ///
    /// # Errors
    /// `Forbidden`, `ClientNotFound`, `Panel`, `Busy`, `KeyReused`, `KeyInProgress`, `Database`.
    pub async fn delete(&self, by: &Actor, id: ClientId, key: Option<Key>) -> Result<Client, Error> {
        require(by, Permission::DeleteClients)?;
        self.alter(by, id, Ask::Delete, key).await
    }

    pub(super) async fn alter(
        &self,
        by: &Actor,
        id: ClientId,
        ask: Ask,
        key: Option<Key>,
    ) -> Result<Client, Error> {
        let hash = hash(&Asked::Other { client: id, ask: &ask })?;
        self.apply(by, key, hash, id, Wanted::Other(ask)).await
    }

    async fn apply(
        &self,
        by: &Actor,
        key: Option<Key>,
        hash: String,
        client_id: ClientId,
        wanted: Wanted,
    ) -> Result<Client, Error> {
        let request = Request { actor: by.label(), source: by.source(), key, hash, client_id, wanted };
        self.changes.apply(request).await
    }

    pub(super) fn new_short_uuid(&self) -> ShortUuid {
        ShortUuid::new(self.core.entropy.token(SHORT_UUID))
    }

    /// The client of that id or name. Staff and tokens see all, a user only their own.
    ///
    /// # Errors
    /// `ClientNotFound`, `Database`.
    pub async fn find(&self, by: &Actor, which: &ClientRef) -> Result<Client, Error> {
        let found = match which {
            ClientRef::Id(id) => clients::find(&self.core.db, *id).await?,
            // PostgreSQL refuses the text, and nobody has such a name.
            ClientRef::Name(name) if name.contains('\0') => None,
            ClientRef::Name(name) => clients::find_by_username(&self.core.db, name).await?,
        };
        let client = found.ok_or_else(|| Error::ClientNotFound(which.clone()))?;
        require_for(by, Permission::SeeClients, &client, which)?;
        Ok(shown(by, client))
    }

    /// Every client of the filter, newest first (the contract's list without paging).
    ///
    /// # Errors
    /// `Forbidden`, `Database`.
    pub async fn list(&self, by: &Actor, filter: ClientFilter) -> Result<Vec<Client>, Error> {
        require(by, Permission::SeeClients)?;
        let found = clients::list(&self.core.db, filter, self.core.clock.now(), i64::MAX, 0).await?;
        Ok(found.into_iter().map(|client| shown(by, client)).collect())
    }

    /// Page `page` (from 0; one beyond the end gives the last) of `per_page` clients.
    ///
    /// # Errors
    /// `Forbidden`, `Database`.
    pub async fn page(
        &self,
        by: &Actor,
        filter: ClientFilter,
        page: u32,
        per_page: u32,
    ) -> Result<ClientPage, Error> {
        require(by, Permission::SeeClients)?;
        let now = self.core.clock.now();
        let per_page = per_page.max(1);
        let total = clients::count(&self.core.db, filter.clone(), now).await?;
        let pages = u32::try_from(total).unwrap_or(u32::MAX).div_ceil(per_page).max(1);
        let page = page.min(pages - 1);
        let offset = i64::from(page) * i64::from(per_page);
        let found = clients::list(&self.core.db, filter, now, i64::from(per_page), offset).await?;
        Ok(ClientPage {
            items: found.into_iter().map(|client| shown(by, client)).collect(),
            total,
            page,
            pages,
        })
    }

    /// A client's card; the panel is asked for at most two seconds.
    ///
    /// # Errors
    /// `ClientNotFound`, `Database`.
    pub async fn card(&self, by: &Actor, id: ClientId) -> Result<Card, Error> {
        let client = self.find(by, &ClientRef::Id(id)).await?;
        let panel_user = self.panel_user(&client).await;
        let person = match client.telegram_id {
            Some(person) => people::find(&self.core.db, person).await?,
            None => None,
        };
        let mut state = client.state(self.core.clock.now());
        if state == State::Active
            && panel_user.as_ref().is_some_and(|user| user.status == PanelUserStatus::Limited)
        {
            state = State::TrafficUsedUp;
        }
        Ok(Card { client, state, panel: panel_user.as_ref().map(facts), person })
    }

    /// A card without what the panel knows is still a card.
    async fn panel_user(&self, client: &Client) -> Option<PanelUser> {
        let id = client.remnawave_uuid.as_ref()?;
        match self.core.panel.user(id, CARD_WAIT).await {
            Ok(user) => user.filter(|user| user.username == client.username.as_str()),
            Err(error) => {
                tracing::debug!(client = %client.id, %error, "a card without the panel's part");
                None
            }
        }
    }

    /// The clients linked to the person who asks, newest first.
    ///
    /// # Errors
    /// `Database`.
    pub async fn mine(&self, by: &Actor) -> Result<Vec<Client>, Error> {
        let Some(person) = by.telegram_id() else { return Ok(Vec::new()) };
        let own = ClientFilter { telegram_id: Some(person), ..ClientFilter::default() };
        Ok(clients::list(&self.core.db, own, self.core.clock.now(), i64::MAX, 0).await?)
    }

    /// The home screen of staff.
    ///
    /// # Errors
    /// `Forbidden`, `Database`.
    pub async fn home(&self, by: &Actor) -> Result<Home, Error> {
        require(by, Permission::SeeClients)?;
        let now = self.core.clock.now();
        let counts = clients::counts(&self.core.db, now, now + TimeDelta::days(SOON_DAYS)).await?;
        Ok(Home { counts, panel: self.core.panel.status() })
    }
}

fn hash(asked: &Asked<'_>) -> Result<String, Error> {
    request_hash(asked).map_err(|error| Error::Internal(error.to_string()))
}

pub(super) fn facts(user: &PanelUser) -> PanelFacts {
    PanelFacts {
        traffic_used: user.used_traffic,
        traffic_limit: user.traffic_limit,
        online_at: user.online_at,
    }
}
