//! Many rows at once.

use orchestrator::domain::ids::TelegramId;
use orchestrator::domain::person::Person;
use orchestrator::repositories::Db;
use sqlx::AssertSqlSafe;

/// Clients `c1` to `cN`, oldest first, three of each moment, written by the database itself. (A microsecond more than the
/// millisecond: on SQLite a moment has one text only, the one without zeros at its end.)
pub async fn clients(db: &Db, count: i64) {
    match db {
        Db::Postgres(pool) => {
            let insert = "INSERT INTO clients (id, username, remnawave_uuid, short_uuid, subscription_url, status,
                                               expires_at, created_at, updated_at)
                SELECT gen_random_uuid(), 'c' || i, i, 's' || i, 'https://sub.example.test/api/sub/s' || i, 'active',
                       TIMESTAMPTZ '2030-01-01Z', moment, moment
                FROM (SELECT i, TIMESTAMPTZ '2026-01-01Z' + (i / 3) * INTERVAL '1 ms' AS moment
                      FROM generate_series(1, $1) AS i) AS made";
            sqlx::query(insert).bind(count).execute(pool).await.unwrap();
        }
        Db::Sqlite { write, .. } => {
            let insert = "INSERT INTO clients (id, username, remnawave_uuid, short_uuid, subscription_url, status,
                                               expires_at, created_at, updated_at)
                WITH RECURSIVE numbers(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < $1),
                     made AS (SELECT i, printf('2026-01-01T00:%02d:%02d.%03d001+00:00',
                                               i / 180000, i / 3000 % 60, i / 3 % 1000) AS moment FROM numbers)
                SELECT randomblob(16), 'c' || i, i, 's' || i, 'https://sub.example.test/api/sub/s' || i, 'active',
                       '2030-01-01T00:00:00+00:00', moment, moment FROM made";
            sqlx::query(insert).bind(count).execute(write).await.unwrap();
        }
    }
}

/// Any one statement.
pub async fn execute(db: &Db, sql: &str) {
    let sql = AssertSqlSafe(sql.to_owned());
    match db {
        Db::Postgres(pool) => {
            sqlx::query(sql).execute(pool).await.unwrap();
        }
        Db::Sqlite { write, .. } => {
            sqlx::query(sql).execute(write).await.unwrap();
        }
    }
}

/// How many rows `of` has: a table, perhaps with a condition.
pub async fn count(db: &Db, of: &str) -> i64 {
    let sql = AssertSqlSafe(format!("SELECT count(*) FROM {of}"));
    match db {
        Db::Postgres(pool) => sqlx::query_scalar(sql).fetch_one(pool).await.unwrap(),
        Db::Sqlite { read, .. } => sqlx::query_scalar(sql).fetch_one(read).await.unwrap(),
    }
}

/// The texts of a query's only column.
pub async fn texts(db: &Db, sql: &'static str) -> Vec<String> {
    match db {
        Db::Postgres(pool) => sqlx::query_scalar(sql).fetch_all(pool).await.unwrap(),
        Db::Sqlite { read, .. } => sqlx::query_scalar(sql).fetch_all(read).await.unwrap(),
    }
}

/// Somebody who has started the bot, before their row is kept.
pub fn somebody(id: i64) -> Person {
    Person {
        id: TelegramId(id),
        name: "Ann".to_owned(),
        telegram_username: None,
        language_code: None,
        lang: None,
        role: None,
        blocked_bot_at: None,
        must_start: false,
    }
}
