//! `orchestrator serve`: the bot, the API and the jobs, until a signal.

use std::process::ExitCode;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::{fail, not_started, settings, stop_on_signal};
use crate::app::{App, StartError};
use crate::domain::clock::{OsEntropy, SystemClock};

/// Runs the service.
pub async fn run() -> ExitCode {
    let settings = match settings() {
        Ok(settings) => settings,
        Err(code) => return code,
    };
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
        Err(error) => not_started(&error),
    }
}
