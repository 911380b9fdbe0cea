//! Which clients' panel users have to be told of another Telegram account.

use chrono::{DateTime, Utc};

use super::Row;
use crate::domain::client::Client;
use crate::domain::ids::{ClientId, TelegramId};
use crate::repositories::db::{execute, on_db};
use crate::repositories::{Db, Result, Tx};

#[derive(sqlx::FromRow)]
struct DueRow {
    #[sqlx(flatten)]
    client: Row,
    telegram_told_at: Option<DateTime<Utc>>,
}

/// A client whose panel user is to be looked at.
#[derive(Debug, Clone)]
pub struct Due {
    /// The client.
    pub client: Client,
    /// When the panel was told last, by whichever process; that may still arrive.
    pub told_at: Option<DateTime<Utc>>,
}

/// Clients with a panel user whose Telegram account is to be looked at by now; who waits longest comes first.
pub async fn to_follow(db: &Db, now: DateTime<Utc>, limit: i64) -> Result<Vec<Due>> {
    let rows: Vec<DueRow> = on_db!(db, pool => sqlx::query_as(
        "SELECT * FROM clients WHERE telegram_look_at <= $1 AND remnawave_uuid IS NOT NULL
         ORDER BY telegram_look_at LIMIT $2")
        .bind(now)
        .bind(limit)
        .fetch_all(pool))?;
    let due = |row: DueRow| Due { client: row.client.into(), told_at: row.telegram_told_at };
    Ok(rows.into_iter().map(due).collect())
}

/// Notes that the panel is being told, before it is.
pub async fn telling(tx: &mut Tx, id: ClientId, now: DateTime<Utc>) -> Result<()> {
    execute!(tx, sqlx::query("UPDATE clients SET telegram_told_at = $2 WHERE id = $1").bind(id.0).bind(now))
        .map(|_| ())
}

/// Looks again at that moment, or not any more, if the client's account is still the one that was `seen` and the panel was
/// not told since `told_at`: else it is due as it was.
pub async fn look_next(
    tx: &mut Tx,
    id: ClientId,
    seen: Option<TelegramId>,
    told_at: Option<DateTime<Utc>>,
    next: Option<DateTime<Utc>>,
) -> Result<()> {
    execute!(
        tx,
        sqlx::query(
            "UPDATE clients SET telegram_look_at = $4
             WHERE id = $1 AND telegram_id IS NOT DISTINCT FROM $2 AND telegram_told_at IS NOT DISTINCT FROM $3"
        )
        .bind(id.0)
        .bind(seen.map(|person| person.0))
        .bind(told_at)
        .bind(next)
    )
    .map(|_| ())
}
