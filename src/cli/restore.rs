//! `orchestrator restore`: a backup back into the database, which then waits for an owner.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;

use super::{copied, settings};
use crate::app::{self, Restoration, RestoreOptions};
use crate::domain::clock::{OsEntropy, SystemClock};
use crate::services::restored::Closed;

/// What `restore` can be told.
#[derive(Debug, Args)]
pub struct Options {
    /// The backup
    file: PathBuf,
    /// The file with the secret key, as age-keygen made it
    #[arg(long, value_name = "KEYFILE", required_unless_present = "plain", conflicts_with = "plain")]
    identity: Option<PathBuf>,
    /// The backup is not encrypted, and nobody can have changed it
    #[arg(long)]
    plain: bool,
    /// Put the database aside that is there
    #[arg(long)]
    replace: bool,
}

/// Restores a backup.
pub async fn run(options: Options) -> ExitCode {
    let settings = match settings() {
        Ok(settings) => settings,
        Err(code) => return code,
    };
    let Options { file, identity, replace, .. } = options;
    let options = RestoreOptions { file, identity, replace };
    match app::restore(&settings, Arc::new(SystemClock), Arc::new(OsEntropy), &options).await {
        Ok(restoration) => {
            println!("{}", told(&restoration, settings.telegram.token.is_some()));
            ExitCode::SUCCESS
        }
        Err(error) => copied(&error),
    }
}

fn told(restoration: &Restoration, bot: bool) -> String {
    let Restoration { manifest, closed, aside } = restoration;
    let mut lines = vec![format!(
        "restored: the {} database as of {} (made by version {}), {} rows",
        manifest.database,
        manifest.made_at.format("%Y-%m-%d %H:%M:%S UTC"),
        manifest.version,
        manifest.rows()
    )];
    lines.extend(aside.iter().map(|aside| format!("the database that was there is now {aside}")));
    if *closed != Closed::default() {
        let Closed { changes, messages, updates, tasks } = closed;
        lines.push(format!(
            "not done any more: {changes} unfinished changes, {messages} messages that waited, {updates} updates of the bot, \
             {tasks} imports and broadcasts"
        ));
    }
    lines.push(
        "Start the service: it changes nothing and writes to nobody until an owner has seen the differences"
            .to_owned(),
    );
    lines.push(match bot {
        true => "to the panel and said so: write /resume to the bot.".to_owned(),
        false => "to the panel and said so: orchestrator resume.".to_owned(),
    });
    lines.join("\n")
}
