//! A screen as a value: a text and its buttons. How it reaches the person is `render`'s business.

use std::fmt;

use url::Url;

use super::callback::Tap;

/// What a person sees: made by pure functions in `screens`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Screen {
    /// Telegram's HTML, arguments escaped.
    pub text: String,
    /// The rows of buttons under it; none when empty.
    pub keyboard: Vec<Vec<Button>>,
    /// It shows a link or a key: not to be forwarded where `PROTECT_CONTENT` is set.
    pub secret: bool,
    /// It comes without a sound.
    pub silent: bool,
}

/// A button; labels are plain text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Button {
    /// Tells the bot something.
    Tap(String, Tap),
    /// Opens a link.
    Open(String, Url),
    /// Puts a text into the person's clipboard.
    Copy(String, String),
}

/// The longest text a copy button takes, in characters.
const COPY_LIMIT: usize = 256;

impl Screen {
    /// A text without buttons.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), keyboard: vec![], secret: false, silent: false }
    }

    /// One text of lines.
    pub fn lines(lines: impl IntoIterator<Item = String>) -> Self {
        Self::new(lines.into_iter().collect::<Vec<_>>().join("\n"))
    }

    /// One more row of buttons; an empty one is left out.
    #[must_use]
    pub fn row(mut self, buttons: impl IntoIterator<Item = Button>) -> Self {
        let row: Vec<Button> = buttons.into_iter().collect();
        if !row.is_empty() {
            self.keyboard.push(row);
        }
        self
    }

    /// Buttons two a row.
    #[must_use]
    pub fn pairs(self, buttons: impl IntoIterator<Item = Button>) -> Self {
        let buttons: Vec<Button> = buttons.into_iter().collect();
        buttons.chunks(2).fold(self, |screen, pair| screen.row(pair.to_vec()))
    }

    /// The same screen with another first row of buttons; an empty one is left out.
    #[must_use]
    pub fn headed(mut self, buttons: Vec<Button>) -> Self {
        if !buttons.is_empty() {
            self.keyboard.insert(0, buttons);
        }
        self
    }

    /// The same screen, as one that shows a link or a key.
    #[must_use]
    pub fn secret(mut self) -> Self {
        self.secret = true;
        self
    }

    /// The same screen, as one that wakes nobody.
    #[must_use]
    pub fn silent(mut self) -> Self {
        self.silent = true;
        self
    }

    /// The same screen with a line above it.
    #[must_use]
    pub fn under(mut self, line: &str) -> Self {
        self.text = format!("{line}\n\n{}", self.text);
        self
    }
}

impl Button {
    /// A button that copies, if Telegram takes a text so long.
    pub fn copy(label: String, text: &str) -> Option<Self> {
        (1..=COPY_LIMIT).contains(&text.chars().count()).then(|| Self::Copy(label, text.to_owned()))
    }
}

/// For snapshots: the text, then a line for each row.
impl fmt::Display for Screen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)?;
        for row in &self.keyboard {
            let row: Vec<String> = row.iter().map(ToString::to_string).collect();
            write!(f, "\n{}", row.join(" "))?;
        }
        Ok(())
    }
}

impl fmt::Display for Button {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tap(label, tap) => write!(f, "[{label} | {tap}]"),
            Self::Open(label, url) => write!(f, "[{label} | open {url}]"),
            Self::Copy(label, text) => write!(f, "[{label} | copy {text}]"),
        }
    }
}
