//! The service that runs beside this, if one does: what it says of itself on `/health/ready`, because some of it nobody
//! else can know.

use std::time::Duration;

use reqwest::Client;
use serde::Deserialize;

use crate::config::Settings;

use super::finding::Finding;

const CHECK: &str = "service";
/// How long it may take to answer.
const PATIENCE: Duration = Duration::from_secs(3);
/// How a part is that works.
const OK: &str = "ok";

/// What a running service says of itself.
#[derive(Debug, Deserialize)]
pub struct Told {
    database: Part,
    /// How its bot is.
    pub telegram: Part,
    attention: Part,
}

/// One part of it.
#[derive(Debug, Deserialize)]
pub struct Part {
    state: String,
    reason: Option<String>,
}

impl Part {
    /// What is wrong, if something is.
    pub fn trouble(&self) -> Option<&str> {
        (self.state != OK).then(|| self.reason.as_deref().unwrap_or(&self.state))
    }
}

/// Asks where `APP_HOST` and `APP_PORT` say that it is; `None` when no service of ours answers there.
pub async fn ask(settings: &Settings) -> Option<Told> {
    let url = format!("http://{}/health/ready", settings.own_address());
    let client = Client::builder().timeout(PATIENCE).no_proxy().build().ok()?;
    client.get(url).send().await.ok()?.json().await.ok()
}

/// What there is to say of it; nothing when none runs.
pub fn finding(settings: &Settings, told: Option<&Told>, is_served: Option<bool>) -> Option<Finding> {
    let url = format!("http://{}", settings.own_address());
    let Some(told) = told else {
        let why = format!("it runs, but does not answer at {url}");
        return (is_served == Some(true)).then(|| Finding::unchecked(CHECK, &why));
    };
    if let Some(trouble) = told.database.trouble() {
        return Some(
            Finding::broken(CHECK, format!("runs at {url}, but without its database")).because(trouble),
        );
    }
    Some(match told.attention.trouble() {
        Some(trouble) => Finding::warning(CHECK, format!("runs at {url}, and asks for you"))
            .because(trouble)
            .so("write /log to the bot: it shows what there is to decide"),
        None => Finding::well(CHECK, format!("runs at {url}")),
    })
}
