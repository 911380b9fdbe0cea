//! The table `clients`.

mod expiring;
mod following;
mod found;
mod list;
mod looking;

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::types::Json;
use uuid::Uuid;

use crate::domain::client::{Access, Client, ClientCounts, Status};
use crate::domain::ids::{ClientId, PanelUserId, ShortUuid, SubscriptionUrl, TelegramId};
use crate::domain::matter::Pause;
use crate::domain::username::Username;

use super::db::{execute, many, on_db, on_tx};
use super::{Db, Result, Tx};

pub use expiring::{count_expiring, expiring};
pub use following::{Due, look_next, telling, to_follow};
pub use found::{FoundClients, Search, count_found, found};
pub use list::{ClientList, count, list};
pub use looking::{
    Mentioned, Suspect, begin_anew, count_on_panel, count_to_lapse, displace, look_at, look_at_mentioned,
    looked_at, next_look_at, on_panel_after, relink, to_lapse, to_look_at, unlink_panel, with_link_after,
};

/// A row as its columns are.
#[derive(Debug, sqlx::FromRow)]
pub struct Row {
    id: Uuid,
    username: String,
    remnawave_uuid: Option<String>,
    short_uuid: Option<String>,
    subscription_url: Option<String>,
    status: Status,
    expires_at: DateTime<Utc>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    telegram_id: Option<i64>,
    lapsed: bool,
}

impl Row {
    fn access(&self) -> Access {
        match self.status {
            Status::Active => Access::Open,
            Status::Blocked if self.lapsed => Access::Lapsed,
            Status::Blocked => Access::Blocked,
        }
    }
}

impl From<Row> for Client {
    fn from(row: Row) -> Self {
        let access = row.access();
        Self {
            id: ClientId(row.id),
            username: Username::stored(row.username),
            remnawave_uuid: row.remnawave_uuid.map(PanelUserId),
            short_uuid: row.short_uuid.map(ShortUuid::new),
            subscription_url: row.subscription_url.map(SubscriptionUrl::new),
            access,
            expires_at: row.expires_at,
            created_at: row.created_at,
            updated_at: row.updated_at,
            telegram_id: row.telegram_id.map(TelegramId),
        }
    }
}

/// The client of that id.
pub async fn find(db: &Db, id: ClientId) -> Result<Option<Client>> {
    let row: Option<Row> = on_db!(db, pool =>
        sqlx::query_as("SELECT * FROM clients WHERE id = $1").bind(id.0).fetch_optional(pool))?;
    Ok(row.map(Client::from))
}

/// The clients of those ids that are there.
pub async fn find_several(db: &Db, ids: &[ClientId]) -> Result<Vec<Client>> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let rows: Vec<Row> = match db {
        Db::Postgres(pool) => sqlx::query_as(SEVERAL_ON_POSTGRES).bind(ids).fetch_all(pool).await?,
        Db::Sqlite { read, .. } => sqlx::query_as(SEVERAL_ON_SQLITE).bind(Json(ids)).fetch_all(read).await?,
    };
    Ok(rows.into_iter().map(Client::from).collect())
}

const SEVERAL_ON_POSTGRES: &str = "SELECT * FROM clients WHERE id = ANY($1)";
const SEVERAL_ON_SQLITE: &str =
    "SELECT * FROM clients WHERE id IN (SELECT unhex(value, '-') FROM json_each($1))";

/// The clients linked to those accounts, newest first.
pub async fn own(db: &Db, people: &[TelegramId]) -> Result<Vec<Client>> {
    let people: Vec<i64> = people.iter().map(|person| person.0).collect();
    let rows: Vec<Row> = match db {
        Db::Postgres(pool) => {
            let own = "SELECT * FROM clients WHERE telegram_id = ANY($1) ORDER BY created_at DESC, id DESC";
            sqlx::query_as(own).bind(people).fetch_all(pool).await?
        }
        Db::Sqlite { read, .. } => {
            let own = "SELECT * FROM clients WHERE telegram_id IN (SELECT value FROM json_each($1))
                       ORDER BY created_at DESC, id DESC";
            sqlx::query_as(own).bind(Json(people)).fetch_all(read).await?
        }
    };
    Ok(rows.into_iter().map(Client::from).collect())
}

/// The newest client that has a panel user.
pub async fn newest_on_panel(db: &Db) -> Result<Option<Client>> {
    let row: Option<Row> = on_db!(db, pool => sqlx::query_as(
        "SELECT * FROM clients WHERE remnawave_uuid IS NOT NULL ORDER BY created_at DESC, id DESC LIMIT 1")
        .fetch_optional(pool))?;
    Ok(row.map(Client::from))
}

/// The client of exactly that name.
pub async fn find_by_username(db: &Db, username: &str) -> Result<Option<Client>> {
    let row: Option<Row> = on_db!(db, pool =>
        sqlx::query_as("SELECT * FROM clients WHERE username = $1").bind(username).fetch_optional(pool))?;
    Ok(row.map(Client::from))
}

/// Whether the name is taken, as this transaction sees it.
pub async fn username_taken(tx: &mut Tx, username: &Username) -> Result<bool> {
    on_tx!(tx, conn => sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM clients WHERE username = $1)")
        .bind(username.as_str())
        .fetch_one(conn))
}

/// The client of that id, as this transaction sees it.
pub async fn find_in(tx: &mut Tx, id: ClientId) -> Result<Option<Client>> {
    let row: Option<Row> = on_tx!(tx, conn =>
        sqlx::query_as("SELECT * FROM clients WHERE id = $1").bind(id.0).fetch_optional(conn))?;
    Ok(row.map(Client::from))
}

#[derive(sqlx::FromRow)]
struct ToChange {
    #[sqlx(flatten)]
    client: Row,
    paused: bool,
}

/// The client of that id, and whether anything forbids every change now, as this transaction sees both: what a change asks.
pub async fn find_to_change(tx: &mut Tx, id: ClientId) -> Result<Option<(Client, bool)>> {
    let [one, other] = Pause::ALL.map(Pause::key);
    let row: Option<ToChange> = on_tx!(tx, conn => sqlx::query_as(
        "SELECT *, EXISTS (SELECT 1 FROM matters WHERE key IN ($2, $3)) AS paused FROM clients WHERE id = $1")
        .bind(id.0)
        .bind(one)
        .bind(other)
        .fetch_optional(conn))?;
    Ok(row.map(|row| (row.client.into(), row.paused)))
}

/// The clients of those ids that are there, as this transaction sees them.
pub async fn find_all(tx: &mut Tx, ids: &[ClientId]) -> Result<HashMap<ClientId, Client>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let rows: Vec<Row> = match tx {
        Tx::Postgres(tx) => sqlx::query_as(SEVERAL_ON_POSTGRES).bind(ids).fetch_all(&mut **tx).await?,
        Tx::Sqlite(tx) => sqlx::query_as(SEVERAL_ON_SQLITE).bind(Json(ids)).fetch_all(&mut **tx).await?,
    };
    Ok(rows.into_iter().map(|row| (ClientId(row.id), Client::from(row))).collect())
}

/// Whether the client is there; if so it stays until this transaction ends.
pub async fn hold(tx: &mut Tx, id: ClientId) -> Result<bool> {
    let found: Option<Uuid> = match tx {
        // Whoever deletes it waits, whoever changes it does not.
        Tx::Postgres(tx) => {
            sqlx::query_scalar("SELECT id FROM clients WHERE id = $1 FOR KEY SHARE")
                .bind(id.0)
                .fetch_optional(&mut **tx)
                .await?
        }
        // There is one writer at a time.
        Tx::Sqlite(tx) => {
            sqlx::query_scalar("SELECT id FROM clients WHERE id = $1")
                .bind(id.0)
                .fetch_optional(&mut **tx)
                .await?
        }
    };
    Ok(found.is_some())
}

/// Whether the client is there or the log knows that it was.
pub async fn was_ever(tx: &mut Tx, id: ClientId) -> Result<bool> {
    on_tx!(tx, conn =>
        sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM clients WHERE id = $1) OR EXISTS (SELECT 1 FROM audit WHERE client_id = $1)")
            .bind(id.0)
            .fetch_one(conn))
}

/// The client of that id; nobody else changes it until this transaction ends.
pub async fn hold_link(tx: &mut Tx, id: ClientId) -> Result<Option<Client>> {
    let row: Option<Row> = match tx {
        Tx::Postgres(tx) => {
            let query = sqlx::query_as("SELECT * FROM clients WHERE id = $1 FOR NO KEY UPDATE");
            query.bind(id.0).fetch_optional(&mut **tx).await?
        }
        // There is one writer at a time.
        Tx::Sqlite(tx) => {
            let query = sqlx::query_as("SELECT * FROM clients WHERE id = $1");
            query.bind(id.0).fetch_optional(&mut **tx).await?
        }
    };
    Ok(row.map(Client::from))
}

/// Keeps a new client.
pub async fn insert(tx: &mut Tx, client: &Client) -> Result<()> {
    execute!(tx, sqlx::query(
        "INSERT INTO clients (id, username, remnawave_uuid, short_uuid, subscription_url, status, expires_at,
                              created_at, updated_at, telegram_id, lapsed, notices_from)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $9)")
        .bind(client.id.0)
        .bind(client.username.as_str())
        .bind(client.remnawave_uuid.as_ref().map(|id| id.0.as_str()))
        .bind(client.short_uuid.as_ref().map(ShortUuid::expose))
        .bind(client.subscription_url.as_ref().map(SubscriptionUrl::expose))
        .bind(client.status())
        .bind(client.expires_at)
        .bind(client.created_at)
        .bind(client.updated_at)
        .bind(client.telegram_id.map(|id| id.0))
        .bind(client.access == Access::Lapsed))
    .map(|_| ())
}

/// Keeps what a change may alter: access, date and link; whose it is, if it is there. Its Telegram account stays as it
/// is: that may change while the panel is asked.
pub async fn update(tx: &mut Tx, client: &Client) -> Result<Option<Linked>> {
    Ok(update_all(tx, &[client]).await?.remove(&client.id))
}

/// The same for several clients; those that are there.
pub async fn update_all(tx: &mut Tx, clients: &[&Client]) -> Result<HashMap<ClientId, Linked>> {
    if clients.is_empty() {
        return Ok(HashMap::new());
    }
    let updated: Vec<(Uuid, Option<i64>)> = many!(tx, clients, query => {
        query.push("WITH changed (which, panel_user, short, url, access, gone, date, at) AS (");
        query.push_values(clients, |mut row, client| {
            row.push_bind(client.id.0).push_bind(client.remnawave_uuid.as_ref().map(|id| id.0.as_str()));
            row.push_bind(client.short_uuid.as_ref().map(ShortUuid::expose));
            row.push_bind(client.subscription_url.as_ref().map(SubscriptionUrl::expose));
            row.push_bind(client.status()).push_bind(client.access == Access::Lapsed);
            row.push_bind(client.expires_at).push_bind(client.updated_at);
        });
        query.push(
            ") UPDATE clients SET remnawave_uuid = panel_user, short_uuid = short, subscription_url = url,
                                  status = access, lapsed = gone,
                                  lapsed_for = CASE WHEN gone THEN date ELSE lapsed_for END,
                                  notices_from = CASE WHEN expires_at = date THEN notices_from ELSE at END,
                                  expires_at = date, updated_at = at
             FROM changed WHERE id = which RETURNING id, telegram_id");
    }, build_query_as)?;
    let linked = |(id, person): (Uuid, Option<i64>)| (ClientId(id), Linked(person.map(TelegramId)));
    Ok(updated.into_iter().map(linked).collect())
}

/// Whose a client is now, if anybody's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Linked(pub Option<TelegramId>);

/// What staff wrote about a client.
pub async fn note(db: &Db, id: ClientId) -> Result<Option<String>> {
    let note: Option<Option<String>> = on_db!(db, pool =>
        sqlx::query_scalar("SELECT note FROM clients WHERE id = $1").bind(id.0).fetch_optional(pool))?;
    Ok(note.flatten())
}

/// Keeps what staff write about a client; whether it is there. No change of the client: its `updated_at` stays.
pub async fn set_note(tx: &mut Tx, id: ClientId, note: Option<&str>) -> Result<bool> {
    let changed =
        execute!(tx, sqlx::query("UPDATE clients SET note = $2 WHERE id = $1").bind(id.0).bind(note))?;
    Ok(changed > 0)
}

/// Keeps another date; whether the client is there.
pub async fn set_expiry(tx: &mut Tx, id: ClientId, date: DateTime<Utc>, now: DateTime<Utc>) -> Result<bool> {
    let changed = execute!(
        tx,
        sqlx::query(
            "UPDATE clients SET notices_from = CASE WHEN expires_at = $2 THEN notices_from ELSE $3 END,
                                expires_at = $2, updated_at = $3
             WHERE id = $1"
        )
        .bind(id.0)
        .bind(date)
        .bind(now)
    )?;
    Ok(changed > 0)
}

/// Deletes a client with its operations and invites; whether it was there.
pub async fn delete(tx: &mut Tx, id: ClientId) -> Result<bool> {
    execute!(tx, sqlx::query("DELETE FROM clients WHERE id = $1").bind(id.0)).map(|rows| rows > 0)
}

/// Links a client to a Telegram account unless it has another one; whether it did.
pub async fn link(tx: &mut Tx, id: ClientId, person: TelegramId, now: DateTime<Utc>) -> Result<bool> {
    let changed = execute!(
        tx,
        sqlx::query(
            "UPDATE clients SET notices_from = CASE WHEN telegram_id = $2 THEN notices_from ELSE $3 END,
                                telegram_id = $2, updated_at = $3, telegram_look_at = $3
         WHERE id = $1 AND (telegram_id IS NULL OR telegram_id = $2)"
        )
        .bind(id.0)
        .bind(person.0)
        .bind(now)
    )?;
    Ok(changed > 0)
}

/// Takes this Telegram account off a client; whether it was the one.
pub async fn unlink(tx: &mut Tx, id: ClientId, person: TelegramId, now: DateTime<Utc>) -> Result<bool> {
    let changed = execute!(
        tx,
        sqlx::query(
            "UPDATE clients SET telegram_id = NULL, updated_at = $3, telegram_look_at = $3
         WHERE id = $1 AND telegram_id = $2"
        )
        .bind(id.0)
        .bind(person.0)
        .bind(now)
    )?;
    Ok(changed > 0)
}

/// How many clients there are of each kind; `soon` ends the time that counts as expiring.
pub async fn counts(db: &Db, now: DateTime<Utc>, soon: DateTime<Utc>) -> Result<ClientCounts> {
    let row: (i64, i64, i64, i64, i64) = on_db!(db, pool => sqlx::query_as(
        "SELECT count(*),
                count(CASE WHEN expires_at > $1 AND status = 'active' THEN 1 END),
                count(CASE WHEN expires_at > $1 AND status = 'blocked' THEN 1 END),
                count(CASE WHEN expires_at <= $1 THEN 1 END),
                count(CASE WHEN expires_at > $1 AND expires_at <= $2 AND status = 'active' THEN 1 END)
         FROM clients")
        .bind(now)
        .bind(soon)
        .fetch_one(pool))?;
    let (total, active, blocked, expired, expiring) = row;
    Ok(ClientCounts { total, active, blocked, expired, expiring })
}

/// How many clients are linked to a Telegram account.
pub async fn count_linked(db: &Db) -> Result<i64> {
    on_db!(db, pool =>
        sqlx::query_scalar("SELECT count(*) FROM clients WHERE telegram_id IS NOT NULL").fetch_one(pool))
}

/// Whether any client is linked to this account.
pub async fn is_linked(db: &Db, person: TelegramId) -> Result<bool> {
    on_db!(db, pool => sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM clients WHERE telegram_id = $1)")
        .bind(person.0)
        .fetch_one(pool))
}
