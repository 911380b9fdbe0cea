//! The command line: the one place that talks to a terminal. A file for each command.
#![expect(
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "this is where a person is told what came of it"
)]

mod backup;
mod completions;
mod deactivate;
#[cfg(feature = "demo")]
mod demo;
mod doctor;
mod healthcheck;
mod import;
mod log;
mod migrate;
mod restore;
mod resume;
mod serve;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::app::{CopyError, StartError};
use crate::config::Settings;

/// The exit code when a setting has to be changed before another start can help.
const SETTINGS: u8 = 2;
/// The exit code when an owner, or whoever runs this, has to decide first.
const UNDECIDED: u8 = 3;

/// A Telegram bot and a REST API for people who run a VPN on a RemnaWave panel.
#[derive(Debug, Parser)]
#[command(name = "orchestrator", version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the bot and the API; settings come from the environment or `.env` (see `.env.example`)
    Serve,
    /// Try everything here and now: a simulated panel and a simulated Telegram around the real service
    #[cfg(feature = "demo")]
    Demo(crate::demo::DemoOptions),
    /// Say what is wrong with settings, database, panel, Telegram and clocks, why, and what to do. It changes nothing; exit code 0:
    /// it works, 1: something does not, 2: settings cannot be read
    Doctor(doctor::Options),
    /// Bring the database up to this version and end (`serve` does it by itself)
    Migrate,
    /// Take access away from clients whose date has passed, now and once (the running service does it by itself)
    DeactivateExpired(deactivate::Options),
    /// Make clients of the panel's users, or take everything over from the original service; counts first, then asks
    Import(import::Options),
    /// Write the whole database to one file, encrypted to BACKUP_RECIPIENT; the service may run meanwhile
    Backup(backup::Options),
    /// Bring a backup back; the service must not run, and afterwards waits for an owner's word
    Restore(restore::Options),
    /// Show how the panel differs from a restored database, and go on (in the bot: /resume)
    Resume(resume::Options),
    /// Ask the service on this machine whether it lives (for container health checks); exit code 0 or 1
    Healthcheck,
    /// Print what makes a shell complete this command's words
    Completions(completions::Options),
}

/// Does what the command line says.
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(1, &format!("the system gives no threads: {error}")),
    };
    let code = runtime.block_on(async {
        match arguments.command {
            Command::Serve => serve::run().await,
            #[cfg(feature = "demo")]
            Command::Demo(options) => demo::run(options).await,
            Command::Doctor(options) => doctor::run(options).await,
            Command::Migrate => migrate::run().await,
            Command::DeactivateExpired(options) => deactivate::run(options).await,
            Command::Import(options) => import::run(options).await,
            Command::Backup(options) => backup::run(options).await,
            Command::Restore(options) => restore::run(options).await,
            Command::Resume(options) => resume::run(options).await,
            Command::Healthcheck => healthcheck::run().await,
            Command::Completions(options) => completions::run(&options),
        }
    });
    // What is done is done: a name that nobody resolves holds up no end.
    runtime.shutdown_background();
    code
}

/// The settings, with the log begun as they say; or the exit code when they cannot be right.
fn settings() -> Result<Settings, ExitCode> {
    let settings = Settings::from_env().map_err(|error| fail(SETTINGS, &error.to_string()))?;
    log::begin(&settings.log_filter, settings.log_format);
    Ok(settings)
}

/// What was not done once, as a line and an exit code.
fn not_done(error: &StartError) -> ExitCode {
    match error {
        StartError::Services(error) => fail(1, &error.to_string()),
        other => not_started(other),
    }
}

/// What did not start, as a line and an exit code.
fn not_started(error: &StartError) -> ExitCode {
    fail(if error.is_a_matter_of_settings() { SETTINGS } else { 1 }, &error.to_string())
}

/// What was neither backed up nor restored, as a line and an exit code.
fn copied(error: &CopyError) -> ExitCode {
    fail(if error.is_a_matter_of_settings() { SETTINGS } else { 1 }, &error.to_string())
}

fn fail(code: u8, why: &str) -> ExitCode {
    eprintln!("orchestrator: {why}");
    ExitCode::from(code)
}

/// Containers stop with SIGTERM, people with Ctrl-C; a second one does not wait.
fn stop_on_signal(shutdown: CancellationToken) -> std::io::Result<()> {
    let (mut term, mut int) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    tokio::spawn(async move {
        for again in [false, true] {
            tokio::select! {
                _ = term.recv() => {}
                _ = int.recv() => {}
            }
            if again {
                std::process::exit(130);
            }
            shutdown.cancel();
        }
    });
    Ok(())
}
