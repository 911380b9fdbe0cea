//! What the command line does once, without the bot, the API and the jobs. SQLite has one process: a service that runs is
//! waited for a while.

mod backup;
mod restore;

use std::sync::Arc;

use super::{StartError, core};
use crate::config::Settings;
use crate::domain::clock::{Clock, Entropy};
use crate::repositories::{Db, FileGuard};
use crate::services::Services;
use crate::services::deactivation::Round;

pub use backup::{BackupOptions, CopyError, Written, backup};
pub use restore::{Restoration, RestoreOptions, Resumption, restore, resume};

/// The rules on the database and the panel, with no door open.
#[derive(Debug)]
pub struct Alone {
    /// What can be done.
    pub services: Services,
    db: Db,
    _guard: Option<FileGuard>,
}

impl Alone {
    /// Opens the database.
    ///
    /// # Errors
    /// The database or the panel's settings cannot be used.
    pub async fn open(
        settings: &Settings,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, StartError> {
        let (db, guard) = Db::connect(&settings.database_url).await?;
        let services = Services::new(core(settings, &db, &clock, &entropy)?);
        services.reconciler.take_over_leases().await?;
        Ok(Self { services, db, _guard: guard })
    }

    /// Ends what runs and closes the database.
    pub async fn close(self) {
        self.services.close().await;
        self.db.close().await;
    }
}

/// Takes access away from clients whose date has passed.
///
/// # Errors
/// The database or the panel's settings cannot be used.
pub async fn deactivate_expired(
    settings: Settings,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    anyway: bool,
) -> Result<Round, StartError> {
    let alone = Alone::open(&settings, clock, entropy).await?;
    let round = alone.services.deactivation.run_once(None, anyway).await?;
    alone.close().await;
    Ok(round)
}

/// Brings the database up to this version.
///
/// # Errors
/// The database cannot be used.
pub async fn migrate(settings: Settings) -> Result<(), StartError> {
    let (db, _guard) = Db::connect(&settings.database_url).await?;
    db.close().await;
    Ok(())
}
