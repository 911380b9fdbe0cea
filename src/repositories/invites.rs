//! The table `invites`.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::domain::ids::{ClientId, TelegramId};
use crate::domain::person::{Invite, InvitePurpose};

use super::db::{execute, on_tx};
use super::{Result, Tx};

#[derive(sqlx::FromRow)]
struct Row {
    token_hash: String,
    client_id: Option<Uuid>,
    created_by: String,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    used_by: Option<i64>,
    used_at: Option<DateTime<Utc>>,
}

impl From<Row> for Invite {
    fn from(row: Row) -> Self {
        Self {
            token_hash: row.token_hash,
            purpose: row.client_id.map_or(InvitePurpose::Owner, |id| InvitePurpose::Client(ClientId(id))),
            created_by: row.created_by,
            created_at: row.created_at,
            expires_at: row.expires_at,
            used_by: row.used_by.map(TelegramId),
            used_at: row.used_at,
        }
    }
}

/// Keeps a new invite.
pub async fn insert(tx: &mut Tx, invite: &Invite) -> Result<()> {
    let client = match invite.purpose {
        InvitePurpose::Client(id) => Some(id.0),
        InvitePurpose::Owner => None,
    };
    execute!(tx, sqlx::query(
        "INSERT INTO invites (token_hash, client_id, created_by, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)")
        .bind(invite.token_hash.as_str())
        .bind(client)
        .bind(invite.created_by.as_str())
        .bind(invite.created_at)
        .bind(invite.expires_at))
    .map(|_| ())
}

/// The invite of that token's hash.
pub async fn find(tx: &mut Tx, token_hash: &str) -> Result<Option<Invite>> {
    let row: Option<Row> = on_tx!(tx, conn =>
        sqlx::query_as("SELECT * FROM invites WHERE token_hash = $1").bind(token_hash).fetch_optional(conn))?;
    Ok(row.map(Invite::from))
}

/// Uses an invite up, if nobody did before and it has not ended meanwhile (with a role, say); whether it did.
pub async fn take(tx: &mut Tx, token_hash: &str, person: TelegramId, now: DateTime<Utc>) -> Result<bool> {
    let changed = execute!(
        tx,
        sqlx::query(
            "UPDATE invites SET used_by = $2, used_at = $3
             WHERE token_hash = $1 AND used_by IS NULL AND expires_at > $3"
        )
        .bind(token_hash)
        .bind(person.0)
        .bind(now)
    )?;
    Ok(changed > 0)
}

/// Holds every owner link until this transaction ends, so that of several opened at once one comes first.
pub async fn hold_owner_links(tx: &mut Tx) -> Result<()> {
    if let Tx::Postgres(tx) = tx {
        // Always in the same order, or two would wait for each other.
        sqlx::query("SELECT 1 FROM invites WHERE client_id IS NULL ORDER BY token_hash FOR UPDATE")
            .execute(&mut **tx)
            .await?;
    }
    Ok(())
}

/// Forgets unused owner links: only the newest one counts.
pub async fn forget_owner_links(tx: &mut Tx) -> Result<()> {
    execute!(tx, sqlx::query("DELETE FROM invites WHERE client_id IS NULL AND used_by IS NULL")).map(|_| ())
}

/// Ends what this person (as the log names them) has handed out and nobody has used, also through API tokens that they
/// made; how many.
pub async fn end_open_of(tx: &mut Tx, created_by: &str, now: DateTime<Utc>) -> Result<u64> {
    // As `ApiToken::known_as` calls them.
    execute!(
        tx,
        sqlx::query(
            "UPDATE invites SET expires_at = $2
             WHERE used_by IS NULL AND expires_at > $2 AND (created_by = $1 OR created_by IN (
                 SELECT 'token:' || name || CASE WHEN generation <= 1 THEN '' ELSE '#' || generation END
                 FROM api_tokens WHERE created_by = $1))"
        )
        .bind(created_by)
        .bind(now)
    )
}

/// Ends what was handed out for this client and nobody has used; how many.
pub async fn end_open_for(tx: &mut Tx, client: ClientId, now: DateTime<Utc>) -> Result<u64> {
    execute!(
        tx,
        sqlx::query(
            "UPDATE invites SET expires_at = $2 WHERE client_id = $1 AND used_by IS NULL AND expires_at > $2"
        )
        .bind(client.0)
        .bind(now)
    )
}

/// Forgets an invite that nobody has used.
pub async fn forget_unused(tx: &mut Tx, token_hash: &str) -> Result<()> {
    execute!(
        tx,
        sqlx::query("DELETE FROM invites WHERE token_hash = $1 AND used_by IS NULL").bind(token_hash)
    )
    .map(|_| ())
}

/// Forgets invites that could be used until before that time; how many.
pub async fn forget(tx: &mut Tx, before: DateTime<Utc>) -> Result<u64> {
    execute!(tx, sqlx::query("DELETE FROM invites WHERE expires_at < $1").bind(before))
}
