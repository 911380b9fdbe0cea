//! The table `leases`: what one process at a time does.

use chrono::{DateTime, Utc};

use super::db::{execute, on_db, on_tx};
use super::json::JsonText;
use super::{Db, Result, Tx};

/// Who takes a lease.
#[derive(Debug, Clone, Copy)]
pub struct Taker<'a> {
    /// The process.
    pub owner: &'a str,
    /// The present.
    pub now: DateTime<Utc>,
    /// Until when nobody else may take it.
    pub until: DateTime<Utc>,
}

/// Takes a lease that nobody holds, or renews one's own, if its turn is due or `early`; what was kept in mind with it
/// (nothing yet), or `None` when it was not to be had.
pub async fn take(tx: &mut Tx, name: &str, taker: Taker<'_>, early: bool) -> Result<Option<Option<String>>> {
    let taken: Option<Option<JsonText>> = on_tx!(tx, conn => sqlx::query_scalar(
        "INSERT INTO leases (name, owner, until, due_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, until = excluded.until
         WHERE (leases.until <= $4 OR leases.owner = $2) AND (leases.due_at <= $4 OR $5)
         RETURNING memory")
        .bind(name)
        .bind(taker.owner)
        .bind(taker.until)
        .bind(taker.now)
        .bind(early)
        .fetch_optional(conn))?;
    Ok(taken.map(|memory| memory.map(JsonText::into_text)))
}

/// Ends one's turn: the next is due at that moment. What is to be kept in mind replaces what was, if there is anything.
/// Whether the lease was still held.
pub async fn give_back(
    tx: &mut Tx,
    name: &str,
    owner: &str,
    (now, due_at): (DateTime<Utc>, DateTime<Utc>),
    memory: Option<&str>,
) -> Result<bool> {
    let memory = memory.map(JsonText::from_text);
    let changed = execute!(
        tx,
        sqlx::query(
            "UPDATE leases SET until = $3, due_at = $4, memory = COALESCE($5, memory)
             WHERE name = $1 AND owner = $2"
        )
        .bind(name)
        .bind(owner)
        .bind(now)
        .bind(due_at)
        .bind(memory)
    )?;
    Ok(changed > 0)
}

/// From when on a turn may be taken; `None` when nobody ever took one.
pub async fn free_at(db: &Db, name: &str) -> Result<Option<DateTime<Utc>>> {
    let row: Option<(DateTime<Utc>, DateTime<Utc>)> = on_db!(db, pool =>
        sqlx::query_as("SELECT due_at, until FROM leases WHERE name = $1").bind(name).fetch_optional(pool))?;
    Ok(row.map(|(due_at, until)| due_at.max(until)))
}

/// Whether some process holds any of them.
pub async fn any_held(db: &Db, now: DateTime<Utc>) -> Result<bool> {
    on_db!(db, pool =>
        sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM leases WHERE until > $1)").bind(now).fetch_one(pool))
}

/// What was kept in mind for the next turn.
pub async fn memory(db: &Db, name: &str) -> Result<Option<String>> {
    let memory: Option<Option<JsonText>> = on_db!(db, pool =>
        sqlx::query_scalar("SELECT memory FROM leases WHERE name = $1").bind(name).fetch_optional(pool))?;
    Ok(memory.flatten().map(JsonText::into_text))
}

/// Keeps this in mind for the next turn, which is due now.
pub async fn remember(tx: &mut Tx, name: &str, memory: &str, now: DateTime<Utc>) -> Result<()> {
    execute!(
        tx,
        sqlx::query(
            "INSERT INTO leases (name, owner, until, due_at, memory) VALUES ($1, '', $2, $2, $3)
             ON CONFLICT (name) DO UPDATE SET memory = excluded.memory, due_at = excluded.due_at"
        )
        .bind(name)
        .bind(now)
        .bind(JsonText::from_text(memory))
    )
    .map(|_| ())
}

/// Forgets all turns with what was kept in mind.
pub async fn forget_all(tx: &mut Tx) -> Result<u64> {
    execute!(tx, sqlx::query("DELETE FROM leases"))
}
