//! Panel users that become clients.

use chrono::{DateTime, Utc};

use crate::domain::client::{Access, Client};
use crate::domain::ids::{ClientId, PanelUserId, ShortUuid, SubscriptionUrl};

use super::db::{execute, on_db, on_tx};
use super::{Db, Result, Tx};

/// A panel user, as far as the tables may know it.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    /// Its name.
    pub username: &'a str,
    /// Its key on the panel.
    pub id: &'a PanelUserId,
    /// Its short UUID.
    pub short_uuid: &'a ShortUuid,
    /// The client that its description names.
    pub marked: Option<ClientId>,
    /// When the panel was asked for it.
    pub asked_at: DateTime<Utc>,
}

/// What the tables say of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Nobody knows it.
    New,
    /// It is a client's, or a change of ours is making or has made it, or has deleted it since the panel was asked.
    Ours,
    /// Another client has its name or number, or gets it at this moment.
    Taken,
}

const STANDING: &str = "SELECT
    EXISTS (SELECT 1 FROM clients WHERE short_uuid = $1)
      OR EXISTS (SELECT 1 FROM clients WHERE remnawave_uuid = $2 AND username = $3)
      OR EXISTS (SELECT 1 FROM clients WHERE id = $4)
      OR EXISTS (SELECT 1 FROM intents WHERE client_id = $4)
      OR EXISTS (SELECT 1 FROM audit WHERE username = $3 AND action = 'delete' AND result = 'success'
                                       AND created_at >= $5),
    EXISTS (SELECT 1 FROM clients WHERE remnawave_uuid = $2)
      OR EXISTS (SELECT 1 FROM clients WHERE username = $3)
      OR EXISTS (SELECT 1 FROM intents WHERE username = $3 AND state IN ('open', 'undoing'))";

macro_rules! standing {
    ($candidate:expr) => {
        sqlx::query_as(STANDING)
            .bind($candidate.short_uuid.expose())
            .bind($candidate.id.0.as_str())
            .bind($candidate.username)
            .bind($candidate.marked.map(|id| id.0))
            .bind($candidate.asked_at)
    };
}

impl From<(bool, bool)> for Standing {
    fn from(found: (bool, bool)) -> Self {
        match found {
            (true, _) => Self::Ours,
            (false, true) => Self::Taken,
            (false, false) => Self::New,
        }
    }
}

/// What the tables say of a panel user.
pub async fn standing(db: &Db, candidate: Candidate<'_>) -> Result<Standing> {
    let found: (bool, bool) = on_db!(db, pool => standing!(candidate).fetch_one(pool))?;
    Ok(found.into())
}

/// The same, as this transaction sees it.
pub async fn standing_in(tx: &mut Tx, candidate: Candidate<'_>) -> Result<Standing> {
    let found: (bool, bool) = on_tx!(tx, conn => standing!(candidate).fetch_one(conn))?;
    Ok(found.into())
}

/// Keeps a client unless another one has its id, name, number or short UUID; whether it did. What it should have been told
/// of its date before this moment counts as told.
pub async fn insert(tx: &mut Tx, client: &Client, now: DateTime<Utc>) -> Result<bool> {
    let inserted = execute!(tx, sqlx::query(
        "INSERT INTO clients (id, username, remnawave_uuid, short_uuid, subscription_url, status, expires_at,
                              created_at, updated_at, telegram_id, lapsed, notices_from)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT DO NOTHING")
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
        .bind(client.access == Access::Lapsed)
        .bind(now))?;
    Ok(inserted > 0)
}
