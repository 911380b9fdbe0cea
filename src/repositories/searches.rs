//! The table `searches`.

use chrono::{DateTime, Utc};

use crate::domain::ids::TelegramId;
use crate::domain::search::{SearchId, SearchText};

use super::db::{execute, on_db};
use super::{Db, Result, Tx};

/// The text of a person's search.
pub async fn find(db: &Db, person: TelegramId, id: SearchId) -> Result<Option<SearchText>> {
    let text: Option<String> = on_db!(db, pool =>
        sqlx::query_scalar("SELECT text FROM searches WHERE telegram_id = $1 AND id = $2")
            .bind(person.0)
            .bind(id.number())
            .fetch_optional(pool))?;
    Ok(text.as_deref().and_then(SearchText::typed))
}

/// Keeps a person's search.
pub async fn put(
    tx: &mut Tx,
    person: TelegramId,
    id: SearchId,
    text: &SearchText,
    now: DateTime<Utc>,
) -> Result<()> {
    execute!(
        tx,
        sqlx::query(
            "INSERT INTO searches (telegram_id, id, text, used_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (telegram_id, id) DO UPDATE SET text = excluded.text, used_at = excluded.used_at"
        )
        .bind(person.0)
        .bind(id.number())
        .bind(text.as_str())
        .bind(now)
    )
    .map(|_| ())
}

/// Forgets what nobody has looked for since then.
pub async fn forget(tx: &mut Tx, before: DateTime<Utc>) -> Result<u64> {
    execute!(tx, sqlx::query("DELETE FROM searches WHERE used_at < $1").bind(before))
}
