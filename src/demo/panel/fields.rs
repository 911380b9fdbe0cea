//! Reading the fields of a request body, noting what is wrong.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::PanelVersion;
use super::http::Reply;
use super::validate::{Issues, Problem, parse_date, parse_uuid, type_name};

/// How large a JSON number may be before JavaScript loses digits.
const MAX_SAFE: u64 = 9_007_199_254_740_991;

/// A body being read.
pub(super) struct Fields<'a> {
    version: PanelVersion,
    body: &'a Map<String, Value>,
    issues: Issues,
}

impl<'a> Fields<'a> {
    pub(super) fn new(version: PanelVersion, body: &'a Map<String, Value>) -> Self {
        Self { version, body, issues: Issues::new(version) }
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// The panel's 400, if anything was wrong.
    pub(super) fn check(self) -> Result<(), Reply> {
        self.issues.check()
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.body.contains_key(name)
    }

    pub(super) fn add(&mut self, path: &[Value], problem: &Problem<'_>, message: Option<&str>) {
        self.issues.add(path, problem, message);
    }

    fn wrong_type(&mut self, name: &str, expected: &'static str, message: Option<&str>) {
        let problem = Problem::Type(expected, type_name(self.body.get(name)));
        self.issues.add(&[json!(name)], &problem, message);
    }

    /// Text; missing is fine.
    pub(super) fn text(&mut self, name: &str) -> Option<&'a str> {
        match self.body.get(name)? {
            Value::String(text) => Some(text),
            _ => {
                self.wrong_type(name, "string", None);
                None
            }
        }
    }

    /// Text or null; the outer `None` when missing.
    pub(super) fn nullable_text(&mut self, name: &str) -> Option<Option<&'a str>> {
        if self.body.get(name)?.is_null() {
            return Some(None);
        }
        self.text(name).map(Some)
    }

    /// Text that must be there; version 2 words its absence itself.
    pub(super) fn required_text(&mut self, name: &str, missing_in_v2: &str) -> Option<&'a str> {
        if self.has(name) {
            return self.text(name);
        }
        let message = (self.version == PanelVersion::V2).then_some(missing_in_v2);
        self.wrong_type(name, "string", message);
        None
    }

    /// Text of `minimum` to `maximum` characters; `messages` for too short and too long.
    pub(super) fn length(&mut self, name: &str, text: &str, bounds: (u64, u64), messages: [Option<&str>; 2]) {
        let [short, long] = messages;
        let length = u64::try_from(text.encode_utf16().count()).unwrap_or(u64::MAX);
        if length < bounds.0 {
            self.issues.add(&[json!(name)], &Problem::TooSmall("string", bounds.0, true), short);
        }
        if length > bounds.1 {
            self.issues.add(&[json!(name)], &Problem::TooBig("string", bounds.1), long);
        }
    }

    /// A date; missing is fine.
    pub(super) fn date(&mut self, name: &str) -> Option<DateTime<Utc>> {
        let text = self.text(name)?;
        let date = parse_date(text);
        if date.is_none() {
            self.issues.add(&[json!(name)], &Problem::Datetime, None);
        }
        date
    }

    /// A date that has not passed; missing is fine.
    pub(super) fn future(&mut self, name: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let date = self.date(name)?;
        if date <= now {
            let message = "Expiration date cannot be in the past";
            self.issues.add(&[json!(name)], &Problem::Rule, Some(message));
        }
        Some(date)
    }

    /// One of the words; missing is fine.
    pub(super) fn word(&mut self, name: &str, words: &'static [&'static str], v2: &str) -> Option<&'a str> {
        let text = self.text(name)?;
        if words.contains(&text) {
            return Some(text);
        }
        let message = (self.version == PanelVersion::V2).then_some(v2);
        self.issues.add(&[json!(name)], &Problem::Word(words, text), message);
        None
    }

    /// Any number; missing is fine.
    pub(super) fn number(&mut self, name: &str) -> Option<f64> {
        match self.body.get(name)? {
            Value::Number(number) => number.as_f64(),
            _ => {
                self.wrong_type(name, "number", None);
                None
            }
        }
    }

    /// A whole number from `minimum` up; missing is fine.
    pub(super) fn whole(&mut self, name: &str, minimum: u64) -> Option<u64> {
        self.number(name)?;
        let number = self.body.get(name).and_then(Value::as_u64).filter(|number| *number <= MAX_SAFE);
        if number.is_none_or(|number| number < minimum) {
            self.issues.add(&[json!(name)], &Problem::TooSmall("number", minimum, true), None);
        }
        number
    }

    /// A whole number or null; the outer `None` when missing.
    pub(super) fn nullable_integer(&mut self, name: &str) -> Option<Option<i64>> {
        if self.body.get(name)?.is_null() {
            return Some(None);
        }
        self.number(name)?;
        let number = self.body.get(name).and_then(Value::as_i64);
        if number.is_none() {
            self.wrong_type(name, "number", None);
        }
        number.map(Some)
    }

    /// A yes or no; missing is fine.
    pub(super) fn flag(&mut self, name: &str) -> Option<bool> {
        match self.body.get(name)? {
            Value::Bool(flag) => Some(*flag),
            _ => {
                self.wrong_type(name, "boolean", None);
                None
            }
        }
    }

    /// A list of UUIDs; missing is fine, null is not.
    pub(super) fn uuids(&mut self, name: &str) -> Option<Vec<Uuid>> {
        let Value::Array(items) = self.body.get(name)? else {
            self.wrong_type(name, "array", None);
            return None;
        };
        let mut uuids = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let path = [json!(name), json!(index)];
            match item.as_str().map(parse_uuid) {
                Some(Some(uuid)) => uuids.push(uuid),
                Some(None) => self.issues.add(&path, &Problem::Uuid, None),
                None => self.issues.add(&path, &Problem::Type("string", type_name(Some(item))), None),
            }
        }
        Some(uuids)
    }

    /// A list of numbers; missing is fine.
    pub(super) fn numbers(&mut self, name: &str) -> Option<Vec<u64>> {
        let Value::Array(items) = self.body.get(name)? else {
            self.wrong_type(name, "array", None);
            return None;
        };
        let mut numbers = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            match item.as_u64() {
                Some(number) => numbers.push(number),
                None => {
                    let problem = Problem::Type("number", type_name(Some(item)));
                    self.issues.add(&[json!(name), json!(index)], &problem, None);
                }
            }
        }
        Some(numbers)
    }
}
