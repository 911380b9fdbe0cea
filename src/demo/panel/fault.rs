//! Scripted trouble: what goes wrong, with which requests, how often, and on which side of the effect.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde_json::json;

use super::http::{Reply, SimRequest};
use crate::domain::clock::Clock;

/// Which requests a fault meets.
#[derive(Debug, Clone, Default)]
pub struct Matcher {
    /// `GET`, `POST`, …; `None` for any.
    pub method: Option<String>,
    /// A path: `*` stands for one part, `**` at the end for whatever follows. `None` for any.
    pub path: Option<String>,
}

impl Matcher {
    /// Every request.
    #[must_use]
    pub fn any() -> Self {
        Self::default()
    }

    /// Requests of one method to paths of one pattern, as `("POST", "/api/users/*/actions/disable")`.
    #[must_use]
    pub fn new(method: &str, path: &str) -> Self {
        Self { method: Some(method.to_owned()), path: Some(path.to_owned()) }
    }

    /// Requests of any method to paths of one pattern.
    #[must_use]
    pub fn path(path: &str) -> Self {
        Self { method: None, path: Some(path.to_owned()) }
    }

    /// Whether a request of that method to that path is meant.
    #[must_use]
    pub fn matches(&self, method: &str, path: &str) -> bool {
        self.method.as_deref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
            && self.path.as_deref().is_none_or(|pattern| path_matches(pattern, path))
    }
}

fn path_matches(pattern: &str, path: &str) -> bool {
    let mut parts = path.split('/');
    for wanted in pattern.split('/') {
        match (wanted, parts.next()) {
            ("**", _) => return true,
            ("*", Some(_)) => {}
            (wanted, Some(part)) if wanted == part => {}
            _ => return false,
        }
    }
    parts.next().is_none()
}

/// On which side of the effect something goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Nothing has been done (but after a `Delay`, which then does it, however long the caller has gone).
    BeforeEffect,
    /// What was asked has been done; only the answer suffers.
    AfterEffect,
}

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// This status, with an application error of that code if one is given.
    Status(u16, Option<String>),
    /// A proxy's HTML page, status 502.
    Html,
    /// An HTML page with status 200.
    HtmlOk,
    /// 200 without a body.
    Empty,
    /// A whole answer whose JSON ends in the middle.
    Truncated,
    /// An answer that announces more than comes before the connection ends.
    CutOff,
    /// The connection is closed without an answer.
    Drop,
    /// No answer until [`PanelSim::clear_faults`](super::PanelSim::clear_faults) or the end of the server.
    /// Released before the effect, the connection is dropped and nothing is done; after it, the answer comes.
    Hang,
    /// The answer (before the effect: the effect, and then the answer) comes that much later.
    Delay(Duration),
    /// 429 with `Retry-After: 1`.
    RateLimited,
}

/// One piece of scripted trouble.
#[derive(Debug, Clone)]
pub struct Fault {
    /// Which requests it meets.
    pub on: Matcher,
    /// How many of them; `None` until cleared.
    pub times: Option<u32>,
    /// On which side of the effect.
    pub when: When,
    /// What happens.
    pub what: What,
}

impl Fault {
    /// Once, before the effect.
    #[must_use]
    pub fn before(on: Matcher, what: What) -> Self {
        Self { on, times: Some(1), when: When::BeforeEffect, what }
    }

    /// Once, after the effect.
    #[must_use]
    pub fn after(on: Matcher, what: What) -> Self {
        Self { on, times: Some(1), when: When::AfterEffect, what }
    }

    /// Until cleared, instead of once.
    #[must_use]
    pub fn always(mut self) -> Self {
        self.times = None;
        self
    }
}

/// The faults still to come, in the order they were scripted.
#[derive(Debug, Default)]
pub(super) struct Faults(Mutex<Vec<Fault>>);

impl Faults {
    pub(super) fn push(&self, fault: Fault) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(fault);
    }

    pub(super) fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The first fault that meets this request, which counts as one of its times.
    pub(super) fn take(&self, request: &SimRequest) -> Option<Fault> {
        let mut faults = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let index = faults.iter().position(|fault| fault.on.matches(&request.method, &request.path))?;
        let fault = faults.get_mut(index)?;
        let met = fault.clone();
        if let Some(times) = &mut fault.times {
            *times = times.saturating_sub(1);
            if *times == 0 {
                faults.remove(index);
            }
        }
        Some(met)
    }
}

/// How a request ends.
#[derive(Debug)]
pub(super) enum Outcome {
    Answer(Reply),
    /// The head announces the whole body, half of it comes.
    CutOff(Reply),
    Drop,
}

impl What {
    /// What comes in place of the answer; `Delay` and `Hang` leave it as it is, they are a matter of time.
    pub(super) fn instead_of(self, answer: Reply, request: &SimRequest, clock: &dyn Clock) -> Outcome {
        let page = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>".to_owned();
        Outcome::Answer(match self {
            Self::Status(status, Some(code)) => {
                let body = json!({
                    "timestamp": super::model::date(clock.now()),
                    "path": request.path,
                    "message": "Simulated error",
                    "errorCode": code,
                });
                Reply::json(status, &body)
            }
            Self::Status(status, None) => Reply::short(status, "Simulated error"),
            Self::Html => Reply::text(502, "text/html", page),
            Self::HtmlOk => Reply::text(200, "text/html", page),
            Self::Empty => Reply::empty(200),
            Self::Truncated => {
                let half = answer.body.slice(..answer.body.len() / 2);
                Reply { body: half, ..answer }
            }
            Self::CutOff => return Outcome::CutOff(answer),
            Self::Drop => return Outcome::Drop,
            Self::Delay(_) | Self::Hang => answer,
            Self::RateLimited => {
                let mut reply = Reply::short(429, "Too Many Requests");
                reply.headers.push(("retry-after", "1".to_owned()));
                reply
            }
        })
    }
}
