//! The words of `/token`.

use crate::domain::actor::TokenScope;
use crate::domain::token::TokenName;

/// What follows `/token`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenWords {
    /// Nothing: what it is for, and what there is.
    Explain,
    /// `list`
    List,
    /// `new NAME [read|write]`
    New(TokenName, TokenScope),
    /// `revoke NAME`
    Revoke(TokenName),
    /// Anything else.
    Wrong,
}

pub(super) fn read(words: &[&str]) -> TokenWords {
    let scope = |word: &str| TokenScope::from_word(&word.to_ascii_lowercase());
    let (what, rest) = match words.split_first() {
        None => return TokenWords::Explain,
        Some((what, rest)) => (what.to_ascii_lowercase(), rest),
    };
    let read = match (what.as_str(), rest) {
        ("list", []) => Some(TokenWords::List),
        ("new", [name]) => name.parse().ok().map(|name| TokenWords::New(name, TokenScope::Write)),
        ("new", [name, word]) => {
            name.parse().ok().zip(scope(word)).map(|(name, scope)| TokenWords::New(name, scope))
        }
        ("revoke", [name]) => name.parse().ok().map(TokenWords::Revoke),
        _ => None,
    };
    read.unwrap_or(TokenWords::Wrong)
}
