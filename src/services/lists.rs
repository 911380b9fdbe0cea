//! The contract's lists: by pages, or whole.

use std::sync::Arc;

use crate::domain::actor::Actor;
use crate::domain::client::{Client, ClientFilter};
use crate::domain::ids::ClientId;
use crate::domain::operation::Operation;
use crate::domain::page::{Page, Window};
use crate::repositories::clients::ClientList;
use crate::repositories::lists::{List, Snapshot};
use crate::repositories::operations::{OperationList, Times};

use super::access::{Permission, require, shown, shown_payload};
use super::core::Core;
use super::error::Error;
use super::streams::{Rows, StreamLimits, Streams};
use super::totals::Totals;

/// Seconds that PostgreSQL bears with a page's snapshot between its two questions.
const PATIENCE: u16 = 10;

/// Reading lists.
#[derive(Debug, Clone)]
pub struct Lists {
    core: Arc<Core>,
    streams: Streams,
    totals: Arc<Totals>,
}

impl Lists {
    /// On top of the core, with its own streams.
    pub fn new(core: Arc<Core>, limits: StreamLimits) -> Self {
        Self { core, streams: Streams::new(limits), totals: Arc::default() }
    }

    /// A page of the clients.
    ///
    /// # Errors
    /// `Forbidden`, `Database`.
    pub async fn clients(
        &self,
        by: &Actor,
        filter: ClientFilter,
        window: Window,
    ) -> Result<Page<Client>, Error> {
        require(by, Permission::SeeClients)?;
        let now = self.core.clock.now();
        page(&self.core, &ClientList { filter, now }, window, |client| shown(by, client)).await
    }

    /// All of the clients.
    ///
    /// # Errors
    /// `Forbidden`, `Busy`, `Database`.
    pub async fn all_clients(&self, by: &Actor, filter: ClientFilter) -> Result<Rows<Client>, Error> {
        require(by, Permission::SeeClients)?;
        let list = ClientList { filter, now: self.core.clock.now() };
        let by = by.clone();
        self.streams.open(&self.core.db, list, move |client| shown(&by, client)).await
    }

    /// A page of the operations of one client or of all; an unknown client has none.
    ///
    /// # Errors
    /// `Forbidden`, `Database`.
    pub async fn operations(
        &self,
        by: &Actor,
        client: Option<ClientId>,
        window: Window,
    ) -> Result<Page<Operation>, Error> {
        require(by, Permission::SeeLog)?;
        let list = OperationList { client, times: Times::All };
        let mut snapshot = Snapshot::open(&self.core.db, PATIENCE).await?;
        let total = match client {
            Some(client) => self.totals.of(&mut snapshot, client, self.core.clock.now()).await?,
            None => snapshot.count(&list).await?,
        };
        let mut page = snapshot.page_of(&list, window, total).await?;
        if let Some(client) = client.filter(|_| page.items.is_empty()) {
            page.total = self.totals.anew(&mut snapshot, client).await?;
        }
        snapshot.close().await?;
        let items = page.items.into_iter().map(|operation| operation_shown(by, operation)).collect();
        Ok(Page { items, ..page })
    }

    /// All operations of one client or of all.
    ///
    /// # Errors
    /// `Forbidden`, `Busy`, `Database`.
    pub async fn all_operations(
        &self,
        by: &Actor,
        client: Option<ClientId>,
    ) -> Result<Rows<Operation>, Error> {
        require(by, Permission::SeeLog)?;
        let by = by.clone();
        let show = move |operation| operation_shown(&by, operation);
        self.streams.open(&self.core.db, OperationList { client, times: Times::All }, show).await
    }
}

fn operation_shown(by: &Actor, operation: Operation) -> Operation {
    Operation { payload: shown_payload(by, operation.payload), ..operation }
}

/// A page, its rows and its total from one moment.
pub(super) async fn page<L: List>(
    core: &Core,
    list: &L,
    window: Window,
    show: impl Fn(L::Item) -> L::Item,
) -> Result<Page<L::Item>, Error> {
    let mut snapshot = Snapshot::open(&core.db, PATIENCE).await?;
    let Page { items, total, next } = snapshot.page(list, window).await?;
    snapshot.close().await?;
    Ok(Page { items: items.into_iter().map(show).collect(), total, next })
}
