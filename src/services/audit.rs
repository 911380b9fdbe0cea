//! The log that outlives its clients, read: who did what, from where, and how it ended.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::actor::Actor;
use crate::domain::ids::{ClientRef, OperationId, TelegramId};
use crate::domain::operation::{AuditEntry, AuditFilter};
use crate::domain::page::{Page, Place, Window};
use crate::domain::person::Person;
use crate::repositories::{audit, clients, matters, people};

use super::access::{Permission, require, shown_payload};
use super::core::Core;
use super::error::Error;
use super::lists;
use super::views::{Log, LogColumns};

/// Reading the log.
#[derive(Debug, Clone)]
pub struct Audit {
    core: Arc<Core>,
}

impl Audit {
    /// On top of the core.
    pub fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// A page of the log, newest first.
    ///
    /// # Errors
    /// `Forbidden`, `Database`.
    pub async fn page(
        &self,
        by: &Actor,
        filter: AuditFilter,
        window: Window,
    ) -> Result<Page<AuditEntry>, Error> {
        require(by, Permission::SeeLog)?;
        lists::page(&self.core, &filter, window, |entry| shown(by, entry)).await
    }

    /// Page `page` (from 0; one beyond the end gives the last) of `per_page` rows, and the people in it.
    ///
    /// # Errors
    /// `Forbidden`, `Database`.
    pub async fn screen(
        &self,
        by: &Actor,
        mut filter: AuditFilter,
        page: u32,
        per_page: u32,
    ) -> Result<Log, Error> {
        require(by, Permission::SeeLog)?;
        let db = &self.core.db;
        if page == 0 {
            filter.from_row = None;
        }
        let total = audit::count(db, &filter).await?;
        let per_page = per_page.max(1);
        let pages = u32::try_from(total).unwrap_or(u32::MAX).div_ceil(per_page).max(1);
        let page = page.min(pages - 1);
        let offset = i64::from(page) * i64::from(per_page);
        let found = audit::list(db, &filter, per_page.into(), offset).await?;
        let newest = match (page, filter.from_row) {
            (0, _) => found.first().map(|entry| entry.id),
            (_, from_row) => from_row.map(|place| OperationId(place.id)),
        };
        let client = match found.first() {
            Some(entry) => clients::find(db, entry.client_id).await?.map(|client| client.id),
            None => None,
        };
        let items: Vec<AuditEntry> = found.into_iter().map(|entry| shown(by, entry)).collect();
        let people = self.people(&items).await?;
        let matters = matters::count(db).await?;
        Ok(Log { items, total, page, pages, newest, client, people, matters })
    }

    /// The filter that a row stands for in some of its columns: rows like it, and not newer. It lets a button name any
    /// client and any actor, however long their names are.
    ///
    /// # Errors
    /// `Forbidden`, `Database`.
    pub async fn like(
        &self,
        by: &Actor,
        row: OperationId,
        columns: LogColumns,
    ) -> Result<Option<AuditFilter>, Error> {
        require(by, Permission::SeeLog)?;
        let Some(row) = audit::find(&self.core.db, row).await? else { return Ok(None) };
        Ok(Some(AuditFilter {
            client_id: columns.client.then_some(row.client_id),
            username: columns.username.then(|| row.username.as_str().to_owned()),
            actor: columns.actor.then_some(row.actor),
            action: columns.action.then_some(row.action),
            from_row: Some(Place { created_at: row.created_at, id: row.id.0 }),
            ..AuditFilter::default()
        }))
    }

    /// The actor's label of a Telegram `@name` (without the at sign, in any case); `None` for one who never wrote.
    ///
    /// # Errors
    /// `Forbidden`, `Database`.
    pub async fn actor_named(&self, by: &Actor, name: &str) -> Result<Option<String>, Error> {
        require(by, Permission::SeeLog)?;
        let person = people::find_by_telegram_username(&self.core.db, name).await?;
        Ok(person.map(|person| label(person.id)))
    }

    /// The filter for one client, there or gone: by id, or by every row of that name.
    pub fn about(which: &ClientRef) -> AuditFilter {
        match which {
            ClientRef::Id(id) => AuditFilter { client_id: Some(*id), ..AuditFilter::default() },
            ClientRef::Name(name) => AuditFilter { username: Some(name.clone()), ..AuditFilter::default() },
        }
    }

    /// The people among the actors of these rows, by label.
    async fn people(&self, items: &[AuditEntry]) -> Result<BTreeMap<String, Person>, Error> {
        let mut found = BTreeMap::new();
        for entry in items {
            let id = entry.actor.strip_prefix("telegram:").and_then(|id| id.parse().ok());
            let Some(id) = id.filter(|_| !found.contains_key(&entry.actor)) else { continue };
            if let Some(person) = people::find(&self.core.db, TelegramId(id)).await? {
                found.insert(entry.actor.clone(), person);
            }
        }
        Ok(found)
    }
}

/// How the log names a Telegram account.
pub fn label(id: TelegramId) -> String {
    format!("telegram:{id}")
}

fn shown(by: &Actor, entry: AuditEntry) -> AuditEntry {
    AuditEntry { payload: shown_payload(by, entry.payload), ..entry }
}
