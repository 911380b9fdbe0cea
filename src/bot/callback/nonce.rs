//! What makes all taps of one button the same request.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::clock::Entropy;

/// The minute it was made, and six random bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Nonce {
    pub(super) minute: u32,
    pub(super) random: [u8; 6],
}

impl Nonce {
    /// A fresh one.
    pub fn new(now: DateTime<Utc>, entropy: &dyn Entropy) -> Self {
        let mut random = [0; 6];
        entropy.fill(&mut random);
        Self { minute: u32::try_from(now.timestamp() / 60).unwrap_or_default(), random }
    }

    /// Whether 24 hours have passed: then the button is out of date.
    pub fn stale(self, now: DateTime<Utc>) -> bool {
        let made = DateTime::from_timestamp(i64::from(self.minute) * 60, 0).unwrap_or_default();
        now.signed_duration_since(made) > TimeDelta::hours(24)
    }

    /// As the key of the change it causes.
    pub fn text(self) -> String {
        BASE64.encode(self.bytes())
    }

    /// The nonce of such a text.
    pub(super) fn read(text: &str) -> Option<Self> {
        Some(Self::from_bytes(BASE64.decode(text).ok()?.try_into().ok()?))
    }

    pub(super) fn bytes(self) -> [u8; 10] {
        let [a, b, c, d] = self.minute.to_be_bytes();
        let [e, f, g, h, i, j] = self.random;
        [a, b, c, d, e, f, g, h, i, j]
    }

    pub(super) fn from_bytes(bytes: [u8; 10]) -> Self {
        let [a, b, c, d, e, f, g, h, i, j] = bytes;
        Self { minute: u32::from_be_bytes([a, b, c, d]), random: [e, f, g, h, i, j] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nonce_is_stale_after_a_day() {
        let made = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let nonce = Nonce { minute: 30_000_000, random: [7; 6] };
        assert!(!nonce.stale(made + TimeDelta::hours(23)));
        assert!(nonce.stale(made + TimeDelta::hours(25)));
    }
}
