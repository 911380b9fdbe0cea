//! What the log says at the start about who gets in.

use secrecy::ExposeSecret;

use crate::domain::actor::Actor;
use crate::services::Services;

use super::settings::{ApiAuth, ApiSettings};

/// Characters of a secret from which on nobody guesses it.
const SAFE_SECRET: usize = 16;

/// Says when nobody or everybody gets in, and which tokens are not what they seem. For each start, once.
pub async fn advise(services: &Services, settings: &ApiSettings) {
    for token in &settings.tokens {
        if token.secret.expose_secret().len() < SAFE_SECRET {
            tracing::warn!(token = token.name, "the secret of an API token is short enough to be guessed");
        }
    }
    if settings.auth == ApiAuth::Off {
        tracing::warn!("API_AUTH=off: anyone who reaches the API may change everything");
        return;
    }
    match services.tokens.list(&Actor::Job("start")).await {
        Ok(list) if list.made.is_empty() && settings.tokens.is_empty() => tracing::warn!(
            "there is no API token, so every API call is refused: write /token new NAME to the bot, or set \
             API_TOKENS=NAME:SECRET with a secret of at least 16 characters"
        ),
        Ok(list) => {
            for made in list.made.iter().filter(|made| made.hidden) {
                let token = made.token.name.as_str();
                tracing::warn!(
                    token,
                    "API_TOKENS has the name of a token made in the bot: only that of API_TOKENS counts"
                );
            }
        }
        Err(error) => tracing::warn!(%error, "it is not known which API tokens there are"),
    }
}
