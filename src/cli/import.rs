//! `orchestrator import`: who is in the panel, or was in the original service, becomes a client here. Counts, then a question,
//! then a bar. Nothing is written to the panel. Cut in the middle, the same command goes on.

mod original;
mod panel;

use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use secrecy::SecretString;

use super::{UNDECIDED, fail, not_started, settings};
use crate::app::Alone;
use crate::domain::actor::Actor;
use crate::domain::clock::{OsEntropy, SystemClock};
use crate::services::Error;

/// Who the log says it was.
const BY: Actor = Actor::Job("import");
/// How often a part that could not be had is asked for again.
const TRIES: u32 = 5;
/// The pause before that; longer each time.
const PAUSE: Duration = Duration::from_secs(2);

/// What `import` can be told.
#[derive(Debug, Args)]
pub struct Options {
    /// Only count
    #[arg(long, conflicts_with = "yes")]
    dry_run: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// The original service's PostgreSQL (postgres://…), to take over its clients and its log. Stop that service first. The
    /// environment keeps the password out of the list of processes
    #[arg(long, value_name = "URL", env = "IMPORT_FROM", hide_env_values = true)]
    from: Option<SecretString>,
}

/// What is to be done after the counts.
enum Go {
    Ahead,
    /// Nothing: with this exit code.
    No(ExitCode),
}

/// Imports.
pub async fn run(options: Options) -> ExitCode {
    let settings = match settings() {
        Ok(settings) => settings,
        Err(code) => return code,
    };
    let alone = match Alone::open(&settings, Arc::new(SystemClock), Arc::new(OsEntropy)).await {
        Ok(alone) => alone,
        Err(error) => return not_started(&error),
    };
    let code = match &options.from {
        Some(url) => original::run(&alone.services, url, &options).await,
        None => panel::run(&alone.services, &options).await,
    };
    alone.close().await;
    code.unwrap_or_else(|error| {
        fail(1, &format!("{error}. What was imported stays; the same command goes on"))
    })
}

/// Asks, unless that was answered on the command line.
fn ask(options: &Options, what: &str) -> Go {
    if options.dry_run {
        return Go::No(ExitCode::SUCCESS);
    }
    if options.yes {
        return Go::Ahead;
    }
    if !std::io::stdin().is_terminal() {
        return Go::No(fail(
            UNDECIDED,
            "nobody is there to be asked: say --yes, or --dry-run for the counts only",
        ));
    }
    print!("{what} [y/N] ");
    let mut answer = String::new();
    let read = std::io::stdout().flush().and_then(|()| std::io::stdin().lock().read_line(&mut answer));
    match (read, answer.trim().to_lowercase().as_str()) {
        (Ok(_), "y" | "yes" | "д" | "да") => Go::Ahead,
        _ => Go::No(fail(UNDECIDED, "nothing was imported")),
    }
}

/// A bar where there is a terminal, and nothing elsewhere.
fn bar(length: u64) -> ProgressBar {
    let bar = ProgressBar::new(length);
    let style = "{wide_bar} {pos}/{len} · {per_sec} · {eta} to go";
    bar.with_style(ProgressStyle::with_template(style).unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// Does one part; a panel that does not answer is asked again a few times.
async fn patiently<T>(bar: &ProgressBar, part: impl AsyncFn() -> Result<T, Error>) -> Result<T, Error> {
    for tried in 1..TRIES {
        match part().await {
            Err(Error::Panel(why)) => {
                bar.suspend(|| eprintln!("the panel: {why}; again in a moment"));
                tokio::time::sleep(PAUSE * tried).await;
            }
            other => return other,
        }
    }
    part().await
}

/// Who could not be imported, if there is anybody.
fn left_out(names: &[String], count: u64) {
    if count > 0 {
        let more = if count > names.len() as u64 { ", …" } else { "" };
        println!(
            "left out  {count}: {}{more} (another client has the name, number or link, or it is too long)",
            names.join(", ")
        );
    }
}
