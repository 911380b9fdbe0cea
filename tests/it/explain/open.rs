//! One connection to a database: to fill it, or to be watched.

use orchestrator::repositories::{DatabaseUrl, Db};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions, SqliteSynchronous};

use crate::support::db::TestDb;

/// What makes filling quick. Nobody doubts the rows, and nothing has to outlive the test. What PostgreSQL knows of them
/// afterwards does not depend on the sample that it takes: that has nearly all of them.
const FILLING: [(&str, &str); 3] = [
    ("session_replication_role", "replica"),
    ("maintenance_work_mem", "256MB"),
    ("default_statistics_target", "333"),
];

/// What makes PostgreSQL tell the plan of every statement, of those within statements too, and how it went.
const WATCHED: [(&str, &str); 8] = [
    ("session_preload_libraries", "auto_explain"),
    ("client_min_messages", "log"),
    ("auto_explain.log_min_duration", "0"),
    ("auto_explain.log_analyze", "on"),
    ("auto_explain.log_timing", "off"),
    ("auto_explain.log_buffers", "on"),
    ("auto_explain.log_nested_statements", "on"),
    ("auto_explain.log_format", "json"),
];

pub async fn to_fill(test: &TestDb) -> Db {
    let sqlite = |path| {
        let options = SqliteConnectOptions::new().filename(path).foreign_keys(false);
        options.synchronous(SqliteSynchronous::Off).pragma("cache_size", "-100000").pragma("temp_store", "2")
    };
    one(test, sqlite, &FILLING).await
}

pub async fn to_watch(test: &TestDb) -> Db {
    one(test, |path| SqliteConnectOptions::new().filename(path), &WATCHED).await
}

async fn one(
    test: &TestDb,
    sqlite: impl Fn(std::path::PathBuf) -> SqliteConnectOptions,
    postgres: &[(&str, &str)],
) -> Db {
    match test.address() {
        DatabaseUrl::Sqlite(path) => {
            let pool = SqlitePoolOptions::new()
                .max_connections(1)
                .test_before_acquire(false)
                .connect_with(sqlite(path))
                .await
                .unwrap();
            Db::Sqlite { read: pool.clone(), write: pool }
        }
        DatabaseUrl::Postgres(_) => {
            let options: PgConnectOptions = test.url.parse().unwrap();
            let options = options.options(postgres.iter().copied());
            Db::Postgres(
                PgPoolOptions::new()
                    .max_connections(1)
                    .test_before_acquire(false)
                    .connect_with(options)
                    .await
                    .unwrap(),
            )
        }
    }
}
