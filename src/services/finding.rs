//! The list of clients as staff look at it: filtered, searched, in either order.

use std::sync::Arc;

use chrono::TimeDelta;

use crate::domain::actor::Actor;
use crate::domain::client::ClientFilter;
use crate::domain::ids::{ClientId, TelegramId};
use crate::domain::search::{ClientOrder, SearchId, SearchText};
use crate::repositories::clients::{FoundClients, Search};
use crate::repositories::{clients, people, searches};

use super::access::{Permission, may, require, shown};
use super::core::Core;
use super::error::Error;
use super::views::ClientPage;

/// The text of a search is kept for so long after it was last typed; older buttons are out of date.
const KEPT: TimeDelta = TimeDelta::days(30);

/// Looking for clients.
#[derive(Debug, Clone)]
pub struct Finding {
    core: Arc<Core>,
}

/// What to look at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Look {
    /// Only these.
    pub filter: ClientFilter,
    /// In which order.
    pub order: ClientOrder,
    /// Only what this search of the same person finds.
    pub search: Option<SearchId>,
}

/// One page of the list.
#[derive(Debug, Clone)]
pub struct ListPage {
    /// The clients.
    pub clients: ClientPage,
    /// What was looked for.
    pub search: Option<SearchText>,
}

/// What a search found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// Nothing was left of what was typed.
    Empty,
    /// Nobody.
    Nobody(SearchText),
    /// One client; a page of this search shows it too.
    One(ClientId, SearchId),
    /// Several: a page of this search shows them.
    Many(SearchId),
}

impl Finding {
    /// On top of the core.
    pub fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// Refuses at the first question what would be refused at its answer.
    ///
    /// # Errors
    /// `Forbidden`.
    pub fn may_look(&self, by: &Actor) -> Result<(), Error> {
        require(by, Permission::SeeClients)
    }

    /// Looks for a text and keeps it when somebody has it.
    ///
    /// # Errors
    /// `Forbidden`, `Database`.
    pub async fn find(&self, by: &Actor, text: &str) -> Result<Found, Error> {
        require(by, Permission::SeeClients)?;
        let Some(text) = SearchText::typed(text) else { return Ok(Found::Empty) };
        let list = self.list(by, ClientFilter::default(), ClientOrder::Newest, Some(&text)).await?;
        let some = clients::found(&self.core.db, &list, 2, 0).await?;
        let Some(first) = some.first() else { return Ok(Found::Nobody(text)) };
        let person =
            by.telegram_id().ok_or_else(|| Error::Internal("only a person has searches".to_owned()))?;
        let search = self.keep(person, &text).await?;
        Ok(if some.len() == 1 { Found::One(first.id, search) } else { Found::Many(search) })
    }

    async fn keep(&self, person: TelegramId, text: &SearchText) -> Result<SearchId, Error> {
        let id = SearchId::of(person, text);
        let mut tx = self.core.db.begin().await?;
        searches::put(&mut tx, person, id, text, self.core.clock.now()).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Page `page` (from 0; one beyond the end gives the last) of `per_page` clients; none when the search is forgotten.
    ///
    /// # Errors
    /// `Forbidden`, `Database`.
    pub async fn page(
        &self,
        by: &Actor,
        look: Look,
        page: u32,
        per_page: u32,
    ) -> Result<Option<ListPage>, Error> {
        require(by, Permission::SeeClients)?;
        let search = match (look.search, by.telegram_id()) {
            (None, _) => None,
            (Some(id), Some(person)) => match searches::find(&self.core.db, person, id).await? {
                None => return Ok(None),
                text => text,
            },
            (Some(_), None) => return Ok(None),
        };
        let list = self.list(by, look.filter, look.order, search.as_ref()).await?;
        let clients = self.read(by, &list, page, per_page.max(1)).await?;
        Ok(Some(ListPage { clients, search }))
    }

    async fn read(
        &self,
        by: &Actor,
        list: &FoundClients,
        page: u32,
        per_page: u32,
    ) -> Result<ClientPage, Error> {
        let (db, limit) = (&self.core.db, i64::from(per_page));
        let of = |page: u32| clients::found(db, list, limit, i64::from(page) * limit);
        // A search reads all names and notes for each of the two: at once it takes half as long.
        let (total, found) = tokio::try_join!(clients::count_found(db, list), of(page))?;
        let pages = u32::try_from(total).unwrap_or(u32::MAX).div_ceil(per_page).max(1);
        let last = pages - 1;
        let (page, found) = if page > last { (last, of(last).await?) } else { (page, found) };
        let items = found.into_iter().map(|client| shown(by, client)).collect();
        Ok(ClientPage { items, total, page, pages })
    }

    /// What the text may find is a matter of who looks: a viewer must not try out short UUIDs.
    async fn list(
        &self,
        by: &Actor,
        filter: ClientFilter,
        order: ClientOrder,
        text: Option<&SearchText>,
    ) -> Result<FoundClients, Error> {
        let search = match text {
            None => None,
            Some(text) => Some(Search {
                person: self.person(text).await?,
                links: may(by, Permission::FetchConfigs),
                text: text.clone(),
            }),
        };
        Ok(FoundClients { filter, now: self.core.clock.now(), search, order })
    }

    /// Who is meant by an `@name`.
    async fn person(&self, text: &SearchText) -> Result<Option<TelegramId>, Error> {
        let Some(name) = text.as_str().strip_prefix('@') else { return Ok(None) };
        Ok(people::find_by_telegram_username(&self.core.db, name).await?.map(|person| person.id))
    }

    /// Forgets old searches.
    ///
    /// # Errors
    /// `Database`.
    pub async fn tidy(&self) -> Result<(), Error> {
        let mut tx = self.core.db.begin().await?;
        searches::forget(&mut tx, self.core.clock.now() - KEPT).await?;
        Ok(tx.commit().await?)
    }
}
