//! A client's name, as the panel accepts it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// 3 to 36 characters of `A-Za-z0-9_-`, case-sensitive: the panel's own rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Username(String);

/// Why a text is no username.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UsernameError {
    /// Fewer than [`Username::MIN`] characters.
    #[error("a username has at least 3 characters")]
    TooShort,
    /// More than [`Username::MAX`] characters.
    #[error("a username has at most 36 characters")]
    TooLong,
    /// A character outside `A-Za-z0-9_-`.
    #[error("a username has only Latin letters, digits, _ and -")]
    Characters,
}

impl Username {
    /// The shortest, in characters.
    pub const MIN: usize = 3;
    /// The longest, in characters.
    pub const MAX: usize = 36;

    /// A name that is already kept in the database: taken as it is.
    pub fn stored(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Username {
    type Err = UsernameError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let length = text.chars().count();
        if length < Self::MIN {
            return Err(UsernameError::TooShort);
        }
        if length > Self::MAX {
            return Err(UsernameError::TooLong);
        }
        if !text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-') {
            return Err(UsernameError::Characters);
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_panels_rule_holds_at_its_edges() {
        assert_eq!("ab".parse::<Username>(), Err(UsernameError::TooShort));
        assert!("abc".parse::<Username>().is_ok());
        assert!("A-_9".repeat(9).parse::<Username>().is_ok());
        assert_eq!("a".repeat(37).parse::<Username>(), Err(UsernameError::TooLong));
        for bad in ["иван", "a b c", "a<b>", "имя😀", "abc\n", "a.b"] {
            assert_eq!(bad.parse::<Username>(), Err(UsernameError::Characters), "{bad:?}");
        }
    }
}
