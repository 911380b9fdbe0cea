//! What a check found, for people and for machines.

use serde::Serialize;

/// How it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// As it should be.
    Well,
    /// It could not be looked at.
    Unchecked,
    /// It works, but something is to be known or done.
    Warning,
    /// It does not work.
    Broken,
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was looked at.
    pub check: &'static str,
    /// How it is.
    pub state: State,
    /// What there is to say, in a line.
    pub detail: String,
    /// Why it is so.
    pub cause: Option<String>,
    /// What to do.
    pub remedy: Option<String>,
    /// Whether the running service says this by itself when it starts.
    #[serde(skip)]
    pub is_told: bool,
}

impl Finding {
    fn new(check: &'static str, state: State, detail: impl Into<String>) -> Self {
        Self { check, state, detail: detail.into(), cause: None, remedy: None, is_told: false }
    }

    /// As it should be.
    pub fn well(check: &'static str, detail: impl Into<String>) -> Self {
        Self::new(check, State::Well, detail)
    }

    /// It works, but something is to be known or done.
    pub fn warning(check: &'static str, detail: impl Into<String>) -> Self {
        Self::new(check, State::Warning, detail)
    }

    /// It does not work.
    pub fn broken(check: &'static str, detail: impl Into<String>) -> Self {
        Self::new(check, State::Broken, detail)
    }

    /// It could not be looked at, for this reason.
    pub fn unchecked(check: &'static str, why: &str) -> Self {
        Self::new(check, State::Unchecked, format!("not checked: {why}"))
    }

    /// Why it is so.
    #[must_use]
    pub fn because(mut self, cause: impl Into<String>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// What to do.
    #[must_use]
    pub fn so(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }

    /// The running service says this by itself.
    #[must_use]
    pub fn told(mut self) -> Self {
        self.is_told = true;
        self
    }
}
