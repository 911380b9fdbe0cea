//! Tokens of the REST API: their names, and what is kept of their secrets.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::actor::TokenScope;
use super::clock::Entropy;
use super::ids::TokenId;

/// What a token is called: 1 to 64 characters of `A-Za-z0-9_-`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenName(String);

/// The name has other characters, or not 1 to 64 of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the name has other characters, or not 1 to 64 of them")]
pub struct TokenNameError;

impl TokenName {
    /// A name that was checked when it was kept.
    pub fn stored(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for TokenName {
    type Err = TokenNameError;

    fn from_str(text: &str) -> Result<Self, TokenNameError> {
        if text.bytes().all(|byte| url_safe(&byte)) && (1..=64).contains(&text.len()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(TokenNameError)
        }
    }
}

impl fmt::Display for TokenName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How every secret that is made here begins, so that people and scanners know what they found.
const PREFIX: &str = "rwo_";
/// Characters of a secret after that, six bits each: 258 bits.
const LENGTH: usize = 43;

/// A fresh secret: 47 characters of `A-Za-z0-9_-`.
pub fn fresh_secret(entropy: &dyn Entropy) -> SecretString {
    SecretString::from(format!("{PREFIX}{}", entropy.token(LENGTH)))
}

/// The text with stars for every secret in it. Telegram repeats our own messages in what it sends about them.
pub fn masked(text: String) -> String {
    if !text.contains(PREFIX) {
        return text;
    }
    let mut parts = text.split(PREFIX);
    let mut safe = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let length = part.bytes().take_while(url_safe).take(LENGTH).count();
        safe.push_str(PREFIX);
        match part.split_at_checked(length) {
            Some((secret, rest)) if secret.len() == LENGTH => {
                safe.push_str(&"*".repeat(LENGTH));
                safe.push_str(rest);
            }
            _ => safe.push_str(part),
        }
    }
    safe
}

fn url_safe(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

/// SHA-256 of a secret: all that is kept of it. `Debug` hides it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    /// Of the secret as its holder sends it.
    pub fn of(secret: &[u8]) -> Self {
        Self(Sha256::digest(secret).into())
    }

    /// As it was kept.
    pub fn stored(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// As it is kept.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Whether both are the same; takes as long when they are not.
    pub fn is(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash(…)")
    }
}

/// A token that was made in the bot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiToken {
    /// Its own id.
    pub id: TokenId,
    /// What it is called; one live token a name.
    pub name: TokenName,
    /// The how-manieth token of that name it is, from 1.
    pub generation: i32,
    /// What is kept of the secret.
    pub hash: TokenHash,
    /// What it may do.
    pub scope: TokenScope,
    /// Who made it, as [`super::actor::Actor::label`] writes it.
    pub created_by: String,
    /// The key of the request that made it, as `scope key`.
    pub created_key: Option<String>,
    /// When.
    pub created_at: DateTime<Utc>,
    /// When it was used last, to the minute.
    pub last_used_at: Option<DateTime<Utc>>,
    /// When it was revoked, if it was.
    pub revoked_at: Option<DateTime<Utc>>,
}

impl ApiToken {
    /// What the log and the scope of idempotency keys call it: `shop`, and after a revocation `shop#2`. No name has a `#`,
    /// so a new token never inherits what an old one of its name was answered.
    pub fn known_as(&self) -> String {
        match self.generation {
            ..=1 => self.name.to_string(),
            number => format!("{}#{number}", self.name),
        }
    }
}

/// A token that the settings name (`API_TOKENS`), as far as the rules need to know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsToken {
    /// What it is called.
    pub name: TokenName,
    /// What it may do.
    pub scope: TokenScope,
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::super::clock::OsEntropy;
    use super::*;

    #[test]
    fn names_have_a_rule() {
        for good in ["a", "Shop_1-x", &"x".repeat(64)] {
            assert_eq!(good.parse::<TokenName>().unwrap().as_str(), good);
        }
        for bad in ["", " ", "a b", "a#2", "a:b", "магазин", "a\n", &"x".repeat(65)] {
            assert_eq!(bad.parse::<TokenName>(), Err(TokenNameError), "{bad:?}");
        }
    }

    #[test]
    fn secrets_in_a_text_are_masked_and_nothing_else() {
        let secret = fresh_secret(&OsEntropy).expose_secret().to_owned();
        assert_eq!(secret.len(), 47);
        let stars = format!("rwo_{}", "*".repeat(43));
        for (text, safe) in [
            (secret.clone(), stars.clone()),
            (format!("a \"{secret}\" b {secret}c"), format!("a \"{stars}\" b {stars}c")),
            (format!("rwo_{secret}"), format!("rwo_{stars}")),
            ("rwo_short ж".to_owned(), "rwo_short ж".to_owned()),
            ("😀 nothing".to_owned(), "😀 nothing".to_owned()),
            (format!("rwo_{}", "x".repeat(42)), format!("rwo_{}", "x".repeat(42))),
        ] {
            assert_eq!(masked(text), safe);
        }
    }

    #[test]
    fn hashes_are_compared_and_never_shown() {
        let hash = TokenHash::of(b"secret");
        assert!(hash.is(&TokenHash::of(b"secret")) && !hash.is(&TokenHash::of(b"secreT")));
        assert_eq!(format!("{hash:?}"), "TokenHash(…)");
    }
}
