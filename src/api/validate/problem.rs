//! What can be wrong with a value, with pydantic's types, messages and contexts, and how it is told.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::json::Json;
use crate::api::openapi::schemas;

/// What is wrong with one value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// It is not there.
    Missing,
    /// No string.
    StringType,
    /// A string with half of a surrogate pair.
    StringUnicode,
    /// Fewer characters than this.
    TooShort(usize),
    /// More characters than this.
    TooLong(usize),
    /// Other characters than this pattern allows.
    Pattern(&'static str),
    /// No whole number, nor anything that can be read as one.
    IntType,
    /// A string that is no whole number.
    IntParsing,
    /// More digits than anyone counts.
    IntParsingSize,
    /// A number with a fraction.
    IntFromFloat,
    /// Infinite, or no number.
    FiniteNumber,
    /// Smaller than this.
    AtLeast(i64),
    /// Greater than this.
    AtMost(i64),
    /// No word for yes or no.
    BoolParsing,
    /// None of these words.
    OneOf(&'static str),
    /// No UUID, and why.
    UuidParsing(String),
    /// No moment, and why.
    DateTimeParsing(&'static str),
    /// Not what a rule of ours asks for, and why.
    Value(&'static str),
    /// The body is no object.
    NoObject,
    /// The body is no JSON, and what was expected.
    JsonInvalid(&'static str),
}

/// One more fact for programs: a name and a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context(&'static str, Fact);

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
enum Fact {
    Count(usize),
    Number(i64),
    Text(String),
}

impl Serialize for Context {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry(self.0, &self.1)?;
        map.end()
    }
}

fn characters(count: usize) -> String {
    format!("{count} character{}", if count == 1 { "" } else { "s" })
}

impl Problem {
    /// pydantic's name for it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::StringType => "string_type",
            Self::StringUnicode => "string_unicode",
            Self::TooShort(_) => "string_too_short",
            Self::TooLong(_) => "string_too_long",
            Self::Pattern(_) => "string_pattern_mismatch",
            Self::IntType => "int_type",
            Self::IntParsing => "int_parsing",
            Self::IntParsingSize => "int_parsing_size",
            Self::IntFromFloat => "int_from_float",
            Self::FiniteNumber => "finite_number",
            Self::AtLeast(_) => "greater_than_equal",
            Self::AtMost(_) => "less_than_equal",
            Self::BoolParsing => "bool_parsing",
            Self::OneOf(_) => "enum",
            Self::UuidParsing(_) => "uuid_parsing",
            Self::DateTimeParsing(_) => "datetime_from_date_parsing",
            Self::Value(_) => "value_error",
            Self::NoObject => "model_attributes_type",
            Self::JsonInvalid(_) => "json_invalid",
        }
    }

    /// pydantic's sentence for it.
    pub fn message(&self) -> String {
        match self {
            Self::Missing => "Field required".to_owned(),
            Self::StringType => "Input should be a valid string".to_owned(),
            Self::StringUnicode => {
                "Input should be a valid string, unable to parse raw data as a unicode string".to_owned()
            }
            Self::TooShort(least) => format!("String should have at least {}", characters(*least)),
            Self::TooLong(most) => format!("String should have at most {}", characters(*most)),
            Self::Pattern(pattern) => format!("String should match pattern '{pattern}'"),
            Self::IntType => "Input should be a valid integer".to_owned(),
            Self::IntParsing => {
                "Input should be a valid integer, unable to parse string as an integer".to_owned()
            }
            Self::IntParsingSize => {
                "Unable to parse input string as an integer, exceeded maximum size".to_owned()
            }
            Self::IntFromFloat => {
                "Input should be a valid integer, got a number with a fractional part".to_owned()
            }
            Self::FiniteNumber => "Input should be a finite number".to_owned(),
            Self::AtLeast(least) => format!("Input should be greater than or equal to {least}"),
            Self::AtMost(most) => format!("Input should be less than or equal to {most}"),
            Self::BoolParsing => "Input should be a valid boolean, unable to interpret input".to_owned(),
            Self::OneOf(words) => format!("Input should be {words}"),
            Self::UuidParsing(why) => format!("Input should be a valid UUID, {why}"),
            Self::DateTimeParsing(why) => format!("Input should be a valid datetime or date, {why}"),
            Self::Value(why) => format!("Value error, {why}"),
            Self::NoObject => {
                "Input should be a valid dictionary or object to extract fields from".to_owned()
            }
            Self::JsonInvalid(_) => "JSON decode error".to_owned(),
        }
    }

    /// pydantic's `ctx`, where there is one.
    pub fn context(&self) -> Option<Context> {
        let (name, fact) = match self {
            Self::TooShort(least) => ("min_length", Fact::Count(*least)),
            Self::TooLong(most) => ("max_length", Fact::Count(*most)),
            Self::Pattern(pattern) => ("pattern", Fact::Text((*pattern).to_owned())),
            Self::AtLeast(least) => ("ge", Fact::Number(*least)),
            Self::AtMost(most) => ("le", Fact::Number(*most)),
            Self::OneOf(words) => ("expected", Fact::Text((*words).to_owned())),
            Self::UuidParsing(why) => ("error", Fact::Text(why.clone())),
            Self::JsonInvalid(why) | Self::DateTimeParsing(why) => ("error", Fact::Text((*why).to_owned())),
            _ => return None,
        };
        Some(Context(name, fact))
    }
}

/// A step of the way to a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Step {
    /// A part of the request, or a name in it.
    Name(&'static str),
    /// A character of a broken body, from 0.
    Character(usize),
}

/// What is wrong with one value.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct FieldError {
    /// What is wrong, as a word for programs.
    #[schema(example = "string_too_short")]
    r#type: &'static str,
    /// Where: `path`, `query`, `header` or `body`, then the name; in a body that is no JSON the character.
    #[schema(schema_with = schemas::loc)]
    loc: Vec<Step>,
    /// What is wrong, in words.
    #[schema(example = "String should have at least 3 characters")]
    msg: String,
    /// The value that was sent, cut to 200 characters.
    #[schema(schema_with = schemas::anything)]
    input: Json,
    /// The limit that was broken, or the reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>, nullable = false)]
    ctx: Option<Context>,
}

/// Everything found wrong with a request, in order.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Problems(Vec<FieldError>);

impl Problems {
    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Notes what is wrong with the value at that place.
    pub fn add(&mut self, loc: impl Into<Vec<Step>>, input: &Json, problem: &Problem) {
        self.0.push(FieldError {
            r#type: problem.kind(),
            loc: loc.into(),
            msg: problem.message(),
            input: input.shown(),
            ctx: problem.context(),
        });
    }

    /// The value, or `None` with its problem noted.
    pub fn keep<T>(
        &mut self,
        part: &'static str,
        name: &'static str,
        input: &Json,
        read: Result<T, Problem>,
    ) -> Option<T> {
        read.map_err(|problem| self.add([Step::Name(part), Step::Name(name)], input, &problem)).ok()
    }
}
