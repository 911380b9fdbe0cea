//! How the panel is, as last seen; changes go to the log.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::errors::PanelError;

/// How the panel is, as last seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PanelStatus {
    /// Its version, once it has told it.
    pub version: Option<String>,
    /// What is wrong, if anything is.
    pub problem: Option<PanelProblem>,
}

/// What can be wrong with the panel, each with its own remedy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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

impl fmt::Display for PanelProblem {
    /// What is wrong and what to do, in English, for operators.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoAddress => "REMNAWAVE_BASE_URL is not set: give it the panel's address",
            Self::NoToken => {
                "REMNAWAVE_API_TOKEN is not set: make an API token in the panel's settings and give it here"
            }
            Self::TokenRefused => {
                "the panel refuses REMNAWAVE_API_TOKEN (malformed, expired or of another panel): make a new one"
            }
            Self::ScopeMissing => {
                "the panel forbids a call: REMNAWAVE_API_TOKEN was deleted or lacks a scope; \
                 make one with the scopes that the README lists"
            }
            Self::Unreachable => {
                "the panel does not answer, or only with errors: check that it and its database run, \
                 and that REMNAWAVE_BASE_URL leads to it"
            }
            Self::Nonsense => {
                "what answers at REMNAWAVE_BASE_URL does not answer as the panel does: check the address, \
                 and PANEL_EXTRA_HEADERS if a proxy guards the panel"
            }
            Self::NoSquad => {
                "there is no internal squad to put new users into: set REMNAWAVE_INTERNAL_SQUADS to names or UUIDs \
                 of squads that exist"
            }
            Self::UntestedVersion => "the panel's version is outside the tested range (2.7 to 3.4): it may well work",
        })
    }
}

/// Whether a version such as `3.3.2` lies in the range that was tested.
pub(super) fn is_tested(version: &str) -> bool {
    let mut parts = version.split('.').map(str::parse::<u32>);
    match (parts.next(), parts.next()) {
        (Some(Ok(2)), Some(Ok(minor))) => minor >= 7,
        (Some(Ok(3)), Some(Ok(minor))) => minor <= 4,
        _ => false,
    }
}

/// Remembers how the panel is, and tells the log when that changes.
pub(super) struct Tracker(Mutex<State>);

#[derive(Clone, Default)]
struct State {
    version: Option<String>,
    /// A setting that is missing; stays for the life of the process.
    unset: Option<PanelProblem>,
    /// What the last calls met.
    trouble: Option<PanelProblem>,
}

impl State {
    fn view(&self) -> PanelStatus {
        let untested = self.version.as_deref().is_some_and(|version| !is_tested(version));
        let problem = self.unset.or(self.trouble).or(untested.then_some(PanelProblem::UntestedVersion));
        PanelStatus { version: self.version.clone(), problem }
    }
}

impl Tracker {
    pub(super) fn new(unset: Option<PanelProblem>) -> Self {
        Self(Mutex::new(State { unset, ..State::default() }))
    }

    pub(super) fn status(&self) -> PanelStatus {
        self.state().view()
    }

    /// The panel told its version. Returns whether that is news.
    pub(super) fn version(&self, version: &str) -> bool {
        let news = self.state().version.as_deref() != Some(version);
        if news {
            tracing::info!(version, "the panel told its version");
            self.change(|state| state.version = Some(version.to_owned()));
        }
        news
    }

    /// A thorough look has ended.
    pub(super) fn checked(&self, trouble: Option<PanelProblem>) {
        self.change(|state| state.trouble = trouble);
    }

    /// A call met this. A missing scope or squad is taken back by [`Tracker::checked`] only, since other calls work
    /// without it.
    pub(super) fn trouble(&self, problem: PanelProblem) {
        self.change(|state| state.trouble = Some(problem));
    }

    /// A call was answered by the panel itself, which knew the token.
    pub(super) fn answered(&self) {
        self.change(|state| {
            state.trouble = state
                .trouble
                .filter(|trouble| matches!(trouble, PanelProblem::ScopeMissing | PanelProblem::NoSquad));
        });
    }

    /// What the end of a call says about the panel.
    pub(super) fn ended(&self, error: Option<&PanelError>) {
        match error.map(PanelError::problem) {
            None | Some(None) => self.answered(),
            Some(Some(problem)) => self.trouble(problem),
        }
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.state();
        let before = state.view().problem;
        change(&mut state);
        let after = state.view().problem;
        drop(state);
        match after {
            same if same == before => {}
            Some(problem) => tracing::warn!(?problem, "{problem}"),
            None => tracing::info!("the panel works again"),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
