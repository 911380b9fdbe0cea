//! Growing pauses between attempts.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

/// One second, doubled each time, at most a minute.
#[derive(Debug, Default)]
pub struct Backoff {
    failures: u32,
}

impl Backoff {
    /// The pause after one more failure.
    pub fn next(&mut self) -> Duration {
        let pause = Duration::from_secs(1 << self.failures.min(6)).min(Duration::from_secs(60));
        self.failures = self.failures.saturating_add(1);
        pause
    }

    /// It works again.
    pub fn reset(&mut self) {
        self.failures = 0;
    }
}

/// Waits, or less when the process ends; whether to go on.
pub async fn wait(pause: Duration, shutdown: &CancellationToken) -> bool {
    tokio::select! {
        () = shutdown.cancelled() => false,
        () = tokio::time::sleep(pause) => true,
    }
}
