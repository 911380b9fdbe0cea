//! How far the panel's clock is from ours: its answers carry the time.

use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::skew::measured;

/// What the last answer that told the time said.
#[derive(Debug, Default)]
pub(super) struct Skew(Mutex<Option<TimeDelta>>);

impl Skew {
    /// The panel's clock minus ours, in whole seconds; `None` when it has never told the time.
    pub(super) fn get(&self) -> Option<TimeDelta> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An answer came, to a request sent at the first moment and answered at the second, with this `Date`.
    pub(super) fn note(&self, date: Option<&str>, sent: DateTime<Utc>, answered: DateTime<Utc>) {
        if let Some(skew) = date.and_then(|date| measured(date, sent, answered)) {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(skew);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_without_the_time_changes_nothing() {
        let at = |time: &str| format!("2026-11-22T{time}Z").parse().unwrap();
        let skew = Skew::default();
        assert_eq!(skew.get(), None);
        skew.note(Some("Sun, 22 Nov 2026 07:36:29 GMT"), at("07:36:20"), at("07:36:20"));
        skew.note(None, at("07:40:00"), at("07:40:00"));
        skew.note(Some("nonsense"), at("07:40:00"), at("07:40:00"));
        assert_eq!(skew.get(), Some(TimeDelta::seconds(9)));
    }
}
