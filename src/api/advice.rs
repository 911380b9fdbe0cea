//! What the log says at the start about who gets in.

use secrecy::ExposeSecret;

use crate::domain::actor::Actor;
use crate::services::Services;

use super::settings::{ApiAuth, ApiSettings};

/// Characters of a secret from which on nobody guesses it.
const SAFE_SECRET: usize = 16;

/// Something to be known about who gets in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advice {
    /// What it is.
    pub what: String,
    /// What to do about it.
    pub remedy: &'static str,
}

/// What the settings alone tell.
pub fn advice_on(settings: &ApiSettings) -> Vec<Advice> {
    let short = settings.tokens.iter().filter(|token| token.secret.expose_secret().len() < SAFE_SECRET);
    let mut advice: Vec<Advice> = short
        .map(|token| Advice {
            what: format!("the secret of the API token {:?} is short enough to be guessed", token.name),
            remedy: "give it 16 characters or more in API_TOKENS",
        })
        .collect();
    if settings.auth == ApiAuth::Off {
        let what = "API_AUTH=off: anyone who reaches the API may change everything".to_owned();
        advice.push(Advice { what, remedy: "leave API_AUTH out, and make a token with /token new NAME" });
    }
    advice
}

/// Says when nobody or everybody gets in, and which tokens are not what they seem. For each start, once.
pub async fn advise(services: &Services, settings: &ApiSettings) {
    for Advice { what, remedy } in advice_on(settings) {
        tracing::warn!(remedy, "{what}");
    }
    if settings.auth == ApiAuth::Off {
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
