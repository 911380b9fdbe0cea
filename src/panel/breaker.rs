//! When the panel has not answered for a while, asking it costs every caller their whole time. So then nobody is kept
//! waiting: one request a second goes through to see whether it is back, the others fail at once.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use reqwest::Method;
use tokio::time::Instant;

use super::errors::PanelError;
use super::request::Call;

/// So many requests in a row without an answer open it.
const IN_A_ROW: u32 = 10;
/// While it is open, one request in this time goes through.
const PROBE_EVERY: Duration = Duration::from_secs(1);

/// What the end of a request says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    /// The panel answered.
    Answer,
    /// It did not, or only to say that it fails.
    Silence,
    /// Something answered, but what is behind it may be down all the same.
    Unsure,
}

impl Sign {
    /// What became of this call, as far as the panel's health goes.
    pub(super) fn of(call: &Call, error: Option<&PanelError>) -> Self {
        match error {
            Some(PanelError::NoAnswer { .. }) => Self::Silence,
            Some(PanelError::Unavailable { status: 500.., code: None }) => Self::Silence,
            // A reading call has no fault of its own: the panel's database is down.
            Some(PanelError::Unavailable { status: 500.., .. }) if call.method == Method::GET => {
                Self::Silence
            }
            // That of a change may be its own.
            Some(PanelError::Unavailable { status: 500.., .. }) => Self::Unsure,
            // The version is told without the database.
            None if call.template == super::check::METADATA => Self::Unsure,
            _ => Self::Answer,
        }
    }
}

/// Open or closed, for all callers.
#[derive(Debug, Default)]
pub(super) struct Breaker(Mutex<State>);

/// Closed while there is no probe to wait for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct State {
    /// Requests without an answer since the last one that had one.
    silent: u32,
    /// While it is open: when the next request goes through.
    probe_at: Option<Instant>,
}

impl State {
    fn lets_through(self, now: Instant) -> bool {
        self.probe_at.is_none_or(|at| now >= at)
    }

    /// One request wants to go; whether it may. If it is the probe, the next one comes a second later.
    fn admit(&mut self, now: Instant) -> bool {
        let admitted = self.lets_through(now);
        if admitted {
            self.probe_at = self.probe_at.map(|_| now + PROBE_EVERY);
        }
        admitted
    }

    fn heard(&mut self, sign: Sign, now: Instant) {
        match sign {
            Sign::Answer => *self = Self::default(),
            Sign::Silence => {
                self.silent = self.silent.saturating_add(1);
                if self.silent >= IN_A_ROW {
                    self.probe_at = self.probe_at.or(Some(now + PROBE_EVERY));
                }
            }
            // Whatever comes next finds out, and need not wait for it.
            Sign::Unsure => self.probe_at = self.probe_at.map(|_| now),
        }
    }
}

impl Breaker {
    /// Whether it is open.
    pub(super) fn is_open(&self) -> bool {
        self.state().probe_at.is_some()
    }

    /// Whether a request that came now would go through; nothing is decided by it.
    pub(super) fn lets_through(&self, now: Instant) -> bool {
        self.state().lets_through(now)
    }

    /// Asks for a request to go through, right before it is sent.
    pub(super) fn admit(&self, now: Instant) -> bool {
        self.state().admit(now)
    }

    /// A request that went through has ended.
    pub(super) fn heard(&self, sign: Sign, now: Instant) {
        let mut state = self.state();
        let before = state.probe_at.is_some();
        state.heard(sign, now);
        let after = state.probe_at.is_some();
        drop(state);
        match (before, after) {
            (false, true) => tracing::warn!(
                "{IN_A_ROW} requests in a row had no answer from the panel: one a second is still sent, the others fail at once"
            ),
            (true, false) => tracing::info!("the panel answers again: every request is sent"),
            _ => {}
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TICK: Duration = Duration::from_millis(100);

    fn after(silences: u32, now: Instant) -> State {
        let mut state = State::default();
        for _ in 0..silences {
            assert!(state.admit(now));
            state.heard(Sign::Silence, now);
        }
        state
    }

    #[test]
    fn ten_in_a_row_open_it_and_any_answer_closes_it() {
        let now = Instant::now();
        let mut nine = after(9, now);
        assert!(nine.admit(now));
        nine.heard(Sign::Answer, now);
        assert_eq!(nine, State::default(), "an answer starts the count anew");
        let mut open = after(10, now);
        assert!(!open.admit(now) && !open.admit(now + TICK * 9));
        // A request that was sent before it opened.
        open.heard(Sign::Answer, now + TICK);
        assert!(open.admit(now + TICK) && open.admit(now + TICK));
    }

    #[test]
    fn one_a_second_goes_through_while_it_is_open() {
        let now = Instant::now();
        let mut open = after(10, now);
        let passed = (0..100).filter(|tick| {
            let passes = open.admit(now + TICK * *tick);
            if passes {
                open.heard(Sign::Silence, now + TICK * *tick);
            }
            passes
        });
        assert_eq!(passed.collect::<Vec<_>>(), [10, 20, 30, 40, 50, 60, 70, 80, 90]);
    }

    #[test]
    fn after_an_unsure_sign_the_next_one_finds_out_at_once() {
        let now = Instant::now();
        let mut open = after(10, now);
        let probed = now + TICK * 10;
        assert!(open.admit(probed));
        open.heard(Sign::Unsure, probed);
        assert!(open.admit(probed) && !open.admit(probed), "one, not all");
        open.heard(Sign::Silence, probed);
        assert!(!open.admit(probed + TICK));
        let mut closed = after(9, now);
        closed.heard(Sign::Unsure, now);
        assert_eq!(closed, after(9, now), "it neither counts nor starts anew");
    }

    #[test]
    fn what_counts_as_no_answer() {
        let unavailable =
            |status, code: Option<&str>| PanelError::Unavailable { status, code: code.map(str::to_owned) };
        let (read, change) = (Call::get("/api/users/{id}"), Call::new(Method::PATCH, "/api/users"));
        let version = Call::get(super::super::check::METADATA);
        let timeout = PanelError::NoAnswer { kind: super::super::NoAnswer::Timeout };
        for (call, error, sign) in [
            (&read, None, Sign::Answer),
            (&version, None, Sign::Unsure),
            (&version, Some(PanelError::Unauthorized), Sign::Answer),
            (&change, Some(timeout), Sign::Silence),
            (&change, Some(unavailable(502, None)), Sign::Silence),
            (&change, Some(unavailable(500, Some("A018"))), Sign::Unsure),
            (&read, Some(unavailable(500, Some("A026"))), Sign::Silence),
            (&read, Some(unavailable(429, None)), Sign::Answer),
            (&read, Some(PanelError::NotFound), Sign::Answer),
            (&read, Some(PanelError::Nonsense), Sign::Answer),
        ] {
            assert_eq!(Sign::of(call, error.as_ref()), sign, "{} {error:?}", call.template);
        }
    }

    proptest! {
        /// Whatever happens: closed it lets all through, open at most one in any second but for those that follow an
        /// unsure sign, and it always lets one through after a second.
        #[test]
        fn it_never_shuts_for_good(steps in prop::collection::vec((0_u32..15, 0_u8..4), 0..200)) {
            let (mut state, mut now) = (State::default(), Instant::now());
            for (ticks, what) in steps {
                now += TICK * ticks;
                let (was, admitted) = (state, state.admit(now));
                prop_assert!(admitted || was.probe_at.is_some());
                prop_assert!(state.lets_through(now + PROBE_EVERY));
                if admitted && was.probe_at.is_some() {
                    prop_assert!(!state.lets_through(now + PROBE_EVERY - TICK));
                }
                let sign = match what {
                    0 => Sign::Answer,
                    1 => Sign::Unsure,
                    _ => Sign::Silence,
                };
                if admitted {
                    state.heard(sign, now);
                    prop_assert_eq!(state.silent >= IN_A_ROW, state.probe_at.is_some());
                }
            }
        }
    }
}
