//! The table `expiry_notices`: what people were told of dates that come or have come.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::domain::ids::{ClientId, TelegramId};
use crate::domain::notice::Dated;
use crate::domain::username::Username;

use super::db::{execute, on_db, on_tx};
use super::{Db, Result, Tx};

/// A client whose person may have to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The client.
    pub dated: Dated,
    /// The person.
    pub person: TelegramId,
    /// What lies before is not told.
    pub notices_from: Option<DateTime<Utc>>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    username: String,
    expires_at: DateTime<Utc>,
    telegram_id: i64,
    notices_from: Option<DateTime<Utc>>,
}

impl From<Row> for Candidate {
    fn from(row: Row) -> Self {
        let Row { id, username, expires_at, telegram_id, notices_from } = row;
        let dated = Dated { client: ClientId(id), username: Username::stored(username), expires_at };
        Self { dated, person: TelegramId(telegram_id), notices_from }
    }
}

/// Where in the order of dates to go on: behind this date, and behind this client of those that have it.
pub type Behind = (DateTime<Utc>, ClientId);

/// Behind all clients of that date.
pub fn behind_all_of(date: DateTime<Utc>) -> Behind {
    (date, ClientId(Uuid::max()))
}

/// Clients with a date behind the first and up to the second place, whose person has not been told so many hours before
/// and can be written to; the earliest first. Not those that somebody blocked.
///
/// SQLite takes the tables of a `CROSS JOIN` in the order in which they stand; else it begins with all people. The first
/// condition follows from the second: PostgreSQL knows by it how few these are, and does not read all that was told.
pub async fn due(
    db: &Db,
    hours: i32,
    (after, until): (Behind, DateTime<Utc>),
    limit: i64,
) -> Result<Vec<Candidate>> {
    let rows: Vec<Row> = on_db!(db, pool => sqlx::query_as(
        "SELECT c.id, c.username, c.expires_at, c.telegram_id, c.notices_from
         FROM clients AS c CROSS JOIN people AS p
         WHERE c.expires_at >= $1 AND (c.expires_at, c.id) > ($1, $2) AND c.expires_at <= $3
           AND (c.status = 'active' OR c.lapsed)
           AND p.telegram_id = c.telegram_id AND p.blocked_bot_at IS NULL
           AND NOT EXISTS (SELECT 1 FROM expiry_notices AS told
                           WHERE told.client_id = c.id AND told.expires_at = c.expires_at AND told.hours = $4)
         ORDER BY c.expires_at, c.id LIMIT $5")
        .bind(after.0)
        .bind(after.1.0)
        .bind(until)
        .bind(hours)
        .bind(limit)
        .fetch_all(pool))?;
    Ok(rows.into_iter().map(Candidate::from).collect())
}

/// The person's clients that are open and have a date after the first and up to the second moment, the earliest first.
pub async fn open_of(
    tx: &mut Tx,
    person: TelegramId,
    (after, until): (DateTime<Utc>, DateTime<Utc>),
    limit: i64,
) -> Result<Vec<Candidate>> {
    let rows: Vec<Row> = on_tx!(tx, conn => sqlx::query_as(
        "SELECT id, username, expires_at, telegram_id, notices_from FROM clients
         WHERE telegram_id = $1 AND expires_at > $2 AND expires_at <= $3 AND status = 'active'
         ORDER BY expires_at, id LIMIT $4")
        .bind(person.0)
        .bind(after)
        .bind(until)
        .bind(limit)
        .fetch_all(conn))?;
    Ok(rows.into_iter().map(Candidate::from).collect())
}

/// Notes that the person is told of this date so many hours before; whether they had not been.
pub async fn tell(tx: &mut Tx, dated: &Dated, hours: i32) -> Result<bool> {
    let inserted = execute!(
        tx,
        sqlx::query(
            "INSERT INTO expiry_notices (client_id, expires_at, hours) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"
        )
        .bind(dated.client.0)
        .bind(dated.expires_at)
        .bind(hours)
    )?;
    Ok(inserted > 0)
}

/// Forgets what was told of dates before that moment; how many.
pub async fn forget(tx: &mut Tx, before: DateTime<Utc>) -> Result<u64> {
    execute!(tx, sqlx::query("DELETE FROM expiry_notices WHERE expires_at < $1").bind(before))
}
