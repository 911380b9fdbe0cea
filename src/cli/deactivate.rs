//! `orchestrator deactivate-expired`: what the job does, once, with counts and an exit code.

use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;

use super::{UNDECIDED, fail, not_done, settings};
use crate::app;
use crate::domain::clock::{OsEntropy, SystemClock};
use crate::services::Error;
use crate::services::deactivation::{Counts, Round};

/// What `deactivate-expired` can be told.
#[derive(Debug, Args)]
pub struct Options {
    /// Do not stop when there are more of them than is usual (20, or one client in twenty)
    #[arg(long)]
    anyway: bool,
}

/// Takes access away from clients whose date has passed.
pub async fn run(options: Options) -> ExitCode {
    let settings = match settings() {
        Ok(settings) => settings,
        Err(code) => return code,
    };
    let deactivated =
        app::deactivate_expired(settings, Arc::new(SystemClock), Arc::new(OsEntropy), options.anyway);
    // On a thread of the runtime: the main one would have to be woken for each client.
    match tokio::spawn(deactivated).await {
        Ok(Ok(round)) => told(&round),
        Ok(Err(error)) => not_done(&error),
        Err(error) => fail(1, &error.to_string()),
    }
}

/// What came of it, in one line, and as an exit code.
fn told(round: &Round) -> ExitCode {
    match round {
        Round::Done(counts) => {
            let Counts { expired, deactivated, unneeded, failed, .. } = counts;
            println!("expired {expired}, deactivated {deactivated}, not needed {unneeded}, failed {failed}");
            ExitCode::from(u8::from(*failed > 0))
        }
        Round::TooMany { expired, most } => fail(
            UNDECIDED,
            &format!(
                "{expired} clients have expired, more than the {most} that are switched off without asking: \
                 look at the dates, then use --anyway"
            ),
        ),
        Round::ClocksDiffer { seconds } => fail(
            UNDECIDED,
            &format!("the panel's clock and this one are {} s apart: set them right first", seconds.abs()),
        ),
        Round::Paused(pause) => fail(UNDECIDED, &Error::Paused(*pause).to_string()),
        Round::NoPanel(problem) => fail(1, &problem.to_string()),
    }
}
