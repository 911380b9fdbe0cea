//! What owners must hear at once, whoever was at it: written into the outbox, but not again for each that retries.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::timeout;

use crate::domain::client::Client;
use crate::domain::ids::ClientId;
use crate::domain::notice::OwnerNotice;

use super::core::Core;
use super::error::Error;
use super::outbox::notify_owners;

/// About the same client nothing is said again for so long.
const QUIET: TimeDelta = TimeDelta::hours(1);
/// So many clients are remembered for that.
const REMEMBERED: usize = 1024;
/// Whoever meets the trouble does not wait longer for the database.
const PATIENCE: Duration = Duration::from_secs(1);

/// What owners were told lately.
#[derive(Debug, Default)]
pub struct Alerts {
    told: Mutex<HashMap<ClientId, DateTime<Utc>>>,
}

impl Alerts {
    /// Whether owners were not told of this client within the hour; now they count as told.
    fn is_new(&self, client: ClientId, now: DateTime<Utc>) -> bool {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.retain(|_, at| now - *at < QUIET);
        if told.len() >= REMEMBERED || told.contains_key(&client) {
            return false;
        }
        told.insert(client, now);
        true
    }

    fn forget(&self, client: ClientId) {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).remove(&client);
    }
}

/// The panel has somebody else under this client's id: owners hear of it, unless they did within the hour.
pub(super) async fn another_user(core: &Core, client: &Client) {
    if !core.alerts.is_new(client.id, core.clock.now()) {
        return;
    }
    let told = timeout(PATIENCE, tell(core, client)).await;
    let told = told.unwrap_or_else(|_| Err(Error::Database("no answer in time".to_owned())));
    if let Err(error) = told {
        core.alerts.forget(client.id);
        tracing::error!(client = %client.id, %error, "owners could not be told; it is only in the log");
    }
}

async fn tell(core: &Core, client: &Client) -> Result<(), Error> {
    let notice = OwnerNotice::AnotherUser { client: client.id, username: client.username.clone() };
    let mut tx = core.db.begin().await?;
    notify_owners(core, &mut tx, notice, None).await?;
    tx.commit().await?;
    core.posted.notify_one();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn once_an_hour_for_a_client() {
        let alerts = Alerts::default();
        let client = |number| ClientId(uuid::Uuid::from_u128(number));
        let at = |minute| DateTime::UNIX_EPOCH + TimeDelta::minutes(minute);
        assert!(alerts.is_new(client(1), at(0)));
        assert!(!alerts.is_new(client(1), at(1)));
        assert!(alerts.is_new(client(2), at(1)));
        assert!(!alerts.is_new(client(1), at(59)));
        assert!(alerts.is_new(client(1), at(60)));
        alerts.forget(client(1));
        assert!(alerts.is_new(client(1), at(60)));
        for number in 3..2000 {
            alerts.is_new(client(number), at(60));
        }
        assert!(alerts.told.lock().unwrap().len() <= REMEMBERED);
    }
}
