//! PostgreSQL: every table as text, read in one transaction; restored into a schema of its own and moved from there.
//!
//! Tables are moved, not the schema renamed: `public` belongs to the server's administrator, and others may use it.

use std::time::Duration;

use chrono::{DateTime, Utc};
use futures::TryStreamExt as _;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, PgTransaction};

use super::{BackupError, Contents, TABLES, aside, newest, same};
use crate::domain::backup::{Manifest, Sink, Source, Table};
use crate::repositories::connect::{
    POSTGRES, POSTGRES_ORIGINAL, SERVICE, TAKE_OVER, migrate_error, postgres_options, refuse_original,
    unreached,
};
use crate::repositories::{Db, Result as Answer};

/// Where a backup is made ready.
const SCHEMA: &str = "orchestrator_restoring";
/// One restore at a time: a number that nobody else locks.
const LOCK: i64 = 0x6f72_6368_7265_7374;
/// What a replica held that was killed is free after this time.
const LEASED: Duration = Duration::from_secs(25);
/// How often it is looked again.
const LOOK: Duration = Duration::from_millis(250);

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

async fn run(on: &mut PgConnection, sql: String) -> Answer<()> {
    sqlx::query(AssertSqlSafe(sql)).execute(on).await.map(drop)
}

/// How a backup or a restore reaches it: without a word about what it finds natural.
fn options(url: &str, name: &str) -> Result<PgConnectOptions, BackupError> {
    Ok(postgres_options(url, name)?.options([("client_min_messages", "warning")]))
}

async fn connect(options: &PgConnectOptions) -> Result<PgConnection, BackupError> {
    let mut connection = options.connect().await.map_err(unreached)?;
    refuse_original(sqlx::query_scalar(POSTGRES_ORIGINAL).fetch_one(&mut connection).await)?;
    Ok(connection)
}

/// Those of ours that a schema has, in order.
async fn present(on: &mut PgConnection, schema: &str) -> Answer<Vec<String>> {
    let ours: Vec<&str> = TABLES.into_iter().chain(["_sqlx_migrations"]).collect();
    sqlx::query_scalar(
        "SELECT tablename::text FROM pg_tables WHERE schemaname = $1 AND tablename = ANY($2)
         ORDER BY array_position($2, tablename::text)",
    )
    .bind(schema)
    .bind(ours)
    .fetch_all(on)
    .await
}

/// Where the tables are, or would be made.
async fn schema(on: &mut PgConnection) -> Result<String, BackupError> {
    let schema: Option<String> = sqlx::query_scalar("SELECT current_schema()::text").fetch_one(on).await?;
    schema.ok_or(BackupError::Nothing)
}

async fn columns(on: &mut PgConnection, schema: &str, table: &str) -> Answer<Vec<String>> {
    sqlx::query_scalar(
        "SELECT column_name::text FROM information_schema.columns
         WHERE table_schema = $1 AND table_name = $2 AND is_generated = 'NEVER' ORDER BY ordinal_position",
    )
    .bind(schema)
    .bind(table)
    .fetch_all(on)
    .await
}

fn listed(columns: &[String]) -> String {
    columns.iter().map(|column| quoted(column)).collect::<Vec<_>>().join(", ")
}

/// A transaction that sees one moment.
#[derive(Debug)]
pub(super) struct Snapshot {
    connection: PgConnection,
    contents: Contents,
}

impl Snapshot {
    pub(super) async fn take(url: &str) -> Result<Self, BackupError> {
        let mut connection = connect(&options(url, "orchestrator backup")?).await?;
        run(&mut connection, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY".to_owned()).await?;
        plain(&mut connection).await?;
        let schema = schema(&mut connection).await?;
        let mut names = present(&mut connection, &schema).await?;
        if names.pop().as_deref() != Some("_sqlx_migrations") {
            return Err(BackupError::Nothing);
        }
        let last: Option<i64> = sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations")
            .fetch_one(&mut connection)
            .await?;
        let migration = last.unwrap_or_default();
        newest(migration, POSTGRES.iter().map(|one| one.version))?;
        let mut tables = vec![];
        for name in names {
            let count = AssertSqlSafe(format!("SELECT count(*) FROM {}", quoted(&name)));
            let rows: i64 = sqlx::query_scalar(count).fetch_one(&mut connection).await?;
            let columns = columns(&mut connection, &schema, &name).await?;
            tables.push(Table { name, columns, rows: rows.unsigned_abs() });
        }
        Ok(Self { connection, contents: Contents { migration, tables } })
    }

    pub(super) fn contents(&self) -> &Contents {
        &self.contents
    }

    pub(super) async fn write(&mut self, out: &mut dyn Sink) -> Result<(), BackupError> {
        for Table { name, columns, .. } in &self.contents.tables {
            let copy = format!("COPY {} ({}) TO STDOUT", quoted(name), listed(columns));
            let mut rows = self.connection.copy_out_raw(&copy).await?;
            while let Some(bytes) = rows.try_next().await? {
                out.put(&bytes).map_err(BackupError::Unwritten)?;
            }
            out.end_part().map_err(BackupError::Unwritten)?;
        }
        Ok(())
    }
}

/// Values are written, and read, in one form only, whatever the role or the database is set to.
async fn plain(on: &mut PgConnection) -> Answer<()> {
    for setting in ["DateStyle = 'ISO, YMD'", "TimeZone = 'UTC'", "bytea_output = 'hex'"] {
        run(on, format!("SET LOCAL {setting}")).await?;
    }
    Ok(())
}

/// A schema whose tables become the database.
#[derive(Debug)]
pub(super) struct Restoring {
    connection: PgConnection,
    options: PgConnectOptions,
    /// Where the database is, or will be.
    place: String,
    /// The tables that are there.
    present: Vec<String>,
}

/// A connection of the running service, if there is one.
async fn session(on: &mut PgConnection) -> Answer<Option<String>> {
    sqlx::query_scalar(
        "SELECT 'process ' || pid || ' of ' || COALESCE(host(client_addr), 'this machine') FROM pg_stat_activity
         WHERE datname = current_database() AND application_name = $1 LIMIT 1",
    )
    .bind(SERVICE)
    .fetch_optional(on)
    .await
}

/// What a replica holds, if one does: it may be reached through something that hides its name.
async fn lease(on: &mut PgConnection) -> Answer<Option<String>> {
    sqlx::query_scalar("SELECT 'replica ' || owner || ' at ' || name FROM leases WHERE until > now() LIMIT 1")
        .fetch_optional(on)
        .await
}

/// Waits until nobody uses the database: one that stops takes a moment.
async fn unused(on: &mut PgConnection, leases: bool) -> Result<(), BackupError> {
    let begun = tokio::time::Instant::now();
    loop {
        let (who, patience) = match session(on).await? {
            Some(who) => (who, TAKE_OVER),
            None if !leases => return Ok(()),
            None => match lease(on).await? {
                Some(who) => (who, LEASED),
                None => return Ok(()),
            },
        };
        if begun.elapsed() >= patience {
            return Err(BackupError::Runs(who));
        }
        tokio::time::sleep(LOOK).await;
    }
}

impl Restoring {
    pub(super) async fn begin(url: &str, replace: bool) -> Result<Self, BackupError> {
        let options = options(url, "orchestrator restore")?;
        let mut connection = connect(&options).await?;
        let locked = sqlx::query_scalar("SELECT pg_try_advisory_lock($1)").bind(LOCK);
        if !locked.fetch_one(&mut connection).await? {
            return Err(BackupError::Busy);
        }
        let place = schema(&mut connection).await?;
        let present = present(&mut connection, &place).await?;
        if !present.is_empty() && !replace {
            return Err(BackupError::NotEmpty);
        }
        unused(&mut connection, present.iter().any(|table| table == "leases")).await?;
        // What an earlier one, which was cut, has left.
        run(&mut connection, format!("DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")).await?;
        run(&mut connection, format!("CREATE SCHEMA {SCHEMA}")).await?;
        Ok(Self { connection, options, place, present })
    }

    pub(super) async fn load(
        &mut self,
        manifest: &Manifest,
        from: &mut dyn Source,
    ) -> Result<Db, BackupError> {
        let options = self.options.clone().options([("search_path", SCHEMA)]);
        let pool = PgPoolOptions::new().max_connections(2).connect_with(options).await.map_err(unreached)?;
        if let Err(error) = Self::fill_all(&pool, manifest, from).await {
            pool.close().await;
            run(&mut self.connection, format!("DROP SCHEMA {SCHEMA} CASCADE")).await?;
            return Err(error);
        }
        Ok(Db::Postgres(pool))
    }

    async fn fill_all(pool: &PgPool, manifest: &Manifest, from: &mut dyn Source) -> Result<(), BackupError> {
        if !POSTGRES.version_exists(manifest.migration) {
            return Err(BackupError::Untrue(format!("there is no migration {}", manifest.migration)));
        }
        POSTGRES.run_to(manifest.migration, pool).await.map_err(migrate_error)?;
        let mut tx = pool.begin().await?;
        plain(&mut tx).await?;
        for table in TABLES {
            // Some have rows from the beginning.
            if !columns(&mut tx, SCHEMA, table).await?.is_empty() {
                run(&mut tx, format!("TRUNCATE {table} CASCADE")).await?;
            }
        }
        for table in &manifest.tables {
            fill(&mut tx, table, from).await?;
        }
        from.finish().map_err(BackupError::Unread)?;
        go_on_counting(&mut tx).await?;
        tx.commit().await?;
        Ok(POSTGRES.run(pool).await.map_err(migrate_error)?)
    }

    pub(super) async fn place(mut self, now: DateTime<Utc>) -> Result<Option<String>, BackupError> {
        let mut tx = self.connection.begin().await?;
        run(&mut tx, "SET LOCAL lock_timeout = '10s'".to_owned()).await?;
        // Whoever has come meanwhile: from the locks of this transaction on nobody can.
        if let Some(who) = session(&mut tx).await? {
            return Err(BackupError::Runs(who));
        }
        let aside = aside(now).replace('-', "_");
        if !self.present.is_empty() {
            run(&mut tx, format!("CREATE SCHEMA {aside}")).await?;
            move_all(&mut tx, &self.place, &aside, &self.present).await?;
        }
        let all: Vec<String> =
            sqlx::query_scalar("SELECT tablename::text FROM pg_tables WHERE schemaname = $1")
                .bind(SCHEMA)
                .fetch_all(&mut *tx)
                .await?;
        move_all(&mut tx, SCHEMA, &self.place, &all).await?;
        run(&mut tx, format!("DROP SCHEMA {SCHEMA}")).await?;
        tx.commit().await?;
        self.connection.close().await?;
        Ok((!self.present.is_empty()).then(|| format!("the schema {aside}")))
    }
}

/// The rows of one table. Its names are in a file that anybody may have made: only known ones are asked for.
async fn fill(tx: &mut PgTransaction<'_>, table: &Table, from: &mut dyn Source) -> Result<(), BackupError> {
    let known = columns(tx, SCHEMA, &table.name).await?;
    let ours = TABLES.contains(&table.name.as_str());
    if !ours || table.columns.is_empty() || table.columns.iter().any(|column| !known.contains(column)) {
        return Err(BackupError::Untrue(format!("there is no such table {:?}", table.name)));
    }
    let copy = format!("COPY {} ({}) FROM STDIN", quoted(&table.name), listed(&table.columns));
    let mut rows = tx.copy_in_raw(&copy).await?;
    loop {
        match from.piece() {
            Ok(Some(piece)) => drop(rows.send(piece).await?),
            Ok(None) => return same(table, rows.finish().await?),
            Err(error) => {
                rows.abort("the backup ends").await?;
                return Err(BackupError::Unread(error));
            }
        }
    }
}

/// Numbers that the database gives go on behind the highest there is.
async fn go_on_counting(tx: &mut PgTransaction<'_>) -> Answer<()> {
    let counted: Vec<(String, String)> = sqlx::query_as(
        "SELECT table_name::text, column_name::text FROM information_schema.columns
         WHERE table_schema = $1 AND is_identity = 'YES'",
    )
    .bind(SCHEMA)
    .fetch_all(&mut **tx)
    .await?;
    for (table, column) in counted {
        let (table, column) = (quoted(&table), quoted(&column));
        let next = format!(
            "SELECT setval(pg_get_serial_sequence('{table}', {}), max({column})) FROM {table}",
            column.replace('"', "'")
        );
        run(tx, next).await?;
    }
    Ok(())
}

/// Moves tables, with what belongs to them and the types of their columns, from one schema into another.
async fn move_all(tx: &mut PgConnection, from: &str, to: &str, tables: &[String]) -> Answer<()> {
    let types: Vec<String> = sqlx::query_scalar(
        "SELECT DISTINCT type.typname::text FROM pg_attribute AS field
         JOIN pg_class AS class ON class.oid = field.attrelid JOIN pg_type AS type ON type.oid = field.atttypid
         WHERE class.relnamespace = $1::regnamespace AND type.typnamespace = class.relnamespace
           AND class.relname = ANY($2) AND class.relkind = 'r' AND type.typtype = 'e' AND NOT field.attisdropped",
    )
    .bind(quoted(from))
    .bind(tables)
    .fetch_all(&mut *tx)
    .await?;
    let (from, to) = (quoted(from), quoted(to));
    for (what, names) in [("TABLE", tables), ("TYPE", &types)] {
        for name in names {
            run(tx, format!("ALTER {what} {from}.{} SET SCHEMA {to}", quoted(name))).await?;
        }
    }
    Ok(())
}
