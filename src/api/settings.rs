//! Who may use the API.

use secrecy::SecretString;

use crate::domain::actor::TokenScope;
use crate::domain::token::{SettingsToken, TokenName};

/// Who may use the API.
#[derive(Debug, Clone)]
pub struct ApiSettings {
    /// `API_TOKENS`.
    pub tokens: Vec<ApiToken>,
    /// `API_AUTH`.
    pub auth: ApiAuth,
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
