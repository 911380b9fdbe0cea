//! A JSON value that keeps what validation and its messages need: numbers exactly, and broken strings as broken.

use serde::ser::{Error as _, SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

/// The most characters of an `input` that an answer echoes.
const SHOWN: usize = 200;

/// A value of a request.
#[derive(Debug, Clone, PartialEq)]
pub enum Json {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A whole number of any size, as its digits.
    Int(String),
    /// A number with a fraction or an exponent; may be infinite or no number at all (`1e400`, `NaN`).
    Float(f64),
    /// A string.
    Text(String),
    /// A string with half of a surrogate pair, which no text can hold; here it is U+FFFD.
    BrokenText(String),
    /// A list.
    Array(Vec<Json>),
    /// Names and values in order of first appearance; of a repeated name the last value.
    Object(Vec<(String, Json)>),
}

impl Json {
    /// A string value.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// The value of a name, if this is an object that has it.
    pub fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(fields) => fields.iter().find(|(field, _)| field == name).map(|(_, value)| value),
            _ => None,
        }
    }

    /// What an error echoes: short values as they are. Of a longer string its first 200 characters; of any other
    /// longer value the first 200 characters of its JSON, as a string.
    pub fn shown(&self) -> Self {
        match self {
            Self::Text(text) | Self::BrokenText(text) => Self::Text(text.chars().take(SHOWN).collect()),
            other => match serde_json::to_string(other) {
                Ok(json) if json.chars().count() > SHOWN => Self::Text(json.chars().take(SHOWN).collect()),
                _ => other.clone(),
            },
        }
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Int(digits) => {
                RawValue::from_string(digits.clone()).map_err(S::Error::custom)?.serialize(serializer)
            }
            Self::Float(number) if number.is_finite() => serializer.serialize_f64(*number),
            Self::Float(_) => serializer.serialize_unit(),
            Self::Text(text) | Self::BrokenText(text) => serializer.serialize_str(text),
            Self::Array(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    list.serialize_element(item)?;
                }
                list.end()
            }
            Self::Object(fields) => {
                let mut map = serializer.serialize_map(Some(fields.len()))?;
                for (name, value) in fields {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(value: Json) -> String {
        serde_json::to_string(&value.shown()).unwrap()
    }

    #[test]
    fn short_values_are_shown_exactly() {
        assert_eq!(shown(Json::Int("9223372036854775808".to_owned())), "9223372036854775808");
        assert_eq!(shown(Json::Float(-0.0)), "-0.0");
        assert_eq!(shown(Json::Float(f64::INFINITY)), "null");
        assert_eq!(shown(Json::BrokenText("\u{fffd}a".to_owned())), "\"\u{fffd}a\"");
        assert_eq!(
            shown(Json::Object(vec![("a".to_owned(), Json::Array(vec![Json::Null]))])),
            r#"{"a":[null]}"#
        );
    }

    #[test]
    fn long_values_are_cut_to_200_characters() {
        assert_eq!(Json::text("ж".repeat(5000)).shown(), Json::text("ж".repeat(200)));
        assert_eq!(Json::Int("9".repeat(5000)).shown(), Json::text("9".repeat(200)));
        let Json::Text(object) =
            Json::Object(vec![("days".to_owned(), Json::text("x".repeat(5000)))]).shown()
        else {
            panic!("a long object is shown as text")
        };
        assert_eq!(object.chars().count(), 200);
        assert!(object.starts_with(r#"{"days":"xxx"#));
    }
}
