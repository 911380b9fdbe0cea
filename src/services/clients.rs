//! Clients: listed and looked at. How they are changed is in `orders`.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;

use crate::domain::actor::Actor;
use crate::domain::client::{Client, ClientFilter, State};
use crate::domain::ids::{ClientId, ClientRef};
use crate::panel::{PanelUser, PanelUserStatus};
use crate::repositories::{clients, people};

use super::access::{Permission, may, require, require_for, shown};
use super::changes::Changes;
use super::core::Core;
use super::error::Error;
use super::pause;
use super::relink;
use super::views::{Card, Home, PanelFacts};

/// How long a card waits for what only the panel knows.
pub(super) const CARD_WAIT: Duration = Duration::from_secs(2);
/// What counts as "expiring soon" on the home screen, in days.
pub(super) const SOON_DAYS: i64 = 3;

/// What can be done with clients.
#[derive(Debug, Clone)]
pub struct Clients {
    pub(super) core: Arc<Core>,
    pub(super) changes: Changes,
}

impl Clients {
    /// On top of the changes of this process.
    pub fn new(core: Arc<Core>, changes: Changes) -> Self {
        Self { core, changes }
    }

    /// The client of that id or name. Staff and tokens see all, a user only their own.
    ///
    /// # Errors
    /// `ClientNotFound`, `Database`.
    pub async fn find(&self, by: &Actor, which: &ClientRef) -> Result<Client, Error> {
        let found = match which {
            ClientRef::Id(id) => self.core.lookups.client(&self.core.db, *id).await?,
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
        let note =
            if may(by, Permission::SeeClients) { clients::note(&self.core.db, id).await? } else { None };
        let mut state = client.state(self.core.clock.now());
        if state == State::Active
            && panel_user.as_ref().is_some_and(|user| user.status == PanelUserStatus::Limited)
        {
            state = State::TrafficUsedUp;
        }
        Ok(Card { client, state, panel: panel_user.as_ref().map(facts), person, note })
    }

    /// A card without what the panel knows is still a card.
    async fn panel_user(&self, client: &Client) -> Option<PanelUser> {
        match relink::panel_user(&self.core, client, None, CARD_WAIT).await {
            Ok(user) => user.filter(|user| user.username == client.username.as_str()),
            Err(error) => {
                tracing::debug!(client = %client.id, %error, "a card without the panel's part");
                None
            }
        }
    }

    /// What staff wrote about a client.
    ///
    /// # Errors
    /// `Forbidden`, `Database`.
    pub async fn note(&self, by: &Actor, id: ClientId) -> Result<Option<String>, Error> {
        require(by, Permission::SeeClients)?;
        Ok(clients::note(&self.core.db, id).await?)
    }

    /// The clients linked to the person who asks, newest first.
    ///
    /// # Errors
    /// `Database`.
    pub async fn mine(&self, by: &Actor) -> Result<Vec<Client>, Error> {
        let Some(person) = by.telegram_id() else { return Ok(Vec::new()) };
        self.core.lookups.own(&self.core.db, person).await
    }

    /// The home screen of staff.
    ///
    /// # Errors
    /// `Forbidden`, `Database`.
    pub async fn home(&self, by: &Actor) -> Result<Home, Error> {
        require(by, Permission::SeeClients)?;
        let now = self.core.clock.now();
        let counts = clients::counts(&self.core.db, now, now + TimeDelta::days(SOON_DAYS)).await?;
        let restored = pause::is_restored(&self.core.db).await?;
        Ok(Home { counts, panel: self.core.panel.status(), restored })
    }
}

pub(super) fn facts(user: &PanelUser) -> PanelFacts {
    PanelFacts {
        traffic_used: user.used_traffic,
        traffic_limit: user.traffic_limit,
        online_at: user.online_at,
    }
}
