//! All clients compared with all of the panel's users in one pass: what differs is noted to be looked at. Where the panel
//! was upgraded from version 2 to 3, every client is linked anew, by its link and its name.

mod all;

use std::sync::Arc;

use crate::domain::ids::ClientId;
use crate::domain::matter::Matter;
use crate::domain::notice::OwnerNotice;
use crate::panel::PanelUser;
use crate::repositories::{Tx, clients};

use super::core::Core;
use super::error::Error;
use super::matters::{raise, settle_now};
use super::outbox::alert;
use super::replaced;

pub(super) use all::{All, Match, Ours, Pages};

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
        let mut ours = All::read(&self.core).await?;
        let mut passed = Passed { clients: count(ours.clients.len()), ..Passed::default() };
        if ours.clients.is_empty() {
            return Ok(passed);
        }
        let mut pages = Pages::new(&self.core);
        while let Some(users) = pages.next().await? {
            self.page(&users, &mut ours, &mut passed).await?;
        }
        self.left(ours, &mut passed).await?;
        if passed.relinked == 0 && passed.differ == 0 {
            settle_now(&self.core, Matter::NOT_RELINKED).await?;
        }
        tracing::debug!(?passed, "compared with the panel");
        Ok(passed)
    }

    async fn page(&self, users: &[PanelUser], ours: &mut All, passed: &mut Passed) -> Result<(), Error> {
        let (mut differ, mut elsewhere) = (vec![], vec![]);
        for user in users {
            match ours.match_with(user) {
                Match::Client(id, difference) if difference.any() => differ.push(id),
                Match::Elsewhere(id, _) => elsewhere.push((id, user)),
                Match::Client(..) | Match::NotOurs => {}
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

pub(super) fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
