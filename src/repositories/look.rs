//! A look at a database that changes nothing: no file is made, no migration is applied, and a service that runs on it is
//! not held up.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use secrecy::ExposeSecret;
use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};

use super::connect::{
    ConnectError, DatabaseUrl, POSTGRES, POSTGRES_ORIGINAL, SQLITE, SQLITE_ORIGINAL, lock_of, not_opened,
    postgres_pool, postgres_reached, refuse_original, sqlite_pool,
};
use super::db::{Db, on_db};
use super::{Result, leases};

/// A database that was opened for a look.
#[derive(Debug)]
pub struct Look {
    /// It, for reading; `None` when it is not there yet: the first start makes it.
    pub db: Option<Db>,
    /// Which server, or what is known of the file.
    pub place: Place,
    /// Whether a service runs on it, as far as can be told.
    pub is_served: bool,
    /// Keeps a service from starting in the middle of the look, where there is one file.
    _held: Option<File>,
}

/// Where the data is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A file.
    Sqlite {
        /// What this process may not write of what has to be written.
        shut: Option<PathBuf>,
        /// Free space on its disk, in bytes, for those who are not root.
        free: Option<u64>,
    },
    /// A server.
    Postgres {
        /// Its version, such as `15.8`.
        version: String,
        /// Whether it takes changes at all (a standby does not).
        takes_changes: bool,
        /// Whether this user may make tables, which migrations do.
        may_create: bool,
    },
}

/// Which migrations the tables have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Migrations {
    /// So many of ours are applied.
    pub applied: usize,
    /// Ours that are not, by name.
    pub pending: Vec<String>,
    /// Applied ones that this program does not know, by number and name.
    pub unknown: Vec<String>,
    /// Applied ones whose text was another one.
    pub changed: Vec<i64>,
    /// One that broke off in the middle.
    pub broken: Option<i64>,
}

impl Look {
    /// Opens the database for reading.
    ///
    /// # Errors
    /// See [`ConnectError`]: it does not answer, is the original service's, or cannot be opened.
    pub async fn at(url: &DatabaseUrl, now: DateTime<Utc>) -> std::result::Result<Self, ConnectError> {
        match url {
            DatabaseUrl::Postgres(url) => postgres(url.expose_secret(), now).await,
            DatabaseUrl::Sqlite(path) => sqlite(path).await,
        }
    }

    /// Which migrations are applied.
    pub async fn migrations(&self) -> Result<Migrations> {
        match &self.db {
            Some(db @ Db::Postgres(_)) => Ok(compared(&POSTGRES, applied(db).await?)),
            Some(db @ Db::Sqlite { .. }) => Ok(compared(&SQLITE, applied(db).await?)),
            None => Ok(compared(&SQLITE, vec![])),
        }
    }
}

async fn postgres(url: &str, now: DateTime<Utc>) -> std::result::Result<Look, ConnectError> {
    postgres_reached(url).await?;
    let pool = postgres_pool(url, 1).await?;
    refuse_original(sqlx::query_scalar(POSTGRES_ORIGINAL).fetch_one(&pool).await)?;
    let (version, takes_changes, may_create): (String, bool, bool) = sqlx::query_as(
        "SELECT current_setting('server_version'), current_setting('transaction_read_only') = 'off',
                COALESCE(has_schema_privilege(current_schema(), 'CREATE'), false)",
    )
    .fetch_one(&pool)
    .await
    .map_err(ConnectError::Away)?;
    let version = version.split(' ').next().unwrap_or_default().to_owned();
    let db = Db::Postgres(pool);
    // Without the table nobody holds a lease.
    let is_served = leases::any_held(&db, now).await.unwrap_or(false);
    let place = Place::Postgres { version, takes_changes, may_create };
    Ok(Look { db: Some(db), place, is_served, _held: None })
}

async fn sqlite(path: &Path) -> std::result::Result<Look, ConnectError> {
    let lock = File::open(lock_of(path)).ok();
    // Shared: two looks do not hold up each other.
    let is_served =
        lock.as_ref().is_some_and(|lock| matches!(lock.try_lock_shared(), Err(TryLockError::WouldBlock)));
    let place = Place::Sqlite { shut: shut(path), free: free(path) };
    if !path.exists() {
        return Ok(Look { db: None, place, is_served, _held: lock });
    }
    let pool = open(path, is_served).await.map_err(not_opened)?;
    refuse_original(sqlx::query_scalar(SQLITE_ORIGINAL).fetch_one(&pool).await).map_err(unreadable)?;
    let db = Db::Sqlite { read: pool.clone(), write: pool };
    Ok(Look { db: Some(db), place, is_served, _held: lock })
}

/// Read-only. Nobody uses the file and nothing waits to be moved into it: then not even the files beside it are made.
async fn open(path: &Path, is_served: bool) -> Result<SqlitePool> {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    let is_whole = std::fs::metadata(log).map_or(true, |log| log.len() == 0);
    let options = SqliteConnectOptions::new().filename(path).read_only(true);
    sqlite_pool(1).connect_with(options.immutable(is_whole && !is_served)).await
}

/// What is no database at all is told at the first question.
fn unreadable(error: ConnectError) -> ConnectError {
    match error {
        ConnectError::Away(error) => not_opened(error),
        other => other,
    }
}

/// What the service has to write and this process may not: the file, or the folder that files beside it are made in.
fn shut(path: &Path) -> Option<PathBuf> {
    let folder = nearest(path)?;
    let needed = [path.exists().then_some(path), Some(folder.as_path())];
    let may = |place: &Path| rustix::fs::access(place, rustix::fs::Access::WRITE_OK).is_ok();
    needed.into_iter().flatten().find(|place| !may(place)).map(Path::to_owned)
}

fn free(path: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(&nearest(path)?).ok()?;
    disk.f_bavail.checked_mul(disk.f_frsize)
}

/// The folder of the file, or the nearest one above that is there.
fn nearest(path: &Path) -> Option<PathBuf> {
    let whole = std::path::absolute(path).ok()?;
    whole.ancestors().skip(1).find(|folder| folder.is_dir()).map(Path::to_owned)
}

/// Number, name, whether it came to its end, checksum.
type Applied = (i64, String, bool, Vec<u8>);

async fn applied(db: &Db) -> Result<Vec<Applied>> {
    let there: bool = match db {
        Db::Postgres(pool) => {
            sqlx::query_scalar("SELECT to_regclass('_sqlx_migrations') IS NOT NULL").fetch_one(pool).await?
        }
        Db::Sqlite { read, .. } => {
            let table = "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE name = '_sqlx_migrations')";
            sqlx::query_scalar(table).fetch_one(read).await?
        }
    };
    if !there {
        return Ok(vec![]);
    }
    on_db!(db, pool => sqlx::query_as(
        "SELECT version, description, success, checksum FROM _sqlx_migrations ORDER BY version")
        .fetch_all(pool))
}

fn compared(ours: &Migrator, theirs: Vec<Applied>) -> Migrations {
    let mut compared = Migrations::default();
    for migration in ours.iter() {
        match theirs.iter().find(|(version, ..)| *version == migration.version) {
            None => compared.pending.push(migration.description.to_string()),
            Some((version, _, false, _)) => compared.broken = Some(*version),
            Some((version, .., checksum)) if *checksum != *migration.checksum => {
                compared.changed.push(*version);
            }
            Some(_) => compared.applied += 1,
        }
    }
    let strange = theirs.into_iter().filter(|(version, ..)| !ours.version_exists(*version));
    compared.unknown = strange.map(|(version, name, ..)| format!("{version} {name}")).collect();
    compared
}
