//! A backup back into the database, and the word that everything goes on where there is no bot to say it to.

use std::fs::File;
use std::io::BufReader;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::Alone;
use super::backup::CopyError;
use crate::app::{StartError, core};
use crate::backup::{Identities, IdentityError, Opened, Unlock, Unreadable};
use crate::config::Settings;
use crate::domain::actor::{Actor, Role};
use crate::domain::backup::Manifest;
use crate::domain::clock::{Clock, Entropy};
use crate::domain::ids::TelegramId;
use crate::jobs;
use crate::repositories::backup::Restoring;
use crate::services::Services;
use crate::services::restored::{Closed, Comparison};

/// How often it is looked whether everything goes on.
const LOOK: Duration = Duration::from_millis(200);

/// What is asked of a restore.
#[derive(Debug)]
pub struct RestoreOptions {
    /// The backup.
    pub file: PathBuf,
    /// The file with the keys; none for a backup that is not encrypted.
    pub identity: Option<PathBuf>,
    /// Whether a database that is there is put aside.
    pub replace: bool,
}

/// What was restored.
#[derive(Debug)]
pub struct Restoration {
    /// What the backup says of itself.
    pub manifest: Manifest,
    /// What it still wanted to do and will not.
    pub closed: Closed,
    /// Where the database is now that was there.
    pub aside: Option<String>,
}

/// Restores a backup. Whatever goes wrong, the database is as it was before.
///
/// # Errors
/// The backup cannot be opened, is damaged or newer; the database is not empty, is used or away.
pub async fn restore(
    settings: &Settings,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    options: &RestoreOptions,
) -> Result<Restoration, CopyError> {
    let mut opened = open(options)?;
    let manifest = opened.manifest.clone();
    let mut restoring = Restoring::begin(&settings.database_url, &manifest, options.replace).await?;
    let db = restoring.load(&manifest, &mut opened).await?;
    let services = Services::new(core(settings, &db, &clock, &entropy)?);
    let closed = services.restored.close(manifest.made_at).await.map_err(StartError::from)?;
    services.close().await;
    let aside = restoring.place(db, clock.now()).await?;
    Ok(Restoration { manifest, closed, aside })
}

fn open(options: &RestoreOptions) -> Result<Opened, CopyError> {
    let unlock = match &options.identity {
        None => Unlock::Plain,
        Some(path) => {
            let refused = |error| CopyError::Identity { path: path.clone(), error };
            let keys = File::open(path).map_err(|error| refused(IdentityError::Unreadable(error)))?;
            Unlock::With(Identities::read(BufReader::new(keys)).map_err(refused)?)
        }
    };
    let refused = |error| CopyError::Unreadable { path: options.file.clone(), error };
    let file = File::open(&options.file).map_err(|error| refused(Unreadable::Unopened(error)))?;
    Opened::new(file, &unlock).map_err(refused)
}

/// What came of asking that everything goes on.
#[derive(Debug)]
pub enum Resumption {
    /// Nothing waits.
    Usual,
    /// This is what would be taken over.
    Differs(Comparison),
    /// That was taken over, and everything goes on.
    Resumed(Comparison),
}

/// Shows how the panel differs from a restored database, or takes the panel's state over, as `/resume` in the bot does.
///
/// # Errors
/// The database or the panel cannot be used.
pub async fn resume(
    settings: &Settings,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    yes: bool,
) -> Result<Resumption, StartError> {
    let alone = Alone::open(settings, clock, entropy).await?;
    let services = &alone.services;
    // Whoever has this machine is an owner.
    let owner = Actor::Person { id: TelegramId(0), role: Role::Owner };
    let resumed = match services.restored.compare(&owner).await? {
        None => Resumption::Usual,
        Some(comparison) if !yes => Resumption::Differs(comparison),
        Some(comparison) => {
            services.restored.begin(&owner).await?;
            take_over(services).await?;
            Resumption::Resumed(comparison)
        }
    };
    alone.close().await;
    Ok(resumed)
}

/// Does the one job that is done meanwhile, or waits until a replica that runs has done it.
async fn take_over(services: &Services) -> Result<(), StartError> {
    let (tasks, shutdown) = (TaskTracker::new(), CancellationToken::new());
    jobs::start_resuming(services, &tasks, &shutdown);
    while services.restored.is_open().await? {
        tokio::time::sleep(LOOK).await;
    }
    shutdown.cancel();
    tasks.close();
    tasks.wait().await;
    Ok(())
}
