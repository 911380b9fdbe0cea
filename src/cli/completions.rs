//! `orchestrator completions SHELL`: a shell's completion script on standard output.

use std::io::Write as _;
use std::process::ExitCode;

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use super::{Arguments, fail};

/// What `completions` can be told.
#[derive(Debug, Args)]
pub struct Options {
    /// For which shell
    shell: Shell,
}

/// Prints the script.
pub fn run(options: &Options) -> ExitCode {
    let mut script = Vec::new();
    clap_complete::generate(options.shell, &mut Arguments::command(), "orchestrator", &mut script);
    match std::io::stdout().write_all(&script) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(1, &format!("the script could not be written: {error}")),
    }
}
