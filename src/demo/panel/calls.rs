//! What the panel was asked, in order, and waiting for it.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use serde_json::Value;
use tokio::sync::watch;

use super::http::SimRequest;

/// How many calls are remembered: a demo may run for weeks.
const MAX_CALLS: usize = 100_000;

/// One request that reached the panel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// 0 for the first one since the start; goes on counting when the log is cleared.
    pub number: usize,
    /// `GET`, `POST`, …
    pub method: String,
    /// Without the query.
    pub path: String,
    /// The query's pairs, decoded.
    pub query: Vec<(String, String)>,
    /// The body, where it was JSON.
    pub body: Option<Value>,
    /// The answer's status; `None` while there is none, and for good where the connection was dropped.
    pub status: Option<u16>,
    /// Whether the panel has done what was asked (or found that it would not): whether the request was handled.
    pub applied: bool,
    /// Whether it is over, with or without an answer.
    pub finished: bool,
}

/// The log.
pub(super) struct Calls {
    log: Mutex<Log>,
    changed: watch::Sender<u64>,
}

#[derive(Default)]
struct Log {
    next: usize,
    calls: VecDeque<Call>,
}

impl Calls {
    pub(super) fn new() -> Self {
        Self { log: Mutex::default(), changed: watch::Sender::new(0) }
    }

    /// Notes a request and gives it its number.
    pub(super) fn arrived(&self, request: &SimRequest) -> usize {
        let number = {
            let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
            let number = log.next;
            log.next += 1;
            if log.calls.len() == MAX_CALLS {
                log.calls.pop_front();
            }
            log.calls.push_back(Call {
                number,
                method: request.method.clone(),
                path: request.path.clone(),
                query: request.query.clone(),
                body: serde_json::from_slice(&request.body).ok(),
                status: None,
                applied: false,
                finished: false,
            });
            number
        };
        self.changed.send_modify(|count| *count += 1);
        number
    }

    /// Changes a call that is still in the log.
    pub(super) fn note(&self, number: usize, change: impl FnOnce(&mut Call)) {
        {
            let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
            if let Ok(index) = log.calls.binary_search_by_key(&number, |call| call.number)
                && let Some(call) = log.calls.get_mut(index)
            {
                change(call);
            }
        }
        self.changed.send_modify(|count| *count += 1);
    }

    pub(super) fn all(&self) -> Vec<Call> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).calls.iter().cloned().collect()
    }

    pub(super) fn clear(&self) {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).calls.clear();
    }

    pub(super) fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    pub(super) fn any(&self, wanted: impl Fn(&Call) -> bool) -> bool {
        self.first(&wanted).is_some()
    }

    fn first(&self, wanted: &impl Fn(&Call) -> bool) -> Option<Call> {
        let log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        log.calls.iter().find(|call| wanted(call)).cloned()
    }

    /// The first call in the log that is wanted, as soon as there is one.
    pub(super) async fn wait(&self, wanted: impl Fn(&Call) -> bool) -> Call {
        let mut changed = self.changed.subscribe();
        loop {
            if let Some(call) = self.first(&wanted) {
                return call;
            }
            // The sender lives in `self`, so this never fails while anyone waits.
            if changed.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }
}
