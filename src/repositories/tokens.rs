//! The table `api_tokens`.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::domain::actor::TokenScope;
use crate::domain::ids::TokenId;
use crate::domain::token::{ApiToken, TokenHash, TokenName};

use super::db::{execute, on_db, on_tx};
use super::{Db, Result, Tx};

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    name: String,
    generation: i32,
    hash: Vec<u8>,
    scope: String,
    created_by: String,
    created_key: Option<String>,
    created_at: DateTime<Utc>,
    last_used_at: Option<DateTime<Utc>>,
    revoked_at: Option<DateTime<Utc>>,
}

impl TryFrom<Row> for ApiToken {
    type Error = sqlx::Error;

    fn try_from(row: Row) -> Result<Self> {
        let wrong =
            |column: &str| sqlx::Error::Decode(format!("api_tokens.{column} has another form").into());
        Ok(Self {
            id: TokenId(row.id),
            name: TokenName::stored(row.name),
            generation: row.generation,
            hash: TokenHash::stored(row.hash.try_into().map_err(|_| wrong("hash"))?),
            scope: TokenScope::from_word(&row.scope).ok_or_else(|| wrong("scope"))?,
            created_by: row.created_by,
            created_key: row.created_key,
            created_at: row.created_at,
            last_used_at: row.last_used_at,
            revoked_at: row.revoked_at,
        })
    }
}

/// Every token that is not revoked, newest first.
pub async fn live(db: &Db) -> Result<Vec<ApiToken>> {
    let rows: Vec<Row> = on_db!(db, pool => sqlx::query_as(
        "SELECT * FROM api_tokens WHERE revoked_at IS NULL ORDER BY created_at DESC, id DESC").fetch_all(pool))?;
    rows.into_iter().map(ApiToken::try_from).collect()
}

/// A token that is not revoked, by its name.
pub async fn find_live(db: &Db, name: &TokenName) -> Result<Option<ApiToken>> {
    let row: Option<Row> = on_db!(db, pool => sqlx::query_as(
        "SELECT * FROM api_tokens WHERE name = $1 AND revoked_at IS NULL").bind(name.as_str()).fetch_optional(pool))?;
    row.map(ApiToken::try_from).transpose()
}

/// A token, revoked or not.
pub async fn find(db: &Db, id: TokenId) -> Result<Option<ApiToken>> {
    let row: Option<Row> = on_db!(db, pool =>
        sqlx::query_as("SELECT * FROM api_tokens WHERE id = $1").bind(id.0).fetch_optional(pool))?;
    row.map(ApiToken::try_from).transpose()
}

/// A token that is not revoked, by its name, as it stands when this transaction writes.
pub async fn find_live_in(tx: &mut Tx, name: &TokenName) -> Result<Option<ApiToken>> {
    let row: Option<Row> = on_tx!(tx, conn => sqlx::query_as(
        "SELECT * FROM api_tokens WHERE name = $1 AND revoked_at IS NULL").bind(name.as_str()).fetch_optional(conn))?;
    row.map(ApiToken::try_from).transpose()
}

/// How many are not revoked.
pub async fn count_live(tx: &mut Tx) -> Result<i64> {
    on_tx!(tx, conn =>
        sqlx::query_scalar("SELECT COUNT(*) FROM api_tokens WHERE revoked_at IS NULL").fetch_one(conn))
}

/// The number of the next token of that name, from 1.
pub async fn next_generation(tx: &mut Tx, name: &TokenName) -> Result<i32> {
    let last: Option<i32> = on_tx!(tx, conn =>
        sqlx::query_scalar("SELECT MAX(generation) FROM api_tokens WHERE name = $1").bind(name.as_str()).fetch_one(conn))?;
    Ok(last.unwrap_or_default().saturating_add(1))
}

/// Keeps a new token, unless its name was taken meanwhile; whether it did.
pub async fn insert(tx: &mut Tx, token: &ApiToken) -> Result<bool> {
    let inserted =
        execute!(tx, sqlx::query(
        "INSERT INTO api_tokens (id, name, generation, hash, scope, created_by, created_key, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING")
        .bind(token.id.0)
        .bind(token.name.as_str())
        .bind(token.generation)
        .bind(token.hash.bytes().as_slice())
        .bind(token.scope.as_str())
        .bind(token.created_by.as_str())
        .bind(token.created_key.as_deref())
        .bind(token.created_at))?;
    Ok(inserted > 0)
}

/// Gives a token another secret, unless it was revoked; whether it did.
pub async fn replace_secret(tx: &mut Tx, id: TokenId, hash: &TokenHash) -> Result<bool> {
    let changed = execute!(
        tx,
        sqlx::query("UPDATE api_tokens SET hash = $2 WHERE id = $1 AND revoked_at IS NULL")
            .bind(id.0)
            .bind(hash.bytes().as_slice())
    )?;
    Ok(changed > 0)
}

/// Revokes a token; whether it was not revoked before.
pub async fn revoke(tx: &mut Tx, id: TokenId, now: DateTime<Utc>) -> Result<bool> {
    let changed = execute!(
        tx,
        sqlx::query("UPDATE api_tokens SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL")
            .bind(id.0)
            .bind(now)
    )?;
    Ok(changed > 0)
}

/// Notes that a token was used, unless that was noted since `before`: another replica may have done so.
pub async fn used(tx: &mut Tx, id: TokenId, now: DateTime<Utc>, before: DateTime<Utc>) -> Result<()> {
    execute!(
        tx,
        sqlx::query(
            "UPDATE api_tokens SET last_used_at = $2 WHERE id = $1 AND (last_used_at IS NULL OR last_used_at <= $3)"
        )
        .bind(id.0)
        .bind(now)
        .bind(before)
    )
    .map(|_| ())
}

/// Revokes every live token that this person (as the log names them) has made; how many.
pub async fn revoke_all_of(tx: &mut Tx, created_by: &str, now: DateTime<Utc>) -> Result<u64> {
    execute!(
        tx,
        sqlx::query("UPDATE api_tokens SET revoked_at = $2 WHERE created_by = $1 AND revoked_at IS NULL")
            .bind(created_by)
            .bind(now)
    )
}
