//! The service's numbers, as Prometheus reads them. What happens is counted where it happens; how things stand is looked
//! up when somebody asks.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use chrono::{DateTime, Utc};
use prometheus_client::encoding::prometheus_text;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use tokio::time::timeout;

use crate::domain::measures::{Counts, Durations, Labels};
use crate::domain::notice::Priority;
use crate::repositories::{intents, matters, outbox};

use super::core::Core;
use super::error::Error;

/// How long the database may take for each number.
const LOOK: Duration = Duration::from_secs(2);
/// Before each name.
const PREFIX: &str = "orchestrator";

/// A moment or a length of time, in seconds.
type Seconds = Gauge<f64, AtomicU64>;

/// Counting, and showing what was counted. Clones share their numbers.
#[derive(Debug, Clone)]
pub struct Metrics {
    core: Arc<Core>,
    requests: Durations<3>,
    updates: Durations<1>,
    jobs: Durations<2>,
    job_done: Family<Labels<1>, Seconds>,
    messages: Counts<1>,
    counted: Arc<Registry>,
}

impl Metrics {
    /// On top of the core. The process counts as started now.
    pub(super) fn new(core: Arc<Core>) -> Self {
        let mut registry = Registry::with_prefix(PREFIX);
        let (requests, updates, jobs) = (Durations::default(), Durations::default(), Durations::default());
        let (job_done, messages) = (Family::default(), Counts::default());
        requests.show(
            &mut registry,
            "http_request_duration_seconds",
            "Requests to the API, to their last byte",
        );
        updates.show(
            &mut registry,
            "update_duration_seconds",
            "Updates from Telegram, from the table to their end",
        );
        jobs.show(&mut registry, "job_duration_seconds", "Turns of what is done from time to time");
        registry.register(
            "job_last_success_timestamp_seconds",
            "When a job was last done",
            Family::clone(&job_done),
        );
        messages.show(
            &mut registry,
            "messages",
            "Messages that the bot sends by itself, by what became of them",
        );
        core.panel.show_calls(&mut registry);
        let started = Seconds::default();
        started.set(seconds(core.clock.now()));
        registry.register("start_time_seconds", "When this process started", started);
        let build = Family::<Labels<1>, Gauge>::default();
        build.get_or_create(&[("version", env!("CARGO_PKG_VERSION").into())]).set(1);
        registry.register("build_info", "Which version runs", build);
        Self { core, requests, updates, jobs, job_done, messages, counted: Arc::new(registry) }
    }

    /// A request is over. `route` is its template; `status` is none where the caller left before the answer.
    pub fn request(&self, method: &'static str, route: String, status: Option<u16>, took: Duration) {
        let class = match status.map(|status| status / 100) {
            Some(1) => "1xx",
            Some(2) => "2xx",
            Some(3) => "3xx",
            Some(4) => "4xx",
            Some(_) => "5xx",
            None => "none",
        };
        let labels = [("method", method.into()), ("route", route.into()), ("status", class.into())];
        self.requests.note(labels, took);
    }

    /// An update was handled, or an attempt at it failed.
    pub fn update(&self, handled: bool, took: Duration) {
        self.updates.note([("outcome", if handled { "handled" } else { "failed" }.into())], took);
    }

    /// A job had its turn.
    pub fn job(&self, name: &'static str, done: bool, took: Duration) {
        self.jobs
            .note([("job", name.into()), ("outcome", if done { "done" } else { "failed" }.into())], took);
        if done {
            self.job_done.get_or_create(&[("job", name.into())]).set(seconds(self.core.clock.now()));
        }
    }

    /// The bot tried to send a message by itself.
    pub fn message(&self, outcome: &'static str) {
        self.messages.note([("outcome", outcome.into())]);
    }

    /// All numbers in Prometheus' text format. What the database does not tell in time is left out.
    ///
    /// # Errors
    /// `Internal`, and only where a text cannot be written.
    pub async fn render(&self) -> Result<String, Error> {
        let mut now = Registry::with_prefix(PREFIX);
        self.stand(&mut now);
        self.look_up(&mut now).await;
        let mut text = String::new();
        for registry in [&*self.counted, &now] {
            prometheus_text::encode(&mut text, registry)
                .map_err(|error| Error::Internal(error.to_string()))?;
        }
        Ok(text)
    }

    /// How this process stands.
    fn stand(&self, now: &mut Registry) {
        let core = &self.core;
        let breaker: Gauge = Gauge::default();
        breaker.set(i64::from(core.panel.breaker_is_open()));
        now.register(
            "panel_breaker_open",
            "Whether the panel has not answered for a while (1) or not (0)",
            breaker,
        );
        if let Some(skew) = core.panel.clock_skew() {
            let gauge: Gauge = Gauge::default();
            gauge.set(skew.num_seconds());
            now.register("panel_clock_skew_seconds", "The panel's clock minus ours", gauge);
        }
        let pools = Family::<Labels<2>, Gauge>::default();
        for pool in core.db.pools() {
            for (state, number) in [("used", pool.used), ("idle", pool.idle)] {
                pools
                    .get_or_create(&[("pool", pool.name.into()), ("state", state.into())])
                    .set(number.into());
            }
        }
        now.register("database_connections", "Open connections to the database", pools);
    }

    /// What only the database knows.
    async fn look_up(&self, now: &mut Registry) {
        let db = &self.core.db;
        let (waiting, open, matters) = tokio::join!(
            timeout(LOOK, outbox::waiting(db)),
            timeout(LOOK, intents::open_since(db)),
            timeout(LOOK, matters::count(db)),
        );
        let up: Gauge = Gauge::default();
        up.set(i64::from(matches!((&waiting, &open, &matters), (Ok(Ok(_)), Ok(Ok(_)), Ok(Ok(_))))));
        now.register("database_up", "Whether the database told all of these numbers", up);
        if let Ok(Ok(waiting)) = waiting {
            self.show_outbox(now, &waiting);
        }
        if let Ok(Ok((number, since))) = open {
            let (changes, age) = (Gauge::<i64>::default(), Seconds::default());
            changes.set(number);
            age.set(self.age(since));
            now.register("changes_open", "Changes that are begun and not ended", changes);
            now.register("changes_oldest_age_seconds", "How long the oldest of them has been open", age);
        }
        if let Ok(Ok(number)) = matters {
            let gauge = Gauge::<i64>::default();
            gauge.set(number);
            now.register("matters_open", "What needs a person", gauge);
        }
    }

    fn show_outbox(&self, now: &mut Registry, waiting: &[outbox::Waiting]) {
        let (depth, age) = (Family::<Labels<1>, Gauge>::default(), Family::<Labels<1>, Seconds>::default());
        for (priority, word) in [(Priority::Notice, "notice"), (Priority::Broadcast, "broadcast")] {
            let row = waiting.iter().find(|row| row.priority == priority.number());
            let labels = [("priority", word.into())];
            depth.get_or_create(&labels).set(row.map_or(0, |row| row.number));
            age.get_or_create(&labels).set(self.age(row.map(|row| row.since)));
        }
        now.register("outbox_waiting", "Messages that wait to be sent", depth);
        now.register("outbox_oldest_age_seconds", "How long the oldest of them has waited", age);
    }

    fn age(&self, since: Option<DateTime<Utc>>) -> f64 {
        since.map_or(0.0, |since| (self.core.clock.now() - since).as_seconds_f64().max(0.0))
    }
}

fn seconds(at: DateTime<Utc>) -> f64 {
    (at - DateTime::UNIX_EPOCH).as_seconds_f64()
}
