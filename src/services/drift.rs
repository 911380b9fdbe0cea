//! All clients compared with all of the panel's users in one pass: what differs is noted to be looked at. Where the panel
//! was upgraded from version 2 to 3, every client is linked anew, by its link and its name.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;

use crate::domain::client::{Access, Client};
use crate::domain::ids::ClientId;
use crate::domain::matter::Matter;
use crate::domain::notice::OwnerNotice;
use crate::panel::{PanelUser, PanelUserStatus};
use crate::repositories::{Tx, clients};

use super::core::Core;
use super::error::Error;
use super::matters::{raise, settle_now};
use super::outbox::alert;
use super::replaced;

/// How many of the panel's users are asked for at once: the panel gives no more.
const PAGE: u32 = 1000;
/// How many clients are read at once.
const CHUNK: i64 = 1000;
/// How long one page may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// So many names are told.
const NAMES: usize = 10;

/// Comparing all with all.
#[derive(Debug, Clone)]
pub struct Drift {
    core: Arc<Core>,
}

/// What a pass found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Passed {
    /// How many clients were compared.
    pub clients: u64,
    /// How many differ, or were not found: they are looked at next.
    pub differ: u64,
    /// How many got a new link to the panel.
    pub relinked: u64,
}

/// As much of a client as the comparison needs: a hundred thousand of them are held at once.
struct Ours {
    id: ClientId,
    /// The hash of all that is compared.
    state: u64,
    /// Whether its id is of the panel's other version.
    foreign: bool,
    matched: bool,
}

/// All clients, found by hashes of what the panel's users are called.
#[derive(Default)]
struct All {
    hasher: RandomState,
    clients: Vec<Ours>,
    by_id: HashMap<u64, usize>,
    by_link: HashMap<u64, usize>,
}

/// What one user of the panel is to us.
enum Match {
    Equal,
    Differs(ClientId),
    Elsewhere(ClientId),
    NotOurs,
}

impl Drift {
    /// On top of the core.
    pub(super) fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// Waits until this process has met an id of the panel's other version.
    pub async fn woken(&self) {
        self.core.upgraded.notified().await;
    }

    /// One pass.
    ///
    /// # Errors
    /// `Panel`, `Database`.
    pub async fn run_once(&self) -> Result<Passed, Error> {
        let mut ours = self.ours().await?;
        let mut passed = Passed { clients: count(ours.clients.len()), ..Passed::default() };
        if ours.clients.is_empty() {
            return Ok(passed);
        }
        let mut start = 0;
        loop {
            let (users, total) = self.core.panel.users_page(start, PAGE, PATIENCE).await?;
            start += count(users.len());
            self.page(&users, &mut ours, &mut passed).await?;
            if users.is_empty() || start >= total {
                break;
            }
        }
        self.left(ours, &mut passed).await?;
        if passed.relinked == 0 && passed.differ == 0 {
            settle_now(&self.core, Matter::NOT_RELINKED).await?;
        }
        tracing::debug!(?passed, "compared with the panel");
        Ok(passed)
    }

    async fn ours(&self) -> Result<All, Error> {
        let mut all = All::default();
        let mut after = Uuid::nil();
        loop {
            let chunk = clients::on_panel_after(&self.core.db, after, CHUNK).await?;
            let Some(last) = chunk.last() else { return Ok(all) };
            after = last.id.0;
            for client in &chunk {
                let foreign = client.remnawave_uuid.as_ref().is_some_and(|id| self.core.panel.is_foreign(id));
                all.add(client, foreign);
            }
        }
    }

    async fn page(&self, users: &[PanelUser], ours: &mut All, passed: &mut Passed) -> Result<(), Error> {
        let (mut differ, mut elsewhere) = (vec![], vec![]);
        for user in users {
            match ours.match_with(user) {
                Match::Differs(id) => differ.push(id),
                Match::Elsewhere(id) => elsewhere.push((id, user)),
                Match::Equal | Match::NotOurs => {}
            }
        }
        if differ.is_empty() && elsewhere.is_empty() {
            return Ok(());
        }
        let core = &self.core;
        let mut tx = core.db.begin().await?;
        for (id, user) in &elsewhere {
            clients::relink(&mut tx, *id, user.short_uuid.expose(), &user.id).await?;
        }
        clients::look_at(&mut tx, &differ, core.clock.now()).await?;
        tx.commit().await?;
        passed.differ += count(differ.len());
        passed.relinked += count(elsewhere.len());
        core.suspected.notify_one();
        Ok(())
    }

    /// Whom the panel's list does not have: deleted there, another panel, or not found again after an upgrade.
    async fn left(&self, ours: All, passed: &mut Passed) -> Result<(), Error> {
        let core = &self.core;
        let left = ours.clients.into_iter().filter(|ours| !ours.matched);
        let (foreign, missing): (Vec<Ours>, Vec<Ours>) = left.partition(|ours| ours.foreign);
        // An upgraded panel knows the others; one that knows nobody is another panel.
        let none_known = passed.relinked == 0 && !foreign.is_empty();
        let not_there = if none_known { foreign.len() + missing.len() } else { missing.len() };
        if not_there >= replaced::SUSPICIOUS && replaced::look(core, count(not_there)).await? {
            return Ok(());
        }
        passed.differ += count(missing.len());
        let ids: Vec<ClientId> = missing.iter().map(|ours| ours.id).collect();
        let mut tx = core.db.begin().await?;
        clients::look_at(&mut tx, &ids, core.clock.now()).await?;
        self.tell_relinked(&mut tx, passed, &foreign).await?;
        tx.commit().await?;
        core.posted.notify_one();
        core.suspected.notify_one();
        Ok(())
    }

    async fn tell_relinked(&self, tx: &mut Tx, passed: &Passed, foreign: &[Ours]) -> Result<(), Error> {
        let core = &self.core;
        let linked = passed.relinked;
        if !foreign.is_empty() {
            let mut names = vec![];
            for ours in foreign.iter().take(NAMES) {
                names.extend(clients::find_in(tx, ours.id).await?.map(|client| client.username));
            }
            raise(core, tx, Matter::NotRelinked { linked, left: count(foreign.len()), names }).await?;
        } else if linked > 0 {
            tracing::info!(linked, "all clients are linked anew: the panel was upgraded");
            alert(core, tx, OwnerNotice::Relinked { linked }, None).await?;
        }
        Ok(())
    }
}

impl All {
    fn add(&mut self, client: &Client, foreign: bool) {
        let (Some(id), Some(short)) = (&client.remnawave_uuid, &client.short_uuid) else { return };
        let (username, short) = (client.username.as_str(), short.expose());
        let open = client.access == Access::Open;
        let state = self.hasher.hash_one((username, short, client.expires_at.timestamp_millis(), open));
        self.by_id.insert(self.hasher.hash_one(&id.0), self.clients.len());
        self.by_link.insert(self.hasher.hash_one((username, short)), self.clients.len());
        self.clients.push(Ours { id: client.id, state, foreign, matched: false });
    }

    /// By its id, else by its link and name.
    fn match_with(&mut self, user: &PanelUser) -> Match {
        let (username, short) = (user.username.as_str(), user.short_uuid.expose());
        let by_id = self.by_id.get(&self.hasher.hash_one(&user.id.0));
        let by_link = self.by_link.get(&self.hasher.hash_one((username, short)));
        let place = by_id.or(by_link).copied();
        let Some(ours) = place.and_then(|place| self.clients.get_mut(place)).filter(|ours| !ours.matched)
        else {
            return Match::NotOurs;
        };
        ours.matched = true;
        if by_id.is_none() {
            return Match::Elsewhere(ours.id);
        }
        let open = user.status != PanelUserStatus::Disabled;
        let theirs = self.hasher.hash_one((username, short, user.expire_at.timestamp_millis(), open));
        if ours.state == theirs { Match::Equal } else { Match::Differs(ours.id) }
    }
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
