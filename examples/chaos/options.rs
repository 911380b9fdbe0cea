//! What a run can be told.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};

/// A seeded random workload against the built service, with power cuts and faults. See `scripts/chaos`, which starts it.
#[derive(Debug, Clone, Parser)]
pub struct Options {
    /// The same seed asks the same things in the same order; drawn by lot if not given
    #[arg(long)]
    pub seed: Option<u64>,
    /// How many operations in all
    #[arg(long, default_value_t = 1000)]
    pub operations: u32,
    /// How many power cuts in all
    #[arg(long, default_value_t = 50)]
    pub kills: u32,
    /// What the service keeps its data in
    #[arg(long, value_enum, default_value_t = Kind::Sqlite)]
    pub database: Kind,
    /// How many processes share the database; more than one needs PostgreSQL
    #[arg(long, default_value_t = 1)]
    pub replicas: usize,
    /// Which of them have the bot
    #[arg(long, value_enum, default_value_t = Bot::All)]
    pub bot: Bot,
    /// How often, in seconds, clients are compared with the panel and expired ones looked for; 0 for never
    #[arg(long, default_value_t = 0)]
    pub watch: u32,
    /// Which version of the panel is simulated
    #[arg(long, value_enum, default_value_t = Panel::V3)]
    pub panel: Panel,
    /// The service
    #[arg(long)]
    pub binary: PathBuf,
    /// A folder for the database, which the caller removes
    #[arg(long)]
    pub folder: PathBuf,
    /// Where the service's logs are left
    #[arg(long)]
    pub logs: PathBuf,
}

/// A database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// A file, one process.
    Sqlite,
    /// `CHAOS_POSTGRES_URL`, and `CHAOS_POSTGRES_RESTART` to take it away for a moment.
    Postgres,
}

/// Which replicas have the bot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Bot {
    /// Only the first one.
    First,
    /// All of them.
    All,
}

/// A version of the panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Panel {
    /// 2.7
    V2,
    /// 3.3
    V3,
}

impl Options {
    /// Operations of one round: some power cuts come to each.
    pub fn rounds(&self) -> u32 {
        (self.kills / 3).max(self.operations / 100).max(1)
    }
}
