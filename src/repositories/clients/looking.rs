//! Which clients' panel users have to be looked at, because something may have changed there.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::Row;
use crate::domain::client::Client;
use crate::domain::ids::{ClientId, PanelUserId};
use crate::repositories::db::{by_index, execute, on_db};
use crate::repositories::{Db, Result, Tx};

/// Whom the panel speaks of.
#[derive(Debug, Clone, Copy)]
pub struct Mentioned<'a> {
    /// Its key in the panel's dialect.
    pub panel_user: Option<&'a str>,
    /// The secret part of its link.
    pub short_uuid: Option<&'a str>,
    /// Its name.
    pub username: Option<&'a str>,
}

/// Notes that every client that may be meant is to be looked at now; how many.
pub async fn look_at_mentioned(tx: &mut Tx, who: &Mentioned<'_>, now: DateTime<Utc>) -> Result<u64> {
    execute!(
        tx,
        sqlx::query(
            "UPDATE clients SET panel_look_at = $4 WHERE remnawave_uuid = $1 OR short_uuid = $2 OR username = $3"
        )
        .bind(who.panel_user)
        .bind(who.short_uuid)
        .bind(who.username)
        .bind(now)
    )
}

/// Notes that these clients are to be looked at now.
pub async fn look_at(tx: &mut Tx, ids: &[ClientId], now: DateTime<Utc>) -> Result<()> {
    for id in ids {
        execute!(
            tx,
            sqlx::query("UPDATE clients SET panel_look_at = $2 WHERE id = $1").bind(id.0).bind(now)
        )?;
    }
    Ok(())
}

#[derive(sqlx::FromRow)]
struct SuspectRow {
    #[sqlx(flatten)]
    client: Row,
    panel_look_at: DateTime<Utc>,
}

/// A client whose panel user is to be looked at.
#[derive(Debug, Clone)]
pub struct Suspect {
    /// The client.
    pub client: Client,
    /// When it was to be looked at: what tells whether it was noted again meanwhile.
    pub look_at: DateTime<Utc>,
}

/// Clients to be looked at by now; who waits longest comes first.
pub async fn to_look_at(db: &Db, now: DateTime<Utc>, limit: i64) -> Result<Vec<Suspect>> {
    let rows: Vec<SuspectRow> = on_db!(db, pool => sqlx::query_as(
        "SELECT * FROM clients WHERE panel_look_at <= $1 ORDER BY panel_look_at LIMIT $2")
        .bind(now)
        .bind(limit)
        .fetch_all(pool))?;
    let suspect = |row: SuspectRow| Suspect { client: row.client.into(), look_at: row.panel_look_at };
    Ok(rows.into_iter().map(suspect).collect())
}

/// Looks again at that moment, or not any more, unless the client was noted again since.
pub async fn looked_at(tx: &mut Tx, suspect: &Suspect, next: Option<DateTime<Utc>>) -> Result<()> {
    execute!(
        tx,
        sqlx::query("UPDATE clients SET panel_look_at = $3 WHERE id = $1 AND panel_look_at = $2")
            .bind(suspect.client.id.0)
            .bind(suspect.look_at)
            .bind(next)
    )
    .map(|_| ())
}

/// Keeps the id that the panel gave its user anew, if the client still has that link; whether it did. No change of the client:
/// its `updated_at` stays. Whoever had that id (of a panel before) has none any more.
pub async fn relink(tx: &mut Tx, id: ClientId, short: &str, panel_user: &PanelUserId) -> Result<bool> {
    displace(tx, id, panel_user).await?;
    let kept = execute!(
        tx,
        sqlx::query("UPDATE clients SET remnawave_uuid = $2 WHERE id = $1 AND short_uuid = $3")
            .bind(id.0)
            .bind(panel_user.0.as_str())
            .bind(short)
    )?;
    Ok(kept > 0)
}

/// Whoever else had this panel user's id (of a panel before: ids are used again) has none any more.
pub async fn displace(tx: &mut Tx, id: ClientId, panel_user: &PanelUserId) -> Result<()> {
    let displaced = execute!(
        tx,
        sqlx::query("UPDATE clients SET remnawave_uuid = NULL WHERE remnawave_uuid = $1 AND id <> $2")
            .bind(panel_user.0.as_str())
            .bind(id.0)
    )?;
    if displaced > 0 {
        tracing::warn!(client = %id, "another client had this panel user's id; it has none now");
    }
    Ok(())
}

/// When the next client is to be looked at; none when there is none.
pub async fn next_look_at(db: &Db) -> Result<Option<DateTime<Utc>>> {
    on_db!(db, pool => sqlx::query_scalar("SELECT min(panel_look_at) FROM clients WHERE panel_look_at IS NOT NULL")
        .fetch_one(pool))
}

/// No client is to be looked at, nor the panel to be told of any; and all that lies before this moment counts as told to
/// people.
pub async fn begin_anew(tx: &mut Tx, now: DateTime<Utc>) -> Result<u64> {
    execute!(
        tx,
        sqlx::query(
            "UPDATE clients SET panel_look_at = NULL, telegram_look_at = NULL, telegram_told_at = NULL,
                                notices_from = $1"
        )
        .bind(now)
    )
}

/// Takes the link to the panel off a client whose panel user is gone, if the client has not changed since it was read and
/// nobody is changing it; whether it did.
pub async fn unlink_panel(tx: &mut Tx, client: &Client, now: DateTime<Utc>) -> Result<bool> {
    let changed = execute!(
        tx,
        sqlx::query(
            "UPDATE clients SET remnawave_uuid = NULL, short_uuid = NULL, subscription_url = NULL, updated_at = $3
             WHERE id = $1 AND updated_at = $2 AND NOT EXISTS (
                 SELECT 1 FROM intents WHERE client_id = $1
                    AND (state IN ('open', 'undoing') OR verify_at IS NOT NULL))"
        )
        .bind(client.id.0)
        .bind(client.updated_at)
        .bind(now)
    )?;
    Ok(changed > 0)
}

/// How many clients have a panel user.
pub async fn count_on_panel(db: &Db) -> Result<u64> {
    let count: i64 = on_db!(db, pool =>
        sqlx::query_scalar("SELECT count(*) FROM clients WHERE remnawave_uuid IS NOT NULL").fetch_one(pool))?;
    Ok(count.unsigned_abs())
}

/// Clients with a panel user, in the order of their ids, those after that id, at most `limit`.
pub async fn on_panel_after(db: &Db, after: Uuid, limit: i64) -> Result<Vec<Client>> {
    all_after(db, "remnawave_uuid IS NOT NULL", after, limit).await
}

/// Clients with a link, whether or not the panel's id of it is known, in the order of their ids; as [`on_panel_after`].
pub async fn with_link_after(db: &Db, after: Uuid, limit: i64) -> Result<Vec<Client>> {
    all_after(db, "(remnawave_uuid IS NOT NULL OR short_uuid IS NOT NULL)", after, limit).await
}

async fn all_after(db: &Db, of: &'static str, after: Uuid, limit: i64) -> Result<Vec<Client>> {
    let all = format!("SELECT * FROM clients WHERE id > $1 AND {of} ORDER BY id LIMIT $2");
    let rows: Vec<Row> = on_db!(db, pool => sqlx::query_as(sqlx::AssertSqlSafe(all))
        .bind(after)
        .bind(limit)
        .fetch_all(pool))?;
    Ok(rows.into_iter().map(Client::from).collect())
}

/// Clients that have access although their date has passed, and from whom it was not taken for that date before; the
/// longest expired first.
pub async fn to_lapse(db: &Db, now: DateTime<Utc>, limit: i64) -> Result<Vec<Client>> {
    let lapsing = format!("SELECT * FROM {} ORDER BY expires_at, id LIMIT $2", lapsing(db));
    let rows: Vec<Row> = on_db!(db, pool => sqlx::query_as(sqlx::AssertSqlSafe(lapsing))
        .bind(now)
        .bind(limit)
        .fetch_all(pool))?;
    Ok(rows.into_iter().map(Client::from).collect())
}

/// How many those are.
pub async fn count_to_lapse(db: &Db, now: DateTime<Utc>) -> Result<u64> {
    let lapsing = format!("SELECT count(*) FROM {}", lapsing(db));
    let count: i64 = on_db!(db, pool =>
        sqlx::query_scalar(sqlx::AssertSqlSafe(lapsing)).bind(now).fetch_one(pool))?;
    Ok(count.unsigned_abs())
}

/// Those by `$1`. The index has only who is open: behind a date that has passed there are few of these, and in time most of
/// all the others.
fn lapsing(db: &Db) -> String {
    let clients = by_index(db, "clients_open");
    format!(
        "clients{clients} WHERE status = 'active' AND expires_at <= $1
            AND (lapsed_for IS NULL OR lapsed_for <> expires_at)"
    )
}
