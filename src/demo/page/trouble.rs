//! Trouble on purpose: the panel down, Telegram with too much to do, three days gone by.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, DurationRound as _, TimeDelta, Utc};
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::app::Services;
use crate::demo::clock::DemoClock;
use crate::demo::panel::PanelSim;
use crate::demo::telegram::TelegramSim;
use crate::domain::clock::Clock as _;

/// How long Telegram says "too many requests": not longer than the bot waits with an answer.
const FLOOD: TimeDelta = TimeDelta::seconds(12);
/// How much time passes at the touch of a button …
const DAYS: TimeDelta = TimeDelta::days(3);
/// … in steps of this, so that whoever would have been told on the way is told …
const STEP: TimeDelta = TimeDelta::hours(2);
/// … each of which gets so long for what comes of it.
const STEP_TAKES: Duration = Duration::from_millis(250);
/// A step waits at most so long for requests under way: they would take a step's length.
const QUIET: Duration = Duration::from_millis(300);

/// What is wrong now, and the means to change it.
#[derive(Debug, Clone)]
pub struct Trouble {
    panel: PanelSim,
    telegram: TelegramSim,
    services: Services,
    clock: Arc<DemoClock>,
    now: Arc<watch::Sender<Now>>,
}

/// What is wrong at this moment.
#[derive(Debug, Clone, Copy, Default)]
pub struct Now {
    panel_down: bool,
    /// Days pass.
    passing: bool,
}

impl Trouble {
    /// None yet.
    pub fn new(panel: PanelSim, telegram: TelegramSim, services: Services, clock: Arc<DemoClock>) -> Self {
        Self { panel, telegram, services, clock, now: Arc::new(watch::Sender::new(Now::default())) }
    }

    /// Told when any of it changes, but for what ends by itself.
    pub fn changes(&self) -> watch::Receiver<Now> {
        self.now.subscribe()
    }

    /// As the page is told.
    pub fn shown(&self) -> Value {
        let Now { panel_down, passing } = *self.now.borrow();
        json!({
            "panel_down": panel_down,
            "flooded_until": self.telegram.flooded_until(),
            "passing": passing,
            "ahead_ms": self.clock.ahead().num_milliseconds(),
        })
    }

    /// The present, as everybody in the demo has it.
    pub fn time(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Takes the panel down, or brings it back with all that it knew.
    ///
    /// # Errors
    /// Its port was taken meanwhile.
    pub async fn panel_down(&self, down: bool) -> std::io::Result<()> {
        if down {
            self.panel.stop().await;
        } else {
            self.panel.restart().await?;
        }
        self.now.send_modify(|now| now.panel_down = down);
        Ok(())
    }

    /// Telegram refuses messages with "too many requests", for a while, or no more.
    pub fn flood(&self, on: bool) {
        self.telegram.flood(on.then(|| self.clock.now() + FLOOD));
    }

    /// Three days pass, in seconds; false while they do already.
    pub fn pass_days(&self, shutdown: CancellationToken) -> bool {
        let begun = self.now.send_if_modified(|now| !std::mem::replace(&mut now.passing, true));
        if begun {
            let trouble = self.clone();
            tokio::spawn(async move {
                shutdown.run_until_cancelled(trouble.pass(DAYS)).await;
                trouble.now.send_modify(|now| now.passing = false);
            });
        }
        begun
    }

    async fn pass(&self, time: TimeDelta) {
        let end = self.clock.now() + time;
        while let Some(step) = next_step(self.clock.now(), end) {
            let mut requests = self.panel.requests();
            let quiet = async { while self.panel.is_busy() && requests.changed().await.is_ok() {} };
            // A request that hangs is no reason to wait longer.
            let _waited = timeout(QUIET, quiet).await;
            self.clock.forward(step - self.clock.now());
            self.panel.tick();
            self.services.leases.clock_moved();
            self.now.send_modify(|_| {});
            sleep(STEP_TAKES).await;
        }
    }
}

/// The moment to go to next: whole (odd) hours, so that what is due at nine comes at nine, and then the end.
fn next_step(now: DateTime<Utc>, end: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let hour = TimeDelta::hours(1);
    let next = (now + hour).duration_trunc(STEP).ok()? + hour;
    (now < end).then(|| next.min(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn time_goes_by_odd_hours() {
        let end = at("2026-05-15T10:20:00Z");
        for (now, next) in [
            ("2026-05-12T10:20:00Z", "2026-05-12T11:00:00Z"),
            ("2026-05-12T11:00:00Z", "2026-05-12T13:00:00Z"),
            ("2026-05-12T11:20:00Z", "2026-05-12T13:00:00Z"),
            ("2026-05-15T09:00:00.25Z", "2026-05-15T10:20:00Z"),
        ] {
            assert_eq!(next_step(at(now), end), Some(at(next)), "{now}");
        }
        assert_eq!(next_step(end, end), None);
    }
}
