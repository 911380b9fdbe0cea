//! The database: one file a table, plain SQL, the same text for SQLite and PostgreSQL.

pub mod adoptions;
pub mod audit;
pub mod backup;
pub mod bulk_tasks;
pub mod clients;
mod conditions;
mod connect;
mod db;
pub mod dialogues;
pub mod expiry_notices;
pub mod facts;
pub mod intents;
pub mod invites;
mod json;
pub mod kept_answers;
pub mod leases;
pub mod lists;
pub mod look;
pub mod matters;
pub mod numbers;
pub mod operations;
pub mod original;
pub mod outbox;
pub mod outbox_pace;
pub mod people;
pub mod recipients;
pub mod searches;
pub mod tokens;
pub mod updates;

pub use connect::{ConnectError, DatabaseUrl, FileGuard};
pub use db::{Db, Tx, whole_tens};

/// What the database can answer instead of an answer.
pub type Result<T> = std::result::Result<T, sqlx::Error>;

/// Whether this error means that the database is away, as against a mistake of ours.
pub fn is_away(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => {
            true
        }
        sqlx::Error::WorkerCrashed | sqlx::Error::Protocol(_) => true,
        sqlx::Error::Database(inner) => inner.code().is_some_and(|code| is_passing(&code)),
        _ => false,
    }
}

/// Whether this error means that somebody else has written the same at the same moment.
pub fn is_conflict(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(|inner| inner.is_unique_violation())
}

/// PostgreSQL: class 08 the connection, 40001 and 40P01 overtaken by others, 25006 a server that may only read (a failover),
/// 25P03 and 55P03 a transaction that hangs, 53 no room or memory, 57014 and 57P a statement or server that is stopped.
/// SQLite: 5 and 6 busy or locked (517, 261, 773 more exactly), 10 an input or output error, 13 a full disk.
fn is_passing(code: &str) -> bool {
    const CLASSES: [&str; 3] = ["08", "53", "57P"];
    const CODES: [&str; 13] =
        ["40001", "40P01", "25006", "25P03", "55P03", "57014", "5", "6", "517", "261", "773", "10", "13"];
    CODES.contains(&code) || (code.len() == 5 && CLASSES.iter().any(|class| code.starts_with(class)))
}
