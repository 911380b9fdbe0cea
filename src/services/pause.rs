//! Whether changes wait for an owner, and why. The one place that says so.
//!
//! After a restore from a backup everything waits: changes, jobs, messages. Where the panel was replaced only changes do.

use crate::domain::matter::Pause;
use crate::repositories::{Db, Tx, matters};

use super::error::Error;

/// Why, and what to do about it: for the log, the command line and the health report.
pub(super) fn words(pause: Pause) -> &'static str {
    match pause {
        Pause::Restored => {
            "the database was restored from a backup, and an owner has to look at the differences to the panel first \
             (/resume in the bot, or orchestrator resume)"
        }
        Pause::PanelReplaced => {
            "the panel does not know the clients, and an owner has to decide (/log in the bot)"
        }
    }
}

/// Whether everything waits, because the database was restored.
///
/// # Errors
/// `Database`.
pub(super) async fn is_restored(db: &Db) -> Result<bool, Error> {
    Ok(matters::paused(db).await? == Some(Pause::Restored))
}

/// The same, as this transaction sees it.
///
/// # Errors
/// `Database`.
pub(super) async fn is_restored_in(tx: &mut Tx) -> Result<bool, Error> {
    Ok(matters::paused_in(tx).await? == Some(Pause::Restored))
}

/// Refuses what is kept here only, such as notes and links to people, while everything waits.
///
/// # Errors
/// `Paused`, `Database`.
pub(super) async fn refuse_restored(tx: &mut Tx) -> Result<(), Error> {
    if is_restored_in(tx).await? { Err(Error::Paused(Pause::Restored)) } else { Ok(()) }
}
