//! The table `dialogues`.

use chrono::{DateTime, Utc};

use crate::domain::ids::TelegramId;

use super::db::{execute, on_db};
use super::{Db, Result, Tx};

/// The state of a person's dialogue, if it was touched since then.
pub async fn find(db: &Db, person: TelegramId, since: DateTime<Utc>) -> Result<Option<String>> {
    on_db!(db, pool => sqlx::query_scalar("SELECT state FROM dialogues WHERE telegram_id = $1 AND updated_at > $2")
        .bind(person.0)
        .bind(since)
        .fetch_optional(pool))
}

/// Keeps a state.
pub async fn put(tx: &mut Tx, person: TelegramId, state: &str, now: DateTime<Utc>) -> Result<()> {
    execute!(
        tx,
        sqlx::query(
            "INSERT INTO dialogues (telegram_id, state, updated_at) VALUES ($1, $2, $3)
         ON CONFLICT (telegram_id) DO UPDATE SET state = excluded.state, updated_at = excluded.updated_at"
        )
        .bind(person.0)
        .bind(state)
        .bind(now)
    )
    .map(|_| ())
}

/// Forgets a state; whether there was one.
pub async fn remove(tx: &mut Tx, person: TelegramId) -> Result<bool> {
    let removed = execute!(tx, sqlx::query("DELETE FROM dialogues WHERE telegram_id = $1").bind(person.0))?;
    Ok(removed > 0)
}

/// Forgets what was untouched since then; how many.
pub async fn forget(tx: &mut Tx, before: DateTime<Utc>) -> Result<u64> {
    execute!(tx, sqlx::query("DELETE FROM dialogues WHERE updated_at < $1").bind(before))
}

/// Forgets all; how many.
pub async fn forget_all(tx: &mut Tx) -> Result<u64> {
    execute!(tx, sqlx::query("DELETE FROM dialogues"))
}
