//! What needs a person: raised where it is met, told to owners once, shown until it is settled.

use std::sync::Arc;

use crate::domain::actor::Actor;
use crate::domain::matter::{Matter, OpenMatter};
use crate::domain::notice::OwnerNotice;
use crate::repositories::{Tx, matters};

use super::access::{Permission, require};
use super::core::Core;
use super::error::Error;
use super::outbox::alert;
use super::pause;
use super::replaced;

/// So many are shown.
const SHOWN: i64 = 50;

/// Looking at matters, and putting them aside.
#[derive(Debug, Clone)]
pub struct Matters {
    core: Arc<Core>,
}

/// Raises a matter in the caller's transaction, and tells those who look after the service if it is new; whether it is.
/// While everything waits after a restore nobody is told of each: an owner is told of all at its end.
/// After the commit call [`Core::posted`]'s `notify_one`.
///
/// # Errors
/// `Database`.
pub(super) async fn raise(core: &Core, tx: &mut Tx, matter: Matter) -> Result<bool, Error> {
    let new = matters::raise(tx, &matter, core.clock.now()).await?;
    if new {
        tracing::error!(key = matter.key(), ?matter, "this needs a person");
        if !pause::is_restored_in(tx).await? {
            alert(core, tx, OwnerNotice::Matter(matter), None).await?;
        }
    }
    Ok(new)
}

/// The same in a transaction of its own.
///
/// # Errors
/// `Database`.
pub(super) async fn raise_now(core: &Core, matter: Matter) -> Result<bool, Error> {
    let mut tx = core.db.begin().await?;
    let new = raise(core, &mut tx, matter).await?;
    tx.commit().await?;
    core.posted.notify_one();
    Ok(new)
}

/// Settles a matter that has settled itself; whether it was open.
///
/// # Errors
/// `Database`.
pub(super) async fn settle_now(core: &Core, key: &str) -> Result<bool, Error> {
    // Nearly always there is none: no writing then.
    if !matters::is_open(&core.db, key).await? {
        return Ok(false);
    }
    let mut tx = core.db.begin().await?;
    let was_open = matters::settle(&mut tx, key).await?;
    tx.commit().await?;
    if was_open {
        tracing::info!(key, "this does not need a person any more");
    }
    Ok(was_open)
}

impl Matters {
    /// On top of the core.
    pub(super) fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// Those that are open, the oldest first, at most fifty.
    ///
    /// # Errors
    /// `Forbidden`, `Database`.
    pub async fn open(&self, by: &Actor) -> Result<Vec<OpenMatter>, Error> {
        require(by, Permission::SeeLog)?;
        Ok(matters::open(&self.core.db, SHOWN).await?)
    }

    /// Whether this actor decides what the service does not do by itself.
    ///
    /// # Errors
    /// `Forbidden`.
    pub fn may_decide(&self, by: &Actor) -> Result<(), Error> {
        require(by, Permission::Decide)
    }

    /// Somebody has seen to a matter that does not settle itself; whether it was open.
    ///
    /// # Errors
    /// `Forbidden`, `Database`.
    pub async fn put_aside(&self, by: &Actor, key: &str) -> Result<bool, Error> {
        require(by, Permission::SetDates)?;
        // These wait for a decision.
        if [Matter::RESTORED, Matter::PANEL_REPLACED, Matter::MANY_EXPIRED].contains(&key) {
            return Ok(false);
        }
        tracing::info!(actor = by.label(), key, "seen to");
        settle_now(&self.core, key).await
    }

    /// The panel may be the right one again: an owner has it looked at, and changes go on if it is. Whether they do.
    ///
    /// # Errors
    /// `Forbidden`, `Panel`, `Database`.
    pub async fn look_again(&self, by: &Actor) -> Result<bool, Error> {
        require(by, Permission::Decide)?;
        if !matters::is_open(&self.core.db, Matter::PANEL_REPLACED).await? {
            return Ok(true);
        }
        if replaced::knows_hardly_anybody(&self.core).await?.is_some() {
            return Ok(false);
        }
        settle_now(&self.core, Matter::PANEL_REPLACED).await?;
        tracing::info!(actor = by.label(), "the panel knows the clients again: changes go on");
        self.core.suspected.notify_one();
        Ok(true)
    }

    /// How many are open.
    ///
    /// # Errors
    /// `Database`.
    pub async fn count(&self) -> Result<i64, Error> {
        Ok(matters::count(&self.core.db).await?)
    }
}
