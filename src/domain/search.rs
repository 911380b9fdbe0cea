//! What staff look for in the list of clients.

use std::fmt;

use sha2::{Digest as _, Sha256};

use super::ids::TelegramId;

/// What was typed: 1 to 255 characters, no control characters, no space at its ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchText(String);

impl SearchText {
    /// The longest, in characters.
    pub const MAX: usize = 255;

    /// Takes what a person typed, cut to its length; none when nothing is left of it.
    pub fn typed(text: &str) -> Option<Self> {
        let plain = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>();
        let cut: String = plain.trim().chars().take(Self::MAX).collect();
        let cut = cut.trim_end();
        (!cut.is_empty()).then(|| Self(cut.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SearchText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Which of a person's searches: 32 bits of a hash of both, so that the same search always has the same one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SearchId([u8; 4]);

impl SearchId {
    /// That of this person and text.
    pub fn of(person: TelegramId, text: &SearchText) -> Self {
        let hash =
            Sha256::new().chain_update(person.0.to_be_bytes()).chain_update(text.0.as_bytes()).finalize();
        Self(hash.first_chunk().copied().unwrap_or_default())
    }

    /// As it stands in a button.
    pub fn bytes(self) -> [u8; 4] {
        self.0
    }

    /// As the database keeps it.
    pub fn number(self) -> i64 {
        i64::from(u32::from_be_bytes(self.0))
    }
}

impl From<[u8; 4]> for SearchId {
    fn from(bytes: [u8; 4]) -> Self {
        Self(bytes)
    }
}

/// In which order clients are listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum ClientOrder {
    /// The newest first.
    #[default]
    Newest,
    /// Whose time ends soonest first; those whose time is over come behind, the latest of them first.
    Expiry,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_cut_and_cleaned() {
        assert_eq!(SearchText::typed(" \n\t "), None);
        assert_eq!(SearchText::typed(" a\0b\nc "), Some(SearchText("a b c".to_owned())));
        let long = SearchText::typed(&"я".repeat(4096)).unwrap();
        assert_eq!(long.as_str().chars().count(), SearchText::MAX);
    }

    #[test]
    fn a_search_is_one_persons() {
        let text = SearchText::typed("flat 12").unwrap();
        let id = SearchId::of(TelegramId(1), &text);
        assert_eq!(id, SearchId::of(TelegramId(1), &text));
        assert_ne!(id, SearchId::of(TelegramId(2), &text));
        assert_eq!(SearchId::from(id.bytes()), id);
        assert!(id.number() >= 0);
    }
}
