//! Clients as a list.

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::client::{Client, ClientFilter};
use crate::domain::page::Place;

use super::super::lists::{self, Conditions, Dialect, List};
use super::super::{Db, Result};
use super::Row;

/// The clients of a filter at a moment.
#[derive(Debug, Clone)]
pub struct ClientList {
    /// Which.
    pub filter: ClientFilter,
    /// What counts as now for expiry.
    pub now: DateTime<Utc>,
}

impl List for ClientList {
    const TABLE: &'static str = "clients";
    type Row = Row;
    type Item = Client;

    fn conditions(&self, dialect: Dialect) -> Conditions {
        self.conditions_for(dialect, false)
    }

    fn item(row: Row) -> Result<Client> {
        Ok(row.into())
    }

    fn place(client: &Client) -> Place {
        Place { created_at: client.created_at, id: client.id.0 }
    }
}

impl ClientList {
    /// The conditions, for rows in the order of their dates if they are read `by_date`: then a date leads to them.
    pub(super) fn conditions_for(&self, dialect: Dialect, by_date: bool) -> Conditions {
        let ClientFilter { status, expired, expiring_within_hours, telegram_id, username } =
            self.filter.clone();
        let (now, soon) = (self.now, expiring_within_hours.map(|hours| TimeDelta::hours(hours.into())));
        let dated = soon.is_some() || (by_date && expired.is_some());
        let narrow = username.is_some() || telegram_id.is_some() || dated;
        Conditions::of(dialect)
            .text(false, "username =", username)
            .when("telegram_id =", telegram_id.map(|id| id.0))
            .behind(narrow, "status =", status)
            .when("expires_at <=", expired.filter(|expired| *expired).map(|_| now))
            .when("expires_at >", expired.filter(|expired| !*expired).map(|_| now))
            .when("expires_at >", soon.map(|_| now))
            .when("expires_at <=", soon.map(|soon| now + soon))
    }
}

/// The clients of the filter, newest first, `limit` of them from `offset` on.
pub async fn list(
    db: &Db,
    filter: ClientFilter,
    now: DateTime<Utc>,
    limit: i64,
    offset: i64,
) -> Result<Vec<Client>> {
    lists::rows(db, &ClientList { filter, now }, limit, offset).await
}

/// How many clients the filter has.
pub async fn count(db: &Db, filter: ClientFilter, now: DateTime<Utc>) -> Result<i64> {
    lists::count(db, &ClientList { filter, now }).await
}
