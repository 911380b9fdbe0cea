//! The PostgreSQL of the original Python service, only read: its tables `clients` and `operations`, whose enum labels are in
//! capitals. Columns are cast, so that it does not matter how exactly they were declared.

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use std::str::FromStr;
use std::time::Duration;
use uuid::Uuid;

use super::Result;

/// How long it may take to answer at all.
const PATIENCE: Duration = Duration::from_secs(10);

/// Its database.
#[derive(Debug, Clone)]
pub struct Original {
    pool: PgPool,
}

/// Why it cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum OriginalError {
    /// Not an address, or nobody answers there.
    #[error("the original service's database cannot be opened: {0}")]
    Away(sqlx::Error),
    /// The tables are not there.
    #[error(
        "there is no table `clients` or no table `operations`: is it the database of the original service?"
    )]
    NotThere,
    /// It is one of this service.
    #[error("this is a database of this service, not of the original one")]
    Ours,
}

/// A client as the original had it.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct OriginalClient {
    /// Its id, which integrations know.
    pub id: Uuid,
    /// Its name.
    pub username: String,
    /// Its key on the panel.
    pub remnawave_uuid: Option<String>,
    /// The secret part of its link.
    pub short_uuid: Option<String>,
    /// Its link.
    pub subscription_url: Option<String>,
    /// Whether it had no access.
    pub blocked: bool,
    /// Whether it had lost access only because its date had passed.
    pub lapsed: bool,
    /// Its date.
    pub expires_at: DateTime<Utc>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// A row of its log.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct OriginalOperation {
    /// Its id.
    pub id: Uuid,
    /// What was done, as the contract says it.
    pub action: String,
    /// The contract's payload as JSON.
    pub payload: Option<String>,
    /// `success` or `fail`.
    pub result: String,
    /// What went wrong.
    pub error: Option<String>,
    /// When.
    pub created_at: DateTime<Utc>,
}

impl Original {
    /// Opens it. Times without a zone are taken as UTC.
    ///
    /// # Errors
    /// It cannot be reached, or is something else.
    pub async fn connect(url: &SecretString) -> std::result::Result<Self, OriginalError> {
        let url = url.expose_secret();
        // As SQLAlchemy writes it, with its driver.
        let url = url.replacen("postgresql+asyncpg://", "postgres://", 1);
        let options = PgConnectOptions::from_str(&url).map_err(OriginalError::Away)?;
        let options = options
            .application_name("orchestrator import")
            .options([("TimeZone", "UTC"), ("default_transaction_read_only", "on")]);
        let pool = PgPoolOptions::new().max_connections(2).acquire_timeout(PATIENCE);
        let pool = pool.connect_with(options).await.map_err(OriginalError::Away)?;
        let (theirs, ours): (bool, bool) = sqlx::query_as(
            "SELECT to_regclass('clients') IS NOT NULL AND to_regclass('operations') IS NOT NULL,
                    to_regclass('_sqlx_migrations') IS NOT NULL",
        )
        .fetch_one(&pool)
        .await
        .map_err(OriginalError::Away)?;
        match (theirs, ours) {
            (_, true) => Err(OriginalError::Ours),
            (false, false) => Err(OriginalError::NotThere),
            (true, false) => Ok(Self { pool }),
        }
    }

    /// How many clients and how many rows of the log it has.
    pub async fn count(&self) -> Result<(i64, i64)> {
        let both = "SELECT (SELECT count(*) FROM clients), (SELECT count(*) FROM operations)";
        sqlx::query_as(both).fetch_one(&self.pool).await
    }

    /// Clients by id, from after this one.
    pub async fn clients_after(&self, after: Option<Uuid>, limit: i64) -> Result<Vec<OriginalClient>> {
        sqlx::query_as(
            "SELECT c.id::uuid AS id, c.username::text AS username, c.remnawave_uuid::text AS remnawave_uuid,
                    c.short_uuid::text AS short_uuid, c.subscription_url::text AS subscription_url,
                    lower(c.status::text) = 'blocked' AS blocked,
                    lower(c.status::text) = 'blocked' AND coalesce((
                        SELECT lower(o.action::text) = 'auto_deactivate' FROM operations AS o
                        WHERE o.client_id::uuid = c.id::uuid AND lower(o.result::text) = 'success'
                          AND lower(o.action::text) IN ('block', 'unblock', 'auto_deactivate')
                        ORDER BY o.created_at DESC, o.id DESC LIMIT 1), FALSE) AS lapsed,
                    c.expires_at::timestamptz AS expires_at, c.created_at::timestamptz AS created_at,
                    c.updated_at::timestamptz AS updated_at
             FROM clients AS c WHERE $1::uuid IS NULL OR c.id::uuid > $1 ORDER BY c.id::uuid LIMIT $2",
        )
        .bind(after)
        .bind(limit)
        .fetch_all(&self.pool)
        .await
    }

    /// A client's log, oldest first, from after this row.
    pub async fn operations_after(
        &self,
        client: Uuid,
        after: Option<(DateTime<Utc>, Uuid)>,
        limit: i64,
    ) -> Result<Vec<OriginalOperation>> {
        sqlx::query_as(
            "SELECT id::uuid AS id, lower(action::text) AS action, payload::text AS payload,
                    lower(result::text) AS result, error::text AS error, created_at::timestamptz AS created_at
             FROM operations
             WHERE client_id::uuid = $1 AND ($2::timestamptz IS NULL OR (created_at::timestamptz, id::uuid) > ($2, $3))
             ORDER BY created_at::timestamptz, id::uuid LIMIT $4",
        )
        .bind(client)
        .bind(after.map(|(at, _)| at))
        .bind(after.map(|(_, id)| id))
        .bind(limit)
        .fetch_all(&self.pool)
        .await
    }

    /// Closes it.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}
