//! What is counted by day.

use chrono::{DateTime, Utc};

use super::db::on_db;
use super::{Db, Result};

/// How many clients with access end in this time. (The status is no condition: SQLite would read all who have access.)
pub async fn ending(db: &Db, from: DateTime<Utc>, until: DateTime<Utc>) -> Result<i64> {
    on_db!(db, pool => sqlx::query_scalar(
        "SELECT count(CASE WHEN status = 'active' THEN 1 END) FROM clients WHERE expires_at >= $1 AND expires_at < $2")
        .bind(from)
        .bind(until)
        .fetch_one(pool))
}

/// How many clients were made in this time; those that an import found are none.
pub async fn made(db: &Db, from: DateTime<Utc>, until: DateTime<Utc>) -> Result<i64> {
    on_db!(db, pool => sqlx::query_scalar(
        "SELECT count(*) FROM audit WHERE action = 'create' AND created_at >= $1 AND created_at < $2
                                      AND result = 'success' AND source <> 'panel'")
        .bind(from)
        .bind(until)
        .fetch_one(pool))
}

/// How many extensions were made in this time; days that were taken back are none.
pub async fn extended(db: &Db, from: DateTime<Utc>, until: DateTime<Utc>) -> Result<i64> {
    on_db!(db, pool => sqlx::query_scalar(
        "SELECT count(*) FROM audit WHERE action = 'extend' AND created_at >= $1 AND created_at < $2
                                      AND result = 'success' AND CAST(payload AS TEXT) NOT LIKE '%\"days\":-%'")
        .bind(from)
        .bind(until)
        .fetch_one(pool))
}
