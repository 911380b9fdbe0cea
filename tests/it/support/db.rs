//! A fresh database for a test, of either kind.

use std::sync::atomic::{AtomicU32, Ordering};

use orchestrator::repositories::{DatabaseUrl, Db};
use secrecy::SecretString;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection, PgPool, SqlitePool};
use tempfile::TempDir;

static COUNTER: AtomicU32 = AtomicU32::new(0);

/// Which database a test runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Sqlite,
    Postgres,
}

/// A database that no other test knows of.
pub struct TestDb {
    pub kind: Kind,
    /// As in `DATABASE_URL`.
    pub url: String,
    folder: TempDir,
}

impl TestDb {
    pub async fn new(kind: Kind) -> Self {
        let folder = TempDir::new().unwrap();
        let url = match kind {
            Kind::Sqlite => format!("sqlite://{}/orchestrator.db", folder.path().display()),
            Kind::Postgres => fresh_postgres("").await,
        };
        Self { kind, url, folder }
    }

    /// The same; but PostgreSQL takes texts in the order of a locale, as where it is installed in the usual way, and not by
    /// their bytes. Some indexes do not serve some conditions then.
    pub async fn as_installed(kind: Kind) -> Self {
        match kind {
            Kind::Sqlite => Self::new(kind).await,
            Kind::Postgres => {
                let url = fresh_postgres("TEMPLATE template0 LOCALE 'C.UTF-8'").await;
                Self { kind, url, folder: TempDir::new().unwrap() }
            }
        }
    }

    pub fn address(&self) -> DatabaseUrl {
        match self.kind {
            Kind::Sqlite => DatabaseUrl::Sqlite(self.folder.path().join("orchestrator.db")),
            Kind::Postgres => DatabaseUrl::Postgres(SecretString::from(self.url.clone())),
        }
    }

    /// Opens it; the guard must live as long as the database.
    pub async fn open(&self) -> Opened {
        let (db, guard) = Db::connect(&self.address()).await.unwrap();
        Opened { db, _guard: guard }
    }

    /// Opens it as it is, no migration is applied; also while a process of the service uses it.
    pub async fn open_as_it_is(&self) -> Db {
        match self.address() {
            DatabaseUrl::Sqlite(path) => {
                let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
                let pool = SqlitePool::connect_with(options).await.unwrap();
                Db::Sqlite { read: pool.clone(), write: pool }
            }
            DatabaseUrl::Postgres(_) => Db::Postgres(PgPool::connect(&self.url).await.unwrap()),
        }
    }

    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }
}

pub struct Opened {
    pub db: Db,
    _guard: Option<orchestrator::repositories::FileGuard>,
}

/// A new, empty database on the cluster that `scripts/test` started.
async fn fresh_postgres(how: &str) -> String {
    let admin = std::env::var("TEST_POSTGRES_URL")
        .expect("TEST_POSTGRES_URL is not set: run the tests with scripts/test");
    let name = format!("t{}_{}", std::process::id(), COUNTER.fetch_add(1, Ordering::Relaxed));
    let mut connection = sqlx::PgConnection::connect(&admin).await.unwrap();
    sqlx::query(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name} {how}")))
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
    admin.replacen("/postgres?", &format!("/{name}?"), 1)
}

/// Declares one test for each database from async functions that take a [`Kind`].
macro_rules! on_both {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)] async fn $name() { super::$name($crate::support::db::Kind::Sqlite).await; })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)] async fn $name() { super::$name($crate::support::db::Kind::Postgres).await; })+
        }
    };
}

pub(crate) use on_both;
