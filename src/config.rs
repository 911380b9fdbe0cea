//! The settings: environment and `.env` become one typed value, or one message that names everything wrong.

mod reader;
mod values;

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::time::Duration;

use chrono_tz::Tz;
use secrecy::SecretString;
use url::Url;

use crate::api::settings::{ApiAuth, ApiSettings};
use crate::domain::ids::TelegramId;
use crate::domain::person::Lang;
use crate::panel::settings::{PanelSettings, VersionSetting};

use reader::Reader;

pub use reader::{SettingsError, VARIABLES};

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
    /// `REMNAWAVE_…`, `PANEL_…`
    pub panel: PanelSettings,
    /// `TELEGRAM_…`
    pub telegram: TelegramSettings,
    /// `API_…`
    pub api: ApiSettings,
    /// `ADMIN_IDS`: the Telegram accounts of owners.
    pub admin_ids: Vec<TelegramId>,
    /// `DEFAULT_LOCALE`: for people whose language the bot does not speak.
    pub default_locale: Lang,
    /// `TIMEZONE`: for dates that people see.
    pub timezone: Tz,
    /// `RECONCILE_INTERVAL`: how often unfinished changes are looked for.
    pub reconcile_interval: Duration,
    /// `INTENT_LEASE`: how long a change belongs to the process that works on it; longer than the panel may take.
    pub intent_lease: Duration,
    /// `SHUTDOWN_TIMEOUT`: how long running requests may take to end.
    pub shutdown_timeout: Duration,
    /// `RUST_LOG`: a filter for tracing.
    pub log_filter: String,
    /// `LOG_FORMAT`
    pub log_format: LogFormat,
}

/// Which database.
#[derive(Debug, Clone)]
pub enum DatabaseUrl {
    /// A file; its folder is made when missing.
    Sqlite(PathBuf),
    /// A server: a `postgres://` URL, which may hold a password.
    Postgres(SecretString),
}

/// How Telegram is reached.
#[derive(Debug, Clone)]
pub struct TelegramSettings {
    /// `TELEGRAM_BOT_TOKEN`; without it there is no bot.
    pub token: Option<SecretString>,
    /// `TELEGRAM_API_URL`
    pub api_url: Url,
    /// `TELEGRAM_PROXY`: an `http`, `https`, `socks5` or `socks5h` URL, which may hold a password.
    pub proxy: Option<SecretString>,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines.
    Json,
}

/// The database when none is named, from the folder the service runs in.
const DEFAULT_DATABASE: &str = "data/orchestrator.db";

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

    fn read(from: &mut Reader<'_>) -> Self {
        let panel = panel(from);
        let intent_lease = from.read("INTENT_LEASE", values::seconds(1..=3600)).unwrap_or(seconds(30));
        if intent_lease <= panel.timeout {
            from.conflict("INTENT_LEASE", "it must be longer than PANEL_TIMEOUT");
        }
        Self {
            host: from.read("APP_HOST", values::parsed).unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST)),
            port: from.read("APP_PORT", values::port).unwrap_or(8000),
            public_url: from.read("PUBLIC_URL", values::web_url),
            database_url: from
                .read("DATABASE_URL", values::database_url)
                .unwrap_or_else(|| DatabaseUrl::Sqlite(PathBuf::from(DEFAULT_DATABASE))),
            panel,
            telegram: telegram(from),
            api: ApiSettings {
                tokens: from.read("API_TOKENS", values::api_tokens).unwrap_or_default(),
                auth: from
                    .read("API_AUTH", values::word(&[("required", ApiAuth::Required), ("off", ApiAuth::Off)]))
                    .unwrap_or(ApiAuth::Required),
            },
            admin_ids: from.read("ADMIN_IDS", values::telegram_ids).unwrap_or_default(),
            default_locale: from.read("DEFAULT_LOCALE", values::lang).unwrap_or(Lang::Ru),
            timezone: from.read("TIMEZONE", values::timezone).unwrap_or(Tz::UTC),
            reconcile_interval: from
                .read("RECONCILE_INTERVAL", values::seconds(1..=86_400))
                .unwrap_or(seconds(60)),
            intent_lease,
            shutdown_timeout: from.read("SHUTDOWN_TIMEOUT", values::seconds(1..=300)).unwrap_or(seconds(10)),
            log_filter: from.read("RUST_LOG", values::log_filter).unwrap_or_else(|| "info".to_owned()),
            log_format: from
                .read("LOG_FORMAT", values::word(&[("text", LogFormat::Text), ("json", LogFormat::Json)]))
                .unwrap_or(LogFormat::Text),
        }
    }
}

fn panel(from: &mut Reader<'_>) -> PanelSettings {
    let versions = [
        ("auto", VersionSetting::Auto),
        ("v2", VersionSetting::V2),
        ("2", VersionSetting::V2),
        ("v3", VersionSetting::V3),
        ("3", VersionSetting::V3),
    ];
    PanelSettings {
        base_url: from.read("REMNAWAVE_BASE_URL", values::web_url),
        token: from.read("REMNAWAVE_API_TOKEN", values::header_secret),
        version: from.read("REMNAWAVE_API_VERSION", values::word(&versions)).unwrap_or_default(),
        squads: from.read("REMNAWAVE_INTERNAL_SQUADS", values::list).unwrap_or_default(),
        timeout: from.read("PANEL_TIMEOUT", values::seconds(1..=300)).unwrap_or(seconds(10)),
        extra_headers: from.read("PANEL_EXTRA_HEADERS", values::headers).unwrap_or_default(),
    }
}

fn telegram(from: &mut Reader<'_>) -> TelegramSettings {
    TelegramSettings {
        token: from.read("TELEGRAM_BOT_TOKEN", values::bot_token),
        api_url: from.read("TELEGRAM_API_URL", values::web_url).unwrap_or_else(values::telegram_api),
        proxy: from.read("TELEGRAM_PROXY", values::proxy),
    }
}

fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

#[cfg(test)]
mod tests;
