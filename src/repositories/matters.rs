//! The table `matters`: what needs a person.

use chrono::{DateTime, Utc};

use crate::domain::matter::{Matter, OpenMatter, Pause};

use super::db::{execute, on_db, on_tx};
use super::json::JsonText;
use super::{Db, Result, Tx};

#[derive(sqlx::FromRow)]
struct Row {
    key: String,
    matter: JsonText,
    raised_at: DateTime<Utc>,
}

/// One that a newer version wrote is left out.
fn readable(row: Row) -> Option<OpenMatter> {
    let matter = row.matter.read::<Matter>();
    let matter = matter.inspect_err(|error| tracing::warn!(key = row.key, %error, "a matter cannot be read"));
    Some(OpenMatter { key: row.key, matter: matter.ok()?, raised_at: row.raised_at })
}

/// Raises a matter; if it is open already, what it says becomes the present state. Whether it is new.
pub async fn raise(tx: &mut Tx, matter: &Matter, now: DateTime<Utc>) -> Result<bool> {
    let text = JsonText::of(matter)?;
    let raised_at: DateTime<Utc> = on_tx!(tx, conn => sqlx::query_scalar(
        "INSERT INTO matters (key, matter, raised_at) VALUES ($1, $2, $3)
         ON CONFLICT (key) DO UPDATE SET matter = excluded.matter RETURNING raised_at")
        .bind(matter.key())
        .bind(text)
        .bind(now)
        .fetch_one(conn))?;
    Ok(raised_at == now)
}

/// Settles a matter; whether it was open.
pub async fn settle(tx: &mut Tx, key: &str) -> Result<bool> {
    execute!(tx, sqlx::query("DELETE FROM matters WHERE key = $1").bind(key)).map(|rows| rows > 0)
}

/// Settles all but those of these kinds: whose key begins so (without characters that patterns know).
pub async fn settle_all_but(tx: &mut Tx, kinds: [&str; 2]) -> Result<u64> {
    let [one, other] = kinds.map(|kind| format!("{kind}%"));
    execute!(
        tx,
        sqlx::query("DELETE FROM matters WHERE key NOT LIKE $1 AND key NOT LIKE $2").bind(one).bind(other)
    )
}

/// Whether a matter is open, as this transaction sees it.
pub async fn is_open_in(tx: &mut Tx, key: &str) -> Result<bool> {
    on_tx!(tx, conn => sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM matters WHERE key = $1)")
        .bind(key)
        .fetch_one(conn))
}

/// Whether a matter is open.
pub async fn is_open(db: &Db, key: &str) -> Result<bool> {
    on_db!(db, pool => sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM matters WHERE key = $1)")
        .bind(key)
        .fetch_one(pool))
}

/// `$1` and `$2`: the keys of [`Pause::ALL`].
const PAUSING: &str = "SELECT key FROM matters WHERE key IN ($1, $2)";

fn pause(open: &[String]) -> Option<Pause> {
    Pause::ALL.into_iter().find(|pause| open.iter().any(|key| key == pause.key()))
}

/// Why nothing may be changed, if that is so.
pub async fn paused(db: &Db) -> Result<Option<Pause>> {
    let [one, other] = Pause::ALL.map(Pause::key);
    let open: Vec<String> =
        on_db!(db, pool => sqlx::query_scalar(PAUSING).bind(one).bind(other).fetch_all(pool))?;
    Ok(pause(&open))
}

/// The same, as this transaction sees it.
pub async fn paused_in(tx: &mut Tx) -> Result<Option<Pause>> {
    let [one, other] = Pause::ALL.map(Pause::key);
    let open: Vec<String> =
        on_tx!(tx, conn => sqlx::query_scalar(PAUSING).bind(one).bind(other).fetch_all(conn))?;
    Ok(pause(&open))
}

/// The matter of that key.
pub async fn find(db: &Db, key: &str) -> Result<Option<OpenMatter>> {
    let row: Option<Row> = on_db!(db, pool => sqlx::query_as("SELECT * FROM matters WHERE key = $1")
        .bind(key)
        .fetch_optional(pool))?;
    Ok(row.and_then(readable))
}

/// Those that are open, at most `limit`: what everything waits for first, then the oldest.
pub async fn open(db: &Db, limit: i64) -> Result<Vec<OpenMatter>> {
    let [one, other] = Pause::ALL.map(Pause::key);
    let rows: Vec<Row> = on_db!(db, pool => sqlx::query_as(
        "SELECT * FROM matters ORDER BY CASE WHEN key IN ($2, $3) THEN 0 ELSE 1 END, raised_at, key LIMIT $1")
        .bind(limit)
        .bind(one)
        .bind(other)
        .fetch_all(pool))?;
    Ok(rows.into_iter().filter_map(readable).collect())
}

/// Those that are open and whose key begins so (without characters that patterns know).
pub async fn open_of(db: &Db, kind: &str) -> Result<Vec<OpenMatter>> {
    let rows: Vec<Row> = on_db!(db, pool => sqlx::query_as("SELECT * FROM matters WHERE key LIKE $1 ORDER BY key")
        .bind(format!("{kind}%"))
        .fetch_all(pool))?;
    Ok(rows.into_iter().filter_map(readable).collect())
}

/// How many are open.
pub async fn count(db: &Db) -> Result<i64> {
    on_db!(db, pool => sqlx::query_scalar("SELECT count(*) FROM matters").fetch_one(pool))
}
