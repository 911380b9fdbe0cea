//! How far another machine's clock is from ours, as the `Date` of its answers tells.

use chrono::{DateTime, TimeDelta, Utc};

/// From here on clocks are apart: nothing is then decided by a date.
pub const APART: TimeDelta = TimeDelta::minutes(2);

/// Their clock minus ours, in whole seconds, by an answer with this `Date` to a request sent at the first moment and
/// answered at the second; `None` when the date cannot be read.
///
/// The time was told somewhere between the two moments, and cut to whole seconds: it was up to one later.
pub fn measured(date: &str, sent: DateTime<Utc>, answered: DateTime<Utc>) -> Option<TimeDelta> {
    let theirs = DateTime::parse_from_rfc2822(date).ok()?.to_utc();
    let ours = sent + (answered - sent) / 2;
    let behind = (ours - theirs).num_milliseconds();
    Some(-TimeDelta::seconds(behind.div_euclid(1000)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(time: &str) -> DateTime<Utc> {
        format!("2026-11-22T{time}Z").parse().unwrap()
    }

    #[test]
    fn it_is_theirs_minus_ours_at_the_middle_of_the_call() {
        let skew =
            |date, sent, answered| measured(date, at(sent), at(answered)).map(|skew| skew.num_seconds());
        let date = "Sun, 22 Nov 2026 07:36:29 GMT";
        assert_eq!(skew(date, "07:36:29.100", "07:36:29.900"), Some(0));
        assert_eq!(skew(date, "07:36:29.900", "07:36:30.050"), Some(0), "cut to seconds");
        assert_eq!(skew(date, "07:36:24", "07:36:34"), Some(0), "a slow call");
        assert_eq!(skew(date, "07:34:29", "07:34:29"), Some(120));
        assert_eq!(skew(date, "07:38:29.5", "07:38:29.5"), Some(-120));
        for odd in ["", "yesterday", "Sun, 31 Feb 2026 07:36:29 GMT"] {
            assert_eq!(skew(odd, "07:36:29", "07:36:29"), None, "{odd:?}");
        }
    }
}
