//! The simulated panel by itself: `cargo run --example panel_sim -- v3` prints its URL and its API token on one line
//! and runs until it is ended. `scripts/check-panel-contract` uses it; it is handy for a look by hand as well.
#![expect(clippy::print_stdout, reason = "the address on standard output is what it is for")]

use std::process::ExitCode;
use std::sync::Arc;

use orchestrator::demo::panel::{PanelSim, PanelSimOptions, PanelVersion};
use orchestrator::domain::clock::{Entropy as _, OsEntropy, SystemClock};

#[tokio::main]
async fn main() -> ExitCode {
    let version = match std::env::args().nth(1).as_deref() {
        Some("v2") => PanelVersion::V2,
        Some("v3") => PanelVersion::V3,
        _ => {
            println!("usage: panel_sim v2|v3");
            return ExitCode::FAILURE;
        }
    };
    let options = PanelSimOptions {
        version,
        addr: ([127, 0, 0, 1], 0).into(),
        token: OsEntropy.token(40),
        clock: Arc::new(SystemClock),
        entropy: Arc::new(OsEntropy),
        subscription_base: None,
    };
    match PanelSim::start(options).await {
        Ok(sim) => {
            println!("{} {}", sim.url(), sim.token());
            // Nothing to do if the signal cannot be waited for: the process ends, which is what a signal is for.
            tokio::signal::ctrl_c().await.map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS)
        }
        Err(error) => {
            println!("cannot listen: {error}");
            ExitCode::FAILURE
        }
    }
}
