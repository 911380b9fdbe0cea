//! What can be wrong with the panel.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What can be wrong with the panel, each with its own remedy. Kept as JSON: variants are only added, never renamed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PanelProblem {
    /// `REMNAWAVE_BASE_URL` is not set.
    NoAddress,
    /// `REMNAWAVE_API_TOKEN` is not set.
    NoToken,
    /// The panel refuses the token.
    TokenRefused,
    /// The token lacks a scope.
    ScopeMissing,
    /// Nothing answers at that address, or only errors do.
    Unreachable,
    /// Something answers, but not as the panel does.
    Nonsense,
    /// No internal squad to put new users into: `REMNAWAVE_INTERNAL_SQUADS` must say which.
    NoSquad,
    /// It works, but its version is outside the tested range.
    UntestedVersion,
}

impl PanelProblem {
    /// What is wrong, in English, for operators.
    pub fn what(self) -> &'static str {
        match self {
            Self::NoAddress => "REMNAWAVE_BASE_URL is not set",
            Self::NoToken => "REMNAWAVE_API_TOKEN is not set",
            Self::TokenRefused => {
                "the panel refuses REMNAWAVE_API_TOKEN (malformed, expired or of another panel)"
            }
            Self::ScopeMissing => {
                "the panel forbids a call: REMNAWAVE_API_TOKEN was deleted or lacks a scope"
            }
            Self::Unreachable => "the panel does not answer, or only with errors",
            Self::Nonsense => "what answers at REMNAWAVE_BASE_URL does not answer as the panel does",
            Self::NoSquad => "there is no internal squad to put new users into",
            Self::UntestedVersion => "the panel's version is outside the tested range (2.7 to 3.4)",
        }
    }

    /// What to do about it.
    pub fn remedy(self) -> &'static str {
        match self {
            Self::NoAddress => "give it the panel's address",
            Self::NoToken => "make an API token in the panel's settings and give it here",
            Self::TokenRefused => "make a new one",
            Self::ScopeMissing => "make one with the scopes that the README lists",
            Self::Unreachable => {
                "check that it and its database run, and that REMNAWAVE_BASE_URL leads to it"
            }
            Self::Nonsense => "check the address, and PANEL_EXTRA_HEADERS if a proxy guards the panel",
            Self::NoSquad => "set REMNAWAVE_INTERNAL_SQUADS to names or UUIDs of squads that exist",
            Self::UntestedVersion => "it may well work",
        }
    }
}

impl fmt::Display for PanelProblem {
    /// What is wrong and what to do.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.what(), self.remedy())
    }
}
