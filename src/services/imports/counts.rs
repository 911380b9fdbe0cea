//! What an import would find, before anything is made.

use chrono::{DateTime, Utc};

use crate::domain::actor::Actor;
use crate::domain::bulk::{BulkKind, BulkTask};
use crate::panel::{PanelUser, PanelUserStatus};
use crate::repositories::adoptions::{self, Standing};

use super::adopting::{candidate, length, note, user_fits};
use super::{Error, Imports, Permission, require};

/// What an import would find.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportCounts {
    /// Users that the panel has.
    pub total: u64,
    /// Those that are clients.
    pub clients: u64,
    /// Those that would become clients and have access.
    pub active: u64,
    /// Those that would and are disabled.
    pub disabled: u64,
    /// Those that would and whose date has passed.
    pub expired: u64,
    /// Those whose name or number another client has.
    pub taken: u64,
    /// Those that the table has no room for.
    pub unfit: u64,
    /// Some names of the last two.
    pub left_out: Vec<String>,
}

impl ImportCounts {
    /// How many would become clients.
    pub fn fresh(&self) -> u64 {
        self.active + self.disabled + self.expired
    }
}

impl Imports {
    /// Counts what there is to import, or gives the import that is running.
    ///
    /// # Errors
    /// `Forbidden`, `Panel`, `Database`.
    pub async fn count(&self, by: &Actor) -> Result<Result<ImportCounts, BulkTask>, Error> {
        require(by, Permission::Import)?;
        if let Some(task) = self.bulk.running(BulkKind::Import).await? {
            return Ok(Err(task));
        }
        let mut counts = ImportCounts::default();
        let mut next = 0;
        loop {
            let page = self.page(next).await?;
            counts.total = page.total;
            for user in &page.users {
                self.count_one(&mut counts, user, page.asked_at).await?;
            }
            next += length(&page.users);
            if page.users.is_empty() || next >= page.total {
                return Ok(Ok(counts));
            }
        }
    }

    async fn count_one(
        &self,
        counts: &mut ImportCounts,
        user: &PanelUser,
        asked_at: DateTime<Utc>,
    ) -> Result<(), Error> {
        let standing = match user_fits(user) {
            true => adoptions::standing(&self.core.db, candidate(user, asked_at)).await?,
            false => {
                counts.unfit += 1;
                note(&mut counts.left_out, user);
                return Ok(());
            }
        };
        match standing {
            Standing::Ours => counts.clients += 1,
            Standing::Taken => {
                counts.taken += 1;
                note(&mut counts.left_out, user);
            }
            Standing::New if user.status == PanelUserStatus::Disabled => counts.disabled += 1,
            Standing::New if user.expire_at <= self.core.clock.now() => counts.expired += 1,
            Standing::New => counts.active += 1,
        }
        Ok(())
    }
}
