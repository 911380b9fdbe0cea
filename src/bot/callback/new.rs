//! The buttons of the dialogue for a new client.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;

use crate::domain::days::Days;
use crate::domain::username::Username;

use super::{Nonce, VERSION as V};

/// What such a button says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NewTap {
    /// Begin.
    Begin,
    /// The answer to "how many days?".
    Days(Days),
    /// Create it.
    Yes(NewClientOffer),
    /// Do not create it.
    No,
}

/// A question whose "yes" creates a client. All that is needed stands in the button, so that a second tap finds the
/// result of the first, even after the dialogue is long over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewClientOffer {
    /// The name.
    pub username: Username,
    /// The days.
    pub days: Days,
    /// Makes all taps of this one button the same request.
    pub nonce: Nonce,
}

impl fmt::Display for NewTap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Begin => write!(f, "new:{V}"),
            Self::Days(days) => write!(f, "new:{V}:{days}"),
            Self::Yes(offer) => write!(f, "yes:{V}:new:{}:{}", offer.packed(), offer.username),
            Self::No => write!(f, "no:{V}:new"),
        }
    }
}

impl NewTap {
    /// The tap of such data, if it is one of these.
    pub(super) fn read(action: &str, rest: Option<&str>) -> Option<Self> {
        match (action, rest) {
            ("new", None) => Some(Self::Begin),
            ("new", Some(days)) => Some(Self::Days(days.parse().ok()?)),
            ("yes", Some(rest)) => Some(Self::Yes(NewClientOffer::read(rest.strip_prefix("new:")?)?)),
            ("no", Some("new")) => Some(Self::No),
            _ => None,
        }
    }
}

impl NewClientOffer {
    /// Nonce and days in sixteen characters: with a name of 36 the whole is 63 bytes.
    fn packed(&self) -> String {
        let mut bytes = self.nonce.bytes().to_vec();
        bytes.extend(u16::try_from(self.days.get()).unwrap_or_default().to_be_bytes());
        BASE64.encode(bytes)
    }

    fn read(rest: &str) -> Option<Self> {
        let (packed, username) = rest.split_once(':')?;
        let bytes: [u8; 12] = BASE64.decode(packed).ok()?.try_into().ok()?;
        let (nonce, days) = bytes.split_first_chunk::<10>()?;
        let days = u16::from_be_bytes(days.try_into().ok()?);
        let days = Days::try_from(i64::from(days)).ok()?;
        Some(Self { username: username.parse().ok()?, days, nonce: Nonce::from_bytes(*nonce) })
    }
}
