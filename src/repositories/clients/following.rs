//! Which clients' panel users have to be told of another Telegram account.

use chrono::{DateTime, Utc};

use super::Row;
use crate::domain::client::Client;
use crate::domain::ids::{ClientId, TelegramId};
use crate::repositories::db::{execute, on_db};
use crate::repositories::{Db, Result, Tx};

/// Clients with a panel user whose Telegram account is to be looked at by now; who waits longest comes first.
pub async fn to_follow(db: &Db, now: DateTime<Utc>, limit: i64) -> Result<Vec<Client>> {
    let rows: Vec<Row> = on_db!(db, pool => sqlx::query_as(
        "SELECT * FROM clients WHERE telegram_look_at <= $1 AND remnawave_uuid IS NOT NULL
         ORDER BY telegram_look_at LIMIT $2")
        .bind(now)
        .bind(limit)
        .fetch_all(pool))?;
    Ok(rows.into_iter().map(Client::from).collect())
}

/// Looks again at that moment, or not any more, if the client's account is still the one that was `seen`: else it is due
/// as it was.
pub async fn look_next(
    tx: &mut Tx,
    id: ClientId,
    seen: Option<TelegramId>,
    next: Option<DateTime<Utc>>,
) -> Result<()> {
    execute!(
        tx,
        sqlx::query(
            "UPDATE clients SET telegram_look_at = $3 WHERE id = $1 AND telegram_id IS NOT DISTINCT FROM $2"
        )
        .bind(id.0)
        .bind(seen.map(|person| person.0))
        .bind(next)
    )
    .map(|_| ())
}
