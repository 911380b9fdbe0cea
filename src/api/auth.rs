//! Who calls.

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, Method};
use governor::clock::DefaultClock;
use secrecy::ExposeSecret;

use crate::domain::actor::{Actor, TokenScope};
use crate::domain::token::TokenHash;
use crate::services::tokens::Tokens;

use super::ApiState;
use super::edge::{ClientAddress, name_caller};
use super::error::ApiError;
use super::guesses::Guesses;
use super::settings::{ApiAuth, ApiSettings};

/// The door: tokens of the settings first, then those that were made in the bot.
#[derive(Debug)]
pub struct Auth {
    open: bool,
    settings: Vec<Known>,
    made: Tokens,
    guesses: Guesses,
}

/// A token of the settings.
#[derive(Debug)]
struct Known {
    hash: TokenHash,
    actor: Actor,
}

/// What the header `Authorization` brings.
#[derive(Debug)]
enum Presented<'a> {
    Nothing,
    Token(&'a [u8]),
    SomethingElse,
}

impl Auth {
    /// With the tokens of the settings, and the service that knows the others.
    pub fn new(settings: &ApiSettings, made: Tokens) -> Self {
        let known = settings.tokens.iter().map(|token| Known {
            hash: TokenHash::of(token.secret.expose_secret().as_bytes()),
            actor: Actor::Token { name: token.name.clone(), scope: token.scope },
        });
        Self {
            open: settings.auth == ApiAuth::Off,
            settings: known.collect(),
            made,
            guesses: Guesses::new(DefaultClock::default()),
        }
    }

    /// Whoever this request comes from, if they may come in.
    ///
    /// # Errors
    /// `Unauthenticated`, `TooManyGuesses`, `Service(Database)`: it cannot be known.
    pub async fn authenticate(
        &self,
        headers: &HeaderMap,
        extensions: &Extensions,
    ) -> Result<Actor, ApiError> {
        if self.open {
            return Ok(Actor::Anyone);
        }
        let wrong = match presented(headers) {
            // Who sends nothing guesses nothing.
            Presented::Nothing => return Err(ApiError::Unauthenticated { wrong: false }),
            Presented::SomethingElse => false,
            Presented::Token(token) => match self.whose(token).await? {
                Some(actor) => return Ok(actor),
                None => true,
            },
        };
        match self.guesses.count(extensions.get().map(|ClientAddress(address)| *address)) {
            Ok(()) => Err(ApiError::Unauthenticated { wrong }),
            Err(retry_after) => Err(ApiError::TooManyGuesses { retry_after }),
        }
    }

    async fn whose(&self, token: &[u8]) -> Result<Option<Actor>, ApiError> {
        let presented = TokenHash::of(token);
        let mut found = None;
        // Every token is compared, so that the time taken tells nothing.
        for known in &self.settings {
            if known.hash.is(&presented) {
                found = Some(&known.actor);
            }
        }
        match found {
            // Without the database too.
            Some(actor) => Ok(Some(actor.clone())),
            None => Ok(self.made.recognise(&presented).await?),
        }
    }
}

/// The token of `Authorization: Bearer TOKEN`; the scheme in any case.
pub fn bearer(headers: &HeaderMap) -> Option<&[u8]> {
    match presented(headers) {
        Presented::Token(token) => Some(token),
        Presented::Nothing | Presented::SomethingElse => None,
    }
}

fn presented(headers: &HeaderMap) -> Presented<'_> {
    let Some(value) = headers.get(AUTHORIZATION) else { return Presented::Nothing };
    match value.as_bytes().split_first_chunk::<7>() {
        Some((scheme, token))
            if scheme.eq_ignore_ascii_case(b"bearer ") && !token.trim_ascii().is_empty() =>
        {
            Presented::Token(token.trim_ascii())
        }
        _ => Presented::SomethingElse,
    }
}

/// Who calls: the first thing a handler asks for. A token that may only read gets no further with another method.
#[derive(Debug, Clone)]
pub struct Caller(pub Actor);

impl FromRequestParts<ApiState> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, ApiError> {
        let actor = state.auth.authenticate(&parts.headers, &parts.extensions).await?;
        name_caller(&parts.extensions, &actor.label());
        match &actor {
            Actor::Token { scope: TokenScope::Read, .. } if parts.method != Method::GET => {
                Err(ApiError::ReadOnly)
            }
            _ => Ok(Self(actor)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_what_follows_bearer() {
        let read = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(AUTHORIZATION, value.parse().unwrap());
            match presented(&headers) {
                Presented::Token(token) => Some(String::from_utf8(token.to_vec()).unwrap()),
                Presented::SomethingElse => None,
                Presented::Nothing => panic!("there was something"),
            }
        };
        assert_eq!(read("Bearer a-secret").as_deref(), Some("a-secret"));
        assert_eq!(read("bEARER   a secret ").as_deref(), Some("a secret"));
        for none in ["", "Bearer", "Bearer ", "Bearera", "Basic a-secret", "a-secret"] {
            assert_eq!(read(none), None, "{none:?}");
        }
        assert!(matches!(presented(&HeaderMap::new()), Presented::Nothing));
    }

    #[test]
    fn no_hash_is_printed() {
        let actor = Actor::Token { name: "shop".to_owned(), scope: TokenScope::Read };
        let known = Known { hash: TokenHash::of(b"x"), actor };
        assert!(format!("{known:?}").contains("TokenHash(…)"));
    }
}
