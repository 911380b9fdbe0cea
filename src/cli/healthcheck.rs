//! `orchestrator healthcheck`: for container engines, whose images need no curl then.

use std::process::ExitCode;
use std::time::Duration;

use super::{SETTINGS, fail};
use crate::config::Settings;

/// How long the service may take to answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// Asks `/health` where `APP_HOST` and `APP_PORT` say that it is. Nothing is printed when it lives.
pub async fn run() -> ExitCode {
    let settings = match Settings::from_env() {
        Ok(settings) => settings,
        Err(error) => return fail(SETTINGS, &error.to_string()),
    };
    let url = format!("http://{}/health", settings.own_address());
    match ask(&url).await {
        Ok(status) if status.is_success() => ExitCode::SUCCESS,
        Ok(status) => fail(1, &format!("{url} answered {status}")),
        Err(error) => fail(1, &format!("{url} does not answer: {error}")),
    }
}

async fn ask(url: &str) -> reqwest::Result<reqwest::StatusCode> {
    let client = reqwest::Client::builder().timeout(PATIENCE).no_proxy().build()?;
    Ok(client.get(url).send().await?.status())
}
