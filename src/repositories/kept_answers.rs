//! The table `kept_answers`: what was answered to a key, for requests that no intent keeps.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::domain::change::Key;

use super::db::{execute, on_tx};
use super::json::JsonText;
use super::{Result, Tx};

/// What was answered, and to what.
#[derive(Debug, Clone)]
pub struct Kept<A> {
    /// The hash of the request.
    pub request_hash: String,
    /// The answer; without secrets.
    pub answer: A,
}

#[derive(sqlx::FromRow)]
struct Row {
    request_hash: String,
    answer: JsonText,
}

/// Keeps an answer, unless the key has one; whether it did. Of two at the same moment the second waits for the first.
pub async fn insert<A: Serialize>(
    tx: &mut Tx,
    key: &Key,
    kept: &Kept<A>,
    now: DateTime<Utc>,
) -> Result<bool> {
    let inserted = execute!(
        tx,
        sqlx::query(
            "INSERT INTO kept_answers (key_scope, key, request_hash, answer, created_at)
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING"
        )
        .bind(key.scope.as_str())
        .bind(key.key.as_str())
        .bind(kept.request_hash.as_str())
        .bind(JsonText::of(&kept.answer)?)
        .bind(now)
    )?;
    Ok(inserted > 0)
}

/// What the key was answered.
pub async fn find<A: DeserializeOwned>(tx: &mut Tx, key: &Key) -> Result<Option<Kept<A>>> {
    let row: Option<Row> = on_tx!(tx, conn =>
        sqlx::query_as("SELECT request_hash, answer FROM kept_answers WHERE key_scope = $1 AND key = $2")
            .bind(key.scope.as_str())
            .bind(key.key.as_str())
            .fetch_optional(conn))?;
    row.map(|row| Ok(Kept { answer: row.answer.read()?, request_hash: row.request_hash })).transpose()
}

/// Forgets what the key was answered.
pub async fn remove(tx: &mut Tx, key: &Key) -> Result<()> {
    execute!(
        tx,
        sqlx::query("DELETE FROM kept_answers WHERE key_scope = $1 AND key = $2")
            .bind(key.scope.as_str())
            .bind(key.key.as_str())
    )
    .map(|_| ())
}

/// Forgets what was kept before that time; how many.
pub async fn forget(tx: &mut Tx, before: DateTime<Utc>) -> Result<u64> {
    execute!(tx, sqlx::query("DELETE FROM kept_answers WHERE created_at < $1").bind(before))
}

/// Forgets what a bot's keys were answered before that time: Telegram starts its numbers anew one day. How many.
pub async fn forget_bot_keys(tx: &mut Tx, before: DateTime<Utc>) -> Result<u64> {
    execute!(
        tx,
        sqlx::query("DELETE FROM kept_answers WHERE key_scope LIKE 'bot:%' AND created_at < $1").bind(before)
    )
}
