//! The table `updates`: the stored intake.

use chrono::{DateTime, Utc};

use super::db::{execute, on_db};
use super::{Db, Result, Tx};

/// A stored update, as its columns are.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct UpdateRow {
    /// Telegram's number for it.
    pub update_id: i64,
    /// Whose it is; 0 when nobody's.
    pub sender: i64,
    /// The JSON text.
    pub payload: String,
}

/// Keeps one update unless it is there already; whether it is new.
pub async fn insert(tx: &mut Tx, bot_id: i64, update: &UpdateRow, now: DateTime<Utc>) -> Result<bool> {
    let inserted = execute!(tx, sqlx::query(
        "INSERT INTO updates (bot_id, update_id, sender, payload, received_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT DO NOTHING")
        .bind(bot_id)
        .bind(update.update_id)
        .bind(update.sender)
        .bind(update.payload.as_str())
        .bind(now))?;
    Ok(inserted > 0)
}

/// The first waiting update of each sender, in order of arrival.
///
/// "First" goes by arrival and only then by number, because Telegram starts its numbers anew after a quiet week.
pub async fn first_of_each_sender(db: &Db, bot_id: i64, limit: i64) -> Result<Vec<UpdateRow>> {
    on_db!(db, pool => sqlx::query_as(
        "SELECT update_id, sender, payload FROM updates AS u
         WHERE bot_id = $1 AND handled_at IS NULL AND NOT EXISTS (
             SELECT 1 FROM updates AS earlier
             WHERE earlier.bot_id = u.bot_id AND earlier.sender = u.sender AND earlier.handled_at IS NULL
               AND (earlier.received_at, earlier.update_id) < (u.received_at, u.update_id))
         ORDER BY received_at, update_id LIMIT $2")
        .bind(bot_id)
        .bind(limit)
        .fetch_all(pool))
}

/// Notes that an update was handled.
pub async fn handled(tx: &mut Tx, bot_id: i64, update_id: i64, now: DateTime<Utc>) -> Result<()> {
    execute!(
        tx,
        sqlx::query("UPDATE updates SET handled_at = $3 WHERE bot_id = $1 AND update_id = $2")
            .bind(bot_id)
            .bind(update_id)
            .bind(now)
    )
    .map(|_| ())
}

/// Forgets updates that were handled before that time; how many.
pub async fn forget(tx: &mut Tx, before: DateTime<Utc>) -> Result<u64> {
    execute!(tx, sqlx::query("DELETE FROM updates WHERE handled_at < $1").bind(before))
}
