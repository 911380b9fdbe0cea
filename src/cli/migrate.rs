//! `orchestrator migrate`: brings the database up to this version, for deployments that do it before the start.

use std::process::ExitCode;

use super::{not_started, settings};
use crate::app;

/// Opens the database, which brings it up to date, and closes it.
pub async fn run() -> ExitCode {
    let settings = match settings() {
        Ok(settings) => settings,
        Err(code) => return code,
    };
    match app::migrate(settings).await {
        Ok(()) => {
            println!("the database is up to date");
            ExitCode::SUCCESS
        }
        Err(error) => not_started(&error),
    }
}
