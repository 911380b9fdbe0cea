//! The demo's clock: the machine's, and ahead of it by as much as somebody let pass.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::clock::{Clock, SystemClock};

/// Where it is kept how far ahead it is, beside the database: what is in there has that time.
const FILE: &str = "demo-clock";

/// One for the service and both simulators.
#[derive(Debug)]
pub struct DemoClock {
    ahead_ms: AtomicI64,
    file: PathBuf,
}

impl DemoClock {
    /// As it was left in that folder; the machine's in a new one.
    pub fn kept_in(folder: &Path) -> Self {
        let file = folder.join(FILE);
        let kept = std::fs::read_to_string(&file).ok().and_then(|text| text.trim().parse().ok());
        Self { ahead_ms: AtomicI64::new(kept.unwrap_or(0)), file }
    }

    /// By how much it is ahead.
    pub fn ahead(&self) -> TimeDelta {
        TimeDelta::milliseconds(self.ahead_ms.load(Ordering::Relaxed))
    }

    /// Lets that much time pass at once.
    pub fn forward(&self, by: TimeDelta) {
        let by = by.num_milliseconds();
        let ahead = self.ahead_ms.fetch_add(by, Ordering::Relaxed) + by;
        if let Err(error) = std::fs::write(&self.file, ahead.to_string()) {
            tracing::warn!(%error, file = %self.file.display(), "the next start will not know what time it is");
        }
    }
}

impl Clock for DemoClock {
    fn now(&self) -> DateTime<Utc> {
        SystemClock.now() + self.ahead()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_goes_on_where_it_was_left() {
        let folder = tempfile::tempdir().unwrap();
        let clock = DemoClock::kept_in(folder.path());
        assert_eq!(clock.ahead(), TimeDelta::zero());
        let before = clock.now();
        clock.forward(TimeDelta::days(3));
        assert!(clock.now() - before >= TimeDelta::days(3));
        clock.forward(TimeDelta::hours(1));
        assert_eq!(DemoClock::kept_in(folder.path()).ahead(), TimeDelta::hours(73));
    }
}
