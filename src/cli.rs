//! The command line: the one place that talks to a terminal.
#![expect(
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "this is where a person is told what came of it"
)]

use std::io::IsTerminal;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Parser, Subcommand};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

use crate::app::{self, App, StartError};
use crate::config::{LogFormat, Settings};
use crate::domain::clock::{OsEntropy, SystemClock};
use crate::services::deactivation::{Counts, Round};

/// The exit code when a setting has to be changed before another start can help.
const SETTINGS: u8 = 2;

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
    /// Take access away from clients whose date has passed, now and once (the running service does it by itself)
    DeactivateExpired(DeactivateOptions),
    /// Try everything here and now: a simulated panel and a simulated Telegram around the real service
    #[cfg(feature = "demo")]
    Demo(crate::demo::DemoOptions),
}

/// What `deactivate-expired` can be told.
#[derive(Debug, Args)]
struct DeactivateOptions {
    /// Do not stop when there are more of them than is usual (20, or one client in twenty)
    #[arg(long)]
    anyway: bool,
}

/// Does what the command line says.
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(1, &format!("the system gives no threads: {error}")),
    };
    runtime.block_on(async {
        match arguments.command {
            Command::Serve => serve().await,
            Command::DeactivateExpired(options) => deactivate_expired(options).await,
            #[cfg(feature = "demo")]
            Command::Demo(options) => demo(options).await,
        }
    })
}

async fn serve() -> ExitCode {
    let settings = match Settings::from_env() {
        Ok(settings) => settings,
        Err(error) => return fail(SETTINGS, &error.to_string()),
    };
    log(&settings.log_filter, settings.log_format);
    let shutdown = CancellationToken::new();
    if let Err(error) = stop_on_signal(shutdown.clone()) {
        return fail(1, &format!("signals cannot be heard: {error}"));
    }
    match App::start(settings, Arc::new(SystemClock), Arc::new(OsEntropy), shutdown).await {
        Ok(app) => {
            app.wait().await;
            ExitCode::SUCCESS
        }
        Err(StartError::Stopped) => ExitCode::SUCCESS,
        Err(error) if error.is_a_matter_of_settings() => fail(SETTINGS, &error.to_string()),
        Err(error) => fail(1, &error.to_string()),
    }
}

/// The exit code when an owner, or whoever runs this, has to decide first.
const UNDECIDED: u8 = 3;

async fn deactivate_expired(options: DeactivateOptions) -> ExitCode {
    let settings = match Settings::from_env() {
        Ok(settings) => settings,
        Err(error) => return fail(SETTINGS, &error.to_string()),
    };
    log(&settings.log_filter, settings.log_format);
    let deactivated =
        app::deactivate_expired(settings, Arc::new(SystemClock), Arc::new(OsEntropy), options.anyway);
    match deactivated.await {
        Ok(round) => told(&round),
        Err(error) if error.is_a_matter_of_settings() => fail(SETTINGS, &error.to_string()),
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
        Round::Paused => {
            fail(UNDECIDED, "the panel does not know the clients: an owner has to decide (/log in the bot)")
        }
        Round::NoPanel(problem) => fail(1, &problem.to_string()),
    }
}

#[cfg(feature = "demo")]
async fn demo(options: crate::demo::DemoOptions) -> ExitCode {
    log(options.log_filter(), LogFormat::Text);
    let shutdown = CancellationToken::new();
    if let Err(error) = stop_on_signal(shutdown.clone()) {
        return fail(1, &format!("signals cannot be heard: {error}"));
    }
    match crate::demo::run(options, shutdown).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(1, &error.to_string()),
    }
}

fn fail(code: u8, why: &str) -> ExitCode {
    eprintln!("orchestrator: {why}");
    ExitCode::from(code)
}

fn log(filter: &str, format: LogFormat) {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match format {
        LogFormat::Text => builder.with_ansi(std::io::stderr().is_terminal()).init(),
        LogFormat::Json => builder.json().flatten_event(true).init(),
    }
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
