//! The attributes of a start tag in Telegram's HTML.

use url::Url;

use super::html::Scanner;

/// Attribute names in lower case with their decoded values; a bare attribute has an empty one.
#[derive(Debug, Default)]
pub(super) struct Attributes(Vec<(String, String)>);

impl Attributes {
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// The language of `class="language-…"`.
    pub(super) fn language(&self) -> Option<String> {
        self.get("class")?.strip_prefix("language-").map(str::to_owned)
    }
}

/// Reads up to and with the `>` that ends the start tag which began at byte `at`.
pub(super) fn read(scanner: &mut Scanner<'_>, tag: &str, at: usize) -> Result<Attributes, String> {
    let unclosed = || format!("Unclosed start tag \"{tag}\" at byte offset {at}");
    let mut attributes = Attributes::default();
    loop {
        scanner.skip_space();
        if scanner.peek().ok_or_else(unclosed)? == '>' {
            scanner.next();
            return Ok(attributes);
        }
        let ends = |char: char| char.is_ascii_whitespace() || matches!(char, '=' | '>' | '/' | '"' | '\'');
        let name = scanner.take_while(|char| !ends(char)).to_ascii_lowercase();
        if name.is_empty() {
            return Err(format!("Empty attribute name in the tag \"{tag}\" at byte offset {at}"));
        }
        scanner.skip_space();
        let value = if scanner.peek() == Some('=') {
            scanner.next();
            scanner.skip_space();
            value(scanner).ok_or_else(unclosed)?
        } else {
            String::new()
        };
        attributes.0.push((name, value));
    }
}

/// A value in quotes with its character references read, or a bare word; none when the source ends before it.
fn value(scanner: &mut Scanner<'_>) -> Option<String> {
    let quote = scanner.peek()?;
    if quote != '"' && quote != '\'' {
        let bare = |char: char| char.is_ascii_alphanumeric() || matches!(char, '.' | '-');
        return Some(scanner.take_while(bare).to_ascii_lowercase());
    }
    scanner.next();
    let mut value = String::new();
    loop {
        if scanner.peek()? == quote {
            scanner.next();
            return Some(value);
        }
        value.push(scanner.next_decoded()?);
    }
}

/// The link that Telegram makes of an `href`; it silently drops what it cannot open (`happ://…`).
pub(super) fn link(href: &str) -> Option<String> {
    let full = if href.contains("://") { href.to_owned() } else { format!("http://{href}") };
    let url = Url::parse(&full).ok()?;
    let known = match url.scheme() {
        "http" | "https" => url.host_str().is_some_and(|host| host.contains(['.', ':'])),
        "tg" | "ton" | "tonsite" => true,
        _ => false,
    };
    known.then(|| url.to_string())
}
