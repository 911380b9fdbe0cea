//! How the panel is, as last seen; changes go to the log.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::errors::PanelError;

pub use crate::domain::panel_problem::PanelProblem;

/// How the panel is, as last seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PanelStatus {
    /// Its version, once it has told it.
    pub version: Option<String>,
    /// What is wrong, if anything is.
    pub problem: Option<PanelProblem>,
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
