//! `orchestrator demo`: the service between two simulators.

use std::process::ExitCode;

use tokio_util::sync::CancellationToken;

use super::{fail, log, stop_on_signal};
use crate::config::LogFormat;
use crate::demo::DemoOptions;

/// Runs the demo until a signal.
pub async fn run(options: DemoOptions) -> ExitCode {
    log::begin(options.log_filter(), LogFormat::Text);
    let shutdown = CancellationToken::new();
    if let Err(error) = stop_on_signal(shutdown.clone()) {
        return fail(1, &format!("signals cannot be heard: {error}"));
    }
    match crate::demo::run(options, shutdown).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(1, &error.to_string()),
    }
}
