//! Who may use the API, and how much of it at once.

use secrecy::SecretString;

use crate::domain::actor::TokenScope;
use crate::domain::token::{SettingsToken, TokenName};

use super::edge::TrustedProxies;

/// Who may use the API, and how much of it at once. The default is that nobody may.
#[derive(Debug, Clone)]
pub struct ApiSettings {
    /// `API_TOKENS`.
    pub tokens: Vec<ApiToken>,
    /// `API_AUTH`.
    pub auth: ApiAuth,
    /// `API_CONCURRENCY`: the most requests in work at once.
    pub concurrency: usize,
    /// `TRUSTED_PROXIES`
    pub trusted_proxies: TrustedProxies,
}

impl Default for ApiSettings {
    fn default() -> Self {
        Self {
            tokens: vec![],
            auth: ApiAuth::Required,
            concurrency: 256,
            trusted_proxies: TrustedProxies::default(),
        }
    }
}

/// A token from the settings.
#[derive(Debug, Clone)]
pub struct ApiToken {
    /// What the log calls it; unique.
    pub name: String,
    /// What its holder sends.
    pub secret: SecretString,
    /// What it may do.
    pub scope: TokenScope,
}

impl ApiToken {
    /// As far as the rules need to know it.
    pub fn for_rules(&self) -> SettingsToken {
        SettingsToken { name: TokenName::stored(self.name.as_str()), scope: self.scope }
    }
}

/// Whether a token is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApiAuth {
    /// Every call needs one.
    Required,
    /// Anyone may call, as with the original service.
    Off,
}
