//! How fast messages may go out, over all processes: the tables `outbox_pace` and `outbox_holds`, and when messages were
//! taken.

use chrono::{DateTime, Utc};

use crate::domain::ids::TelegramId;

use super::db::{execute, on_tx};
use super::{Result, Tx};

/// Takes messages alone from here to the end of the transaction: nobody counts what another is about to change. SQLite has
/// one writer anyway.
pub async fn alone(tx: &mut Tx) -> Result<()> {
    if let Tx::Postgres(tx) = tx {
        sqlx::query("SELECT id FROM outbox_pace FOR UPDATE").execute(&mut **tx).await?;
    }
    Ok(())
}

/// When messages were taken after that moment, the newest first; `limit` of them.
pub async fn taken(tx: &mut Tx, after: DateTime<Utc>, limit: i64) -> Result<Vec<DateTime<Utc>>> {
    on_tx!(tx, conn => sqlx::query_scalar(
        "SELECT claimed_at FROM outbox WHERE claimed_at > $1 ORDER BY claimed_at DESC LIMIT $2")
        .bind(after)
        .bind(limit)
        .fetch_all(conn))
}

/// Holds back what goes to this chat until that moment, if it is not held longer already.
pub async fn hold(tx: &mut Tx, chat: TelegramId, until: DateTime<Utc>) -> Result<()> {
    execute!(
        tx,
        sqlx::query(
            "INSERT INTO outbox_holds (chat, until) VALUES ($1, $2)
             ON CONFLICT (chat) DO UPDATE SET until = excluded.until WHERE outbox_holds.until < excluded.until"
        )
        .bind(chat.0)
        .bind(until)
    )
    .map(|_| ())
}

/// Until when a second chat is held, if one is: Telegram does not say whether it means one chat or all, and means all once it
/// has said so of two.
pub async fn held_for_all(tx: &mut Tx, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>> {
    on_tx!(tx, conn => sqlx::query_scalar(
        "SELECT until FROM outbox_holds WHERE until > $1 ORDER BY until DESC LIMIT 1 OFFSET 1")
        .bind(now)
        .fetch_optional(conn))
}

/// Forgets what was held until before that time; how much.
pub async fn forget(tx: &mut Tx, before: DateTime<Utc>) -> Result<u64> {
    execute!(tx, sqlx::query("DELETE FROM outbox_holds WHERE until < $1").bind(before))
}
