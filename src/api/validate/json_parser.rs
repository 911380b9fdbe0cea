//! Reads JSON as the original service's parser did (Python's `json`): the same leniency, the same words and character
//! offsets for what is broken. A general parser would differ in all of these, and would round big numbers.

use std::collections::HashMap;

use super::json::Json;

/// How deep lists and objects may be nested; deeper ones could exhaust the stack.
const DEEPEST: usize = 256;

/// Why a text is no JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Broken {
    /// Something else was expected at this character (counted from 0).
    At(usize, &'static str),
    /// Nested too deeply to be read.
    TooDeep,
}

/// The value a text stands for.
///
/// # Errors
/// What is broken and where.
pub fn parse(text: &str) -> Result<Json, Broken> {
    let chars: Vec<char> = text.chars().collect();
    let mut parser = Parser { chars: &chars, at: 0, depth: 0 };
    parser.blanks();
    let value = parser.value()?;
    parser.blanks();
    if parser.at < chars.len() { Err(Broken::At(parser.at, "Extra data")) } else { Ok(value) }
}

struct Parser<'a> {
    chars: &'a [char],
    at: usize,
    depth: usize,
}

/// A string being read, and whether every character of it exists.
struct Text {
    text: String,
    whole: bool,
}

impl Text {
    fn push(&mut self, code: u32) {
        let character = char::from_u32(code);
        self.whole &= character.is_some();
        self.text.push(character.unwrap_or(char::REPLACEMENT_CHARACTER));
    }
}

impl Parser<'_> {
    fn look(&self, at: usize) -> Option<char> {
        self.chars.get(at).copied()
    }

    fn peek(&self) -> Option<char> {
        self.look(self.at)
    }

    fn take(&mut self, wanted: char) -> bool {
        let there = self.peek() == Some(wanted);
        self.at += usize::from(there);
        there
    }

    fn digits(&mut self) {
        while self.peek().is_some_and(|character| character.is_ascii_digit()) {
            self.at += 1;
        }
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(' ' | '\t' | '\n' | '\r')) {
            self.at += 1;
        }
    }

    fn expected<T>(&self, what: &'static str) -> Result<T, Broken> {
        Err(Broken::At(self.at, what))
    }

    fn value(&mut self) -> Result<Json, Broken> {
        match self.peek() {
            Some('"') => {
                let Text { text, whole } = self.text()?;
                Ok(if whole { Json::Text(text) } else { Json::BrokenText(text) })
            }
            Some('{') => self.nested(Self::object),
            Some('[') => self.nested(Self::array),
            _ => match self.word().or_else(|| self.number()) {
                Some(value) => Ok(value),
                None => self.expected("Expecting value"),
            },
        }
    }

    fn nested(&mut self, read: fn(&mut Self) -> Result<Json, Broken>) -> Result<Json, Broken> {
        if self.depth >= DEEPEST {
            return Err(Broken::TooDeep);
        }
        self.depth += 1;
        self.at += 1;
        let value = read(self);
        self.depth -= 1;
        value
    }

    fn word(&mut self) -> Option<Json> {
        let words = [
            ("null", Json::Null),
            ("true", Json::Bool(true)),
            ("false", Json::Bool(false)),
            ("NaN", Json::Float(f64::NAN)),
            ("Infinity", Json::Float(f64::INFINITY)),
            ("-Infinity", Json::Float(f64::NEG_INFINITY)),
        ];
        let ahead = |word: &str| word.chars().enumerate().all(|(i, c)| self.look(self.at + i) == Some(c));
        let (word, value) = words.into_iter().find(|(word, _)| ahead(word))?;
        self.at += word.len();
        Some(value)
    }

    fn number(&mut self) -> Option<Json> {
        let start = self.at;
        self.take('-');
        match self.peek() {
            Some('0') => self.at += 1,
            Some('1'..='9') => self.digits(),
            _ => {
                self.at = start;
                return None;
            }
        }
        let whole = self.at;
        if self.peek() == Some('.') && self.look(self.at + 1).is_some_and(|next| next.is_ascii_digit()) {
            self.at += 1;
            self.digits();
        }
        self.exponent();
        let text: String = self.chars.get(start..self.at)?.iter().collect();
        if self.at > whole {
            return text.parse().ok().map(Json::Float);
        }
        Some(Json::Int(if text == "-0" { "0".to_owned() } else { text }))
    }

    /// An exponent, or nothing when no digit follows.
    fn exponent(&mut self) {
        let start = self.at;
        if self.take('e') || self.take('E') {
            let _signed = self.take('+') || self.take('-');
            let digits = self.at;
            self.digits();
            if self.at == digits {
                self.at = start;
            }
        }
    }

    fn array(&mut self) -> Result<Json, Broken> {
        let mut items = vec![];
        self.blanks();
        if self.take(']') {
            return Ok(Json::Array(items));
        }
        loop {
            items.push(self.value()?);
            self.blanks();
            if self.take(']') {
                return Ok(Json::Array(items));
            }
            self.comma()?;
        }
    }

    fn comma(&mut self) -> Result<(), Broken> {
        if !self.take(',') {
            return self.expected("Expecting ',' delimiter");
        }
        self.blanks();
        Ok(())
    }

    fn object(&mut self) -> Result<Json, Broken> {
        let mut fields: Vec<(String, Json)> = vec![];
        let mut places: HashMap<String, usize> = HashMap::new();
        self.blanks();
        if self.take('}') {
            return Ok(Json::Object(fields));
        }
        loop {
            let (name, value) = self.field()?;
            match places.get(&name).and_then(|place| fields.get_mut(*place)) {
                Some(field) => field.1 = value,
                None => {
                    places.insert(name.clone(), fields.len());
                    fields.push((name, value));
                }
            }
            self.blanks();
            if self.take('}') {
                return Ok(Json::Object(fields));
            }
            self.comma()?;
        }
    }

    fn field(&mut self) -> Result<(String, Json), Broken> {
        if self.peek() != Some('"') {
            return self.expected("Expecting property name enclosed in double quotes");
        }
        let name = self.text()?.text;
        self.blanks();
        if !self.take(':') {
            return self.expected("Expecting ':' delimiter");
        }
        self.blanks();
        Ok((name, self.value()?))
    }

    /// A string, from its opening quote.
    fn text(&mut self) -> Result<Text, Broken> {
        let start = self.at;
        let mut text = Text { text: String::new(), whole: true };
        loop {
            self.at += 1;
            match self.peek() {
                None => return Err(Broken::At(start, "Unterminated string starting at")),
                Some('"') => {
                    self.at += 1;
                    return Ok(text);
                }
                Some('\\') => self.escape(start, &mut text)?,
                Some(control) if control <= '\u{1f}' => {
                    return self.expected("Invalid control character at");
                }
                Some(other) => text.push(u32::from(other)),
            }
        }
    }

    /// An escape, from its backslash; stays on its last character.
    fn escape(&mut self, start: usize, text: &mut Text) -> Result<(), Broken> {
        let code = match self.look(self.at + 1) {
            None => return Err(Broken::At(start, "Unterminated string starting at")),
            Some('u') => {
                self.at += 1;
                let code = self.unicode()?;
                text.push(code);
                return Ok(());
            }
            Some(same @ ('"' | '\\' | '/')) => same,
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some(_) => return self.expected("Invalid \\escape"),
        };
        self.at += 1;
        text.push(u32::from(code));
        Ok(())
    }

    /// `uXXXX` from its `u`, with a second half if there is one; stays on its last character.
    fn unicode(&mut self) -> Result<u32, Broken> {
        let code = self.hex()?;
        let after = self.at + 1;
        let pair = (0xd800..0xdc00).contains(&code)
            && after + 6 < self.chars.len()
            && self.look(after) == Some('\\')
            && self.look(after + 1) == Some('u');
        if !pair {
            return Ok(code);
        }
        let first = self.at;
        self.at = after + 1;
        let second = self.hex()?;
        if (0xdc00..0xe000).contains(&second) {
            return Ok(0x10000 + ((code - 0xd800) << 10) + (second - 0xdc00));
        }
        self.at = first;
        Ok(code)
    }

    /// The four digits after a `u`; something must follow them. Goes to the last digit.
    fn hex(&mut self) -> Result<u32, Broken> {
        let digits = self.chars.get(self.at + 1..self.at + 5);
        let code = digits.and_then(|digits| {
            digits.iter().try_fold(0, |code, digit| Some(code * 16 + digit.to_digit(16)?))
        });
        match code {
            Some(code) if self.at + 5 < self.chars.len() => {
                self.at += 4;
                Ok(code)
            }
            _ => self.expected("Invalid \\uXXXX escape"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> String {
        serde_json::to_string(&parse(text).unwrap()).unwrap()
    }

    #[test]
    fn values_are_kept_exactly() {
        for (text, kept) in [
            (" {\"b\":1,\"a\":2,\"b\":3}\r\n", r#"{"b":3,"a":2}"#),
            ("[-0, -0.0, 1E2, 9223372036854775808]", "[0,-0.0,100.0,9223372036854775808]"),
            ("[NaN,-Infinity,1e400,true,false,null]", "[null,null,null,true,false,null]"),
            (r#""\ud83d\ude00\n\/\u0000""#, "\"😀\\n/\\u0000\""),
            (r#""\ud83d\u0041""#, "\"\u{fffd}A\""),
            ("[]", "[]"),
            ("{ }", "{}"),
        ] {
            assert_eq!(json(text), kept, "{text}");
        }
        assert!(matches!(parse(r#""\ud83d""#), Ok(Json::BrokenText(_))));
    }

    #[test]
    fn what_is_broken_is_named_where_it_is() {
        for (text, at, why) in [
            ("[1,]", 3, "Expecting value"),
            ("[", 1, "Expecting value"),
            ("{\"a\"", 4, "Expecting ':' delimiter"),
            ("{\"a\":1", 6, "Expecting ',' delimiter"),
            ("\"abc", 0, "Unterminated string starting at"),
            ("\"a\\", 0, "Unterminated string starting at"),
            ("\"a\\q\"", 2, "Invalid \\escape"),
            ("\"a\\u12\"", 3, "Invalid \\uXXXX escape"),
            ("\"a\\u12zz\"", 3, "Invalid \\uXXXX escape"),
            ("\"\\ud83d\\u00e9", 8, "Invalid \\uXXXX escape"),
            ("\"a\u{1}b\"", 2, "Invalid control character at"),
            ("01", 1, "Extra data"),
            ("1.", 1, "Extra data"),
            ("1.5e", 3, "Extra data"),
            ("-", 0, "Expecting value"),
            ("nul", 0, "Expecting value"),
            (" ", 1, "Expecting value"),
            ("{\"а\":1 \"b\"", 7, "Expecting ',' delimiter"),
            ("{\"a\":1,}", 7, "Expecting property name enclosed in double quotes"),
        ] {
            assert_eq!(parse(text), Err(Broken::At(at, why)), "{text}");
        }
    }

    /// Recorded from Python 3.11's `json`: a text, and where and why it is broken, or nothing.
    #[test]
    fn broken_texts_are_told_as_recorded() {
        let recorded: Vec<(String, Option<(usize, String)>)> =
            serde_json::from_str(include_str!("../../../tests/fixtures/contract/json_texts.json")).unwrap();
        assert!(recorded.len() > 100);
        for (text, expected) in recorded {
            let ours = match parse(&text) {
                Ok(_) => None,
                Err(Broken::At(at, why)) => Some((at, why.to_owned())),
                Err(Broken::TooDeep) => panic!("{text:?} is not deep"),
            };
            assert_eq!(ours, expected, "{text:?}");
        }
    }

    #[test]
    fn depth_has_a_limit() {
        assert!(parse(&format!("{}{}", "[".repeat(256), "]".repeat(256))).is_ok());
        assert_eq!(parse(&"[".repeat(257)), Err(Broken::TooDeep));
        assert_eq!(parse(&"{\"a\":".repeat(60_000)), Err(Broken::TooDeep));
    }

    proptest::proptest! {
        #[test]
        fn whatever_our_own_writer_writes_is_read(text in "\\PC*") {
            let written = serde_json::to_string(&text).unwrap();
            assert_eq!(parse(&written), Ok(Json::Text(text)));
        }

        #[test]
        fn any_text_has_an_answer(text in "[\\[\\]{}\",:\\\\u0-9dDnulltrefasNaIi\\-+.eE \n\u{1}ж😀]{0,40}") {
            let ours = parse(&text);
            if serde_json::from_str::<serde_json::Value>(&text).is_ok() {
                assert!(ours.is_ok(), "{text:?} is JSON");
            }
        }
    }
}
