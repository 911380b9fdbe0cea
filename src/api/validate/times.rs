//! Moments: ISO 8601 dates and times, as pydantic reads them from a text.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};

use super::problem::Problem;

/// Characters of a date.
const DATE: usize = 10;
/// Digits of a fraction of a second that are kept.
const DIGITS: usize = 6;

/// A moment: `2026-05-12`, `2026-05-12T10:30`, `2026-05-12 10:30:00.5+03:00`. Without an offset it is UTC, without a time
/// midnight. A `+` that was not percent-encoded arrives as a blank: before an offset it is taken for what it was.
///
/// # Errors
/// `DateTimeParsing` with the reason.
pub fn moment(text: &str) -> Result<DateTime<Utc>, Problem> {
    let (date, rest) = date(text).map_err(Problem::DateTimeParsing)?;
    let midnight = date.and_time(NaiveTime::MIN).and_utc();
    let Some(rest) = rest.strip_prefix(['T', 't', ' ', '_']) else {
        return match rest {
            "" => Ok(midnight),
            _ => Err(Problem::DateTimeParsing("unexpected extra characters at the end of the input")),
        };
    };
    let after_midnight =
        time(rest).ok_or(Problem::DateTimeParsing("unexpected extra characters at the end of the input"))?;
    // An offset may lead past the years that have four digits, and nothing is kept there.
    Ok((midnight + after_midnight).clamp(first(), last()))
}

fn first() -> DateTime<Utc> {
    NaiveDate::from_ymd_opt(1, 1, 1).map(|date| date.and_time(NaiveTime::MIN).and_utc()).unwrap_or_default()
}

fn last() -> DateTime<Utc> {
    let end = NaiveDate::from_ymd_opt(10_000, 1, 1).map(|date| date.and_time(NaiveTime::MIN).and_utc());
    end.map(|end| end - TimeDelta::microseconds(1)).unwrap_or_default()
}

/// The date, and what follows it.
fn date(text: &str) -> Result<(NaiveDate, &str), &'static str> {
    if text.chars().count() < DATE {
        return Err("input is too short");
    }
    let (year, rest) = number(text, 4).ok_or("invalid character in year")?;
    let rest = rest.strip_prefix('-').ok_or("invalid date separator, expected `-`")?;
    let (month, rest) = number(rest, 2).ok_or("invalid character in month")?;
    let rest = rest.strip_prefix('-').ok_or("invalid date separator, expected `-`")?;
    let (day, rest) = number(rest, 2).ok_or("invalid character in day")?;
    if year == 0 {
        return Err("year 0 is out of range");
    }
    if !(1..=12).contains(&month) {
        return Err("month value is outside expected range of 1-12");
    }
    let year = i32::try_from(year).unwrap_or_default();
    let date = NaiveDate::from_ymd_opt(year, month, day);
    date.map(|date| (date, rest)).ok_or("day value is outside expected range")
}

/// How long after midnight in UTC, with the offset taken off.
fn time(text: &str) -> Option<TimeDelta> {
    let (hours, rest) = number(text, 2)?;
    let (minutes, rest) = number(rest.strip_prefix(':')?, 2)?;
    let (seconds, rest) = match rest.strip_prefix(':') {
        Some(rest) => number(rest, 2)?,
        None => (0, rest),
    };
    let (micros, rest) = match rest.strip_prefix(['.', ',']) {
        Some(rest) => fraction(rest)?,
        None => (0, rest),
    };
    let time = NaiveTime::from_hms_micro_opt(hours, minutes, seconds, micros)?;
    Some(time.signed_duration_since(NaiveTime::MIN) - offset(rest)?)
}

fn offset(text: &str) -> Option<TimeDelta> {
    if matches!(text, "" | "Z" | "z") {
        return Some(TimeDelta::zero());
    }
    let (sign, rest) = match text.strip_prefix(['+', ' ']) {
        Some(rest) => (1, rest),
        None => (-1, text.strip_prefix('-')?),
    };
    let (hours, rest) = number(rest, 2)?;
    let (minutes, rest) = number(rest.strip_prefix(':').unwrap_or(rest), 2)?;
    let fits = rest.is_empty() && hours < 24 && minutes < 60;
    fits.then(|| TimeDelta::minutes(sign * i64::from(hours * 60 + minutes)))
}

/// Microseconds of a fraction; further digits are dropped.
fn fraction(text: &str) -> Option<(u32, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, rest) = text.split_at_checked(digits).filter(|(digits, _)| !digits.is_empty())?;
    let kept: String = digits.chars().chain("000000".chars()).take(DIGITS).collect();
    Some((kept.parse().ok()?, rest))
}

/// Exactly so many digits, and what follows them.
fn number(text: &str, digits: usize) -> Option<(u32, &str)> {
    let (number, rest) = text.split_at_checked(digits)?;
    let digits = number.bytes().all(|byte| byte.is_ascii_digit());
    number.parse().ok().filter(|_| digits).map(|number| (number, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read() {
        for (text, expected) in [
            ("2026-05-12", "2026-05-12T00:00:00Z"),
            ("2026-05-12T10:30", "2026-05-12T10:30:00Z"),
            ("2026-05-12t10:30:15z", "2026-05-12T10:30:15Z"),
            ("2026-05-12 10:30:15.5+03:00", "2026-05-12T07:30:15.500Z"),
            ("2026-05-12T10:30:15.123456789 0300", "2026-05-12T07:30:15.123456Z"),
            ("2026-05-12T10:30:15-00:30", "2026-05-12T11:00:15Z"),
            ("2024-02-29T23:59:59,1Z", "2024-02-29T23:59:59.100Z"),
            ("0001-01-01T00:00+23:59", "0001-01-01T00:00:00Z"),
            ("9999-12-31T23:59:59-23:59", "9999-12-31T23:59:59.999999Z"),
        ] {
            assert_eq!(moment(text), Ok(expected.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn what_is_no_moment_says_why() {
        for (text, why) in [
            ("", "input is too short"),
            ("yesterday", "input is too short"),
            ("2026-05-1", "input is too short"),
            ("12.05.2026", "invalid character in year"),
            ("2026.05.12", "invalid date separator, expected `-`"),
            ("2026-o5-12", "invalid character in month"),
            ("2026-05-1x", "invalid character in day"),
            ("2026-05-1ж", "invalid character in day"),
            ("2026-13-01", "month value is outside expected range of 1-12"),
            ("2026-02-29", "day value is outside expected range"),
            ("0000-01-01", "year 0 is out of range"),
            ("2026-05-12x", "unexpected extra characters at the end of the input"),
            ("2026-05-12T", "unexpected extra characters at the end of the input"),
            ("2026-05-12T25:00", "unexpected extra characters at the end of the input"),
            ("2026-05-12T10:30:00.", "unexpected extra characters at the end of the input"),
            ("2026-05-12T10:30:00+24:00", "unexpected extra characters at the end of the input"),
            ("2026-05-12T10:30:00 03", "unexpected extra characters at the end of the input"),
        ] {
            assert_eq!(moment(text), Err(Problem::DateTimeParsing(why)), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_has_an_answer(any in "\\PC*", near in "[0-9]{4}-[01][0-9]-[0-3][0-9][T _][0-9:.+ Z-]{0,20}") {
            for text in [any, near] {
                if let Ok(moment) = moment(&text) {
                    assert!((first()..=last()).contains(&moment));
                }
            }
        }
    }
}
