//! A backup: the whole database in one file, and what that file says of itself.

use std::fmt;
use std::io;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// The version of the file's format.
pub const FORMAT: u32 = 1;

/// A kind of database. Each keeps its own form: a backup goes back into the kind that it came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DatabaseKind {
    /// The content is the file itself, as one part.
    Sqlite,
    /// The content is a part for each table, as `COPY … TO STDOUT` writes it (text).
    Postgres,
}

impl fmt::Display for DatabaseKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        })
    }
}

/// What a backup says of itself, before its content. Fields are only added within a format.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// [`FORMAT`]. Its name is what such a file is known by.
    #[serde(rename = "orchestrator_backup")]
    pub format: u32,
    /// The version of the service that made it.
    pub version: String,
    /// What it is a backup of.
    pub database: DatabaseKind,
    /// The last migration that the database had.
    pub migration: i64,
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// What is in it, in the order in which it is restored.
    pub tables: Vec<Table>,
}

/// A table in a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Its columns in the order of the content; empty where the content is a database file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
    /// How many rows it has.
    pub rows: u64,
}

impl Manifest {
    /// How many rows there are in all.
    pub fn rows(&self) -> u64 {
        self.tables.iter().map(|table| table.rows).sum()
    }
}

/// Where the content of a backup goes, in pieces of any length.
pub trait Sink {
    /// The next piece of the present part.
    ///
    /// # Errors
    /// It cannot be written.
    fn put(&mut self, piece: &[u8]) -> io::Result<()>;

    /// The present part is over.
    ///
    /// # Errors
    /// It cannot be written.
    fn end_part(&mut self) -> io::Result<()>;
}

/// Where the content of a backup comes from.
pub trait Source {
    /// The next piece of the present part; none at its end, and the next part begins.
    ///
    /// # Errors
    /// It cannot be read, or is not as it was written.
    fn piece(&mut self) -> io::Result<Option<Vec<u8>>>;

    /// There must be nothing more. Only after this what was read is known to be what was written.
    ///
    /// # Errors
    /// There is more, or the end is missing.
    fn finish(&mut self) -> io::Result<()>;
}
