//! The log of one test. It hears what happens on the test's own thread: for tests with one thread.

use std::io;
use std::sync::{Arc, Mutex};

use tracing::subscriber::DefaultGuard;
use tracing_subscriber::EnvFilter;

#[derive(Clone, Default)]
pub struct Captured(Arc<Mutex<Vec<u8>>>);

impl io::Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Captured {
    /// Listens until the guard is dropped, to what this filter lets through.
    pub fn start(filter: &str) -> (Self, DefaultGuard) {
        let (log, filter) = (Self::default(), EnvFilter::new(filter));
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_ansi(false)
            .with_writer(move || writer.clone());
        (log, tracing::subscriber::set_default(subscriber.finish()))
    }

    /// What our own code has said so far; the simulators' words left out.
    pub fn lines(&self) -> Vec<String> {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        let ours = |line: &&str| line.contains(" orchestrator::") && !line.contains(" orchestrator::demo");
        text.lines().filter(ours).map(str::to_owned).collect()
    }

    /// Waits for a line with this in it.
    pub async fn line(&self, part: &str) -> String {
        let waiting = async {
            loop {
                if let Some(line) = self.lines().into_iter().find(|line| line.contains(part)) {
                    return line;
                }
                tokio::task::yield_now().await;
            }
        };
        let waited = tokio::time::timeout(super::chat::LIMIT, waiting).await;
        waited.unwrap_or_else(|_| panic!("nobody says {part:?}:\n{}", self.lines().join("\n")))
    }
}
