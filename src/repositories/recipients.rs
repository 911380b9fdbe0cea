//! Who gets a broadcast.

use crate::domain::ids::TelegramId;

use super::db::{on_db, on_tx};
use super::{Db, Result, Tx};

/// Both accounts are the same, but PostgreSQL would read all people before the last one once more for each part.
const RECIPIENTS: &str = "clients JOIN people ON people.telegram_id = clients.telegram_id
    WHERE people.blocked_bot_at IS NULL AND clients.telegram_id > $1 AND people.telegram_id > $1";

/// How many people are linked to a client, have started the bot and have not blocked it.
pub async fn count(db: &Db) -> Result<i64> {
    let sql = sqlx::AssertSqlSafe(format!("SELECT count(DISTINCT clients.telegram_id) FROM {RECIPIENTS}"));
    on_db!(db, pool => sqlx::query_scalar(sql).bind(0_i64).fetch_one(pool))
}

/// Those people in the order of their ids, behind this one, `limit` of them; each once.
pub async fn some(tx: &mut Tx, after: TelegramId, limit: i64) -> Result<Vec<TelegramId>> {
    let sql = format!(
        "SELECT DISTINCT clients.telegram_id FROM {RECIPIENTS} ORDER BY clients.telegram_id LIMIT $2"
    );
    let sql = sqlx::AssertSqlSafe(sql);
    let ids: Vec<i64> =
        on_tx!(tx, conn => sqlx::query_scalar(sql).bind(after.0).bind(limit).fetch_all(conn))?;
    Ok(ids.into_iter().map(TelegramId).collect())
}
