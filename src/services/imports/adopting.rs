//! A page of panel users becomes clients, in short transactions, each with the progress beside it, so that a cut repeats at
//! most a page, of which those who are clients by then are passed over.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::json;

use crate::domain::actor::Source;
use crate::domain::bulk::{BulkTask, ImportProgress, Progress};
use crate::domain::client::{Access, Client};
use crate::domain::ids::{ClientId, OperationId};
use crate::domain::operation::{Action, AuditEntry, Outcome};
use crate::domain::username::Username;
use crate::panel::{PanelUser, PanelUserStatus};
use crate::repositories::adoptions::{self, Candidate, Standing};
use crate::repositories::{Tx, audit, bulk_tasks};

use super::{Bulk, Error, Imports, pause};

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

/// For whom panel users become clients.
#[derive(Debug, Clone, Copy)]
pub(super) struct Work<'a> {
    /// As the log names actors.
    pub actor: &'a str,
    /// Where the progress is kept, unless whoever asked waits for the end.
    pub task: Option<&'a BulkTask>,
}

/// A part of the panel's list.
#[derive(Debug)]
pub(super) struct Page {
    /// Whom it has there.
    pub users: Vec<PanelUser>,
    /// How many it has in all.
    pub total: u64,
    /// When it was asked.
    pub asked_at: DateTime<Utc>,
}

impl Imports {
    /// The part of the panel's list that begins there.
    pub(super) async fn page(&self, next: u64) -> Result<Page, Error> {
        let asked_at = self.core.clock.now();
        let (users, total) = self.core.panel.users_page(next, PAGE, PATIENCE).await?;
        Ok(Page { users, total, asked_at })
    }

    /// Makes clients of a page. The progress after it, and whether that was all; none when the task is no longer ours.
    pub(super) async fn take_in(
        &self,
        work: Work<'_>,
        import: ImportProgress,
        page: Page,
    ) -> Result<Option<(ImportProgress, bool)>, Error> {
        let next = import.next + length(&page.users);
        let mut import = ImportProgress { total: page.total, trouble: false, ..import };
        for chunk in page.users.chunks(CHUNK) {
            match self.adopt_chunk(work, &import, (chunk, page.asked_at)).await? {
                Some(further) => import = further,
                None => return Ok(None),
            }
        }
        import.next = next;
        if !page.users.is_empty() && next < page.total {
            return Ok(Some((import, false)));
        }
        let over = import.adopted_now == 0 || import.passes + 1 >= PASSES;
        import.passes += 1;
        Ok(Some(if over { (import, true) } else { (import.once_more(), false) }))
    }

    /// Makes clients of these, in one transaction with the progress; none when the task is no longer ours.
    async fn adopt_chunk(
        &self,
        work: Work<'_>,
        before: &ImportProgress,
        (users, asked_at): (&[PanelUser], DateTime<Utc>),
    ) -> Result<Option<ImportProgress>, Error> {
        let core = &self.core;
        let mut import = before.clone();
        let mut tx = core.db.begin().await?;
        pause::refuse_restored(&mut tx).await?;
        // First, so that whoever stops the import waits until these are counted.
        if let Some(task) = work.task
            && !bulk_tasks::advance(&mut tx, task.id, &task.progress, Bulk::lease(core)).await?
        {
            return Ok(None);
        }
        for user in users {
            import.seen += 1;
            if !user_fits(user) {
                import.unfit += 1;
                note(&mut import.left_out, user);
                continue;
            }
            match self.adopt(&mut tx, work, user, asked_at).await? {
                Ok(client) => import.count(&client, core.clock.now()),
                Err(Standing::Taken) => {
                    import.taken += 1;
                    note(&mut import.left_out, user);
                }
                Err(_) => {}
            }
        }
        if let Some(task) = work.task {
            let progress = Progress::Import(import.clone());
            bulk_tasks::advance(&mut tx, task.id, &progress, Bulk::lease(core)).await?;
        }
        tx.commit().await?;
        Ok(Some(import))
    }

    async fn adopt(
        &self,
        tx: &mut Tx,
        work: Work<'_>,
        user: &PanelUser,
        asked_at: DateTime<Utc>,
    ) -> Result<Result<Client, Standing>, Error> {
        let standing = adoptions::standing_in(tx, candidate(user, asked_at)).await?;
        if standing != Standing::New {
            return Ok(Err(standing));
        }
        let client = self.client(user);
        if !adoptions::insert(tx, &client, client.created_at).await? {
            // Made at this moment by somebody else; the next pass knows by whom.
            return Ok(Err(Standing::Ours));
        }
        let entry = AuditEntry {
            id: OperationId(self.core.entropy.uuid()),
            client_id: client.id,
            username: client.username.clone(),
            actor: work.actor.to_owned(),
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
}

impl ImportProgress {
    /// The list once more from its beginning: what was made or deleted meanwhile has moved the pages.
    fn once_more(self) -> Self {
        Self { next: 0, seen: 0, adopted_now: 0, taken: 0, unfit: 0, left_out: vec![], ..self }
    }

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

pub(super) fn candidate(user: &PanelUser, asked_at: DateTime<Utc>) -> Candidate<'_> {
    Candidate {
        asked_at,
        username: &user.username,
        id: &user.id,
        short_uuid: &user.short_uuid,
        marked: user.marked_client(),
    }
}

/// Whether the table has room for it. PostgreSQL refuses a NUL.
pub(super) fn user_fits(user: &PanelUser) -> bool {
    fits(&user.username, user.short_uuid.expose(), user.subscription_url.expose())
}

/// The same of a name, a short UUID and a link.
pub(in crate::services) fn fits(username: &str, short_uuid: &str, url: &str) -> bool {
    let fit =
        |text: &str, most: usize| !text.is_empty() && !text.contains('\0') && text.chars().count() <= most;
    fit(username, FITS.2) && fit(short_uuid, FITS.0) && fit(url, FITS.1)
}

pub(super) fn note(names: &mut Vec<String>, user: &PanelUser) {
    if names.len() < NAMES {
        names.push(user.username.chars().take(Username::MAX).collect());
    }
}

pub(super) fn length(users: &[PanelUser]) -> u64 {
    u64::try_from(users.len()).unwrap_or(u64::MAX)
}
