//! The table `audit`: the log that outlives its clients.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::domain::actor::Source;
use crate::domain::ids::{ClientId, OperationId};
use crate::domain::operation::{Action, AuditEntry, Outcome};
use crate::domain::username::Username;

use super::db::{execute, on_db};
use super::json::JsonText;
use super::{Db, Result, Tx};

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    client_id: Uuid,
    username: String,
    actor: String,
    source: Source,
    action: Action,
    payload: Option<JsonText>,
    result: Outcome,
    error: Option<String>,
    created_at: DateTime<Utc>,
}

impl TryFrom<Row> for AuditEntry {
    type Error = sqlx::Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: OperationId(row.id),
            client_id: ClientId(row.client_id),
            username: Username::stored(row.username),
            actor: row.actor,
            source: row.source,
            action: row.action,
            payload: row.payload.map(|text| text.read()).transpose()?,
            result: row.result,
            error: row.error,
            created_at: row.created_at,
        })
    }
}

/// Writes a row of the log.
pub async fn insert(tx: &mut Tx, entry: &AuditEntry) -> Result<()> {
    let payload = entry.payload.as_ref().map(JsonText::of).transpose()?;
    execute!(tx, sqlx::query(
        "INSERT INTO audit (id, client_id, username, actor, source, action, payload, result, error, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)")
        .bind(entry.id.0)
        .bind(entry.client_id.0)
        .bind(entry.username.as_str())
        .bind(entry.actor.as_str())
        .bind(entry.source)
        .bind(entry.action)
        .bind(payload)
        .bind(entry.result)
        .bind(entry.error.as_deref())
        .bind(entry.created_at))
    .map(|_| ())
}

/// The newest rows of the log, at most `limit`.
pub async fn newest(db: &Db, limit: i64) -> Result<Vec<AuditEntry>> {
    let rows: Vec<Row> = on_db!(db, pool =>
        sqlx::query_as("SELECT * FROM audit ORDER BY created_at DESC, id DESC LIMIT $1").bind(limit).fetch_all(pool))?;
    rows.into_iter().map(AuditEntry::try_from).collect()
}
