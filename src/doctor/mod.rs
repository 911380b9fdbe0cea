//! What is wrong, why, and what to do: settings, database, panel, Telegram and clocks, looked at from outside.
//!
//! Each file turns what was seen of one thing into [`Finding`]s; what there is to see is found out by the layer that it
//! belongs to (`Panel::inspect`, `bot::inspect`, `repositories::look`). Nothing is changed by it, and a service that runs
//! beside it is not disturbed.

mod clock;
mod database;
mod finding;
mod panel;
mod service;
mod settings;
mod squads;
mod telegram;

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use futures::future::OptionFuture;
use tokio::time::Instant;
use url::Url;

use crate::bot::{self, Asked, Depth};
use crate::config::{Settings, SettingsError};
use crate::domain::clock::Clock;
use crate::panel::Panel;

pub use finding::{Finding, State};

/// How long all of it may take.
const WHOLE: Duration = Duration::from_secs(14);
/// How long one thing may take.
const EACH: Duration = Duration::from_secs(10);

/// What can be read of the settings, and what is wrong with the rest.
#[derive(Debug)]
pub struct Read {
    /// Without those at fault.
    pub settings: Option<Settings>,
    /// What is at fault.
    pub faults: Option<SettingsError>,
}

impl Read {
    /// The settings, if no variable with such a beginning is at fault.
    fn without_faults_in(&self, beginnings: &[&str]) -> Option<&Settings> {
        let faults = self.faults.iter().flat_map(|error| error.names());
        let is_at_fault = |name: &&str| beginnings.iter().any(|beginning| name.starts_with(beginning));
        if faults.copied().any(|name| is_at_fault(&name)) { None } else { self.settings.as_ref() }
    }
}

/// Looks at everything; the findings are in a fixed order. Takes at most 15 seconds.
pub async fn examine(read: &Read, clock: Arc<dyn Clock>) -> Vec<Finding> {
    let until = Instant::now() + WHOLE;
    let mut findings = settings::findings(read.settings.as_ref(), read.faults.as_ref());
    let of_panel = read.without_faults_in(&["REMNAWAVE_", "PANEL_"]);
    let of_telegram = read.without_faults_in(&["TELEGRAM_", "PUBLIC_URL"]);
    let of_database = read.without_faults_in(&["DATABASE_URL"]);
    let of_service = read.without_faults_in(&["APP_"]);
    let knows_admins = read.without_faults_in(&["ADMIN_IDS"]).is_some();
    let ours_and_telegram = async {
        let (database, told) = tokio::join!(
            database::look(of_database, knows_admins, clock.now()),
            OptionFuture::from(of_service.map(service::ask))
        );
        let told = told.flatten();
        // A service of ours runs if it says so, or holds what only one that runs does.
        let is_served = if told.is_some() { Some(true) } else { database.is_served };
        let of_bot = Beside { told: told.as_ref(), is_served };
        let telegram = look_at_telegram(of_telegram, of_bot, &clock, until).await;
        let service = of_service.and_then(|it| service::finding(it, told.as_ref(), is_served));
        (database.findings.into_iter().chain(service), telegram)
    };
    let (panel, (ours, telegram)) = tokio::join!(look_at_panel(of_panel, &clock, until), ours_and_telegram);
    findings.extend(ours);
    findings.extend(panel.findings);
    findings.extend(telegram.findings);
    findings.push(clock::finding(panel.skew, telegram.skew));
    findings
}

/// What a service that has just started says beside what it says by itself: one warning each.
pub async fn at_start(settings: Settings, clock: Arc<dyn Clock>) {
    let until = Instant::now() + WHOLE;
    let mut findings = settings::findings(Some(&settings), None);
    let (panel, skew) = tokio::join!(look_at_panel(Some(&settings), &clock, until), async {
        let account = inspect_telegram(&settings, Depth::Account, &clock, until).await;
        account.and_then(|seen| seen.ok()?.skew)
    });
    findings.extend(panel.findings);
    findings.push(clock::finding(panel.skew, skew));
    let wrong = |finding: &&Finding| finding.state >= State::Warning;
    for Finding { check, detail, cause, remedy, .. } in findings.iter().filter(wrong).filter(|it| !it.is_told)
    {
        let (cause, remedy) = (cause.as_deref().unwrap_or_default(), remedy.as_deref().unwrap_or_default());
        tracing::warn!(cause, remedy, "{check}: {detail}");
    }
    match findings.iter().filter(wrong).count() {
        0 => tracing::info!("looked over: settings, panel and clocks are as they should be"),
        wrong => tracing::info!(
            wrong,
            "looked over: `orchestrator doctor` says what is wrong and what to do, at any time"
        ),
    }
}

/// What is known of a service of ours that runs beside this.
#[derive(Debug, Clone, Copy)]
struct Beside<'a> {
    /// What it says of itself.
    told: Option<&'a service::Told>,
    /// Whether one runs; `None` when that is not known.
    is_served: Option<bool>,
}

/// What was seen of one side.
struct Side {
    findings: Vec<Finding>,
    /// Its clock minus ours.
    skew: Option<TimeDelta>,
}

async fn look_at_panel(settings: Option<&Settings>, clock: &Arc<dyn Clock>, until: Instant) -> Side {
    let Some(settings) = settings else {
        return Side { findings: panel::unasked("its settings cannot be read"), skew: None };
    };
    let mut side = match Panel::new(settings.panel.clone(), Arc::clone(clock)) {
        Ok(panel) => {
            let seen = panel.inspect(left(until)).await;
            Side { findings: panel::findings(settings, &seen), skew: seen.skew }
        }
        Err(error) => Side { findings: panel::unusable(&error), skew: None },
    };
    side.findings.push(panel::webhooks(settings));
    side
}

async fn look_at_telegram(
    settings: Option<&Settings>,
    beside: Beside<'_>,
    clock: &Arc<dyn Clock>,
    until: Instant,
) -> Side {
    let Some(settings) = settings else {
        return Side { findings: telegram::unasked("its settings cannot be read"), skew: None };
    };
    // Whoever polls while we listen is cut off for a moment: not a service of ours, nor when that is not known.
    let depth = if beside.is_served == Some(false) { Depth::Pollers } else { Depth::Webhook };
    match inspect_telegram(settings, depth, clock, until).await {
        None => Side { findings: telegram::no_bot(), skew: None },
        Some(seen) => {
            let skew = seen.as_ref().ok().and_then(|seen| seen.skew);
            Side { findings: telegram::findings(settings, &seen, beside), skew }
        }
    }
}

/// `None` without a token.
async fn inspect_telegram(
    settings: &Settings,
    depth: Depth,
    clock: &Arc<dyn Clock>,
    until: Instant,
) -> Option<Result<bot::TelegramInspection, bot::HttpError>> {
    let telegram = &settings.telegram;
    let token = telegram.token.as_ref()?;
    let asked = Asked { token, api_url: &telegram.api_url, proxy: telegram.proxy.as_ref(), depth };
    Some(bot::inspect(&asked, clock.as_ref(), left(until)).await)
}

/// An address as people write it.
fn plain(url: &Url) -> &str {
    url.as_str().trim_end_matches('/')
}

/// The time that one thing may still take.
fn left(until: Instant) -> Duration {
    until.saturating_duration_since(Instant::now()).min(EACH)
}
