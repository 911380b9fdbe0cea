//! Who calls.

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::domain::actor::{Actor, TokenScope};

use super::ApiState;
use super::error::ApiError;
use super::settings::{ApiAuth, ApiSettings};

/// The known tokens, as hashes of equal length.
#[derive(Debug)]
pub struct Auth {
    open: bool,
    tokens: Vec<Known>,
}

struct Known {
    hash: [u8; 32],
    name: String,
    scope: TokenScope,
}

impl std::fmt::Debug for Known {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Known").field("name", &self.name).field("scope", &self.scope).finish_non_exhaustive()
    }
}

/// Characters of a secret from which on nobody guesses it.
const SAFE_SECRET: usize = 16;

fn hash(secret: &[u8]) -> [u8; 32] {
    Sha256::digest(secret).into()
}

impl Auth {
    /// Takes the settings, and says in the log when nobody or everybody gets in.
    pub fn new(settings: &ApiSettings) -> Self {
        let open = settings.auth == ApiAuth::Off;
        if open {
            tracing::warn!("API_AUTH=off: anyone who reaches the API may change everything");
        } else if settings.tokens.is_empty() {
            tracing::warn!(
                "there is no API token, so every API call is refused: \
                 set API_TOKENS=shop:SECRET with a secret of at least 16 characters"
            );
        }
        for token in &settings.tokens {
            if token.secret.expose_secret().len() < SAFE_SECRET {
                tracing::warn!(
                    token = token.name,
                    "the secret of an API token is short enough to be guessed"
                );
            }
        }
        let tokens = settings.tokens.iter().map(|token| Known {
            hash: hash(token.secret.expose_secret().as_bytes()),
            name: token.name.clone(),
            scope: token.scope,
        });
        Self { open, tokens: tokens.collect() }
    }

    /// Whoever these headers belong to, if they may come in.
    pub fn recognise(&self, headers: &HeaderMap) -> Option<Actor> {
        if self.open {
            return Some(Actor::Anyone);
        }
        let presented = hash(bearer(headers)?);
        let mut found = None;
        // Every token is compared, so that the time taken tells nothing.
        for known in &self.tokens {
            if bool::from(known.hash.ct_eq(&presented)) {
                found = Some(known);
            }
        }
        found.map(|known| Actor::Token { name: known.name.clone(), scope: known.scope })
    }
}

/// The token of `Authorization: Bearer TOKEN`; the scheme in any case.
pub fn bearer(headers: &HeaderMap) -> Option<&[u8]> {
    let value = headers.get(AUTHORIZATION)?.as_bytes();
    let space = value.iter().position(|byte| *byte == b' ')?;
    let (scheme, token) = value.split_at_checked(space)?;
    let token = token.trim_ascii();
    (scheme.eq_ignore_ascii_case(b"bearer") && !token.is_empty()).then_some(token)
}

/// Who calls: the first thing a handler asks for. A token that may only read gets no further with another method.
#[derive(Debug, Clone)]
pub struct Caller(pub Actor);

impl FromRequestParts<ApiState> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, ApiError> {
        let actor = state.auth.recognise(&parts.headers).ok_or(ApiError::Unauthenticated)?;
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
    use super::super::settings::ApiToken;
    use super::*;

    fn auth(auth: ApiAuth) -> Auth {
        let token = |name: &str, secret: &str, scope| ApiToken {
            name: name.to_owned(),
            secret: secret.into(),
            scope,
        };
        Auth::new(&ApiSettings {
            tokens: vec![
                token("shop", "a-long-enough-secret", TokenScope::Write),
                token("eye", "another-long-secret", TokenScope::Read),
            ],
            auth,
        })
    }

    fn label(auth: &Auth, header: &str) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, header.parse().unwrap());
        auth.recognise(&headers).map(|actor| actor.label())
    }

    #[test]
    fn tokens_are_known_by_their_whole_secret() {
        let auth = auth(ApiAuth::Required);
        assert_eq!(label(&auth, "Bearer a-long-enough-secret").as_deref(), Some("token:shop"));
        assert_eq!(label(&auth, "bEARER  another-long-secret").as_deref(), Some("token:eye"));
        for wrong in [
            "",
            "Bearer",
            "Bearer ",
            "Bearer a-long-enough-secre",
            "Bearer a-long-enough-secret2",
            "Bearer shop:a-long-enough-secret",
            "Bearer a-long-enough-secret another-long-secret",
            "Basic a-long-enough-secret",
            "a-long-enough-secret",
        ] {
            assert_eq!(label(&auth, wrong), None, "{wrong:?}");
        }
        assert!(auth.recognise(&HeaderMap::new()).is_none());
        assert!(!format!("{auth:?}").contains("secret"), "no hash in Debug");
    }

    #[test]
    fn the_door_can_be_opened() {
        assert!(matches!(auth(ApiAuth::Off).recognise(&HeaderMap::new()), Some(Actor::Anyone)));
    }
}
