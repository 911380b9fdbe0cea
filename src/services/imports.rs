//! Panel users that are not clients yet become clients. The panel is only read.
//!
//! Names stay as they are. Disabled becomes blocked; an expired user keeps access and its past date, as the panel has it.
//! Whoever the panel links to a Telegram account is linked here. The log gets a `create` of source `panel` for each, without
//! days; the contract's list of operations gets nothing, because nothing was done to the client.
//!
//! A page becomes clients in short transactions, each with the progress beside it, so that a cut repeats at most a page, of
//! which those who are clients by then are passed over.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::json;

use crate::domain::actor::{Actor, Source};
use crate::domain::bulk::{BulkKind, BulkState, BulkTask, ImportProgress, Progress};
use crate::domain::client::{Access, Client};
use crate::domain::ids::{ClientId, OperationId};
use crate::domain::operation::{Action, AuditEntry, Outcome};
use crate::domain::username::Username;
use crate::panel::{PanelUser, PanelUserStatus};
use crate::repositories::adoptions::{self, Candidate, Standing};
use crate::repositories::{Tx, audit, bulk_tasks};

use super::access::{Permission, require};
use super::bulk::{Begun, Bulk, Step};
use super::core::Core;
use super::error::Error;

/// How many panel users are asked for at once; the panel gives at most 1,000.
const PAGE: u32 = 500;
/// How many become clients in one transaction: others write in between.
const CHUNK: usize = 50;
/// How long the panel may take for a page.
const PATIENCE: Duration = Duration::from_secs(20);
/// How often the list is read at most: something new each time means that somebody else is making users.
const PASSES: u32 = 5;
/// How many names are told of those who are left out.
const NAMES: usize = 10;
/// The longest short UUID, link and name that the table takes, in characters.
const FITS: (usize, usize, usize) = (64, 1024, Username::MAX);

/// Importing.
#[derive(Debug, Clone)]
pub struct Imports {
    core: Arc<Core>,
    bulk: Bulk,
}

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
    /// On top of the core and its tasks.
    pub fn new(core: Arc<Core>, bulk: Bulk) -> Self {
        Self { core, bulk }
    }

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
            let asked_at = self.core.clock.now();
            let (users, total) = self.core.panel.users_page(next, PAGE, PATIENCE).await?;
            counts.total = total;
            for user in &users {
                self.count_one(&mut counts, user, asked_at).await?;
            }
            next += length(&users);
            if users.is_empty() || next >= total {
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
        let standing = match fits(user) {
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

    /// The one that this request began, if it did.
    ///
    /// # Errors
    /// `Forbidden`, `Database`.
    pub async fn known(&self, by: &Actor, key: &str) -> Result<Option<BulkTask>, Error> {
        require(by, Permission::Import)?;
        let known = self.bulk.known(key).await?;
        Ok(known.filter(|task| task.progress.kind() == BulkKind::Import))
    }

    /// An import as it will begin.
    ///
    /// # Errors
    /// `Forbidden`.
    pub fn plan(&self, by: &Actor, key: &str) -> Result<BulkTask, Error> {
        require(by, Permission::Import)?;
        self.bulk.plan(by, key, Progress::Import(ImportProgress::default()))
    }

    /// Begins it. The same key again gives the same one.
    ///
    /// # Errors
    /// `Forbidden`, `Busy`, `Database`.
    pub async fn begin(&self, by: &Actor, task: BulkTask) -> Result<Begun, Error> {
        require(by, Permission::Import)?;
        self.bulk.begin(task, None).await
    }

    /// Goes on by a page. What it could not get is noted, and the error given.
    ///
    /// # Errors
    /// `Panel`, `Database`.
    pub async fn step(&self, task: &BulkTask, import: ImportProgress) -> Result<Step, Error> {
        let asked_at = self.core.clock.now();
        let page = self.core.panel.users_page(import.next, PAGE, PATIENCE).await;
        let (users, total) = match page {
            Ok(page) => page,
            Err(error) => {
                self.keep(task, ImportProgress { trouble: true, ..import }).await?;
                return Err(error.into());
            }
        };
        let mut import = ImportProgress { total, trouble: false, ..import };
        let next = import.next + length(&users);
        for chunk in users.chunks(CHUNK) {
            match self.adopt_chunk(task, &import, (chunk, asked_at)).await? {
                Some(further) => import = further,
                None => return Ok(Step::Ended),
            }
        }
        import.next = next;
        if !users.is_empty() && next < total {
            return self.keep(task, import).await;
        }
        let over = import.adopted_now == 0 || import.passes + 1 >= PASSES;
        import.passes += 1;
        if over {
            return self.finish(task, import).await;
        }
        // Once more from the beginning: what was made or deleted meanwhile has moved the pages.
        let again = ImportProgress {
            next: 0,
            seen: 0,
            adopted_now: 0,
            taken: 0,
            unfit: 0,
            left_out: vec![],
            ..import
        };
        self.keep(task, again).await
    }

    /// Makes clients of these, in one transaction with the progress; none when the task is no longer ours.
    async fn adopt_chunk(
        &self,
        task: &BulkTask,
        before: &ImportProgress,
        (users, asked_at): (&[PanelUser], DateTime<Utc>),
    ) -> Result<Option<ImportProgress>, Error> {
        let core = &self.core;
        let mut import = before.clone();
        let mut tx = core.db.begin().await?;
        // First, so that whoever stops the import waits until these are counted.
        if !bulk_tasks::advance(&mut tx, task.id, &task.progress, Bulk::lease(core)).await? {
            return Ok(None);
        }
        for user in users {
            import.seen += 1;
            if !fits(user) {
                import.unfit += 1;
                note(&mut import.left_out, user);
                continue;
            }
            match self.adopt(&mut tx, task, user, asked_at).await? {
                Ok(client) => import.count(&client, core.clock.now()),
                Err(Standing::Taken) => {
                    import.taken += 1;
                    note(&mut import.left_out, user);
                }
                Err(_) => {}
            }
        }
        let progress = Progress::Import(import.clone());
        bulk_tasks::advance(&mut tx, task.id, &progress, Bulk::lease(core)).await?;
        tx.commit().await?;
        Ok(Some(import))
    }

    async fn adopt(
        &self,
        tx: &mut Tx,
        task: &BulkTask,
        user: &PanelUser,
        asked_at: DateTime<Utc>,
    ) -> Result<Result<Client, Standing>, Error> {
        let standing = adoptions::standing_in(tx, candidate(user, asked_at)).await?;
        if standing != Standing::New {
            return Ok(Err(standing));
        }
        let client = self.client(user);
        if !adoptions::insert(tx, &client).await? {
            // Made at this moment by somebody else; the next pass knows by whom.
            return Ok(Err(Standing::Ours));
        }
        let entry = AuditEntry {
            id: OperationId(self.core.entropy.uuid()),
            client_id: client.id,
            username: client.username.clone(),
            actor: task.actor.clone(),
            source: Source::Panel,
            action: Action::Create,
            payload: Some(json!({ "username": client.username, "imported": true })),
            result: Outcome::Success,
            error: None,
            reason: None,
            created_at: client.created_at,
        };
        audit::insert(tx, &entry).await?;
        Ok(Ok(client))
    }

    /// The client that the panel user becomes. A mark of ours that nobody knows any more (the database was lost) is kept:
    /// by it the panel user is known to be the client's.
    fn client(&self, user: &PanelUser) -> Client {
        let core = &self.core;
        let now = core.clock.now();
        Client {
            id: user.marked_client().unwrap_or_else(|| ClientId(core.entropy.uuid())),
            username: Username::stored(user.username.clone()),
            remnawave_uuid: Some(user.id.clone()),
            short_uuid: Some(user.short_uuid.clone()),
            subscription_url: Some(user.subscription_url.clone()),
            access: if user.status == PanelUserStatus::Disabled { Access::Blocked } else { Access::Open },
            expires_at: user.expire_at,
            created_at: now,
            updated_at: now,
            telegram_id: user.telegram_id.filter(|id| id.0 > 0),
        }
    }

    async fn keep(&self, task: &BulkTask, import: ImportProgress) -> Result<Step, Error> {
        let core = &self.core;
        let mut tx = core.db.begin().await?;
        let ours =
            bulk_tasks::advance(&mut tx, task.id, &Progress::Import(import), Bulk::lease(core)).await?;
        tx.commit().await?;
        Ok(if ours { Step::More } else { Step::Ended })
    }

    async fn finish(&self, task: &BulkTask, import: ImportProgress) -> Result<Step, Error> {
        let core = &self.core;
        tracing::info!(task = %task.id, adopted = import.adopted, taken = import.taken, unfit = import.unfit, "imported");
        let mut tx = core.db.begin().await?;
        if bulk_tasks::advance(&mut tx, task.id, &Progress::Import(import), Bulk::lease(core)).await? {
            bulk_tasks::end(&mut tx, task.id, BulkState::Done, core.clock.now()).await?;
        }
        tx.commit().await?;
        Ok(Step::Ended)
    }
}

impl ImportProgress {
    /// One more became a client.
    fn count(&mut self, client: &Client, now: DateTime<Utc>) {
        self.adopted += 1;
        self.adopted_now += 1;
        self.linked += u64::from(client.telegram_id.is_some());
        if client.access == Access::Blocked {
            self.blocked += 1;
        } else if client.expired(now) {
            self.expired += 1;
        }
    }
}

fn candidate(user: &PanelUser, asked_at: DateTime<Utc>) -> Candidate<'_> {
    Candidate {
        asked_at,
        username: &user.username,
        id: &user.id,
        short_uuid: &user.short_uuid,
        marked: user.marked_client(),
    }
}

/// Whether the table has room for it. PostgreSQL refuses a NUL.
fn fits(user: &PanelUser) -> bool {
    let (short, url, name) = FITS;
    let fit =
        |text: &str, most: usize| !text.is_empty() && !text.contains('\0') && text.chars().count() <= most;
    fit(&user.username, name)
        && fit(user.short_uuid.expose(), short)
        && fit(user.subscription_url.expose(), url)
}

fn note(names: &mut Vec<String>, user: &PanelUser) {
    if names.len() < NAMES {
        names.push(user.username.chars().take(Username::MAX).collect());
    }
}

fn length(users: &[PanelUser]) -> u64 {
    u64::try_from(users.len()).unwrap_or(u64::MAX)
}
