//! The table `outbox`: what the bot has to say by itself.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::ids::{BatchId, TelegramId};
use crate::domain::notice::{BatchCounts, Ended, Notice, Post};

use super::db::{execute, on_db};
use super::json::JsonText;
use super::{Db, Result, Tx};

/// The version of the JSON.
const VERSION: u8 = 1;

#[derive(Serialize, Deserialize)]
struct Written<N> {
    v: u8,
    #[serde(flatten)]
    notice: N,
}

/// A message that this process may send now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// Its number: of two to one person the smaller goes first.
    pub id: i64,
    /// To whom.
    pub to: TelegramId,
    /// What; none when a later version wrote it.
    pub notice: Option<Notice>,
    /// How often it was tried, this time included.
    pub attempts: u32,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    chat: i64,
    priority: i32,
    notice: JsonText,
    attempts: i32,
}

impl From<Row> for Claimed {
    fn from(row: Row) -> Self {
        let written = row.notice.read::<Written<Notice>>().ok();
        Self {
            id: row.id,
            to: TelegramId(row.chat),
            notice: written.filter(|written| written.v == VERSION).map(|written| written.notice),
            attempts: u32::try_from(row.attempts).unwrap_or_default(),
        }
    }
}

/// Keeps a message, unless one with the same `dedupe` is or was there; whether it did.
pub async fn insert(tx: &mut Tx, post: &Post, now: DateTime<Utc>) -> Result<bool> {
    let notice = JsonText::of(&Written { v: VERSION, notice: &post.notice })?;
    let inserted = execute!(
        tx,
        sqlx::query(
            "INSERT INTO outbox (chat, priority, notice, dedupe, batch, created_at, not_before, drop_after)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING"
        )
        .bind(post.to.0)
        .bind(post.priority.number())
        .bind(notice)
        .bind(post.dedupe.as_deref())
        .bind(post.batch.map(|batch| batch.0))
        .bind(now)
        .bind(post.not_before)
        .bind(post.drop_after)
    )?;
    Ok(inserted > 0)
}

/// Whether anything may be due: cheap, and without a lock. The order leads to what waits, and to what is for later last. Without
/// it PostgreSQL, where much waits, looks through the table until it meets one, past all that was sent.
pub async fn any_due(db: &Db, now: DateTime<Utc>) -> Result<bool> {
    on_db!(db, pool => sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM (
             SELECT id FROM outbox WHERE ended_at IS NULL AND (not_before <= $1 OR drop_after <= $1)
                AND (lease_until IS NULL OR lease_until <= $1) ORDER BY drop_after LIMIT 1) AS due)")
        .bind(now)
        .fetch_one(pool))
}

/// Ends what nobody wants to read any more, and what waited too long for somebody to press Start; how many.
pub async fn drop_late(tx: &mut Tx, now: DateTime<Utc>) -> Result<u64> {
    execute!(
        tx,
        sqlx::query(
            "UPDATE outbox SET ended_at = $1, outcome = CASE WHEN EXISTS (
                 SELECT 1 FROM people WHERE people.telegram_id = outbox.chat AND people.must_start)
                 THEN 'unreachable' ELSE 'dropped' END
             WHERE ended_at IS NULL AND drop_after <= $1 AND (lease_until IS NULL OR lease_until <= $1)"
        )
        .bind(now)
    )
}

/// Who takes messages, and which.
#[derive(Debug, Clone, Copy)]
pub struct Claim<'a> {
    /// The process.
    pub owner: &'a str,
    /// The present.
    pub now: DateTime<Utc>,
    /// Until when nobody else may send them.
    pub until: DateTime<Utc>,
    /// Whoever was sent one after this moment waits.
    pub quiet_since: DateTime<Utc>,
    /// How many at most.
    pub limit: i64,
}

/// The first message of each person, when it is due, nobody sends that person another one at the moment, and neither
/// Telegram nor a new bot's missing Start holds it back.
/// One that was tried in vain holds up what follows, one that was put in for later does not.
///
/// On PostgreSQL the rows are locked as they are found, and locked ones are skipped. A lease that somebody else took
/// meanwhile is seen, because PostgreSQL looks at a row's conditions again once it has its lock. An array is made once; an
/// `IN` PostgreSQL may ask again for each row there is, and then it takes more than its limit.
macro_rules! claim {
    ($among:literal, $lock:literal) => {
        concat!(
            "UPDATE outbox SET lease_owner = $1, lease_until = $3, attempts = attempts + 1, claimed_at = $2
             WHERE id ",
            $among,
            "SELECT id FROM outbox AS o
                 WHERE ended_at IS NULL AND not_before <= $2 AND (lease_until IS NULL OR lease_until <= $2)
                   AND NOT EXISTS (SELECT 1 FROM outbox AS earlier
                                   WHERE earlier.chat = o.chat AND earlier.ended_at IS NULL
                                     AND (earlier.attempts > 0 OR earlier.not_before <= $2)
                                     AND (earlier.priority, earlier.id) < (o.priority, o.id))
                   AND NOT EXISTS (SELECT 1 FROM outbox AS busy
                                   WHERE busy.chat = o.chat AND busy.ended_at IS NULL AND busy.lease_until > $2)
                   AND NOT EXISTS (SELECT 1 FROM outbox AS last
                                   WHERE last.chat = o.chat AND last.ended_at > $4 AND last.outcome = 'sent')
                   AND NOT EXISTS (SELECT 1 FROM outbox_holds AS held
                                   WHERE held.chat = o.chat AND held.until > $2)
                   AND NOT EXISTS (SELECT 1 FROM people
                                   WHERE people.telegram_id = o.chat AND people.must_start)
                 ORDER BY priority, id LIMIT $5",
            $lock,
            " RETURNING id, chat, priority, notice, attempts"
        )
    };
}

/// Takes messages to send; in order.
pub async fn claim(tx: &mut Tx, claim: Claim<'_>) -> Result<Vec<Claimed>> {
    macro_rules! rows {
        ($sql:expr, $tx:expr) => {
            sqlx::query_as($sql)
                .bind(claim.owner)
                .bind(claim.now)
                .bind(claim.until)
                .bind(claim.quiet_since)
                .bind(claim.limit)
                .fetch_all(&mut **$tx)
                .await
        };
    }
    let mut rows: Vec<Row> = match tx {
        Tx::Postgres(tx) => rows!(claim!("= ANY (ARRAY (", " FOR UPDATE SKIP LOCKED))"), tx)?,
        Tx::Sqlite(tx) => rows!(claim!("IN (", ")"), tx)?,
    };
    rows.sort_by_key(|row| (row.priority, row.id));
    Ok(rows.into_iter().map(Claimed::from).collect())
}

/// Notes what became of a message that this process holds; whether it still does.
pub async fn end(
    tx: &mut Tx,
    id: i64,
    owner: &str,
    how: (Ended, Option<&str>),
    now: DateTime<Utc>,
) -> Result<bool> {
    let (ended, error) = how;
    let changed = execute!(
        tx,
        sqlx::query(
            "UPDATE outbox SET ended_at = $3, outcome = $4, error = $5, lease_until = NULL
             WHERE id = $1 AND lease_owner = $2 AND ended_at IS NULL"
        )
        .bind(id)
        .bind(owner)
        .bind(now)
        .bind(ended.as_str())
        .bind(error)
    )?;
    Ok(changed > 0)
}

/// Gives a message back, to be tried again from that moment on; whether this process still held it.
pub async fn put_off(tx: &mut Tx, id: i64, owner: &str, until: DateTime<Utc>, error: &str) -> Result<bool> {
    let changed = execute!(
        tx,
        sqlx::query(
            "UPDATE outbox SET not_before = $3, error = $4, lease_until = NULL
             WHERE id = $1 AND lease_owner = $2 AND ended_at IS NULL"
        )
        .bind(id)
        .bind(owner)
        .bind(until)
        .bind(error)
    )?;
    Ok(changed > 0)
}

/// Ends all that waits for somebody who cannot be reached; how many.
pub async fn end_all_of(tx: &mut Tx, person: TelegramId, now: DateTime<Utc>) -> Result<u64> {
    execute!(
        tx,
        sqlx::query(
            "UPDATE outbox SET ended_at = $2, outcome = 'unreachable', lease_until = NULL
             WHERE chat = $1 AND ended_at IS NULL"
        )
        .bind(person.0)
        .bind(now)
    )
}

/// Ends all that waits, for that reason, as what nobody wants to read any more; how many.
pub async fn drop_all(tx: &mut Tx, why: &str, now: DateTime<Utc>) -> Result<u64> {
    execute!(
        tx,
        sqlx::query(
            "UPDATE outbox SET ended_at = $1, outcome = 'dropped', error = $2, lease_until = NULL
             WHERE ended_at IS NULL"
        )
        .bind(now)
        .bind(why)
    )
}

/// Gives back what a dead process held; how many.
pub async fn release_all(tx: &mut Tx) -> Result<u64> {
    execute!(
        tx,
        sqlx::query(
            "UPDATE outbox SET lease_until = NULL WHERE ended_at IS NULL AND lease_until IS NOT NULL"
        )
    )
}

/// What waits to be sent, of one priority.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Waiting {
    /// As [`Priority::number`](crate::domain::notice::Priority::number) says it.
    pub priority: i32,
    /// How many messages.
    pub number: i64,
    /// Since when the oldest waits.
    pub since: DateTime<Utc>,
}

/// What waits to be sent.
pub async fn waiting(db: &Db) -> Result<Vec<Waiting>> {
    on_db!(db, pool => sqlx::query_as(
        "SELECT priority, count(*) AS number, min(created_at) AS since FROM outbox WHERE ended_at IS NULL GROUP BY priority")
        .fetch_all(pool))
}

/// How far a batch is.
pub async fn counts(db: &Db, batch: BatchId) -> Result<BatchCounts> {
    let rows: Vec<(Option<String>, i64)> = on_db!(db, pool => sqlx::query_as(
        "SELECT outcome, count(*) FROM outbox WHERE batch = $1 GROUP BY outcome").bind(batch.0).fetch_all(pool))?;
    let mut counts = BatchCounts::default();
    for (outcome, count) in rows {
        match outcome.as_deref() {
            None => counts.waiting += count,
            Some("sent") => counts.sent += count,
            Some("unreachable") => counts.unreachable += count,
            Some(_) => counts.failed += count,
        }
    }
    Ok(counts)
}

/// Takes back what waits of a batch and is not being sent; how many.
pub async fn take_back(tx: &mut Tx, batch: BatchId) -> Result<u64> {
    execute!(
        tx,
        sqlx::query("DELETE FROM outbox WHERE batch = $1 AND ended_at IS NULL AND lease_until IS NULL")
            .bind(batch.0)
    )
}

/// Forgets what ended before that time; how many.
pub async fn forget(tx: &mut Tx, before: DateTime<Utc>) -> Result<u64> {
    execute!(tx, sqlx::query("DELETE FROM outbox WHERE ended_at < $1").bind(before))
}
