//! A database for each part: made, filled with rows, and asked barely, as a floor does.

use std::path::Path;
use std::time::Duration;

use orchestrator::repositories::{DatabaseUrl, Db};
use sqlx::postgres::PgPoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{AssertSqlSafe, Executor as _, PgPool, SqlitePool};
use tokio::time::Instant;

use crate::Res;
use crate::options::Kind;

/// An open database, as the service opens it.
#[derive(Debug, Clone)]
pub enum Bare {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

/// A fresh, empty database; its address.
pub async fn fresh(kind: Kind, folder: &Path, name: &str) -> Res<String> {
    match kind {
        Kind::Sqlite => Ok(format!("sqlite://{}/{name}.db", folder.display())),
        Kind::Postgres => {
            let server = std::env::var("BENCH_POSTGRES_URL")?;
            let pool = PgPool::connect(&server).await?;
            pool.execute(AssertSqlSafe(format!("DROP DATABASE IF EXISTS {name}"))).await?;
            pool.execute(AssertSqlSafe(format!("CREATE DATABASE {name}"))).await?;
            pool.close().await;
            Ok(server.replacen("/postgres?", &format!("/{name}?"), 1))
        }
    }
}

/// Its tables, made as the service makes them.
pub async fn migrated(url: &str) -> Res<Bare> {
    let settings = match url.strip_prefix("sqlite://") {
        Some(path) => DatabaseUrl::Sqlite(path.into()),
        None => DatabaseUrl::Postgres(url.to_owned().into()),
    };
    let (db, guard) = Db::connect(&settings).await?;
    db.close().await;
    drop(guard);
    Bare::open(url).await
}

impl Bare {
    pub async fn open(url: &str) -> Res<Self> {
        match url.strip_prefix("sqlite://") {
            Some(path) => {
                let options = SqliteConnectOptions::new()
                    .filename(path)
                    .journal_mode(SqliteJournalMode::Wal)
                    .synchronous(SqliteSynchronous::Full)
                    .foreign_keys(true)
                    .busy_timeout(Duration::from_secs(5));
                let pool = SqlitePoolOptions::new().max_connections(8).connect_with(options).await?;
                Ok(Self::Sqlite(pool))
            }
            None => Ok(Self::Postgres(PgPoolOptions::new().max_connections(16).connect(url).await?)),
        }
    }

    pub async fn run(&self, sqlite: &str, postgres: &str) -> Res<()> {
        match self {
            Self::Sqlite(pool) => pool.execute(AssertSqlSafe(sqlite.to_owned())).await.map(drop)?,
            Self::Postgres(pool) => pool.execute(AssertSqlSafe(postgres.to_owned())).await.map(drop)?,
        }
        Ok(())
    }

    pub async fn close(self) {
        match self {
            Self::Sqlite(pool) => pool.close().await,
            Self::Postgres(pool) => pool.close().await,
        }
    }

    /// Clients `from..=to`, every hundredth blocked; of the panel's user with the same number.
    pub async fn clients(&self, from: u32, to: u32, expires: &str) -> Res<()> {
        let sqlite = format!(
            "INSERT INTO clients (id, username, remnawave_uuid, short_uuid, subscription_url, status, expires_at,
                                  created_at, updated_at)
             WITH RECURSIVE n(i) AS (SELECT {from} UNION ALL SELECT i + 1 FROM n WHERE i < {to}),
                  made AS (SELECT i, strftime('%Y-%m-%dT%H:%M:%S', '2026-01-01', '+' || i || ' seconds')
                                     || '.000001+00:00' AS at FROM n)
             SELECT unhex(printf('%032x', i)), 'client_' || i, i, printf('short%019d', i),
                    'https://sub.example.test/' || printf('short%019d', i),
                    CASE WHEN i % 100 = 0 THEN 'blocked' ELSE 'active' END, '{expires}T00:00:00+00:00', at, at FROM made"
        );
        let postgres = format!(
            "INSERT INTO clients (id, username, remnawave_uuid, short_uuid, subscription_url, status, expires_at,
                                  created_at, updated_at)
             SELECT lpad(to_hex(i), 32, '0')::uuid, 'client_' || i, i, 'short' || lpad(i::text, 19, '0'),
                    'https://sub.example.test/short' || lpad(i::text, 19, '0'),
                    (CASE WHEN i % 100 = 0 THEN 'blocked' ELSE 'active' END)::client_status,
                    TIMESTAMPTZ '{expires}Z', at, at
             FROM (SELECT i, TIMESTAMPTZ '2026-01-01Z' + i * INTERVAL '1 second' AS at
                   FROM generate_series({from}, {to}) AS i) AS made"
        );
        self.run(&sqlite, &postgres).await?;
        self.run("SELECT 1", "VACUUM ANALYZE clients").await
    }

    /// So many operations of the client of that number.
    pub async fn operations(&self, client: u32, count: u32) -> Res<()> {
        let sqlite = format!(
            "INSERT INTO operations (id, client_id, action, payload, result, created_at)
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})
             SELECT randomblob(16), unhex(printf('%032x', {client})), 'extend', '{{\"days\":30}}', 'success',
                    strftime('%Y-%m-%dT%H:%M:%S', '2026-01-01', '+' || i || ' seconds') || '.000001+00:00' FROM n"
        );
        let postgres = format!(
            "INSERT INTO operations (id, client_id, action, payload, result, created_at)
             SELECT gen_random_uuid(), lpad(to_hex({client}), 32, '0')::uuid, 'extend', '{{\"days\":30}}', 'success',
                    TIMESTAMPTZ '2026-01-01Z' + i * INTERVAL '1 second' FROM generate_series(1, {count}) AS i"
        );
        self.run(&sqlite, &postgres).await?;
        self.run("SELECT 1", "VACUUM ANALYZE operations").await
    }

    /// How long a bare commit of one row takes, at the median.
    pub async fn commit(&self) -> Res<Duration> {
        self.run("CREATE TABLE bare (n INTEGER)", "CREATE TABLE bare (n INTEGER)").await?;
        self.run("INSERT INTO bare VALUES (0)", "INSERT INTO bare VALUES (0)").await?;
        let mut times = Vec::new();
        for _ in 0..300 {
            let begun = Instant::now();
            match self {
                Self::Sqlite(pool) => {
                    let mut tx = pool.begin_with("BEGIN IMMEDIATE").await?;
                    sqlx::query("UPDATE bare SET n = n + 1").execute(&mut *tx).await?;
                    tx.commit().await?;
                }
                Self::Postgres(pool) => {
                    let mut tx = pool.begin().await?;
                    sqlx::query("UPDATE bare SET n = n + 1").execute(&mut *tx).await?;
                    tx.commit().await?;
                }
            }
            times.push(begun.elapsed());
        }
        Ok(crate::load::median(&mut times))
    }
}

/// The id of the client of that number, as it stands in a path.
pub fn id(number: u32) -> String {
    format!("00000000-0000-0000-0000-{number:012x}")
}
