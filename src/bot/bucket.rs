//! How much one person may send. Beyond that they are told once and then not listened to for a while, so that nobody fills
//! the database or keeps the bot busy.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::limits::Limits;

/// So many people are remembered.
const REMEMBERED: usize = 10_000;

/// What to do with an update.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Take it.
    Take,
    /// It is the first too many: leave it, and say so.
    Tell,
    /// Leave it.
    Ignore,
}

/// Every person's bucket.
#[derive(Debug, Default)]
pub struct Buckets(HashMap<i64, Bucket>);

#[derive(Debug, Clone, Copy)]
struct Bucket {
    /// When it is full again.
    full_at: DateTime<Utc>,
    /// Until when the person is not listened to.
    ignored_until: Option<DateTime<Utc>>,
}

impl Bucket {
    /// When it is as if the person had never written.
    fn forgotten_at(&self) -> DateTime<Utc> {
        self.ignored_until.map_or(self.full_at, |until| until.max(self.full_at))
    }
}

impl Buckets {
    /// An update of that person has arrived.
    pub fn take(&mut self, person: i64, now: DateTime<Utc>, limits: &Limits) -> Verdict {
        if !self.0.contains_key(&person) {
            self.make_room(now);
        }
        let bucket = self.0.entry(person).or_insert(Bucket { full_at: now, ignored_until: None });
        match bucket.ignored_until {
            Some(until) if now < until => return Verdict::Ignore,
            Some(_) => *bucket = Bucket { full_at: now, ignored_until: None },
            None => {}
        }
        let full_at = bucket.full_at.max(now) + limits.refill;
        if full_at - now > limits.refill * i32::from(limits.burst) {
            bucket.ignored_until = Some(now + limits.ignored);
            return Verdict::Tell;
        }
        bucket.full_at = full_at;
        Verdict::Take
    }

    /// Forgets those of whom nothing has to be known any more; of too many, whoever would be forgotten first.
    fn make_room(&mut self, now: DateTime<Utc>) {
        if self.0.len() < REMEMBERED {
            return;
        }
        self.0.retain(|_, bucket| bucket.forgotten_at() > now);
        if self.0.len() < REMEMBERED {
            return;
        }
        // A tenth at once, so that it is not done for each that comes.
        let mut ends: Vec<DateTime<Utc>> = self.0.values().map(Bucket::forgotten_at).collect();
        let (_, end, _) = ends.select_nth_unstable(REMEMBERED / 10);
        let end = *end;
        self.0.retain(|_, bucket| bucket.forgotten_at() > end);
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn at(milliseconds: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::milliseconds(milliseconds)
    }

    #[test]
    fn twenty_at_once_then_five_a_second() {
        let (mut buckets, limits) = (Buckets::default(), Limits::default());
        let mut take = |person, now| buckets.take(person, at(now), &limits);
        for _ in 0..20 {
            assert_eq!(take(1, 0), Verdict::Take);
        }
        assert_eq!(take(1, 200), Verdict::Take, "one more after a fifth of a second");
        assert_eq!(take(1, 399), Verdict::Tell);
        assert_eq!(take(2, 399), Verdict::Take, "others do not notice");
        assert_eq!(take(1, 400), Verdict::Ignore);
        assert_eq!(take(1, 60_398), Verdict::Ignore);
        for _ in 0..20 {
            assert_eq!(take(1, 60_399), Verdict::Take, "after a minute all is forgotten");
        }
        assert_eq!(take(1, 60_399), Verdict::Tell, "told once each time");
    }

    #[test]
    fn whoever_is_slower_than_that_never_meets_it() {
        let (mut buckets, limits) = (Buckets::default(), Limits::default());
        for number in 0..1000 {
            assert_eq!(buckets.take(1, at(number * 200), &limits), Verdict::Take);
        }
    }

    #[test]
    fn many_senders_take_little_room() {
        let (mut buckets, limits) = (Buckets::default(), Limits::default());
        for person in 0..50_000 {
            buckets.take(person, at(0), &limits);
            assert!(buckets.0.len() <= REMEMBERED);
        }
        for _ in 0..21 {
            buckets.take(-1, at(1), &limits);
        }
        for person in 50_000..58_000 {
            buckets.take(person, at(2), &limits);
        }
        assert_eq!(buckets.take(-1, at(3), &limits), Verdict::Ignore, "the one who is ignored stays so");
    }
}
