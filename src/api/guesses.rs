//! Wrong tokens, counted by where they come from. A right one is never held up: it is looked at first.

use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};

/// So many wrong tokens an address may send at once …
const AT_ONCE: NonZeroU32 = NonZeroU32::new(10).unwrap();
/// … and one more each time this has gone by.
const ONE_MORE: Duration = Duration::from_secs(6);
/// How often the log names an address that goes on.
const TOLD_EVERY: Duration = Duration::from_secs(600);
/// Nothing is tidied more often than once for so many wrong tokens.
const TIDY: usize = 4_096;
/// So many addresses are counted one by one; the rest share one bucket.
const MOST: usize = 65_536;

/// Whom one bucket is for: an IPv4 address, the network of an IPv6 one (a customer gets at least a /64), or everyone
/// else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Origin {
    V4(std::net::Ipv4Addr),
    V6(u64),
    Others,
}

impl Origin {
    fn of(address: Option<IpAddr>) -> Self {
        match address.map(|address| address.to_canonical()) {
            Some(IpAddr::V4(address)) => Self::V4(address),
            Some(IpAddr::V6(address)) => Self::V6(network(address)),
            None => Self::Others,
        }
    }
}

fn network(address: Ipv6Addr) -> u64 {
    let [a, b, c, d, ..] = address.segments();
    [a, b, c, d].into_iter().fold(0, |network, segment| (network << 16) | u64::from(segment))
}

/// Wrong tokens, counted.
#[derive(Debug)]
pub struct Guesses<C: Clock = DefaultClock> {
    wrong: Buckets<C>,
    told: Buckets<C>,
    clock: C,
}

impl<C: Clock + Clone> Guesses<C> {
    /// None yet.
    pub fn new(clock: C) -> Self {
        // `None` only for a period of zero.
        let every =
            |period, burst| Quota::with_period(period).unwrap_or(Quota::per_minute(burst)).allow_burst(burst);
        Self {
            wrong: Buckets::new(every(ONE_MORE, AT_ONCE), clock.clone()),
            told: Buckets::new(every(TOLD_EVERY, NonZeroU32::MIN), clock.clone()),
            clock,
        }
    }

    /// Counts a wrong token from that address.
    ///
    /// # Errors
    /// There were too many: how long to wait, in whole seconds, at least one.
    pub fn count(&self, address: Option<IpAddr>) -> Result<(), Duration> {
        let origin = Origin::of(address);
        let Err(wait) = self.wrong.take(origin, &self.clock) else { return Ok(()) };
        if self.told.take(origin, &self.clock).is_ok() {
            let address =
                address.map_or_else(|| "unknown".to_owned(), |address| address.to_canonical().to_string());
            tracing::warn!(
                address,
                "too many wrong API tokens from this address: it is held up, right tokens are not"
            );
        }
        let rounded_up = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        Err(Duration::from_secs(rounded_up.max(1)))
    }
}

/// A bucket for each origin, in bounded memory.
#[derive(Debug)]
struct Buckets<C: Clock> {
    limiter: RateLimiter<Origin, HashMapStateStore<Origin>, C, NoOpMiddleware<C::Instant>>,
    /// How often something was taken since the last tidying.
    since: AtomicUsize,
}

impl<C: Clock + Clone> Buckets<C> {
    fn new(quota: Quota, clock: C) -> Self {
        let limiter = RateLimiter::new(quota, HashMapStateStore::default(), clock);
        Self { limiter, since: AtomicUsize::new(0) }
    }

    /// Takes one out, or says when there will be one.
    fn take(&self, origin: Origin, clock: &C) -> Result<(), Duration> {
        let origin = if self.has_room() { origin } else { Origin::Others };
        self.limiter.check_key(&origin).map_err(|until| until.wait_time_from(clock.now()))
    }

    /// Forgets full buckets, once for as many takings as there are buckets: each taking pays for one.
    fn has_room(&self) -> bool {
        let count = self.limiter.len();
        if self.since.fetch_add(1, Ordering::Relaxed) >= count.max(TIDY) {
            self.since.store(0, Ordering::Relaxed);
            self.limiter.retain_recent();
            self.limiter.shrink_to_fit();
        }
        count < MOST
    }
}

#[cfg(test)]
mod tests {
    use governor::clock::FakeRelativeClock;

    use super::*;

    fn at(address: &str) -> Option<IpAddr> {
        Some(address.parse().unwrap())
    }

    fn guesses() -> (Guesses<FakeRelativeClock>, FakeRelativeClock) {
        let clock = FakeRelativeClock::default();
        (Guesses::new(clock.clone()), clock)
    }

    /// How many of so many are let through.
    fn let_through(guesses: &Guesses<FakeRelativeClock>, address: Option<IpAddr>, number: usize) -> usize {
        (0..number).filter(|_| guesses.count(address).is_ok()).count()
    }

    #[test]
    fn ten_at_once_then_one_every_six_seconds() {
        let (guesses, clock) = guesses();
        let here = at("192.0.2.1");
        assert_eq!(let_through(&guesses, here, 10_000), 10);
        assert_eq!(guesses.count(here), Err(Duration::from_secs(6)));
        clock.advance(Duration::from_millis(5_500));
        assert_eq!(guesses.count(here), Err(Duration::from_secs(1)), "rounded up");
        clock.advance(Duration::from_millis(500));
        assert_eq!(let_through(&guesses, here, 100), 1);
        clock.advance(Duration::from_secs(3_600));
        assert_eq!(let_through(&guesses, here, 100), 10, "an hour makes no more than ten");
    }

    #[test]
    fn each_address_has_its_own_and_an_ipv6_network_is_one() {
        let (guesses, _) = guesses();
        assert_eq!(let_through(&guesses, at("192.0.2.1"), 20), 10);
        assert_eq!(let_through(&guesses, at("::ffff:192.0.2.1"), 20), 0, "the same in other words");
        assert_eq!(let_through(&guesses, at("192.0.2.2"), 20), 10);
        assert_eq!(let_through(&guesses, at("2001:db8:0:1::1"), 20), 10);
        assert_eq!(let_through(&guesses, at("2001:db8:0:1:ffff::9"), 20), 0);
        assert_eq!(let_through(&guesses, at("2001:db8:0:2::1"), 20), 10);
        assert_eq!(let_through(&guesses, None, 20), 10);
    }

    #[test]
    fn memory_is_bounded_whoever_comes() {
        let (guesses, clock) = guesses();
        let v4 = |number: u32| Some(IpAddr::V4(number.into()));
        for number in 0..70_000 {
            let _ = guesses.count(v4(number));
        }
        assert!(guesses.wrong.limiter.len() <= MOST + 1);
        assert!(guesses.count(v4(1_000_000)).is_err(), "the rest share one bucket");
        clock.advance(Duration::from_secs(3_600));
        // Ten from the shared bucket, and ten from its own when there is room again.
        assert_eq!(let_through(&guesses, v4(1_000_000), MOST + 1), 20);
        assert_eq!(guesses.wrong.limiter.len(), 2, "those who have calmed down are forgotten");
    }
}
