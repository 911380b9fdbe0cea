//! Whose date lies in a span of time.

use chrono::{DateTime, Utc};

use super::Row;
use crate::domain::client::Client;
use crate::repositories::db::on_db;
use crate::repositories::{Db, Result};

/// From the first moment on, before the second one.
type Span = (DateTime<Utc>, DateTime<Utc>);

/// The first clients whose date lies in that span, but those that somebody blocked.
pub async fn expiring(db: &Db, (from, until): Span, limit: i64) -> Result<Vec<Client>> {
    let rows: Vec<Row> = on_db!(db, pool => sqlx::query_as(
        "SELECT * FROM clients WHERE expires_at >= $1 AND expires_at < $2 AND (status = 'active' OR lapsed)
         ORDER BY expires_at, id LIMIT $3")
        .bind(from)
        .bind(until)
        .bind(limit)
        .fetch_all(pool))?;
    Ok(rows.into_iter().map(Client::from).collect())
}

/// How many these are.
pub async fn count_expiring(db: &Db, (from, until): Span) -> Result<i64> {
    on_db!(db, pool => sqlx::query_scalar(
        "SELECT count(*) FROM clients WHERE expires_at >= $1 AND expires_at < $2 AND (status = 'active' OR lapsed)")
        .bind(from)
        .bind(until)
        .fetch_one(pool))
}
