//! What the service's database says, read from outside. Opened after the trouble and closed before the next: a process that
//! holds the file would spare the service the recovery after a power cut.

use std::time::Duration;

use chrono::{DateTime, Utc};
use orchestrator::domain::client::{Client, ClientFilter};
use orchestrator::domain::operation::{AuditEntry, AuditFilter, Operation};
use orchestrator::repositories::{Db, audit, clients, intents, operations};
use sqlx::{PgPool, SqlitePool};
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use crate::Res;
use crate::options::Kind;
use crate::stage::Stage;

/// More than any run makes.
const ALL: i64 = 1_000_000;
const DOUBTFUL: &str = "SELECT client_id FROM intents WHERE verify_at IS NOT NULL";

/// The database.
pub struct Reader(Db);

/// All of it, at a moment when nothing is open.
pub struct State {
    pub clients: Vec<Client>,
    /// Oldest first.
    pub log: Vec<AuditEntry>,
    pub operations: Vec<Operation>,
    /// Clients whose panel user is looked at once more, because a request had no answer.
    pub doubtful: Vec<Uuid>,
}

macro_rules! fetch {
    ($db:expr, $all:ident, $query:expr) => {
        match $db {
            Db::Postgres(pool) => $query.$all(pool).await,
            Db::Sqlite { read, .. } => $query.$all(read).await,
        }
    };
}

impl Reader {
    pub async fn open(stage: &Stage) -> Res<Self> {
        Ok(Self(match stage.options.database {
            Kind::Postgres => Db::Postgres(PgPool::connect_lazy(&stage.database)?),
            Kind::Sqlite => {
                let pool = SqlitePool::connect(&stage.database).await?;
                Db::Sqlite { read: pool.clone(), write: pool }
            }
        }))
    }

    pub async fn close(self) {
        self.0.close().await;
    }

    async fn count(&self, sql: &'static str) -> Res<i64> {
        Ok(fetch!(&self.0, fetch_one, sqlx::query_scalar::<_, i64>(sql))?)
    }

    /// What is not finished; nothing when all is.
    async fn unfinished(&self, stage: &Stage) -> Res<Option<String>> {
        let changes = intents::count_open(&self.0).await?;
        let updates = self.count("SELECT COUNT(*) FROM updates WHERE handled_at IS NULL").await?;
        let messages = self.count("SELECT COUNT(*) FROM outbox WHERE ended_at IS NULL").await?;
        let not_fetched = stage.telegram.pending_updates();
        let open = format!(
            "{changes} changes, {updates} updates and {not_fetched} not fetched, {messages} messages"
        );
        Ok((changes > 0 || updates > 0 || messages > 0 || not_fetched > 0).then_some(open))
    }

    /// Waits until nothing is open, at most so long; what is still open then.
    pub async fn quiet(&self, stage: &Stage, limit: Duration) -> Res<Option<String>> {
        let until = Instant::now() + limit;
        loop {
            match self.unfinished(stage).await {
                Ok(None) => return Ok(None),
                Ok(open) if Instant::now() > until => return Ok(open),
                Err(error) if Instant::now() > until => return Err(error),
                // PostgreSQL may have been taken away a moment ago.
                Ok(_) | Err(_) => sleep(Duration::from_millis(100)).await,
            }
        }
    }

    /// Waits until no second look is due any more, at most so long; whether there is none.
    pub async fn certain(&self, limit: Duration) -> Res<bool> {
        let until = Instant::now() + limit;
        while self.count("SELECT COUNT(*) FROM intents WHERE verify_at IS NOT NULL").await? > 0 {
            if Instant::now() > until {
                return Ok(false);
            }
            sleep(Duration::from_millis(250)).await;
        }
        Ok(true)
    }

    pub async fn state(&self) -> Res<State> {
        let db = &self.0;
        let mut log = audit::list(db, &AuditFilter::default(), ALL, 0).await?;
        log.sort_by_key(|entry| entry.created_at);
        Ok(State {
            clients: clients::list(db, ClientFilter::default(), DateTime::<Utc>::UNIX_EPOCH, ALL, 0).await?,
            log,
            operations: operations::list(db, None).await?,
            doubtful: fetch!(db, fetch_all, sqlx::query_scalar::<_, Uuid>(DOUBTFUL))?,
        })
    }
}
