//! Why something was done, in the words of whoever did it.

use serde::{Deserialize, Serialize};

/// A line of text, 1 to 500 characters, without control characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason(String);

impl Reason {
    /// The longest, in characters.
    pub const LONGEST: usize = 500;

    /// What people wrote as one line, cut to the longest; none when nothing is left.
    pub fn of(text: &str) -> Option<Self> {
        let words: Vec<&str> = text.split(|c: char| c.is_whitespace() || c.is_control()).collect();
        let line = words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
        let line: String = line.chars().take(Self::LONGEST).collect();
        if line.is_empty() { None } else { Some(Self(line)) }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As the database keeps it.
    pub fn stored(text: String) -> Self {
        Self(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_of_words() {
        assert_eq!(Reason::of(" paid\n in\u{0}  cash ").unwrap().as_str(), "paid in cash");
        assert_eq!(Reason::of(" \n\t"), None);
        assert_eq!(Reason::of(&"ё".repeat(600)).unwrap().as_str().chars().count(), 500);
    }
}
