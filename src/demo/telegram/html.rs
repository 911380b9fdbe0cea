//! Telegram's HTML, read the way Telegram reads it: few tags, few character references, strict nesting.
//!
//! Offsets in error messages are bytes of the source; offsets of entities are UTF-16 units of the plain text.

use super::attributes::{self, Attributes};
use super::format::SimEntity;

/// What is left of a source once its markup is read.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Parsed {
    pub text: String,
    pub entities: Vec<SimEntity>,
}

/// A place in the source.
pub(super) struct Scanner<'a> {
    source: &'a str,
    pub(super) at: usize,
}

impl<'a> Scanner<'a> {
    pub(super) fn rest(&self) -> &'a str {
        self.source.get(self.at..).unwrap_or_default()
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn next(&mut self) -> Option<char> {
        let char = self.peek()?;
        self.at += char.len_utf8();
        Some(char)
    }

    pub(super) fn take_while(&mut self, mut wanted: impl FnMut(char) -> bool) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|char| !wanted(char)).unwrap_or(rest.len());
        self.at += end;
        rest.get(..end).unwrap_or_default()
    }

    pub(super) fn skip_space(&mut self) {
        self.take_while(|char| char.is_ascii_whitespace());
    }

    /// The character here, with a character reference read as what it stands for. What Telegram does not know
    /// (`&nbsp;`, a lone `&`) stays as it is written.
    pub(super) fn next_decoded(&mut self) -> Option<char> {
        if let Some((char, length)) = reference(self.rest()) {
            self.at += length;
            return Some(char);
        }
        self.next()
    }
}

/// A character reference at the start of `rest`, and how many bytes it takes; the semicolon may be missing.
fn reference(rest: &str) -> Option<(char, usize)> {
    let name = rest.strip_prefix('&')?;
    let (char, length) = match name.strip_prefix('#') {
        Some(number) => {
            let (digits, radix, prefix) = match number.strip_prefix(['x', 'X']) {
                Some(hex) => (hex, 16, 3),
                None => (number, 10, 2),
            };
            let end = digits.find(|char: char| !char.is_digit(radix)).unwrap_or(digits.len());
            let code = u32::from_str_radix(digits.get(..end)?, radix).ok()?;
            (char::from_u32(code).filter(|char| *char != '\0')?, prefix + end)
        }
        None => {
            let end = name.find(|char: char| !char.is_ascii_alphabetic()).unwrap_or(name.len());
            let char = match name.get(..end)? {
                "lt" => '<',
                "gt" => '>',
                "amp" => '&',
                "quot" => '"',
                _ => return None,
            };
            (char, 1 + end)
        }
    };
    let semicolon = usize::from(rest.get(length..).is_some_and(|after| after.starts_with(';')));
    Some((char, length + semicolon))
}

/// A tag that is still open.
struct Open {
    tag: String,
    start: usize,
    attributes: Attributes,
}

#[derive(Default)]
struct Reader {
    parsed: Parsed,
    length: usize,
    open: Vec<Open>,
}

/// Reads the source.
///
/// # Errors
/// The reason that Telegram gives after "can't parse entities: ".
pub(super) fn parse(source: &str) -> Result<Parsed, String> {
    let mut scanner = Scanner { source, at: 0 };
    let mut reader = Reader::default();
    while let Some(char) = scanner.peek() {
        if char != '<' {
            if let Some(char) = scanner.next_decoded() {
                reader.push(char);
            }
        } else if scanner.rest().starts_with("</") {
            reader.close(&mut scanner)?;
        } else {
            reader.open(&mut scanner)?;
        }
    }
    if let Some(open) = reader.open.last() {
        return Err(format!("Can't find end tag corresponding to start tag \"{}\"", open.tag));
    }
    Ok(reader.finish())
}

impl Reader {
    fn push(&mut self, char: char) {
        self.parsed.text.push(char);
        self.length += char.len_utf16();
    }

    fn open(&mut self, scanner: &mut Scanner<'_>) -> Result<(), String> {
        let at = scanner.at;
        scanner.next();
        let tag = scanner.take_while(|char| !char.is_ascii_whitespace() && char != '>').to_ascii_lowercase();
        if scanner.peek().is_none() {
            return Err(format!("Unclosed start tag at byte offset {at}"));
        }
        if kind_of(&tag).is_none() {
            return Err(format!("Unsupported start tag \"{tag}\" at byte offset {at}"));
        }
        let attributes = attributes::read(scanner, &tag, at)?;
        if tag == "span" && attributes.get("class") != Some("tg-spoiler") {
            return Err(format!("Tag \"span\" must have class \"tg-spoiler\" at byte offset {at}"));
        }
        if tag == "tg-emoji" && attributes.get("emoji-id").is_none_or(str::is_empty) {
            return Err(format!("Tag \"tg-emoji\" must have attribute \"emoji-id\" at byte offset {at}"));
        }
        if tag == "blockquote" && self.open.iter().any(|open| open.tag == "blockquote") {
            return Err(format!("Nested blockquote at byte offset {at}"));
        }
        self.open.push(Open { tag, start: self.length, attributes });
        Ok(())
    }

    fn close(&mut self, scanner: &mut Scanner<'_>) -> Result<(), String> {
        let at = scanner.at;
        scanner.next();
        scanner.next();
        let name = scanner.take_while(|char| !char.is_ascii_whitespace() && char != '>').to_ascii_lowercase();
        scanner.skip_space();
        let Some(open) = self.open.pop() else {
            return Err(format!("Unexpected end tag at byte offset {at}"));
        };
        if scanner.next() != Some('>') {
            return Err(format!("Unclosed end tag at byte offset {at}"));
        }
        if !name.is_empty() && name != open.tag {
            let expected = &open.tag;
            return Err(format!(
                "Unmatched end tag at byte offset {at}, expected \"</{expected}>\", found \"</{name}>\""
            ));
        }
        self.entity(&open);
        Ok(())
    }

    /// Notes what the tag that just ended marked.
    fn entity(&mut self, open: &Open) {
        let length = self.length - open.start;
        let Some(kind) = kind_of(&open.tag).filter(|_| length > 0) else { return };
        let mut entity = SimEntity::new(kind, open.start, length);
        match kind {
            "text_link" => {
                let Some(url) = open.attributes.get("href").and_then(attributes::link) else { return };
                entity.url = Some(url);
            }
            "custom_emoji" => entity.custom_emoji_id = open.attributes.get("emoji-id").map(str::to_owned),
            "code" => entity.language = open.attributes.language(),
            "pre" => entity.language = self.code_inside(&entity),
            "blockquote" if open.attributes.get("expandable").is_some() => {
                entity.kind = "expandable_blockquote".to_owned();
            }
            _ => {}
        }
        self.parsed.entities.push(entity);
    }

    /// `<pre><code class="language-x">` is one entity: takes the inner one out, and gives its language.
    fn code_inside(&mut self, pre: &SimEntity) -> Option<String> {
        let same = |entity: &SimEntity| {
            entity.kind == "code" && entity.offset == pre.offset && entity.length == pre.length
        };
        let at = self.parsed.entities.iter().position(same)?;
        self.parsed.entities.remove(at).language
    }

    fn finish(mut self) -> Parsed {
        for entity in self.parsed.entities.iter_mut().filter(|entity| entity.kind == "code") {
            entity.language = None;
        }
        self.parsed
    }
}

/// The entity a tag makes, or none when Telegram does not know the tag.
fn kind_of(tag: &str) -> Option<&'static str> {
    Some(match tag {
        "b" | "strong" => "bold",
        "i" | "em" => "italic",
        "u" | "ins" => "underline",
        "s" | "strike" | "del" => "strikethrough",
        "tg-spoiler" | "span" => "spoiler",
        "code" => "code",
        "pre" => "pre",
        "a" => "text_link",
        "blockquote" => "blockquote",
        "tg-emoji" => "custom_emoji",
        _ => return None,
    })
}
