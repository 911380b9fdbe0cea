//! The database: one file a table, plain SQL, the same text for SQLite and PostgreSQL.

pub mod audit;
pub mod clients;
mod connect;
mod db;
pub mod dialogues;
pub mod intents;
pub mod invites;
mod json;
pub mod kept_answers;
pub mod operations;
pub mod people;
pub mod tokens;
pub mod updates;

pub use connect::{ConnectError, DatabaseUrl, FileGuard};
pub use db::{Db, Tx};

/// What the database can answer instead of an answer.
pub type Result<T> = std::result::Result<T, sqlx::Error>;

/// Whether this error means that the database is away, as against a mistake of ours.
pub fn is_away(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => {
            true
        }
        sqlx::Error::WorkerCrashed | sqlx::Error::Protocol(_) => true,
        // 57P01-57P03: PostgreSQL shuts down or starts; 53300: too many connections; 55P03 and 25P03: another
        // transaction hangs, or this one did; 5 and 6: SQLite busy or locked.
        sqlx::Error::Database(inner) => inner.code().is_some_and(|code| {
            matches!(
                &*code,
                "57P01" | "57P02" | "57P03" | "53300" | "55P03" | "25P03" | "5" | "6" | "517" | "261"
            )
        }),
        _ => false,
    }
}
