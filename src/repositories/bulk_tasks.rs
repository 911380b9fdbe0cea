//! The table `bulk_tasks`: imports and broadcasts.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::domain::bulk::{BulkKind, BulkState, BulkTask, Progress};
use crate::domain::ids::{BulkTaskId, TelegramId};

use super::db::{execute, on_db, on_tx};
use super::{Db, Result, Tx};

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    state: String,
    started_by: i64,
    actor: String,
    key: String,
    progress: String,
    message_id: Option<i64>,
    told: bool,
}

impl TryFrom<Row> for BulkTask {
    type Error = sqlx::Error;

    fn try_from(row: Row) -> Result<Self> {
        let state = BulkState::ALL.into_iter().find(|state| state.as_str() == row.state);
        Ok(Self {
            id: BulkTaskId(row.id),
            state: state.ok_or_else(|| sqlx::Error::Decode("no such state".into()))?,
            started_by: TelegramId(row.started_by),
            actor: row.actor,
            key: row.key,
            progress: serde_json::from_str(&row.progress)
                .map_err(|error| sqlx::Error::Decode(error.into()))?,
            message: row.message_id.and_then(|id| i32::try_from(id).ok()),
            told: row.told,
        })
    }
}

/// Who holds a task, and until when nobody else does.
#[derive(Debug, Clone, Copy)]
pub struct Lease<'a> {
    /// The process.
    pub owner: &'a str,
    /// The present.
    pub now: DateTime<Utc>,
    /// The end.
    pub until: DateTime<Utc>,
}

fn written(progress: &Progress) -> Result<String> {
    serde_json::to_string(progress).map_err(|error| sqlx::Error::Encode(error.into()))
}

/// Keeps a new task, unless its key is known or one of its kind is running; whether it did. `text`: what is sent.
pub async fn insert(tx: &mut Tx, task: &BulkTask, text: Option<&str>, lease: Lease<'_>) -> Result<bool> {
    let progress = written(&task.progress)?;
    let inserted = execute!(tx, sqlx::query(
        "INSERT INTO bulk_tasks (id, kind, state, started_by, actor, key, text, progress, message_id, lease_owner,
                                 lease_until, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT DO NOTHING")
        .bind(task.id.0)
        .bind(task.progress.kind().as_str())
        .bind(task.state.as_str())
        .bind(task.started_by.0)
        .bind(task.actor.as_str())
        .bind(task.key.as_str())
        .bind(text)
        .bind(progress)
        .bind(task.message.map(i64::from))
        .bind(lease.owner)
        .bind(lease.until)
        .bind(lease.now))?;
    Ok(inserted > 0)
}

const COLUMNS: &str = "SELECT id, state, started_by, actor, key, progress, message_id, told_at IS NOT NULL AS told FROM bulk_tasks WHERE ";

macro_rules! one {
    ($db:expr, $condition:literal, $value:expr) => {{
        let sql = sqlx::AssertSqlSafe(format!("{COLUMNS}{}", $condition));
        let row: Option<Row> =
            on_db!($db, pool => sqlx::query_as(sql).bind($value).fetch_optional(pool))?;
        row.map(BulkTask::try_from).transpose()
    }};
}

/// The task of that id.
pub async fn find(db: &Db, id: BulkTaskId) -> Result<Option<BulkTask>> {
    one!(db, "id = $1", id.0)
}

/// The task that this request began.
pub async fn find_by_key(db: &Db, key: &str) -> Result<Option<BulkTask>> {
    one!(db, "key = $1", key)
}

/// The one of that kind that is running.
pub async fn running(db: &Db, kind: BulkKind) -> Result<Option<BulkTask>> {
    one!(db, "kind = $1 AND state = 'running'", kind.as_str())
}

/// What a broadcast says.
pub async fn text(db: &Db, id: BulkTaskId) -> Result<Option<String>> {
    let text: Option<Option<String>> = on_db!(db, pool =>
        sqlx::query_scalar("SELECT text FROM bulk_tasks WHERE id = $1").bind(id.0).fetch_optional(pool))?;
    Ok(text.flatten())
}

/// Takes what has not been told to its end and is nobody else's.
pub async fn claim(tx: &mut Tx, lease: Lease<'_>) -> Result<Vec<BulkTask>> {
    let rows: Vec<Row> = on_tx!(tx, conn => sqlx::query_as(
        "UPDATE bulk_tasks SET lease_owner = $1, lease_until = $3
         WHERE told_at IS NULL AND (lease_owner = $1 OR lease_until <= $2)
         RETURNING id, state, started_by, actor, key, progress, message_id, told_at IS NOT NULL AS told")
        .bind(lease.owner)
        .bind(lease.now)
        .bind(lease.until)
        .fetch_all(conn))?;
    rows.into_iter().map(BulkTask::try_from).collect()
}

/// Gives back what a dead process held.
pub async fn release_all(tx: &mut Tx, now: DateTime<Utc>) -> Result<u64> {
    execute!(tx, sqlx::query("UPDATE bulk_tasks SET lease_until = $1 WHERE told_at IS NULL").bind(now))
}

/// Keeps the lease; whether it is still held.
pub async fn renew(tx: &mut Tx, id: BulkTaskId, lease: Lease<'_>) -> Result<bool> {
    let changed = execute!(
        tx,
        sqlx::query("UPDATE bulk_tasks SET lease_until = $3 WHERE id = $1 AND lease_owner = $2")
            .bind(id.0)
            .bind(lease.owner)
            .bind(lease.until)
    )?;
    Ok(changed > 0)
}

/// Keeps how far it is; whether it is running and this process's. The row is locked until the transaction ends.
pub async fn advance(tx: &mut Tx, id: BulkTaskId, progress: &Progress, lease: Lease<'_>) -> Result<bool> {
    let progress = written(progress)?;
    let changed = execute!(
        tx,
        sqlx::query(
            "UPDATE bulk_tasks SET progress = $3, lease_until = $4
             WHERE id = $1 AND lease_owner = $2 AND state = 'running'"
        )
        .bind(id.0)
        .bind(lease.owner)
        .bind(progress)
        .bind(lease.until)
    )?;
    Ok(changed > 0)
}

/// Ends one that is running; whether it was.
pub async fn end(tx: &mut Tx, id: BulkTaskId, state: BulkState, now: DateTime<Utc>) -> Result<bool> {
    let changed = execute!(
        tx,
        sqlx::query("UPDATE bulk_tasks SET state = $2, ended_at = $3 WHERE id = $1 AND state = 'running'")
            .bind(id.0)
            .bind(state.as_str())
            .bind(now)
    )?;
    Ok(changed > 0)
}

/// Stops all that run, and has nobody told of the end of any; how many ran.
pub async fn stop_all(tx: &mut Tx, now: DateTime<Utc>) -> Result<u64> {
    let stopped = execute!(
        tx,
        sqlx::query("UPDATE bulk_tasks SET state = 'stopped', ended_at = $1 WHERE state = 'running'")
            .bind(now)
    )?;
    execute!(tx, sqlx::query("UPDATE bulk_tasks SET told_at = $1 WHERE told_at IS NULL").bind(now))?;
    Ok(stopped)
}

/// Notes which message shows it.
pub async fn shown_in(tx: &mut Tx, id: BulkTaskId, message: i32) -> Result<()> {
    execute!(
        tx,
        sqlx::query("UPDATE bulk_tasks SET message_id = $2 WHERE id = $1")
            .bind(id.0)
            .bind(i64::from(message))
    )
    .map(|_| ())
}

/// Notes that its end was told.
pub async fn told(tx: &mut Tx, id: BulkTaskId, now: DateTime<Utc>) -> Result<()> {
    execute!(tx, sqlx::query("UPDATE bulk_tasks SET told_at = $2 WHERE id = $1").bind(id.0).bind(now))
        .map(|_| ())
}

/// Forgets what was told before that moment.
pub async fn forget(tx: &mut Tx, before: DateTime<Utc>) -> Result<u64> {
    execute!(tx, sqlx::query("DELETE FROM bulk_tasks WHERE told_at < $1").bind(before))
}
