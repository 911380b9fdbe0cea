//! What owners must hear at once, whoever was at it. Kept in memory: the log has it for good.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::mpsc;

use crate::domain::ids::ClientId;
use crate::domain::username::Username;

/// How many wait for a bot that is away; more are only in the log.
const WAITING: usize = 64;
/// About the same client nothing is said again for so long.
const QUIET: TimeDelta = TimeDelta::hours(1);
/// So many clients are remembered for that.
const REMEMBERED: usize = 1024;

/// Something that needs a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Alert {
    /// The panel has somebody else under this client's id.
    AnotherUser {
        /// The client.
        client: ClientId,
        /// Its name.
        username: Username,
    },
}

/// From the rules to whoever tells owners. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Alerts(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    sender: mpsc::Sender<Alert>,
    receiver: tokio::sync::Mutex<mpsc::Receiver<Alert>>,
    told: Mutex<HashMap<ClientId, DateTime<Utc>>>,
}

impl Default for Alerts {
    fn default() -> Self {
        let (sender, receiver) = mpsc::channel(WAITING);
        Self(Arc::new(Inner { sender, receiver: receiver.into(), told: Mutex::default() }))
    }
}

impl Alerts {
    /// Tells owners, unless they were told of this client within the hour. Never waits.
    pub fn raise(&self, alert: Alert, now: DateTime<Utc>) {
        let Alert::AnotherUser { client, .. } = &alert;
        let mut told = self.0.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.retain(|_, at| now - *at < QUIET);
        if told.len() >= REMEMBERED || told.contains_key(client) {
            return;
        }
        told.insert(*client, now);
        if self.0.sender.try_send(alert).is_err() {
            tracing::warn!("too many alerts wait for the bot; this one is only in the log");
        }
    }

    /// The next one, when there is one. One listener at a time; what it was not given waits for the next.
    pub async fn next(&self) -> Option<Alert> {
        self.0.receiver.lock().await.recv().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn once_an_hour_for_a_client() {
        let alerts = Alerts::default();
        let alert = |number| Alert::AnotherUser {
            client: ClientId(uuid::Uuid::from_u128(number)),
            username: Username::stored("alice"),
        };
        let now = DateTime::UNIX_EPOCH;
        for minute in [0, 1, 59] {
            alerts.raise(alert(1), now + TimeDelta::minutes(minute));
        }
        alerts.raise(alert(2), now);
        alerts.raise(alert(1), now + TimeDelta::minutes(60));
        for number in [1, 2, 1] {
            assert_eq!(alerts.next().await, Some(alert(number)));
        }
        for number in 3..2000 {
            alerts.raise(alert(number), now);
        }
        assert!(alerts.0.told.lock().unwrap().len() <= REMEMBERED);
    }
}
