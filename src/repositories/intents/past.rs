//! What ended intents still tell, when they are forgotten, and how all are ended at once.

use chrono::{DateTime, Utc};

use crate::domain::change::{Answer, Change, IntentState};
use crate::domain::client::Client;
use crate::domain::ids::ClientId;
use crate::repositories::db::{execute, on_db, on_tx};
use crate::repositories::json::JsonText;
use crate::repositories::{Db, Result, Tx};

/// Whether an intent of ours was to make this client, whatever became of it. (A refusal has no `error`; what was asked of
/// a client that exists has a state before.)
pub async fn was_to_be_made(db: &Db, client: ClientId) -> Result<bool> {
    on_db!(db, pool => sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM intents
                        WHERE client_id = $1 AND before IS NULL AND (state = 'done' OR error IS NOT NULL))")
        .bind(client.0)
        .fetch_one(pool))
}

/// What the newest hundred intents about this client that are still known found and wanted.
pub async fn history(db: &Db, client: ClientId) -> Result<Vec<(Client, Change)>> {
    let rows: Vec<(JsonText, JsonText)> = on_db!(db, pool => sqlx::query_as(
        "SELECT before, wanted FROM intents WHERE client_id = $1 AND before IS NOT NULL
         ORDER BY created_at DESC LIMIT 100")
        .bind(client.0)
        .fetch_all(pool))?;
    rows.into_iter().map(|(before, wanted)| Ok((before.read()?, wanted.read()?))).collect()
}

/// Whether it was an extension by so many days that left the client as it was at `changed_at`, its `updated_at`.
pub async fn extended_by(
    tx: &mut Tx,
    client: ClientId,
    days: i64,
    changed_at: DateTime<Utc>,
) -> Result<bool> {
    let rows: Vec<(JsonText, JsonText)> = on_tx!(tx, conn => sqlx::query_as(
        "SELECT wanted, answer FROM intents WHERE client_id = $1 AND state = 'done' AND answer IS NOT NULL
         ORDER BY created_at DESC LIMIT 20")
        .bind(client.0)
        .fetch_all(conn))?;
    for (wanted, answer) in rows {
        let moved = matches!(wanted.read::<Change>()?, Change::Expiry(new) if new.days == days);
        if moved
            && matches!(answer.read::<Answer>()?, Answer::Stands { client } if client.updated_at == changed_at)
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Forgets the keys of ended intents of the bot (`bot:…`) that ended before that time: Telegram's numbers start anew.
pub async fn forget_bot_keys(tx: &mut Tx, before: DateTime<Utc>) -> Result<u64> {
    execute!(
        tx,
        sqlx::query(
            "UPDATE intents SET key_scope = NULL, key = NULL
             WHERE key IS NOT NULL AND key_scope LIKE 'bot:%' AND ended_at < $1"
        )
        .bind(before)
    )
}

/// Forgets intents that ended before that time, with their keys; how many.
pub async fn forget(tx: &mut Tx, before: DateTime<Utc>) -> Result<u64> {
    execute!(
        tx,
        sqlx::query(
            "DELETE FROM intents WHERE ended_at < $1 AND verify_at IS NULL AND state IN ('done', 'failed')"
        )
        .bind(before)
    )
}

/// Ends every open intent as failed, with that error and that answer and without its key, and calls off every second look.
/// One that had ended before, and was open for its second look, stays as it had ended. How many were open.
pub async fn end_all(tx: &mut Tx, error: &str, answer: &Answer, now: DateTime<Utc>) -> Result<u64> {
    let answer = JsonText::of(answer)?;
    let ended = execute!(
        tx,
        sqlx::query(
            "UPDATE intents SET state = $4, key_scope = NULL, key = NULL, error = $2, answer = $3, ended_at = $1
             WHERE state IN ('open', 'undoing') AND ended_at IS NULL"
        )
        .bind(now)
        .bind(error)
        .bind(answer)
        .bind(IntentState::Failed)
    )?;
    let mut looked_at = 0;
    for (state, condition) in
        [(IntentState::Done, "error IS NULL"), (IntentState::Failed, "error IS NOT NULL")]
    {
        let sql = format!("UPDATE intents SET state = $1 WHERE state = 'undoing' AND {condition}");
        looked_at += execute!(tx, sqlx::query(sqlx::AssertSqlSafe(sql.clone())).bind(state))?;
    }
    execute!(tx, sqlx::query("UPDATE intents SET verify_at = NULL WHERE verify_at IS NOT NULL"))?;
    Ok(ended + looked_at)
}
