//! The table `people`.

use chrono::{DateTime, Utc};
use sqlx::types::Json;

use crate::domain::actor::Role;
use crate::domain::ids::TelegramId;
use crate::domain::person::{Lang, Person};

use super::db::{by_index, execute, on_db, on_tx};
use super::{Db, Result, Tx};

#[derive(sqlx::FromRow)]
struct Row {
    telegram_id: i64,
    name: String,
    telegram_username: Option<String>,
    language_code: Option<String>,
    lang: Option<String>,
    role: Option<String>,
    blocked_bot_at: Option<DateTime<Utc>>,
    must_start: bool,
}

impl From<Row> for Person {
    fn from(row: Row) -> Self {
        Self {
            id: TelegramId(row.telegram_id),
            name: row.name,
            telegram_username: row.telegram_username,
            language_code: row.language_code,
            lang: row.lang.as_deref().and_then(Lang::from_code),
            role: row.role.as_deref().and_then(Role::from_word),
            blocked_bot_at: row.blocked_bot_at,
            must_start: row.must_start,
        }
    }
}

/// The person of that account.
pub async fn find(db: &Db, id: TelegramId) -> Result<Option<Person>> {
    let row: Option<Row> = on_db!(db, pool =>
        sqlx::query_as("SELECT * FROM people WHERE telegram_id = $1").bind(id.0).fetch_optional(pool))?;
    Ok(row.map(Person::from))
}

#[derive(sqlx::FromRow)]
struct Linked {
    #[sqlx(flatten)]
    person: Row,
    linked: bool,
}

impl From<Linked> for (Person, bool) {
    fn from(row: Linked) -> Self {
        (row.person.into(), row.linked)
    }
}

/// The person of that account, and whether a client is linked to it: what every update asks.
pub async fn with_link(db: &Db, id: TelegramId) -> Result<Option<(Person, bool)>> {
    let row: Option<Linked> = on_db!(db, pool => sqlx::query_as(
        "SELECT *, EXISTS (SELECT 1 FROM clients WHERE clients.telegram_id = $1) AS linked
         FROM people WHERE telegram_id = $1")
        .bind(id.0)
        .fetch_optional(pool))?;
    Ok(row.map(Linked::into))
}

/// The same for several accounts: those that are known.
pub async fn with_links(db: &Db, ids: &[TelegramId]) -> Result<Vec<(Person, bool)>> {
    let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
    let rows: Vec<Linked> = match db {
        Db::Postgres(pool) => {
            let all = "SELECT *, EXISTS (SELECT 1 FROM clients WHERE clients.telegram_id = people.telegram_id) AS linked
                       FROM people WHERE telegram_id = ANY($1)";
            sqlx::query_as(all).bind(ids).fetch_all(pool).await?
        }
        Db::Sqlite { read, .. } => {
            let all = "SELECT *, EXISTS (SELECT 1 FROM clients WHERE clients.telegram_id = people.telegram_id) AS linked
                       FROM people WHERE telegram_id IN (SELECT value FROM json_each($1))";
            sqlx::query_as(all).bind(Json(ids)).fetch_all(read).await?
        }
    };
    Ok(rows.into_iter().map(Linked::into).collect())
}

/// The person of that account, as this transaction sees it.
pub async fn find_in(tx: &mut Tx, id: TelegramId) -> Result<Option<Person>> {
    let row: Option<Row> = on_tx!(tx, conn =>
        sqlx::query_as("SELECT * FROM people WHERE telegram_id = $1").bind(id.0).fetch_optional(conn))?;
    Ok(row.map(Person::from))
}

/// Everyone who was made owner in the chat, as this transaction sees it.
pub async fn owners_in(tx: &mut Tx) -> Result<Vec<Person>> {
    let rows: Vec<Row> = on_tx!(tx, conn =>
        sqlx::query_as("SELECT * FROM people WHERE role = 'owner' ORDER BY telegram_id").fetch_all(conn))?;
    Ok(rows.into_iter().map(Person::from).collect())
}

/// The person of that `@name` (without the at sign, in any case). A name may have been given up and taken by somebody
/// else: the last one seen with it counts.
pub async fn find_by_telegram_username(db: &Db, name: &str) -> Result<Option<Person>> {
    // PostgreSQL refuses the text, and nobody has such a name.
    if name.contains('\0') {
        return Ok(None);
    }
    // Of those who have a name: the index has only them, and SQLite must be told.
    let row: Option<Row> = on_db!(db, pool => sqlx::query_as(
        "SELECT * FROM people WHERE lower(telegram_username) = lower($1) AND telegram_username IS NOT NULL
         ORDER BY seen_at DESC LIMIT 1")
        .bind(name)
        .fetch_optional(pool))?;
    Ok(row.map(Person::from))
}

/// Keeps what an update tells of its sender; chosen language and role stay as they are.
pub async fn put(tx: &mut Tx, person: &Person, now: DateTime<Utc>) -> Result<()> {
    execute!(tx, sqlx::query(
        "INSERT INTO people (telegram_id, name, telegram_username, language_code, created_at, seen_at)
         VALUES ($1, $2, $3, $4, $5, $5)
         ON CONFLICT (telegram_id) DO UPDATE SET name = excluded.name, telegram_username = excluded.telegram_username,
             language_code = excluded.language_code, seen_at = excluded.seen_at, blocked_bot_at = NULL,
             must_start = FALSE")
        .bind(person.id.0)
        .bind(person.name.as_str())
        .bind(person.telegram_username.as_deref())
        .bind(person.language_code.as_deref())
        .bind(now))
    .map(|_| ())
}

/// Keeps the language a person chose.
pub async fn set_lang(tx: &mut Tx, id: TelegramId, lang: Lang) -> Result<()> {
    execute!(
        tx,
        sqlx::query("UPDATE people SET lang = $2 WHERE telegram_id = $1").bind(id.0).bind(lang.code())
    )
    .map(|_| ())
}

/// Makes a person the owner, if they are known and there is no owner yet; whether it did.
pub async fn make_first_owner(tx: &mut Tx, id: TelegramId) -> Result<bool> {
    let changed = execute!(
        tx,
        sqlx::query(
            "UPDATE people SET role = 'owner'
         WHERE telegram_id = $1 AND NOT EXISTS (SELECT 1 FROM people WHERE role = 'owner')"
        )
        .bind(id.0)
    )?;
    Ok(changed > 0)
}

/// Notes that a person blocked the bot.
pub async fn set_blocked_bot(tx: &mut Tx, id: TelegramId, now: DateTime<Utc>) -> Result<()> {
    execute!(
        tx,
        sqlx::query("UPDATE people SET blocked_bot_at = $2 WHERE telegram_id = $1").bind(id.0).bind(now)
    )
    .map(|_| ())
}

/// Another bot has taken the place of the one that people know: it may not write to them before they press Start. How many
/// could be written to until now.
pub async fn must_start(tx: &mut Tx, now: DateTime<Utc>) -> Result<u64> {
    let reached = execute!(
        tx,
        sqlx::query("UPDATE people SET blocked_bot_at = $1, must_start = TRUE WHERE blocked_bot_at IS NULL")
            .bind(now)
    )?;
    execute!(tx, sqlx::query("UPDATE people SET must_start = TRUE WHERE NOT must_start AND name <> ''"))?;
    Ok(reached)
}

/// Whether anyone was made owner in the chat.
pub async fn has_owner(db: &Db) -> Result<bool> {
    on_db!(db, pool =>
        sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM people WHERE role = 'owner')").fetch_one(pool))
}

/// Everyone with a role.
pub async fn with_role(db: &Db) -> Result<Vec<Person>> {
    let few = by_index(db, "people_with_role");
    let sql =
        sqlx::AssertSqlSafe(format!("SELECT * FROM people{few} WHERE role IS NOT NULL ORDER BY telegram_id"));
    let rows: Vec<Row> = on_db!(db, pool => sqlx::query_as(sql).fetch_all(pool))?;
    Ok(rows.into_iter().map(Person::from).collect())
}

/// Why a person is held: others may hold them for reading at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// To decide by their role.
    ToRead,
    /// To change their role.
    ToChange,
}

/// The person of that account, as this transaction sees them; nobody else changes their role until it ends.
pub async fn hold(tx: &mut Tx, id: TelegramId, held: Held) -> Result<Option<Person>> {
    let row: Option<Row> = match tx {
        Tx::Postgres(tx) => {
            let query = match held {
                Held::ToRead => "SELECT * FROM people WHERE telegram_id = $1 FOR SHARE",
                Held::ToChange => "SELECT * FROM people WHERE telegram_id = $1 FOR UPDATE",
            };
            sqlx::query_as(query).bind(id.0).fetch_optional(&mut **tx).await?
        }
        // There is one writer at a time.
        Tx::Sqlite(tx) => {
            let query = sqlx::query_as("SELECT * FROM people WHERE telegram_id = $1");
            query.bind(id.0).fetch_optional(&mut **tx).await?
        }
    };
    Ok(row.map(Person::from))
}

/// A place for somebody who never wrote, if there is none yet: without a name, and out of reach until they do.
pub async fn put_unseen(tx: &mut Tx, id: TelegramId, now: DateTime<Utc>) -> Result<()> {
    execute!(
        tx,
        sqlx::query(
            "INSERT INTO people (telegram_id, name, blocked_bot_at, created_at, seen_at) VALUES ($1, '', $2, $2, $2)
         ON CONFLICT (telegram_id) DO NOTHING"
        )
        .bind(id.0)
        .bind(now)
    )
    .map(|_| ())
}

/// Gives a person this role, or none.
pub async fn set_role(tx: &mut Tx, id: TelegramId, role: Option<Role>) -> Result<()> {
    execute!(
        tx,
        sqlx::query("UPDATE people SET role = $2 WHERE telegram_id = $1")
            .bind(id.0)
            .bind(role.map(Role::as_str))
    )
    .map(|_| ())
}
