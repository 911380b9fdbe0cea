//! A whole database out of its place and back: as of one moment while the service runs, and never half.
//!
//! What comes back is made ready out of sight, in a file or a schema of its own, and put in its place in one step.

mod postgres;
mod sqlite;

use std::io;
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use secrecy::ExposeSecret as _;

use super::{ConnectError, DatabaseUrl, Db};
use crate::domain::backup::{DatabaseKind, Manifest, Sink, Source, Table};

/// Every table, those before that others refer to. One that a later migration takes away stays here: a database that has
/// not had that migration still has it.
pub const TABLES: [&str; 19] = [
    "clients",
    "operations",
    "audit",
    "intents",
    "updates",
    "dialogues",
    "people",
    "invites",
    "api_tokens",
    "kept_answers",
    "outbox",
    "outbox_pace",
    "outbox_holds",
    "searches",
    "bulk_tasks",
    "leases",
    "matters",
    "facts",
    "expiry_notices",
];

/// Why a database is not backed up or restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// It cannot be opened.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// It does not do what it is asked.
    #[error("the database: {0}")]
    Database(#[from] sqlx::Error),
    /// A file beside it cannot be written.
    #[error("{path}: {error}")]
    File {
        /// Which.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// The backup cannot be written.
    #[error("the backup cannot be written: {0}")]
    Unwritten(io::Error),
    /// The backup cannot be read to its end.
    #[error("the backup is damaged, cut off, or was changed: {0}")]
    Unread(io::Error),
    /// What is in the backup is not what the backup says.
    #[error("the backup does not hold what it says: {0}")]
    Untrue(String),
    /// There is nothing to back up.
    #[error("there is no database of this service at DATABASE_URL")]
    Nothing,
    /// Another process does the same.
    #[error("another backup or restore of this database is at work")]
    Busy,
    /// The backup is of another kind of database.
    #[error(
        "the backup is of a {backup} database, and DATABASE_URL names a {here} one: a backup goes back into the \
         kind that it came from"
    )]
    OtherKind {
        /// Of which.
        backup: DatabaseKind,
        /// Which is here.
        here: DatabaseKind,
    },
    /// A later version made the tables.
    #[error(
        "the tables are of a newer version of the service (migration {found}; this one knows {known}): use that version"
    )]
    Newer {
        /// The last migration they have had.
        found: i64,
        /// The last one there is here.
        known: i64,
    },
    /// There is a database already.
    #[error("the database at DATABASE_URL is not empty. To put it aside and restore, use --replace")]
    NotEmpty,
    /// Somebody uses the database.
    #[error("the service runs on this database ({0}): stop every replica first")]
    Runs(String),
}

impl BackupError {
    /// Whether somebody has to change a setting before another try can help.
    pub fn is_a_matter_of_settings(&self) -> bool {
        match self {
            Self::Connect(error) => error.is_a_matter_of_settings(),
            Self::Nothing | Self::OtherKind { .. } => true,
            _ => false,
        }
    }
}

/// What a database holds at one moment.
#[derive(Debug)]
struct Contents {
    migration: i64,
    tables: Vec<Table>,
}

/// A database as it was at one moment, whatever is written to it meanwhile.
#[derive(Debug)]
pub struct Snapshot(Taken);

#[derive(Debug)]
enum Taken {
    /// A copy of the file.
    Sqlite(sqlite::Snapshot),
    /// A transaction.
    Postgres(Box<postgres::Snapshot>),
}

impl Snapshot {
    /// Of the database there.
    ///
    /// # Errors
    /// There is none, it is not ours, newer, or away.
    pub async fn take(url: &DatabaseUrl) -> Result<Self, BackupError> {
        Ok(Self(match url {
            DatabaseUrl::Sqlite(path) => Taken::Sqlite(sqlite::Snapshot::take(path).await?),
            DatabaseUrl::Postgres(url) => {
                Taken::Postgres(Box::new(postgres::Snapshot::take(url.expose_secret()).await?))
            }
        }))
    }

    /// What is said of it.
    pub fn manifest(&self, version: &str, made_at: DateTime<Utc>) -> Manifest {
        let (database, contents) = match &self.0 {
            Taken::Sqlite(snapshot) => (DatabaseKind::Sqlite, snapshot.contents()),
            Taken::Postgres(snapshot) => (DatabaseKind::Postgres, snapshot.contents()),
        };
        Manifest {
            format: crate::domain::backup::FORMAT,
            version: version.to_owned(),
            database,
            migration: contents.migration,
            made_at,
            tables: contents.tables.clone(),
        }
    }

    /// All of it, as the manifest lists it.
    ///
    /// # Errors
    /// The database does not answer, or it cannot be written.
    pub async fn write(&mut self, out: &mut dyn Sink) -> Result<(), BackupError> {
        match &mut self.0 {
            Taken::Sqlite(snapshot) => snapshot.write(out),
            Taken::Postgres(snapshot) => snapshot.write(out).await,
        }
    }
}

/// A database that is being restored, out of sight.
#[derive(Debug)]
pub struct Restoring(Begun);

#[derive(Debug)]
enum Begun {
    /// In a file beside its place.
    Sqlite(sqlite::Restoring),
    /// In a schema of its own.
    Postgres(Box<postgres::Restoring>),
}

impl Restoring {
    /// Begins it. `replace`: a database that is there is put aside at the end. Nobody may use the database until it is over.
    ///
    /// # Errors
    /// The database is not empty, is used, is of another kind, or is away.
    pub async fn begin(url: &DatabaseUrl, manifest: &Manifest, replace: bool) -> Result<Self, BackupError> {
        match (url, manifest.database) {
            (DatabaseUrl::Sqlite(path), DatabaseKind::Sqlite) => {
                newest(manifest.migration, super::connect::SQLITE.iter().map(|one| one.version))?;
                Ok(Self(Begun::Sqlite(sqlite::Restoring::begin(path, replace).await?)))
            }
            (DatabaseUrl::Postgres(url), DatabaseKind::Postgres) => {
                newest(manifest.migration, super::connect::POSTGRES.iter().map(|one| one.version))?;
                let restoring = postgres::Restoring::begin(url.expose_secret(), replace).await?;
                Ok(Self(Begun::Postgres(Box::new(restoring))))
            }
            (url, backup) => Err(BackupError::OtherKind { backup, here: kind(url) }),
        }
    }

    /// Reads the backup to its end and brings it up to this version; the database, still out of sight.
    ///
    /// # Errors
    /// The backup is damaged or does not hold what it says; nothing has changed then.
    pub async fn load(&mut self, manifest: &Manifest, from: &mut dyn Source) -> Result<Db, BackupError> {
        match &mut self.0 {
            Begun::Sqlite(restoring) => restoring.load(manifest, from).await,
            Begun::Postgres(restoring) => restoring.load(manifest, from).await,
        }
    }

    /// Puts the database in its place; where the one is now that was there.
    ///
    /// # Errors
    /// Somebody uses the database by now, or it cannot be put there; then it is as it was before.
    pub async fn place(self, db: Db, now: DateTime<Utc>) -> Result<Option<String>, BackupError> {
        db.close().await;
        match self.0 {
            Begun::Sqlite(restoring) => restoring.place(now).await,
            Begun::Postgres(restoring) => restoring.place(now).await,
        }
    }
}

fn kind(url: &DatabaseUrl) -> DatabaseKind {
    match url {
        DatabaseUrl::Sqlite(_) => DatabaseKind::Sqlite,
        DatabaseUrl::Postgres(_) => DatabaseKind::Postgres,
    }
}

/// Refuses tables that have had a migration which is not known here.
fn newest(found: i64, known: impl Iterator<Item = i64>) -> Result<(), BackupError> {
    let known = known.max().unwrap_or_default();
    if found > known { Err(BackupError::Newer { found, known }) } else { Ok(()) }
}

/// What a database that is put aside is called.
fn aside(now: DateTime<Utc>) -> String {
    format!("before-restore-{}", now.format("%Y%m%d-%H%M%S"))
}

/// Compares what came out with what was said to be in.
fn same(table: &Table, found: u64) -> Result<(), BackupError> {
    if table.rows == found {
        return Ok(());
    }
    Err(BackupError::Untrue(format!("{} has {found} rows instead of {}", table.name, table.rows)))
}
