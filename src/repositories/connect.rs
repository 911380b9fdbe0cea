//! Opening a database and bringing its tables up to date.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use super::db::Db;
use crate::domain::unreached::Unreached;
use secrecy::{ExposeSecret, SecretString};
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _};

pub(super) static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");
pub(super) static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");

/// Whether the tables are those of the original service.
pub(super) const POSTGRES_ORIGINAL: &str =
    "SELECT to_regclass('clients') IS NOT NULL AND to_regclass('_sqlx_migrations') IS NULL";
/// The same on SQLite.
pub(super) const SQLITE_ORIGINAL: &str = "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'clients')
        AND NOT EXISTS (SELECT 1 FROM sqlite_master WHERE name = '_sqlx_migrations')";
/// What the running service calls itself on PostgreSQL.
pub(super) const SERVICE: &str = "orchestrator";
/// How long a caller waits for a connection before it hears that the database is away.
const ACQUIRE: Duration = Duration::from_secs(3);
/// What PostgreSQL does to one who waits for another's lock, and to one who holds locks and says nothing more (a replica
/// whose machine lost its power): the connection of the dead one is noticed much later. And it compiles no statement to machine
/// code: that takes some hundred times as long as a statement of the service.
const LIMITS: [(&str, &str); 3] =
    [("lock_timeout", "2s"), ("idle_in_transaction_session_timeout", "10s"), ("jit", "off")];
/// A connection to PostgreSQL that was used within this time is not asked whether it still lives.
const BELIEVED: Duration = Duration::from_secs(1);
/// Connections that read from SQLite: as many as streams of whole lists may run at once, and as many for everything else.
const READERS: u32 = 8;
/// How long a start waits for another process to let go of the SQLite file: the old one at a restart.
pub(super) const TAKE_OVER: Duration = Duration::from_secs(12);

/// Which database, from `DATABASE_URL`.
#[derive(Debug, Clone)]
pub enum DatabaseUrl {
    /// `sqlite://PATH`
    Sqlite(PathBuf),
    /// `postgres://…`; a secret, because it carries the password.
    Postgres(SecretString),
}

/// Why the database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The address is malformed in a way only the driver sees.
    #[error("DATABASE_URL: {0}")]
    Address(String),
    /// The tables are those of the original Python service.
    #[error(
        "the database at DATABASE_URL holds the tables of the original service. Give this service a database of its \
         own (a new, empty one) in DATABASE_URL and leave the old one as it is"
    )]
    OriginalService,
    /// Another process uses the SQLite file.
    #[error(
        "{0} is in use by another orchestrator. SQLite serves one process: stop the other one, or use PostgreSQL"
    )]
    InUse(PathBuf),
    /// The folder or file cannot be made.
    #[error("{path}: {error}")]
    File {
        /// Which.
        path: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
    /// The tables are newer than this program, or were changed by hand.
    #[error("the tables do not fit this version of the program: {0}")]
    Migrate(MigrateError),
    /// The database does not answer (yet).
    #[error("the database does not answer: {0}")]
    Away(sqlx::Error),
}

impl DatabaseUrl {
    /// Which, for people: without user and password.
    pub fn shown(&self) -> String {
        let url = match self {
            Self::Sqlite(path) => return format!("SQLite {}", path.display()),
            Self::Postgres(url) => PgConnectOptions::from_str(url.expose_secret()),
        };
        let Ok(options) = url else { return "PostgreSQL".to_owned() };
        let host = match options.get_socket() {
            Some(folder) => folder.display().to_string(),
            None => format!("{}:{}", options.get_host(), options.get_port()),
        };
        format!("PostgreSQL at {host}/{}", options.get_database().unwrap_or_else(|| options.get_username()))
    }
}

impl ConnectError {
    /// Why, without what to do about it.
    pub fn cause(&self) -> String {
        match self {
            Self::Away(sqlx::Error::Io(error)) => Unreached::of_io(error).to_string(),
            Self::Away(error) => error.to_string(),
            Self::Address(why) => why.clone(),
            other => other.to_string(),
        }
    }

    /// Whether trying again later can help.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Away(_))
    }

    /// Whether somebody has to change a setting before another try can help.
    pub fn is_a_matter_of_settings(&self) -> bool {
        matches!(self, Self::OriginalService | Self::Address(_))
    }
}

/// Keeps other processes from the SQLite file while it lives; the system lets go of it when the process dies.
#[derive(Debug)]
pub struct FileGuard {
    _file: File,
}

impl Db {
    /// Opens the database and applies the migrations. Two replicas may do so at once.
    pub async fn connect(url: &DatabaseUrl) -> Result<(Self, Option<FileGuard>), ConnectError> {
        match url {
            DatabaseUrl::Postgres(url) => Ok((Self::Postgres(postgres(url.expose_secret()).await?), None)),
            DatabaseUrl::Sqlite(path) => {
                let guard = guard(path).await?;
                sqlite(path).await.map(|db| (db, Some(guard)))
            }
        }
    }
}

/// How PostgreSQL is reached by whoever calls itself that.
pub(super) fn postgres_options(url: &str, name: &str) -> Result<PgConnectOptions, ConnectError> {
    let options = PgConnectOptions::from_str(url);
    Ok(options.map_err(|error| ConnectError::Address(error.to_string()))?.application_name(name))
}

async fn postgres(url: &str) -> Result<PgPool, ConnectError> {
    let pool = postgres_pool(url, 16).await?;
    refuse_original(sqlx::query_scalar(POSTGRES_ORIGINAL).fetch_one(&pool).await)?;
    POSTGRES.run(&pool).await.map_err(migrate_error)?;
    Ok(pool)
}

/// One try to connect. A pool tries until its time is over, and then says only that.
pub(super) async fn postgres_reached(url: &str) -> Result<(), ConnectError> {
    let connection = service_options(url)?.connect().await.map_err(unreached)?;
    connection.close().await.map_err(ConnectError::Away)
}

pub(super) async fn postgres_pool(url: &str, connections: u32) -> Result<PgPool, ConnectError> {
    PgPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(ACQUIRE)
        // One that was used just now is believed to be alive; sqlx would ask each time, which costs as much as a small query.
        .test_before_acquire(false)
        .before_acquire(|connection, of| {
            Box::pin(async move {
                if of.idle_for >= BELIEVED {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
        .connect_with(service_options(url)?)
        .await
        .map_err(unreached)
}

fn service_options(url: &str) -> Result<PgConnectOptions, ConnectError> {
    Ok(postgres_options(url, SERVICE)?.options(LIMITS))
}

/// Opens a file that nobody else uses.
pub(super) async fn sqlite(path: &Path) -> Result<Db, ConnectError> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // What was acknowledged survives a loss of power, not only of the process.
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(5));
    // What a statement of several rows keeps to be able to take itself back needs no file; and pages that many commits change
    // are put into their place less often than by SQLite's usual 1,000 (16 MB of log instead of 4).
    let writing = options.clone().pragma("temp_store", "MEMORY").pragma("wal_autocheckpoint", "4000");
    let write = sqlite_pool(1).connect_with(writing).await.map_err(not_opened)?;
    refuse_original(sqlx::query_scalar(SQLITE_ORIGINAL).fetch_one(&write).await)?;
    SQLITE.run(&write).await.map_err(migrate_error)?;
    let read = sqlite_pool(READERS).connect_with(options).await.map_err(not_opened)?;
    Ok(Db::Sqlite { read, write })
}

pub(super) fn sqlite_pool(connections: u32) -> SqlitePoolOptions {
    sqlx::pool::PoolOptions::<sqlx::Sqlite>::new()
        .max_connections(connections)
        .acquire_timeout(ACQUIRE)
        // A file does not hang up.
        .test_before_acquire(false)
        // A connection that never idles away keeps its statement cache.
        .idle_timeout(None)
        .max_lifetime(None)
}

pub(super) fn refuse_original(theirs: Result<bool, sqlx::Error>) -> Result<(), ConnectError> {
    match theirs {
        Ok(true) => Err(ConnectError::OriginalService),
        Ok(false) => Ok(()),
        Err(error) => Err(ConnectError::Away(error)),
    }
}

/// A wrong password or an unknown database does not mend itself by waiting (SQLSTATE class 28, and 3D000).
pub(super) fn unreached(error: sqlx::Error) -> ConnectError {
    match error.as_database_error().and_then(|inner| inner.code()) {
        Some(code) if code.starts_with("28") || code == "3D000" => ConnectError::Address(said(&error)),
        _ => ConnectError::Away(error),
    }
}

/// Neither does a file that is no database, or that may not be written.
pub(super) fn not_opened(error: sqlx::Error) -> ConnectError {
    ConnectError::Address(said(&error))
}

/// What the database says; the rest is where it stands in the database's own source.
fn said(error: &sqlx::Error) -> String {
    error.as_database_error().map_or_else(|| error.to_string(), |inner| inner.message().to_owned())
}

pub(super) fn migrate_error(error: MigrateError) -> ConnectError {
    match error {
        MigrateError::Execute(error) => ConnectError::Away(error),
        other => ConnectError::Migrate(other),
    }
}

/// The file beside the SQLite file whose lock is the guard.
pub(super) fn lock_of(path: &Path) -> PathBuf {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".lock");
    beside.into()
}

pub(super) async fn guard(path: &Path) -> Result<FileGuard, ConnectError> {
    let name = |path: &Path| path.to_owned();
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(|error| ConnectError::File { path: name(folder), error })?;
    }
    let beside = lock_of(path);
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&beside)
        .map_err(|error| ConnectError::File { path: name(&beside), error })?;
    let give_up = tokio::time::Instant::now() + TAKE_OVER;
    let mut told = false;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(FileGuard { _file: file }),
            Err(TryLockError::WouldBlock) if tokio::time::Instant::now() >= give_up => {
                return Err(ConnectError::InUse(name(path)));
            }
            Err(TryLockError::WouldBlock) => {
                if !std::mem::replace(&mut told, true) {
                    tracing::warn!(file = %path.display(), "another orchestrator uses the database; waiting for its end");
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            Err(TryLockError::Error(error)) => return Err(ConnectError::File { path: beside, error }),
        }
    }
}
