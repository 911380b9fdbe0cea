//! The panel's validation errors, in the words of its two validators (zod 3 in version 2, zod 4 in version 3).

use chrono::{DateTime, NaiveDateTime, SubsecRound, Utc};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::PanelVersion;
use super::http::Reply;

const DATETIME_PATTERN: &str = "/^(?:(?:\\d\\d[2468][048]|\\d\\d[13579][26]|\\d\\d0[48]|[02468][048]00|[13579][26]00)-02-29|\\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)|(?:02)-(?:0[1-9]|1\\d|2[0-8])))T(?:(?:[01]\\d|2[0-3]):[0-5]\\d(?::[0-5]\\d(?:\\.\\d+)?)?(?:Z||([+-](?:[01]\\d|2[0-3]):[0-5]\\d)))$/";
const UUID_PATTERN: &str = "/^([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[1-8][0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}|00000000-0000-0000-0000-000000000000|ffffffff-ffff-ffff-ffff-ffffffffffff)$/";

/// What is wrong with one value.
#[derive(Debug, Clone)]
pub(super) enum Problem<'a> {
    /// Another type was expected; the word for what came.
    Type(&'static str, &'static str),
    /// A number in the path or the query that is none.
    NotANumber,
    /// Shorter or smaller than `minimum`; what is measured; whether the minimum itself is fine.
    TooSmall(&'static str, u64, bool),
    /// Longer or larger than the maximum; what is measured.
    TooBig(&'static str, u64),
    /// A regular expression does not match.
    Pattern(&'static str),
    Datetime,
    Uuid,
    /// Not one of these words; what came.
    Word(&'static [&'static str], &'a str),
    /// A rule of the panel's own.
    Rule,
}

impl Problem<'_> {
    fn details(&self, version: PanelVersion) -> Value {
        match (version, self) {
            (PanelVersion::V2, Self::Type(expected, received)) => {
                json!({"code": "invalid_type", "expected": expected, "received": received})
            }
            (PanelVersion::V3, Self::Type(expected, _)) => {
                json!({"expected": expected, "code": "invalid_type"})
            }
            (PanelVersion::V2, Self::NotANumber) => {
                json!({"code": "invalid_type", "expected": "number", "received": "nan"})
            }
            (PanelVersion::V3, Self::NotANumber) => {
                json!({"expected": "number", "code": "invalid_type", "received": "NaN"})
            }
            (PanelVersion::V2, Self::TooSmall(origin, minimum, inclusive)) => json!({
                "code": "too_small", "minimum": minimum, "type": origin, "inclusive": inclusive, "exact": false
            }),
            (PanelVersion::V3, Self::TooSmall(origin, minimum, inclusive)) => {
                json!({"origin": origin, "code": "too_small", "minimum": minimum, "inclusive": inclusive})
            }
            (PanelVersion::V2, Self::TooBig(origin, maximum)) => json!({
                "code": "too_big", "maximum": maximum, "type": origin, "inclusive": true, "exact": false
            }),
            (PanelVersion::V3, Self::TooBig(origin, maximum)) => {
                json!({"origin": origin, "code": "too_big", "maximum": maximum, "inclusive": true})
            }
            (PanelVersion::V2, Self::Pattern(_)) => json!({"validation": "regex", "code": "invalid_string"}),
            (PanelVersion::V3, Self::Pattern(pattern)) => format_error("regex", pattern),
            (PanelVersion::V2, Self::Datetime) => json!({"code": "invalid_string", "validation": "datetime"}),
            (PanelVersion::V3, Self::Datetime) => format_error("datetime", DATETIME_PATTERN),
            (PanelVersion::V2, Self::Uuid) => json!({"validation": "uuid", "code": "invalid_string"}),
            (PanelVersion::V3, Self::Uuid) => format_error("uuid", UUID_PATTERN),
            (PanelVersion::V2, Self::Word(words, came)) => {
                json!({"received": came, "code": "invalid_enum_value", "options": words})
            }
            (PanelVersion::V3, Self::Word(words, _)) => json!({"code": "invalid_value", "values": words}),
            (_, Self::Rule) => json!({"code": "custom"}),
        }
    }

    /// The validator's own message, where the panel gives none.
    fn message(&self, version: PanelVersion) -> String {
        match (version, self) {
            (PanelVersion::V2, Self::Type(_, "undefined")) => "Required".to_owned(),
            (PanelVersion::V2, Self::Type(expected, received)) => {
                format!("Expected {expected}, received {received}")
            }
            (PanelVersion::V3, Self::Type(expected, received)) => {
                format!("Invalid input: expected {expected}, received {received}")
            }
            (PanelVersion::V2, Self::NotANumber) => "Expected number, received nan".to_owned(),
            (PanelVersion::V3, Self::NotANumber) => "Invalid input: expected number, received NaN".to_owned(),
            (_, Self::TooSmall("string", minimum, _)) => {
                format!("Too small: expected string to have >={minimum} characters")
            }
            (_, Self::TooSmall("array", minimum, _)) => {
                format!("Too small: expected array to have >={minimum} items")
            }
            (_, Self::TooSmall(_, minimum, inclusive)) => {
                format!("Too small: expected number to be >{}{minimum}", if *inclusive { "=" } else { "" })
            }
            (_, Self::TooBig("string", maximum)) => {
                format!("Too big: expected string to have <={maximum} characters")
            }
            (_, Self::TooBig("array", maximum)) => {
                format!("Too big: expected array to have <={maximum} items")
            }
            (_, Self::TooBig(_, maximum)) => format!("Too big: expected number to be <={maximum}"),
            (PanelVersion::V2, Self::Datetime) => "Invalid date format".to_owned(),
            (PanelVersion::V3, Self::Datetime) => "Invalid ISO datetime".to_owned(),
            (PanelVersion::V2, Self::Uuid) => "Invalid uuid".to_owned(),
            (PanelVersion::V3, Self::Uuid) => "Invalid UUID".to_owned(),
            (_, Self::Word(words, _)) => {
                let words: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
                format!("Invalid option: expected one of {}", words.join("|"))
            }
            (_, Self::Pattern(_) | Self::Rule) => "Invalid input".to_owned(),
        }
    }
}

fn format_error(format: &str, pattern: &str) -> Value {
    json!({"origin": "string", "code": "invalid_format", "format": format, "pattern": pattern})
}

/// The word the validators have for a value's type.
pub(super) fn type_name(value: Option<&Value>) -> &'static str {
    match value {
        None => "undefined",
        Some(Value::Null) => "null",
        Some(Value::Bool(_)) => "boolean",
        Some(Value::Number(_)) => "number",
        Some(Value::String(_)) => "string",
        Some(Value::Array(_)) => "array",
        Some(Value::Object(_)) => "object",
    }
}

/// What was found wrong with a request so far.
#[derive(Debug)]
pub(super) struct Issues {
    version: PanelVersion,
    found: Vec<Value>,
}

impl Issues {
    pub(super) fn new(version: PanelVersion) -> Self {
        Self { version, found: Vec::new() }
    }

    /// Notes a problem; without a message the validator's own is used.
    pub(super) fn add(&mut self, path: &[Value], problem: &Problem<'_>, message: Option<&str>) {
        let mut issue = problem.details(self.version);
        if let Value::Object(fields) = &mut issue {
            let message = message.map_or_else(|| problem.message(self.version), ToOwned::to_owned);
            let path = ("path".to_owned(), Value::from(path.to_vec()));
            let message = ("message".to_owned(), Value::from(message));
            // Keys in the order each validator writes them.
            let (first, second) = match (self.version, problem) {
                (PanelVersion::V2, Problem::Type(..) | Problem::Word(..)) | (PanelVersion::V3, _) => {
                    (path, message)
                }
                (PanelVersion::V2, _) => (message, path),
            };
            fields.insert(first.0, first.1);
            fields.insert(second.0, second.1);
        }
        self.found.push(issue);
    }

    /// Goes on if nothing was wrong.
    ///
    /// # Errors
    /// The panel's 400 naming everything that was.
    pub(super) fn check(self) -> Result<(), Reply> {
        if self.found.is_empty() {
            return Ok(());
        }
        Err(Reply::json(
            400,
            &json!({"statusCode": 400, "message": "Validation failed", "errors": self.found}),
        ))
    }

    /// The 400 for one problem.
    pub(super) fn only(
        version: PanelVersion,
        path: &[Value],
        problem: &Problem<'_>,
        message: Option<&str>,
    ) -> Reply {
        let mut issues = Self::new(version);
        issues.add(path, problem, message);
        Reply::json(400, &json!({"statusCode": 400, "message": "Validation failed", "errors": issues.found}))
    }
}

/// The body as an object.
///
/// # Errors
/// The panel's 400 for any other value, or none.
pub(super) fn object(version: PanelVersion, body: Option<Value>) -> Result<Map<String, Value>, Reply> {
    match body {
        Some(Value::Object(fields)) => Ok(fields),
        other => {
            let problem = Problem::Type("object", type_name(other.as_ref()));
            Err(Issues::only(version, &[], &problem, None))
        }
    }
}

/// A date as the panel reads it: ISO 8601 with an offset, `Z` or nothing (then UTC), cut to milliseconds.
pub(super) fn parse_date(text: &str) -> Option<DateTime<Utc>> {
    let aware = DateTime::parse_from_rfc3339(text).map(|at| at.with_timezone(&Utc)).ok();
    let local = || {
        let text = text.strip_suffix('Z').unwrap_or(text);
        let formats = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M"];
        formats
            .iter()
            .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
            .map(|at| at.and_utc())
    };
    // A space instead of the T is fine for RFC 3339 but not for the panel.
    text.contains('T').then(|| aware.or_else(local)).flatten().map(|at| at.trunc_subsecs(3))
}

/// A UUID as both validators take it: hyphenated, of a known version.
pub(super) fn parse_uuid(text: &str) -> Option<Uuid> {
    (text.len() == 36).then(|| Uuid::parse_str(text).ok()).flatten()
}
