//! Rows of any table, written and read as they are, on either database.

use chrono::{DateTime, Utc};
use orchestrator::repositories::Db;
use sqlx::AssertSqlSafe;
use uuid::Uuid;

/// A value for a column.
#[derive(Debug, Clone)]
pub enum Value {
    Text(String),
    Number(i64),
    Small(i32),
    Is(bool),
    Id(Uuid),
    At(DateTime<Utc>),
    Bytes(Vec<u8>),
    Nothing,
}

/// Writes a row; values of types of their own, such as `json` and enumerations, are given as texts.
pub async fn insert(db: &Db, table: &str, row: &[(&str, Value)]) {
    let names: Vec<&str> = row.iter().map(|(name, _)| *name).collect();
    let mut places = vec![];
    for (index, (name, value)) in row.iter().enumerate() {
        let place = format!("${}", index + 1);
        let own = matches!(db, Db::Postgres(_)) && matches!(value, Value::Text(_) | Value::Nothing);
        places.push(if own { format!("{place}::text::{}", kind(db, table, name).await) } else { place });
    }
    let overriding = if matches!(db, Db::Postgres(_)) { "OVERRIDING SYSTEM VALUE" } else { "" };
    let (names, places) = (names.join(", "), places.join(", "));
    let sql = AssertSqlSafe(format!("INSERT INTO {table} ({names}) {overriding} VALUES ({places})"));
    macro_rules! bound {
        ($pool:expr) => {{
            let mut query = sqlx::query(sql);
            for (_, value) in row.iter().cloned() {
                query = match value {
                    Value::Text(text) => query.bind(text),
                    Value::Number(number) => query.bind(number),
                    Value::Small(number) => query.bind(number),
                    Value::Is(is) => query.bind(is),
                    Value::Id(id) => query.bind(id),
                    Value::At(moment) => query.bind(moment),
                    Value::Bytes(bytes) => query.bind(bytes),
                    Value::Nothing => query.bind(None::<String>),
                };
            }
            query.execute($pool).await.unwrap();
        }};
    }
    match db {
        Db::Postgres(pool) => bound!(pool),
        Db::Sqlite { write, .. } => bound!(write),
    }
}

async fn kind(db: &Db, table: &str, column: &str) -> String {
    let Db::Postgres(pool) = db else { panic!("PostgreSQL") };
    let kind = "SELECT udt_name::text FROM information_schema.columns
                WHERE table_schema = current_schema() AND table_name = $1 AND column_name = $2";
    sqlx::query_scalar(kind).bind(table).bind(column).fetch_one(pool).await.unwrap()
}

/// All rows of a table as text, in no order of their own: sorted.
pub async fn dump(db: &Db, table: &str) -> Vec<String> {
    let mut rows: Vec<String> = match db {
        Db::Postgres(pool) => {
            let sql = AssertSqlSafe(format!("SELECT row::text FROM {table} AS row"));
            sqlx::query_scalar(sql).fetch_all(pool).await.unwrap()
        }
        Db::Sqlite { read, .. } => {
            let columns: Vec<String> = sqlx::query_scalar("SELECT name FROM pragma_table_info($1)")
                .bind(table)
                .fetch_all(read)
                .await
                .unwrap();
            let columns: Vec<String> =
                columns.iter().map(|name| format!("'{name}=' || quote(\"{name}\")")).collect();
            let sql = AssertSqlSafe(format!("SELECT {} FROM {table}", columns.join(" || ',' || ")));
            sqlx::query_scalar(sql).fetch_all(read).await.unwrap()
        }
    };
    rows.sort();
    rows
}

/// Everything that the database is made of but rows: tables, columns, types, keys, indexes, without names of schemas.
pub async fn structure(db: &Db) -> Vec<String> {
    match db {
        Db::Postgres(pool) => {
            let sql = "
                SELECT 'column ' || table_name || ' ' || ordinal_position || ' ' || column_name || ' ' || udt_name || ' '
                       || is_nullable || ' ' || is_identity || ' ' || COALESCE(column_default, '')
                FROM information_schema.columns WHERE table_schema = current_schema()
                UNION ALL SELECT 'index ' || replace(indexdef, current_schema() || '.', '') FROM pg_indexes
                WHERE schemaname = current_schema()
                UNION ALL SELECT 'key ' || conname || ' ' || replace(pg_get_constraintdef(oid), current_schema() || '.', '')
                FROM pg_constraint WHERE connamespace = current_schema()::regnamespace
                UNION ALL SELECT 'type ' || typname || ' ' || (SELECT string_agg(enumlabel, ',' ORDER BY enumsortorder)
                                                               FROM pg_enum WHERE enumtypid = pg_type.oid)
                FROM pg_type WHERE typnamespace = current_schema()::regnamespace AND typtype = 'e'
                UNION ALL SELECT 'relation ' || relkind::text || ' ' || relname FROM pg_class
                WHERE relnamespace = current_schema()::regnamespace
                UNION ALL SELECT 'migration ' || version || ' ' || encode(checksum, 'hex') FROM _sqlx_migrations
                ORDER BY 1";
            sqlx::query_scalar(sql).fetch_all(pool).await.unwrap()
        }
        Db::Sqlite { read, .. } => {
            let sql = "SELECT type || ' ' || name || ' ' || COALESCE(sql, '') FROM sqlite_master
                       UNION ALL SELECT 'migration ' || version || ' ' || hex(checksum) FROM _sqlx_migrations ORDER BY 1";
            sqlx::query_scalar(sql).fetch_all(read).await.unwrap()
        }
    }
}

/// The names of all tables.
pub async fn tables(db: &Db) -> Vec<String> {
    match db {
        Db::Postgres(pool) => {
            let sql = "SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1";
            sqlx::query_scalar(sql).fetch_all(pool).await.unwrap()
        }
        Db::Sqlite { read, .. } => {
            let sql =
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY 1";
            sqlx::query_scalar(sql).fetch_all(read).await.unwrap()
        }
    }
}
