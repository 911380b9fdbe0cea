//! The table `operations`: the contract's log.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::domain::ids::{ClientId, OperationId};
use crate::domain::operation::{Action, Operation, Outcome};
use crate::domain::page::Place;

use super::db::many;
use super::json::JsonText;
use super::lists::{self, Conditions, Dialect, List};
use super::{Db, Result, Tx};

/// A row as its columns are.
#[derive(Debug, sqlx::FromRow)]
pub struct Row {
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

/// Appends the statement that writes these rows.
macro_rules! push_operations {
    ($query:ident, $operations:expr, $payloads:expr) => {{
        $query.push("INSERT INTO operations (id, client_id, action, payload, result, error, created_at) ");
        $query.push_values($operations.iter().zip($payloads), |mut row, (operation, payload)| {
            row.push_bind(operation.id.0).push_bind(operation.client_id.0).push_bind(operation.action);
            row.push_bind(payload).push_bind(operation.result);
            row.push_bind(operation.error.as_deref()).push_bind(operation.created_at);
        });
    }};
}
pub(super) use push_operations;

/// Writes a row of the log; the client must exist.
pub async fn insert(tx: &mut Tx, operation: &Operation) -> Result<()> {
    insert_all(tx, std::slice::from_ref(operation)).await
}

/// Writes rows of the log; their clients must exist.
pub async fn insert_all(tx: &mut Tx, operations: &[Operation]) -> Result<()> {
    if operations.is_empty() {
        return Ok(());
    }
    let payloads = payloads(operations)?;
    many!(tx, operations, query => { push_operations!(query, operations, payloads); }).map(|_| ())
}

pub(super) fn payloads(operations: &[Operation]) -> Result<Vec<Option<JsonText>>> {
    operations.iter().map(|operation| operation.payload.as_ref().map(JsonText::of).transpose()).collect()
}

/// Operations of one client, or of all.
#[derive(Debug, Clone, Copy, Default)]
pub struct OperationList {
    /// Whose; `None` means everybody's.
    pub client: Option<ClientId>,
    /// Of which time.
    pub times: Times,
}

/// A part of the log by its times.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Times {
    /// All of it.
    #[default]
    All,
    /// From this moment on.
    Since(DateTime<Utc>),
}

impl List for OperationList {
    const TABLE: &'static str = "operations";
    type Row = Row;
    type Item = Operation;

    fn conditions(&self, dialect: Dialect) -> Conditions {
        let since = match self.times {
            Times::All => None,
            Times::Since(moment) => Some(moment),
        };
        Conditions::of(dialect).when("client_id =", self.client.map(|id| id.0)).when("created_at >=", since)
    }

    fn item(row: Row) -> Result<Operation> {
        row.try_into()
    }

    fn place(operation: &Operation) -> Place {
        Place { created_at: operation.created_at, id: operation.id.0 }
    }
}

/// Operations of one client, or of all, newest first.
pub async fn list(db: &Db, client: Option<ClientId>) -> Result<Vec<Operation>> {
    lists::rows(db, &OperationList { client, times: Times::All }, i64::MAX, 0).await
}
