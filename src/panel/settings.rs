//! How the panel is reached.

use std::time::Duration;

use secrecy::SecretString;
use url::Url;

/// Where the panel is and how to speak to it.
#[derive(Debug, Clone)]
pub struct PanelSettings {
    /// `REMNAWAVE_BASE_URL`, such as `https://panel.example.com` or `http://caddy:3000`.
    pub base_url: Option<Url>,
    /// `REMNAWAVE_API_TOKEN`.
    pub token: Option<SecretString>,
    /// `REMNAWAVE_API_VERSION`.
    pub version: VersionSetting,
    /// `REMNAWAVE_INTERNAL_SQUADS`: names or UUIDs of the squads new users go into; empty means find it out.
    pub squads: Vec<String>,
    /// `PANEL_TIMEOUT`: the longest a caller waits for the panel, all attempts together.
    pub timeout: Duration,
    /// `PANEL_EXTRA_HEADERS`: what a guarding proxy wants, name and value.
    pub extra_headers: Vec<(String, SecretString)>,
    /// `REMNAWAVE_WEBHOOK_SECRET`: what the panel signs its webhooks with; without it they are refused.
    pub webhook_secret: Option<SecretString>,
}

/// Which dialect to speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum VersionSetting {
    /// Find it out.
    #[default]
    Auto,
    /// Versions to 2.8: users have a UUID.
    V2,
    /// From 3.0: users have a number.
    V3,
}
