//! `orchestrator resume`: what `/resume` in the bot is, where there is no bot.

use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;

use super::{UNDECIDED, not_done, settings};
use crate::app::{self, Resumption};
use crate::domain::clock::{OsEntropy, SystemClock};
use crate::services::restored::{Comparison, Found};

/// What `resume` can be told.
#[derive(Debug, Args)]
pub struct Options {
    /// Take the panel's state over and go on, instead of only showing the differences
    #[arg(long)]
    yes: bool,
}

/// Shows the differences to the panel after a restore, or takes them over.
pub async fn run(options: Options) -> ExitCode {
    let settings = match settings() {
        Ok(settings) => settings,
        Err(code) => return code,
    };
    eprintln!("comparing with the panel{}…", if options.yes { ", and taking its state over" } else { "" });
    match app::resume(&settings, Arc::new(SystemClock), Arc::new(OsEntropy), options.yes).await {
        Ok(Resumption::Usual) => {
            println!("nothing waits: there was no restore, or an owner has resumed already");
            ExitCode::SUCCESS
        }
        Ok(Resumption::Differs(comparison)) => {
            println!("{}", told(&comparison));
            println!(
                "Nothing has changed. To take the panel's state over and go on: orchestrator resume --yes"
            );
            ExitCode::from(UNDECIDED)
        }
        Ok(Resumption::Resumed(comparison)) => {
            println!("{}", told(&comparison));
            println!("resumed: the panel's state is taken over, and everything goes on");
            ExitCode::SUCCESS
        }
        Err(error) => not_done(&error),
    }
}

fn told(comparison: &Comparison) -> String {
    let Comparison { made_at, clients, later, earlier, access, links, missing, fresh } = comparison;
    let kinds = [
        ("later date in the panel", later),
        ("earlier date in the panel", earlier),
        ("access differs", access),
        ("link differs", links),
        ("not in the panel any more", missing),
        ("made in the panel since, no client here", fresh),
    ];
    let made_at = made_at.format("%Y-%m-%d %H:%M:%S UTC");
    let mut lines = vec![format!("backup of {made_at}: {clients} clients compared with the panel")];
    lines.extend(
        kinds.into_iter().filter(|(_, found)| found.count > 0).map(|(what, found)| line(what, found)),
    );
    if comparison.is_equal() {
        lines.push("  no differences".to_owned());
    }
    lines.join("\n")
}

fn line(what: &str, found: &Found) -> String {
    let names: Vec<String> = found.names.iter().map(|name| name.escape_debug().to_string()).collect();
    let more = if found.count > u64::try_from(names.len()).unwrap_or(u64::MAX) { ", …" } else { "" };
    format!("  {what}: {} ({}{more})", found.count, names.join(", "))
}
