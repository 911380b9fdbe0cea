//! How often things are done and how long they take. Each layer counts its own and hands its numbers to whoever shows them.

use std::borrow::Cow;
use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// From a look into our own database to the panel's time limit, in seconds.
const BUCKETS: [f64; 11] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// Names and values. Values are templates and words that stand in the code, never ids, names or secrets: each one is a
/// series that is kept for the life of the process.
pub type Labels<const N: usize> = [(&'static str, Cow<'static, str>); N];

/// How long something took each time, and so how often it was done. Clones share their numbers.
#[derive(Debug, Clone)]
pub struct Durations<const N: usize>(Family<Labels<N>, Histogram, fn() -> Histogram>);

impl<const N: usize> Default for Durations<N> {
    fn default() -> Self {
        Self(Family::new_with_constructor(|| Histogram::new(BUCKETS)))
    }
}

impl<const N: usize> Durations<N> {
    /// It was done once more.
    pub fn note(&self, labels: Labels<N>, took: Duration) {
        self.0.get_or_create(&labels).observe(took.as_secs_f64());
    }

    /// Is shown from now on, under this name.
    pub fn show(&self, registry: &mut Registry, name: &str, help: &str) {
        registry.register(name, help, self.0.clone());
    }
}

/// How often something happened. Clones share their numbers.
#[derive(Debug, Clone, Default)]
pub struct Counts<const N: usize>(Family<Labels<N>, Counter>);

impl<const N: usize> Counts<N> {
    /// It happened once more.
    pub fn note(&self, labels: Labels<N>) {
        self.0.get_or_create(&labels).inc();
    }

    /// Is shown from now on, under this name and `_total`.
    pub fn show(&self, registry: &mut Registry, name: &str, help: &str) {
        registry.register(name, help, self.0.clone());
    }
}
