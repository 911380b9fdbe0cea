//! How many operations a client has, without counting all of them for every page.
//!
//! The log only grows, at its new end: what lies some time back is counted once and kept in mind, and a page counts what came
//! since. Clients of few operations are counted as they are.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::ids::ClientId;
use crate::repositories;
use crate::repositories::lists::Snapshot;
use crate::repositories::operations::{OperationList, Times};

/// So many are counted anew for each page.
const FEW: i64 = 1_000;
/// No replica's clock and no transaction writes further back than this.
const SETTLED: TimeDelta = TimeDelta::minutes(10);
/// Then it is counted again: an import may have brought older rows.
const BELIEVED: TimeDelta = TimeDelta::minutes(10);
/// So many clients are kept in mind.
const CLIENTS: usize = 1_000;

/// What was counted.
#[derive(Debug, Default)]
pub(super) struct Totals(Mutex<HashMap<ClientId, Counted>>);

#[derive(Debug, Clone, Copy)]
struct Counted {
    /// So many lie before this moment.
    count: i64,
    before: DateTime<Utc>,
    at: DateTime<Utc>,
}

impl Totals {
    /// How many operations the client has in this snapshot.
    pub async fn of(
        &self,
        snapshot: &mut Snapshot,
        client: ClientId,
        now: DateTime<Utc>,
    ) -> repositories::Result<i64> {
        let of = |times| OperationList { client: Some(client), times };
        if let Some(counted) = self.believed(client, now) {
            let since = snapshot.count(&of(Times::Since(counted.before))).await?;
            // Grown by much: the next page begins to count further on.
            if since > FEW {
                self.forget(client);
            }
            return Ok(counted.count + since);
        }
        let total = snapshot.count(&of(Times::All)).await?;
        if total > FEW {
            let before = now - SETTLED;
            let since = snapshot.count(&of(Times::Since(before))).await?;
            self.keep(client, Counted { count: total - since, before, at: now });
        }
        Ok(total)
    }

    /// The same, counted whatever is kept in mind: a deleted client's operations are gone with it.
    pub async fn anew(&self, snapshot: &mut Snapshot, client: ClientId) -> repositories::Result<i64> {
        self.forget(client);
        snapshot.count(&OperationList { client: Some(client), times: Times::All }).await
    }

    fn believed(&self, client: ClientId, now: DateTime<Utc>) -> Option<Counted> {
        let counted = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&client).copied()?;
        (now - counted.at < BELIEVED).then_some(counted)
    }

    fn keep(&self, client: ClientId, counted: Counted) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= CLIENTS {
            all.retain(|_, other| counted.at - other.at < BELIEVED / 2);
        }
        if all.len() < CLIENTS {
            all.insert(client, counted);
        }
    }

    fn forget(&self, client: ClientId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&client);
    }
}
