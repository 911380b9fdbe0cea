//! The table `audit`: the log that outlives its clients.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::domain::actor::Source;
use crate::domain::ids::{ClientId, OperationId};
use crate::domain::operation::{Action, ActionCount, AuditEntry, AuditFilter, Operation, Outcome};
use crate::domain::page::Place;
use crate::domain::reason::Reason;
use crate::domain::username::Username;

use super::db::{by_index, many, on_db, on_tx};
use super::json::JsonText;
use super::lists::{self, Conditions, Dialect, List};
use super::operations::{self, push_operations};
use super::{Db, Result, Tx};

/// A row as its columns are.
#[derive(Debug, sqlx::FromRow)]
pub struct Row {
    id: Uuid,
    client_id: Uuid,
    username: String,
    actor: String,
    source: Source,
    action: Action,
    payload: Option<JsonText>,
    reason: Option<String>,
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
            reason: row.reason.map(Reason::stored),
            result: row.result,
            error: row.error,
            created_at: row.created_at,
        })
    }
}

/// Appends the statement that writes these rows.
macro_rules! push_entries {
    ($query:ident, $entries:expr, $payloads:expr) => {{
        $query.push(
            "INSERT INTO audit (id, client_id, username, actor, source, action, payload, result, error, created_at,
                                reason) ",
        );
        $query.push_values($entries.iter().zip($payloads), |mut row, (entry, payload)| {
            row.push_bind(entry.id.0).push_bind(entry.client_id.0).push_bind(entry.username.as_str());
            row.push_bind(entry.actor.as_str()).push_bind(entry.source).push_bind(entry.action);
            row.push_bind(payload).push_bind(entry.result).push_bind(entry.error.as_deref());
            row.push_bind(entry.created_at).push_bind(entry.reason.as_ref().map(Reason::as_str));
        });
    }};
}

/// Writes a row of the log.
pub async fn insert(tx: &mut Tx, entry: &AuditEntry) -> Result<()> {
    insert_all(tx, std::slice::from_ref(entry)).await
}

/// Writes rows of the log.
pub async fn insert_all(tx: &mut Tx, entries: &[AuditEntry]) -> Result<()> {
    if entries.is_empty() {
        return Ok(());
    }
    let payloads = payloads(entries)?;
    many!(tx, entries, query => { push_entries!(query, entries, payloads); }).map(|_| ())
}

/// Writes rows of the log and what the contract's log has of them: one statement where the database takes it as one.
pub async fn insert_both(tx: &mut Tx, operations: &[Operation], entries: &[AuditEntry]) -> Result<()> {
    if matches!(tx, Tx::Sqlite(_)) || operations.is_empty() {
        operations::insert_all(tx, operations).await?;
        return insert_all(tx, entries).await;
    }
    let (of_contract, payloads) = (operations::payloads(operations)?, payloads(entries)?);
    many!(tx, entries, query => {
        query.push("WITH told AS (");
        push_operations!(query, operations, of_contract);
        query.push(") ");
        push_entries!(query, entries, payloads);
    })
    .map(|_| ())
}

fn payloads(entries: &[AuditEntry]) -> Result<Vec<Option<JsonText>>> {
    entries.iter().map(|entry| entry.payload.as_ref().map(JsonText::of).transpose()).collect()
}

/// When this actor last replaced this client's link with success, if it was after that time.
pub async fn last_rotation(
    tx: &mut Tx,
    client: ClientId,
    actor: &str,
    after: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>> {
    on_tx!(tx, conn => sqlx::query_scalar(
        "SELECT created_at FROM audit
         WHERE client_id = $1 AND created_at > $2 AND actor = $3 AND action = 'rotate_config' AND result = 'success'
         ORDER BY created_at DESC LIMIT 1")
        .bind(client.0)
        .bind(after)
        .bind(actor)
        .fetch_optional(conn))
}

impl List for AuditFilter {
    const TABLE: &'static str = "audit";
    type Row = Row;
    type Item = AuditEntry;

    fn conditions(&self, dialect: Dialect) -> Conditions {
        let conditions = match self.result {
            Some(Outcome::Fail) => Conditions::of(dialect).and("result = 'fail'"),
            Some(Outcome::Success) => Conditions::of(dialect).and("result = 'success'"),
            None => Conditions::of(dialect),
        };
        let of_client = self.client_id.is_some() || self.username.is_some();
        let narrow = of_client || self.actor.is_some();
        conditions
            .when("client_id =", self.client_id.map(|id| id.0))
            .text(self.client_id.is_some(), "username =", self.username.clone())
            .text(of_client, "actor =", self.actor.clone())
            .behind(of_client, "action =", self.action)
            .behind(narrow, "source =", self.source)
            .when("created_at >=", self.since)
            .until(self.until)
            .not_before(self.from_row)
    }

    fn item(row: Row) -> Result<AuditEntry> {
        row.try_into()
    }

    fn place(entry: &AuditEntry) -> Place {
        Place { created_at: entry.created_at, id: entry.id.0 }
    }
}

/// The row of that id.
pub async fn find(db: &Db, id: OperationId) -> Result<Option<AuditEntry>> {
    let row: Option<Row> = on_db!(db, pool =>
        sqlx::query_as("SELECT * FROM audit WHERE id = $1").bind(id.0).fetch_optional(pool))?;
    row.map(AuditEntry::try_from).transpose()
}

/// Rows of the filter, newest first, `limit` of them from `offset` on.
pub async fn list(db: &Db, filter: &AuditFilter, limit: i64, offset: i64) -> Result<Vec<AuditEntry>> {
    lists::rows(db, filter, limit, offset).await
}

/// How many rows the filter has.
pub async fn count(db: &Db, filter: &AuditFilter) -> Result<i64> {
    lists::count(db, filter).await
}

/// The newest rows of the log, at most `limit`.
pub async fn newest(db: &Db, limit: i64) -> Result<Vec<AuditEntry>> {
    list(db, &AuditFilter::default(), limit, 0).await
}

/// What was done how often since that moment; only what was done at all.
pub async fn counts_since(db: &Db, since: DateTime<Utc>) -> Result<Vec<ActionCount>> {
    let sql = format!(
        "SELECT action, result, count(*) FROM audit{} WHERE created_at >= $1 GROUP BY action, result",
        by_index(db, "audit_newest")
    );
    let sql = sqlx::AssertSqlSafe(sql);
    let rows: Vec<(Action, Outcome, i64)> =
        on_db!(db, pool => sqlx::query_as(sql).bind(since).fetch_all(pool))?;
    Ok(rows.into_iter().map(|(action, result, count)| ActionCount { action, result, count }).collect())
}
