//! The rules for single values, as lenient as the original's (pydantic in lax mode).

use crate::domain::actor::Source;
use crate::domain::client::Status;
use crate::domain::days::Days;
use crate::domain::operation::{Action, Outcome};
use crate::domain::username::{Username, UsernameError};

use super::json::Json;
use super::problem::Problem;

/// The panel's rule for names, as an answer quotes it.
const USERNAME_PATTERN: &str = "^[A-Za-z0-9_-]+$";

/// The actions, as an answer names them.
const ACTIONS: &str =
    "'create', 'delete', 'extend', 'block', 'unblock', 'get_config', 'rotate_config' or 'auto_deactivate'";

/// The most rows of a page.
const MOST_ROWS: i64 = 1000;

/// Texts with more digits than this are not read as numbers.
const MOST_DIGITS: usize = 4300;

/// A string.
///
/// # Errors
/// `StringType`, `StringUnicode`.
pub fn text(value: &Json) -> Result<&str, Problem> {
    match value {
        Json::Text(text) => Ok(text),
        Json::BrokenText(_) => Err(Problem::StringUnicode),
        _ => Err(Problem::StringType),
    }
}

/// A username.
///
/// # Errors
/// Those of [`text`], `TooShort`, `TooLong`, `Pattern`.
pub fn username(value: &Json) -> Result<Username, Problem> {
    text(value)?.parse().map_err(|error| match error {
        UsernameError::TooShort => Problem::TooShort(Username::MIN),
        UsernameError::TooLong => Problem::TooLong(Username::MAX),
        UsernameError::Characters => Problem::Pattern(USERNAME_PATTERN),
    })
}

/// A number of days: `30`, `30.0`, `"30"`, and `true` for 1.
///
/// # Errors
/// Those of a whole number, `AtLeast`, `AtMost`.
pub fn days(value: &Json) -> Result<Days, Problem> {
    let number = whole(value)?;
    let beyond = if number < Days::MIN { Problem::AtLeast(Days::MIN) } else { Problem::AtMost(Days::MAX) };
    Days::try_from(number).map_err(|_| beyond)
}

/// A whole number; beyond 64 bits the nearest one that fits, which no range includes.
fn whole(value: &Json) -> Result<i64, Problem> {
    match value {
        Json::Bool(value) => Ok(i64::from(*value)),
        Json::Int(digits) => Ok(saturating(digits)),
        Json::Float(number) => whole_float(*number),
        Json::Text(text) => whole_text(text),
        Json::BrokenText(_) => Err(Problem::StringUnicode),
        Json::Null | Json::Array(_) | Json::Object(_) => Err(Problem::IntType),
    }
}

fn saturating(digits: &str) -> i64 {
    digits.parse().unwrap_or(if digits.starts_with('-') { i64::MIN } else { i64::MAX })
}

fn whole_float(number: f64) -> Result<i64, Problem> {
    /// 2⁶³, the first number that 64 bits do not hold.
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    if !number.is_finite() {
        Err(Problem::FiniteNumber)
    } else if number.fract() != 0.0 {
        Err(Problem::IntFromFloat)
    } else if number.abs() >= LIMIT {
        Err(Problem::IntParsingSize)
    } else {
        format!("{number:.0}").parse().map_err(|_| Problem::IntParsingSize)
    }
}

/// A whole number as text: blanks around it, a sign, leading zeros, single underscores between digits and a fraction
/// of nothing but zeros are forgiven.
fn whole_text(text: &str) -> Result<i64, Problem> {
    let (sign, digits) = clean(text).ok_or(Problem::IntParsing)?;
    if digits.len() > MOST_DIGITS {
        return Err(Problem::IntParsingSize);
    }
    Ok(saturating(&format!("{sign}{digits}")))
}

/// Sign and bare digits of such a text.
fn clean(text: &str) -> Option<(&'static str, String)> {
    let text = text.trim();
    let (sign, unsigned) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let whole = match unsigned.split_once('.') {
        Some((whole, zeros)) if !zeros.is_empty() && zeros.bytes().all(|byte| byte == b'0') => whole,
        Some(_) => return None,
        None => unsigned,
    };
    let digits = if whole.starts_with('0') { whole.trim_start_matches(['0', '_']) } else { whole };
    if digits.is_empty() {
        return whole.ends_with('0').then(|| (sign, "0".to_owned()));
    }
    bare(sign, digits, digits.len() < whole.len())
}

/// The digits behind leading zeros. There the original took one more sign: "0-5" was -5 to it, so it is too small here,
/// not unreadable.
fn bare<'a>(sign: &'a str, digits: &str, after_zeros: bool) -> Option<(&'a str, String)> {
    if digits.starts_with('_') || digits.ends_with('_') || digits.contains("__") {
        return None;
    }
    let (sign, digits) = match digits.strip_prefix('-') {
        Some(rest) if after_zeros && sign.is_empty() => ("-", rest),
        _ => (sign, digits),
    };
    let digits = digits.replace('_', "");
    let numeric = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let padded = digits.len() > 1 && digits.starts_with('0');
    (numeric && !padded).then_some((sign, digits))
}

/// Yes or no.
///
/// # Errors
/// `BoolParsing`.
pub fn boolean(text: &str) -> Result<bool, Problem> {
    let is = |words: &[&str]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    if is(&["1", "true", "t", "yes", "y", "on"]) {
        Ok(true)
    } else if is(&["0", "false", "f", "no", "n", "off"]) {
        Ok(false)
    } else {
        Err(Problem::BoolParsing)
    }
}

/// A client's status, exactly as written.
///
/// # Errors
/// `OneOf`.
pub fn status(text: &str) -> Result<Status, Problem> {
    word(text, [Status::Active, Status::Blocked], Status::as_str, "'active' or 'blocked'")
}

/// Through which door, exactly as written.
///
/// # Errors
/// `OneOf`.
pub fn source(text: &str) -> Result<Source, Problem> {
    word(text, Source::ALL, Source::as_str, "'bot', 'api', 'job' or 'panel'")
}

/// What was done, exactly as written.
///
/// # Errors
/// `OneOf`.
pub fn action(text: &str) -> Result<Action, Problem> {
    word(text, Action::ALL, Action::as_str, ACTIONS)
}

/// How it ended, exactly as written.
///
/// # Errors
/// `OneOf`.
pub fn outcome(text: &str) -> Result<Outcome, Problem> {
    word(text, Outcome::ALL, Outcome::as_str, "'success' or 'fail'")
}

fn word<T: Copy>(
    text: &str,
    all: impl IntoIterator<Item = T>,
    name: fn(T) -> &'static str,
    expected: &'static str,
) -> Result<T, Problem> {
    all.into_iter().find(|value| name(*value) == text).ok_or(Problem::OneOf(expected))
}

/// A whole number in a query; beyond 64 bits the nearest one that fits.
///
/// # Errors
/// `IntParsing`, `IntParsingSize`.
pub fn integer(text: &str) -> Result<i64, Problem> {
    whole_text(text)
}

/// How many rows a page may have.
///
/// # Errors
/// Those of [`integer`], `AtLeast`, `AtMost`.
pub fn limit(text: &str) -> Result<u32, Problem> {
    match integer(text)? {
        ..1 => Err(Problem::AtLeast(1)),
        number => u32::try_from(number)
            .ok()
            .filter(|limit| i64::from(*limit) <= MOST_ROWS)
            .ok_or(Problem::AtMost(MOST_ROWS)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Recorded from pydantic 2.10: a text and what it became.
    #[test]
    fn numbers_as_text_are_as_lenient_as_recorded() {
        let recorded: Vec<(String, serde_json::Value)> =
            serde_json::from_str(include_str!("../../../tests/fixtures/contract/days_as_text.json")).unwrap();
        assert!(recorded.len() > 100);
        for (text, expected) in recorded {
            let ours = match days(&Json::text(text.clone())) {
                Ok(days) => serde_json::json!(days.get()),
                Err(problem) => serde_json::json!(problem.kind()),
            };
            assert_eq!(ours, expected, "{text:?}");
        }
    }

    #[test]
    fn numbers_of_every_kind() {
        for (json, expected) in [
            ("true", Ok(1)),
            ("30.0", Ok(30)),
            ("3e1", Ok(30)),
            ("\"30\"", Ok(30)),
            ("false", Err(Problem::AtLeast(1))),
            ("-0.0", Err(Problem::AtLeast(1))),
            ("1e19", Err(Problem::IntParsingSize)),
            ("9.2e18", Err(Problem::AtMost(3650))),
            ("1e400", Err(Problem::FiniteNumber)),
            ("null", Err(Problem::IntType)),
            ("1180591620717411303424", Err(Problem::AtMost(3650))),
            ("-1180591620717411303424", Err(Problem::AtLeast(1))),
            ("\"\\ud800\"", Err(Problem::StringUnicode)),
            ("[1]", Err(Problem::IntType)),
        ] {
            let value = super::super::json_parser::parse(json).unwrap();
            assert_eq!(days(&value).map(Days::get), expected, "{json}");
        }
        let long = |count| days(&Json::text("9".repeat(count)));
        assert_eq!(long(4300), Err(Problem::AtMost(3650)));
        assert_eq!(long(4301), Err(Problem::IntParsingSize));
        assert_eq!(days(&Json::text(format!("{}30", "0".repeat(5000)))).map(Days::get), Ok(30));
    }

    #[test]
    fn a_page_has_one_to_a_thousand_rows() {
        for (text, expected) in [
            ("1", Ok(1)),
            (" 1000.0 ", Ok(1000)),
            ("0", Err(Problem::AtLeast(1))),
            ("-99999999999999999999", Err(Problem::AtLeast(1))),
            ("1001", Err(Problem::AtMost(1000))),
            ("99999999999999999999", Err(Problem::AtMost(1000))),
            ("", Err(Problem::IntParsing)),
            ("ten", Err(Problem::IntParsing)),
            ("1.5", Err(Problem::IntParsing)),
        ] {
            assert_eq!(limit(text), expected, "{text}");
        }
    }

    #[test]
    fn every_word_of_the_log_is_known_and_named() {
        for known in Action::ALL {
            assert_eq!(action(known.as_str()), Ok(known));
            assert!(ACTIONS.contains(&format!("'{}'", known.as_str())));
        }
        assert_eq!(source("panel"), Ok(Source::Panel));
        assert_eq!(outcome("fail"), Ok(Outcome::Fail));
        assert_eq!(action("Create"), Err(Problem::OneOf(ACTIONS)));
    }

    #[test]
    fn words_for_yes_and_no_in_any_case() {
        for yes in ["1", "true", "TRUE", "t", "Yes", "y", "oN"] {
            assert_eq!(boolean(yes), Ok(true), "{yes}");
        }
        for no in ["0", "false", "F", "no", "N", "oFf"] {
            assert_eq!(boolean(no), Ok(false), "{no}");
        }
        for neither in ["", " true", "2", "1.0", "null", "да"] {
            assert_eq!(boolean(neither), Err(Problem::BoolParsing), "{neither}");
        }
    }

    proptest::proptest! {
        #[test]
        fn every_days_has_its_text(number in 1_i64..=3650) {
            assert_eq!(days(&Json::text(format!(" +0{number}.00\t"))).map(Days::get), Ok(number));
        }

        #[test]
        fn any_text_has_an_answer(any in "\\PC*", near in "[0-9_+\\-. \u{a0}]{0,12}") {
            for text in [any, near] {
                let _answers = (days(&Json::text(text.clone())), boolean(&text), status(&text), username(&Json::text(text)));
            }
        }
    }
}
