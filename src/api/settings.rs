//! Who may use the API.

use secrecy::SecretString;

use crate::domain::actor::TokenScope;

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

/// Whether a token is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApiAuth {
    /// Every call needs one.
    Required,
    /// Anyone may call, as with the original service.
    Off,
}
