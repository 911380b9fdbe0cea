//! The table `facts`: what the service has to remember of its surroundings.

use super::db::{execute, on_db, on_tx};
use super::{Db, Result, Tx};

/// What is remembered under that name.
pub async fn find(db: &Db, name: &str) -> Result<Option<String>> {
    on_db!(db, pool =>
        sqlx::query_scalar("SELECT value FROM facts WHERE name = $1").bind(name).fetch_optional(pool))
}

/// Remembers this in the place of what was; what was, if it was something else. Of several processes that say the same at
/// once one is told.
pub async fn replace(tx: &mut Tx, name: &str, value: &str) -> Result<Option<String>> {
    let before: Option<String> = on_tx!(tx, conn =>
        sqlx::query_scalar("SELECT value FROM facts WHERE name = $1").bind(name).fetch_optional(conn))?;
    let changed = execute!(
        tx,
        sqlx::query(
            "INSERT INTO facts (name, value) VALUES ($1, $2)
             ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE facts.value <> excluded.value"
        )
        .bind(name)
        .bind(value)
    )?;
    Ok(before.filter(|_| changed > 0))
}
