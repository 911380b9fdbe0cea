//! Time and randomness, passed in: the only place that asks the machine for either.

use std::sync::atomic::{AtomicI64, Ordering};

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

    /// A UUID that begins with the time (version 7): what is made one after another stands side by side in an index, and is
    /// written as one page instead of many.
    fn uuid_at(&self, now: DateTime<Utc>) -> Uuid {
        let mut random = [0; 10];
        self.fill(&mut random);
        let millis = u64::try_from(now.timestamp_millis()).unwrap_or_default();
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
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

/// The machine's own clock, but never the same moment twice and never a little backwards: the log is ordered by time.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

/// The last moment told, in microseconds since 1970.
static LAST: AtomicI64 = AtomicI64::new(0);
/// A clock set back by more than this many microseconds is believed.
const BELIEVED: i64 = 1_000_000;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place")]
    fn now(&self) -> DateTime<Utc> {
        let now = Utc::now();
        let later = |last: i64| after(last, now.timestamp_micros());
        let last = LAST.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| Some(later(last)));
        let micros = later(last.unwrap_or_else(|last| last));
        DateTime::from_timestamp_micros(micros).unwrap_or(now.trunc_subsecs(6))
    }
}

/// The moment to tell when the clock says `now` and `last` was told.
fn after(last: i64, now: i64) -> i64 {
    if now <= last && last - now < BELIEVED { last + 1 } else { now }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_moment_is_told_twice() {
        assert_eq!(after(10, 20), 20);
        assert_eq!(after(20, 20), 21);
        assert_eq!(after(30, 20), 31);
        assert_eq!(after(20 + BELIEVED, 20), 20, "set back by a second and more, the clock is believed");
        let (first, second) = (SystemClock.now(), SystemClock.now());
        assert!(first < second);
    }
}
