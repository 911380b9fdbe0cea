//! A length of time that a client is given.

use std::fmt;
use std::str::FromStr;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

/// Whole days, 1 to 3650.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub struct Days(u16);

/// A number of days outside 1 to 3650, or no number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("days are a whole number from 1 to 3650")]
pub struct DaysError;

impl Days {
    /// The fewest.
    pub const MIN: i64 = 1;
    /// The most: ten years.
    pub const MAX: i64 = 3650;

    /// The number.
    pub fn get(self) -> i64 {
        i64::from(self.0)
    }

    /// The same as a duration of 24-hour days.
    pub fn delta(self) -> TimeDelta {
        TimeDelta::days(self.get())
    }
}

impl Default for Days {
    /// What an integration gets that names no number: 30.
    fn default() -> Self {
        Self(30)
    }
}

impl TryFrom<i64> for Days {
    type Error = DaysError;

    fn try_from(number: i64) -> Result<Self, Self::Error> {
        if !(Self::MIN..=Self::MAX).contains(&number) {
            return Err(DaysError);
        }
        u16::try_from(number).map(Self).map_err(|_| DaysError)
    }
}

impl From<Days> for i64 {
    fn from(days: Days) -> Self {
        days.get()
    }
}

impl FromStr for Days {
    type Err = DaysError;

    /// A person's typing: digits only, blanks around them forgiven.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.trim().parse::<i64>().map_err(|_| DaysError)?.try_into()
    }
}

impl fmt::Display for Days {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_to_ten_years() {
        for (text, fits) in
            [("1", true), ("3650", true), (" 30 ", true), ("0", false), ("3651", false), ("-1", false)]
        {
            assert_eq!(text.parse::<Days>().is_ok(), fits, "{text}");
        }
        assert_eq!("x".parse::<Days>(), Err(DaysError));
        assert_eq!("99999999999999999999".parse::<Days>(), Err(DaysError));
    }
}
