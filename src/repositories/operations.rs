//! The table `operations`: the contract's log.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::domain::ids::{ClientId, OperationId};
use crate::domain::operation::{Action, Operation, Outcome};

use super::db::{execute, on_db};
use super::json::JsonText;
use super::{Db, Result, Tx};

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    client_id: Uuid,
    action: Action,
    payload: Option<JsonText>,
    result: Outcome,
    error: Option<String>,
    created_at: DateTime<Utc>,
}

impl TryFrom<Row> for Operation {
    type Error = sqlx::Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: OperationId(row.id),
            client_id: ClientId(row.client_id),
            action: row.action,
            payload: row.payload.map(|text| text.read()).transpose()?,
            result: row.result,
            error: row.error,
            created_at: row.created_at,
        })
    }
}

/// Writes a row of the log; the client must exist.
pub async fn insert(tx: &mut Tx, operation: &Operation) -> Result<()> {
    let payload = operation.payload.as_ref().map(JsonText::of).transpose()?;
    execute!(
        tx,
        sqlx::query(
            "INSERT INTO operations (id, client_id, action, payload, result, error, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)"
        )
        .bind(operation.id.0)
        .bind(operation.client_id.0)
        .bind(operation.action)
        .bind(payload)
        .bind(operation.result)
        .bind(operation.error.as_deref())
        .bind(operation.created_at)
    )
    .map(|_| ())
}

/// Operations of one client, or of all, newest first.
pub async fn list(db: &Db, client: Option<ClientId>) -> Result<Vec<Operation>> {
    let rows: Vec<Row> = match client {
        Some(client) => on_db!(db, pool => sqlx::query_as(
            "SELECT * FROM operations WHERE client_id = $1 ORDER BY created_at DESC, id DESC")
            .bind(client.0)
            .fetch_all(pool)),
        None => on_db!(db, pool =>
            sqlx::query_as("SELECT * FROM operations ORDER BY created_at DESC, id DESC").fetch_all(pool)),
    }?;
    rows.into_iter().map(Operation::try_from).collect()
}
