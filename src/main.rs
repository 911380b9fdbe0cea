//! Parse the command line, build the app, run; nothing else.

use std::process::ExitCode;

fn main() -> ExitCode {
    orchestrator::cli::run()
}
