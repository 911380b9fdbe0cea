//! The state, its lock, and the news that it changed.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::domain::clock::Clock;

use super::state::State;

/// What the server and its handles share.
#[derive(Debug)]
pub(super) struct Shared {
    state: Mutex<State>,
    clock: Arc<dyn Clock>,
    version: watch::Sender<u64>,
    pub token: String,
}

impl Shared {
    pub(super) fn new(state: State, clock: Arc<dyn Clock>, token: String) -> Self {
        Self { state: Mutex::new(state), clock, version: watch::Sender::new(0), token }
    }

    /// The state, with the present in it.
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        // A test that panicked while it looked must not hide what the others see.
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.now = self.clock.now();
        state
    }

    /// Told of every change from now on.
    pub(super) fn changes(&self) -> watch::Receiver<u64> {
        self.version.subscribe()
    }

    /// Changes the state and tells everyone.
    pub(super) fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let result = change(&mut self.lock());
        self.version.send_modify(|version| *version += 1);
        result
    }
}
