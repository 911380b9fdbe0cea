//! What the bot allows itself and others, all in one place. The defaults are the service's; tests choose smaller ones.

use std::time::Duration;

use chrono::TimeDelta;

/// How much, how long, how often.
#[derive(Debug, Clone)]
pub struct Limits {
    /// After so much work a message says that it still goes on.
    pub patience: Duration,
    /// No handler runs longer: its person's next update waits for it.
    pub handler: Duration,
    /// So many updates of one person are taken at once …
    pub burst: u16,
    /// … and one more each time this has passed.
    pub refill: TimeDelta,
    /// Whoever sends more is told so, and then not listened to for so long.
    pub ignored: TimeDelta,
    /// The outbox leaves so much time between two messages to one person.
    pub outbox_quiet: Duration,
    /// How often the outbox is looked at: other processes put things in too.
    pub outbox_round: Duration,
    /// How often Telegram is asked whether it still knows where to send updates, and whether they arrive.
    pub webhook_check: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            patience: Duration::from_secs(2),
            handler: Duration::from_secs(60),
            burst: 20,
            refill: TimeDelta::milliseconds(200),
            ignored: TimeDelta::minutes(1),
            outbox_quiet: Duration::from_secs(1),
            outbox_round: Duration::from_secs(1),
            webhook_check: Duration::from_secs(120),
        }
    }
}
