//! How to run it.

use std::fmt;
use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

#[derive(Debug, Clone, Parser)]
pub struct Options {
    /// The service
    #[arg(long, default_value = "target/release/orchestrator")]
    pub binary: PathBuf,
    /// A folder for databases and logs, which the caller removes
    #[arg(long, default_value = "/tmp/orchestrator-bench")]
    pub folder: PathBuf,
    /// Only on this database
    #[arg(long)]
    database: Option<Kind>,
    /// Only these parts
    #[arg(long, value_delimiter = ',')]
    only: Vec<Part>,
    /// Everything in its full length (a million rows, a million requests, 10,000 messages)
    #[arg(long)]
    pub full: bool,
    /// Where docs/performance.md and its pictures go; nowhere if not given
    #[arg(long)]
    pub docs: Option<PathBuf>,
    /// What built the binary, for the document
    #[arg(long, default_value = "")]
    pub built: String,
    #[command(subcommand)]
    pub what: Option<What>,
}

/// A floor, started by the benchmark itself.
#[derive(Debug, Clone, Subcommand)]
pub enum What {
    /// A bare axum server
    Floor {
        /// As in DATABASE_URL
        database: String,
    },
    /// A bare teloxide dispatcher
    Dispatcher {
        /// As in DATABASE_URL
        database: String,
        /// The address of the Bot API
        telegram: url::Url,
        /// The bot's token
        token: String,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    Sqlite,
    Postgres,
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Part {
    Start,
    Reads,
    Lists,
    Changes,
    Slow,
    Updates,
    Patience,
    Deactivation,
    Broadcast,
    Memory,
}

impl Options {
    pub fn databases(&self) -> Vec<Kind> {
        self.database.map_or_else(|| vec![Kind::Sqlite, Kind::Postgres], |kind| vec![kind])
    }

    pub fn parts(&self) -> Vec<Part> {
        if self.only.is_empty() { Part::value_variants().to_vec() } else { self.only.clone() }
    }
}
