//! Time and randomness, passed in: the only place that asks the machine for either.

use chrono::{DateTime, SubsecRound, Utc};
use rand::TryRng;
use rand::rngs::SysRng;
use uuid::Uuid;

/// Where the present comes from.
pub trait Clock: Send + Sync + std::fmt::Debug {
    /// The present, cut to microseconds: what both databases keep.
    fn now(&self) -> DateTime<Utc>;

    /// The present, cut to milliseconds: what the panel keeps of a date.
    fn now_millis(&self) -> DateTime<Utc> {
        self.now().trunc_subsecs(3)
    }
}

/// Where unpredictable bytes come from.
pub trait Entropy: Send + Sync + std::fmt::Debug {
    /// Fills the buffer with bytes nobody can guess.
    fn fill(&self, bytes: &mut [u8]);

    /// A random (version 4) UUID.
    fn uuid(&self) -> Uuid {
        let mut bytes = [0; 16];
        self.fill(&mut bytes);
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }

    /// `length` characters of `A-Za-z0-9_-`, six bits of randomness each.
    fn token(&self, length: usize) -> String {
        const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
        let mut bytes = vec![0; length];
        self.fill(&mut bytes);
        bytes
            .iter()
            .filter_map(|byte| ALPHABET.get(usize::from(byte & 63)).copied().map(char::from))
            .collect()
    }
}

/// The machine's own clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place")]
    fn now(&self) -> DateTime<Utc> {
        Utc::now().trunc_subsecs(6)
    }
}

/// The operating system's source of randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct OsEntropy;

impl Entropy for OsEntropy {
    #[expect(clippy::panic, reason = "without randomness no secret can be made: nothing may go on")]
    fn fill(&self, bytes: &mut [u8]) {
        if let Err(error) = SysRng.try_fill_bytes(bytes) {
            panic!("the operating system gives no randomness: {error}");
        }
    }
}
