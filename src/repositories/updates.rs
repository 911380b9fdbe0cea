//! The table `updates`: the stored intake.

use chrono::{DateTime, Utc};
use sqlx::postgres::PgPool;
use sqlx::sqlite::SqlitePool;
use sqlx::types::Json;

use super::db::{execute, many};
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

/// So many rows are written by one statement: SQLite takes 32,766 values, PostgreSQL 65,535.
const ROWS: usize = 500;

/// Keeps updates unless they are there already; how many are new.
pub async fn insert(tx: &mut Tx, bot_id: i64, updates: &[UpdateRow], now: DateTime<Utc>) -> Result<u64> {
    let mut new = 0;
    for some in updates.chunks(ROWS) {
        new += many!(tx, some, query => {
            query.push("INSERT INTO updates (bot_id, update_id, sender, payload, received_at) ");
            query.push_values(some, |mut row, update| {
                row.push_bind(bot_id).push_bind(update.update_id).push_bind(update.sender);
                row.push_bind(update.payload.as_str()).push_bind(now);
            });
            query.push(" ON CONFLICT DO NOTHING");
        })?;
    }
    Ok(new)
}

/// Who takes updates to handle, and which.
#[derive(Debug, Clone, Copy)]
pub struct Claim<'a> {
    /// Whose updates.
    pub bot_id: i64,
    /// The process.
    pub owner: &'a str,
    /// The present.
    pub now: DateTime<Utc>,
    /// Until when nobody else may handle them.
    pub until: DateTime<Utc>,
    /// Whose updates this process handles at the moment: their next ones wait.
    pub busy: &'a [i64],
    /// How many at most.
    pub limit: u32,
}

/// Takes updates to handle: the first waiting one of each sender, if nobody handles one of theirs; those that came first.
///
/// "First" goes by arrival and only then by number, because Telegram starts its numbers anew after a quiet week. The one
/// process of a SQLite file knows what it handles, so nothing is written there; on PostgreSQL what is taken has a lease.
pub async fn claim(db: &Db, claim: Claim<'_>) -> Result<Vec<UpdateRow>> {
    match db {
        Db::Postgres(pool) => claim_leased(pool, claim).await,
        Db::Sqlite { read, .. } => first_not_busy(read, claim).await,
    }
}

/// Rows that another process takes at this moment are skipped. A lease that it has taken meanwhile is seen, because
/// PostgreSQL looks at a row's conditions again once it has its lock.
///
/// Each look must cost the same however many wait, also in a rush just after an installation, when PostgreSQL knows nothing of
/// the table yet. So what is asked of each row has an order that only `updates_waiting` has (that is what `BETWEEN` is for: an
/// equal column needs no order), and is asked of the few that are taken; `NOT EXISTS` may be joined with all that wait. An array
/// is made once; an `IN` may be asked again for each row there is, and then takes more than its limit.
async fn claim_leased(pool: &PgPool, claim: Claim<'_>) -> Result<Vec<UpdateRow>> {
    sqlx::query_as(
        "UPDATE updates SET lease_owner = $2, lease_until = $4
         WHERE ctid = ANY (ARRAY (
             SELECT ctid FROM updates AS u
             WHERE bot_id = $1 AND handled_at IS NULL AND sender <> ALL($5)
               AND (lease_until IS NULL OR lease_until <= $3)
               AND update_id = (
                   SELECT first.update_id FROM updates AS first
                   WHERE first.bot_id = u.bot_id AND first.sender BETWEEN u.sender AND u.sender
                     AND first.handled_at IS NULL
                   ORDER BY first.sender, first.received_at, first.update_id LIMIT 1)
               AND (SELECT TRUE FROM updates AS busy
                    WHERE busy.bot_id = u.bot_id AND busy.sender BETWEEN u.sender AND u.sender
                      AND busy.handled_at IS NULL AND busy.lease_until > $3
                    ORDER BY busy.sender, busy.received_at, busy.update_id LIMIT 1) IS NULL
             ORDER BY received_at, update_id LIMIT $6
             FOR UPDATE SKIP LOCKED))
         RETURNING update_id, sender, payload",
    )
    .bind(claim.bot_id)
    .bind(claim.owner)
    .bind(claim.now)
    .bind(claim.until)
    .bind(claim.busy)
    .bind(i64::from(claim.limit))
    .fetch_all(pool)
    .await
}

async fn first_not_busy(pool: &SqlitePool, claim: Claim<'_>) -> Result<Vec<UpdateRow>> {
    sqlx::query_as(
        // Without statistics SQLite would rather read all updates by their number.
        "SELECT update_id, sender, payload FROM updates AS u INDEXED BY updates_in_order
         WHERE bot_id = $1 AND handled_at IS NULL AND sender NOT IN (SELECT value FROM json_each($2)) AND NOT EXISTS (
             SELECT 1 FROM updates AS earlier
             WHERE earlier.bot_id = u.bot_id AND earlier.sender = u.sender AND earlier.handled_at IS NULL
               AND (earlier.received_at, earlier.update_id) < (u.received_at, u.update_id))
         ORDER BY received_at, update_id LIMIT $3",
    )
    .bind(claim.bot_id)
    .bind(Json(claim.busy))
    .bind(i64::from(claim.limit))
    .fetch_all(pool)
    .await
}

/// Keeps these updates for the process that handles them; those that another process has taken stay with it. Nothing to do
/// on SQLite.
pub async fn renew(db: &Db, bot_id: i64, owner: &str, running: &[i64], until: DateTime<Utc>) -> Result<u64> {
    let Db::Postgres(pool) = db else { return Ok(0) };
    let renewed = sqlx::query(
        "UPDATE updates SET lease_until = $4
         WHERE bot_id = $1 AND update_id = ANY($3) AND lease_owner = $2 AND handled_at IS NULL",
    );
    let renewed = renewed.bind(bot_id).bind(owner).bind(running).bind(until).execute(pool).await?;
    Ok(renewed.rows_affected())
}

/// Gives back what a process that stops has not handled, so that another need not wait. Nothing to do on SQLite.
pub async fn release(db: &Db, bot_id: i64, owner: &str) -> Result<u64> {
    let Db::Postgres(pool) = db else { return Ok(0) };
    let released = sqlx::query(
        "UPDATE updates SET lease_until = NULL
         WHERE bot_id = $1 AND lease_owner = $2 AND handled_at IS NULL AND lease_until IS NOT NULL",
    );
    Ok(released.bind(bot_id).bind(owner).execute(pool).await?.rows_affected())
}

/// Notes that these updates were handled: one statement, and so a transaction by itself.
pub async fn handled(db: &Db, bot_id: i64, update_ids: &[i64], now: DateTime<Utc>) -> Result<()> {
    match db {
        Db::Postgres(pool) => {
            let all = "UPDATE updates SET handled_at = $3 WHERE bot_id = $1 AND update_id = ANY($2)";
            sqlx::query(all).bind(bot_id).bind(update_ids).bind(now).execute(pool).await?;
        }
        Db::Sqlite { write, .. } => {
            let all = "UPDATE updates SET handled_at = $3
                       WHERE bot_id = $1 AND update_id IN (SELECT value FROM json_each($2))";
            sqlx::query(all).bind(bot_id).bind(Json(update_ids)).bind(now).execute(write).await?;
        }
    }
    Ok(())
}

/// Notes that every update was handled; how many were not.
pub async fn all_handled(tx: &mut Tx, now: DateTime<Utc>) -> Result<u64> {
    execute!(tx, sqlx::query("UPDATE updates SET handled_at = $1 WHERE handled_at IS NULL").bind(now))
}

/// Forgets updates that were handled before that time; how many.
pub async fn forget(tx: &mut Tx, before: DateTime<Utc>) -> Result<u64> {
    execute!(tx, sqlx::query("DELETE FROM updates WHERE handled_at < $1").bind(before))
}

/// Forgets what other bots have not handled since before that time: nobody will; how many.
pub async fn forget_of_others(tx: &mut Tx, bot_id: i64, before: DateTime<Utc>) -> Result<u64> {
    execute!(
        tx,
        sqlx::query("DELETE FROM updates WHERE bot_id <> $1 AND handled_at IS NULL AND received_at < $2")
            .bind(bot_id)
            .bind(before)
    )
}
