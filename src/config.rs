//! The settings: environment and `.env` become one typed value, or one message that names everything wrong.

mod reader;
mod values;

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use chrono::{NaiveTime, TimeDelta};
use chrono_tz::Tz;
use secrecy::SecretString;
use url::Url;

use crate::api::settings::{ApiAuth, ApiSettings};
use crate::backup::Recipients;
use crate::domain::alert_chat::AlertChat;
use crate::domain::contact::Contact;
use crate::domain::ids::TelegramId;
use crate::domain::person::Lang;
use crate::panel::settings::{PanelSettings, VersionSetting};
use crate::repositories::DatabaseUrl;

use reader::Reader;

pub use reader::{SettingsError, VARIABLES};

const AUTHS: [(&str, ApiAuth); 2] = [("required", ApiAuth::Required), ("off", ApiAuth::Off)];
const FORMATS: [(&str, LogFormat); 2] = [("text", LogFormat::Text), ("json", LogFormat::Json)];
const YES_NO: [(&str, bool); 2] = [("true", true), ("false", false)];

/// By how much a lease outlasts the panel's time limit, for the database's part of a change.
const LEASE_MARGIN: Duration = Duration::from_secs(1);

/// Everything that can be set. `.env.example` explains each variable.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `APP_HOST`: where the API listens.
    pub host: IpAddr,
    /// `APP_PORT`
    pub port: u16,
    /// `PUBLIC_URL`: how the API is reached from outside.
    pub public_url: Option<Url>,
    /// `DATABASE_URL`
    pub database_url: DatabaseUrl,
    /// `BACKUP_RECIPIENT`: who can open a backup; nobody, where it is not set.
    pub backup_recipients: Recipients,
    /// `REMNAWAVE_…`, `PANEL_…`
    pub panel: PanelSettings,
    /// `TELEGRAM_…`
    pub telegram: TelegramSettings,
    /// `API_…`, `TRUSTED_PROXIES`
    pub api: ApiSettings,
    /// `ADMIN_IDS`: the Telegram accounts of owners.
    pub admin_ids: Vec<TelegramId>,
    /// `DEFAULT_LOCALE`: for people whose language the bot does not speak.
    pub default_locale: Lang,
    /// `TIMEZONE`: for dates that people see.
    pub timezone: Tz,
    /// `SUPPORT_CONTACT`: whom people turn to.
    pub support_contact: Option<Contact>,
    /// `PAY_URL`: where people pay.
    pub pay_url: Option<Url>,
    /// `PROTECT_CONTENT`: configurations cannot be forwarded or saved in Telegram.
    pub protect_content: bool,
    /// `ROTATE_COOLDOWN_HOURS`: how long a person who replaced their own link waits before they may do so again.
    pub rotate_cooldown: TimeDelta,
    /// `OPERATOR_MAX_DAYS`: the most days that an operator gives at a time.
    pub operator_max_days: i64,
    /// `ALERT_CHAT`: where alerts go instead of to each owner.
    pub alert_chat: Option<AlertChat>,
    /// `NOTIFY_BEFORE_HOURS`: how many hours before the date people are told that it comes, the most first.
    pub notify_before: Vec<u32>,
    /// `DIGEST_AT`: when owners are told what expires today; `None` for never.
    pub digest_at: Option<NaiveTime>,
    /// `OUTBOX_RATE`: the most messages that the bot sends by itself within a second.
    pub outbox_rate: usize,
    /// `DEACTIVATE_INTERVAL`: how often expired clients are looked for; `None` for never.
    pub deactivate_interval: Option<Duration>,
    /// `DRIFT_INTERVAL`: how often all clients are compared with the panel; `None` for never.
    pub drift_interval: Option<Duration>,
    /// `RECONCILE_INTERVAL`: how often unfinished changes are looked for.
    pub reconcile_interval: Duration,
    /// `INTENT_LEASE`: how long a change belongs to the process that works on it; raised where the panel may take longer.
    pub intent_lease: Duration,
    /// `SHUTDOWN_TIMEOUT`: how long running requests may take to end.
    pub shutdown_timeout: Duration,
    /// `RUST_LOG`: a filter for tracing.
    pub log_filter: String,
    /// `LOG_FORMAT`
    pub log_format: LogFormat,
}

/// How Telegram is reached.
#[derive(Debug, Clone)]
pub struct TelegramSettings {
    /// `TELEGRAM_BOT_TOKEN`; without it there is no bot.
    pub token: Option<SecretString>,
    /// `TELEGRAM_API_URL`
    pub api_url: Url,
    /// `TELEGRAM_MODE`, `TELEGRAM_WEBHOOK_SECRET`: how updates arrive.
    pub mode: TelegramMode,
    /// `TELEGRAM_PROXY`: an `http`, `https`, `socks5` or `socks5h` URL, which may hold a password.
    pub proxy: Option<SecretString>,
}

/// How updates arrive.
#[derive(Debug, Clone)]
pub enum TelegramMode {
    /// They are asked for; of several replicas one asks.
    Polling,
    /// Telegram sends them to `PUBLIC_URL`.
    Webhook {
        /// What Telegram sends along; without one it is made of the bot's token.
        secret: Option<SecretString>,
    },
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines.
    Json,
}

impl Settings {
    /// From the process's environment, and for what is not set there from `.env` in the working folder.
    ///
    /// # Errors
    /// Every variable at fault, with what it should look like.
    pub fn from_env() -> Result<Self, SettingsError> {
        Self::from_map(&reader::environment()?)
    }

    /// From names and values. An empty value is the same as none.
    ///
    /// # Errors
    /// Every variable at fault, with what it should look like.
    pub fn from_map(map: &HashMap<String, String>) -> Result<Self, SettingsError> {
        let mut reader = Reader::new(map);
        let settings = Self::read(&mut reader);
        reader.finish(settings)
    }

    /// The same, but faults do not keep the rest from being read: whoever looks for what is wrong wants to know all of it.
    /// Variables at fault count as not set; nothing is left where the `.env` file cannot be read.
    pub fn rest_from_env() -> (Option<Self>, Option<SettingsError>) {
        match reader::environment() {
            Ok(map) => Self::rest_from_map(map),
            Err(error) => (None, Some(error)),
        }
    }

    fn rest_from_map(mut map: HashMap<String, String>) -> (Option<Self>, Option<SettingsError>) {
        let mut told = None;
        loop {
            match Self::from_map(&map) {
                Ok(settings) => return (Some(settings), told),
                Err(error) => {
                    let before = map.len();
                    map.retain(|name, _| !error.names().contains(&name.as_str()));
                    let is_stuck = map.len() == before;
                    told = told.or(Some(error));
                    if is_stuck {
                        return (None, told);
                    }
                }
            }
        }
    }

    /// Where the API is reached from this machine. Who listens on all addresses is asked on the machine's own.
    pub fn own_address(&self) -> SocketAddr {
        let host = match self.host {
            IpAddr::V4(any) if any.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(any) if any.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
            one => one,
        };
        SocketAddr::new(host, self.port)
    }

    /// The least that `INTENT_LEASE` counts for: two processes must never work on one change, so a lease outlasts the panel
    /// call that it covers.
    pub fn shortest_lease(&self) -> Duration {
        self.panel.timeout + LEASE_MARGIN
    }

    /// Reads all before giving up on any, so that everything wrong is told at once.
    fn read(from: &mut Reader<'_>) -> Option<Self> {
        let host = from.read_or("APP_HOST", "127.0.0.1", values::host);
        let port = from.read_or("APP_PORT", "8000", values::port);
        let public_url = from.read("PUBLIC_URL", values::web_url);
        let database_url =
            from.read_or("DATABASE_URL", "sqlite://data/orchestrator.db", values::database_url);
        let backup_recipients = from.read("BACKUP_RECIPIENT", values::parsed).unwrap_or_default();
        let panel = panel(from);
        let telegram = telegram(from, public_url.as_ref());
        let admin_ids = from.read("ADMIN_IDS", values::telegram_ids).unwrap_or_default();
        let tokens = from.read("API_TOKENS", values::api_tokens).unwrap_or_default();
        let auth = from.read_or("API_AUTH", "required", values::word(&AUTHS));
        let concurrency = from.read_or("API_CONCURRENCY", "256", values::count(1..=10_000));
        let trusted_proxies = from.read("TRUSTED_PROXIES", values::parsed).unwrap_or_default();
        let default_locale = from.read_or("DEFAULT_LOCALE", "ru", values::lang);
        let timezone = from.read_or("TIMEZONE", "UTC", values::timezone);
        let support_contact = from.read("SUPPORT_CONTACT", values::parsed);
        let pay_url = from.read("PAY_URL", values::link);
        let protect_content = from.read_or("PROTECT_CONTENT", "false", values::word(&YES_NO));
        let rotate_cooldown = from.read_or("ROTATE_COOLDOWN_HOURS", "24", values::hours(0..=8760));
        let operator_max_days = from.read_or("OPERATOR_MAX_DAYS", "90", values::count(1..=3650));
        let alert_chat = from.read("ALERT_CHAT", values::parsed);
        let notify_before = from.read_or("NOTIFY_BEFORE_HOURS", "72,24", values::hours_before);
        let digest_at = from.read_or("DIGEST_AT", "09:00", values::time_of_day);
        let outbox_rate = from.read_or("OUTBOX_RATE", "30", values::count(1..=1000));
        let deactivate_interval = from.read_or("DEACTIVATE_INTERVAL", "600", values::interval(0..=86_400));
        let drift_interval = from.read_or("DRIFT_INTERVAL", "900", values::interval(0..=86_400));
        let reconcile_interval = from.read_or("RECONCILE_INTERVAL", "60", values::seconds(1..=86_400));
        let intent_lease = from.read_or("INTENT_LEASE", "30", values::seconds(1..=3600));
        let shutdown_timeout = from.read_or("SHUTDOWN_TIMEOUT", "10", values::seconds(1..=300));
        let log_filter = from.read_or("RUST_LOG", "info", values::log_filter);
        let log_format = from.read_or("LOG_FORMAT", "text", values::word(&FORMATS));

        Some(Self {
            host: host?,
            port: port?,
            public_url,
            database_url: database_url?,
            backup_recipients,
            panel: panel?,
            telegram: telegram?,
            api: ApiSettings { tokens, auth: auth?, concurrency: concurrency?, trusted_proxies },
            admin_ids,
            default_locale: default_locale?,
            timezone: timezone?,
            support_contact,
            pay_url,
            protect_content: protect_content?,
            rotate_cooldown: rotate_cooldown?,
            operator_max_days: i64::try_from(operator_max_days?).unwrap_or(i64::MAX),
            alert_chat,
            notify_before: notify_before?,
            digest_at: digest_at?,
            outbox_rate: outbox_rate?,
            deactivate_interval: deactivate_interval?,
            drift_interval: drift_interval?,
            reconcile_interval: reconcile_interval?,
            intent_lease: intent_lease?,
            shutdown_timeout: shutdown_timeout?,
            log_filter: log_filter?,
            log_format: log_format?,
        })
    }
}

fn panel(from: &mut Reader<'_>) -> Option<PanelSettings> {
    let versions = [
        ("auto", VersionSetting::Auto),
        ("v2", VersionSetting::V2),
        ("2", VersionSetting::V2),
        ("v3", VersionSetting::V3),
        ("3", VersionSetting::V3),
    ];
    let base_url = from.read("REMNAWAVE_BASE_URL", values::web_url);
    let token = from.read("REMNAWAVE_API_TOKEN", values::header_secret);
    let version = from.read_or("REMNAWAVE_API_VERSION", "auto", values::word(&versions));
    let squads = from.read("REMNAWAVE_INTERNAL_SQUADS", values::list).unwrap_or_default();
    let timeout = from.read_or("PANEL_TIMEOUT", "10", values::seconds(1..=300));
    let extra_headers = from.read("PANEL_EXTRA_HEADERS", values::headers).unwrap_or_default();
    let webhook_secret = from.read("REMNAWAVE_WEBHOOK_SECRET", values::header_secret);
    Some(PanelSettings {
        base_url,
        token,
        version: version?,
        squads,
        timeout: timeout?,
        extra_headers,
        webhook_secret,
    })
}

fn telegram(from: &mut Reader<'_>, public_url: Option<&Url>) -> Option<TelegramSettings> {
    let token = from.read("TELEGRAM_BOT_TOKEN", values::bot_token);
    let api_url = from.read_or("TELEGRAM_API_URL", "https://api.telegram.org", values::web_url);
    let secret = from.read("TELEGRAM_WEBHOOK_SECRET", values::webhook_secret);
    let webhook =
        from.read_or("TELEGRAM_MODE", "polling", values::word(&[("polling", false), ("webhook", true)]));
    let mode = match webhook? {
        true => TelegramMode::Webhook { secret },
        false => TelegramMode::Polling,
    };
    // A Bot API server of one's own takes http, too.
    let ours = api_url.as_ref().is_some_and(|url| url.host_str() != Some("api.telegram.org"));
    if webhook == Some(true) && !public_url.is_some_and(|url| url.scheme() == "https" || ours) {
        from.refuse("TELEGRAM_MODE", "webhook needs PUBLIC_URL with https://: Telegram sends updates there");
    }
    let proxy = from.read("TELEGRAM_PROXY", values::proxy);
    Some(TelegramSettings { token, api_url: api_url?, mode, proxy })
}

#[cfg(test)]
mod tests;
