//! The two databases behind one face.

use sqlx::postgres::PgPool;
use sqlx::sqlite::SqlitePool;
use sqlx::{Postgres, Sqlite, Transaction};

use super::Result;

/// An open database. Cheap to clone.
#[derive(Debug, Clone)]
pub enum Db {
    /// PostgreSQL, shared by any number of replicas.
    Postgres(PgPool),
    /// SQLite, of this one process. It has one writer at a time, so one connection writes and waiting is fair.
    Sqlite {
        /// Readers see the last commit and never wait for the writer.
        read: SqlitePool,
        /// The one writing connection.
        write: SqlitePool,
    },
}

/// How many connections a pool has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pool {
    /// What it is for.
    pub name: &'static str,
    /// Connections that somebody uses.
    pub used: u32,
    /// Connections that wait to be used.
    pub idle: u32,
}

impl Pool {
    fn of<D: sqlx::Database>(name: &'static str, pool: &sqlx::Pool<D>) -> Self {
        let idle = u32::try_from(pool.num_idle()).unwrap_or(u32::MAX);
        Self { name, used: pool.size().saturating_sub(idle), idle }
    }
}

/// A transaction; rolled back when dropped.
#[derive(Debug)]
pub enum Tx {
    /// On PostgreSQL.
    Postgres(Transaction<'static, Postgres>),
    /// On SQLite.
    Sqlite(Transaction<'static, Sqlite>),
}

/// Runs a query on the pool that fits: `on_db!(db, pool => sqlx::query(..).fetch_all(pool))`. For reading.
macro_rules! on_db {
    ($db:expr, $pool:ident => $query:expr) => {
        match $db {
            $crate::repositories::Db::Postgres($pool) => $query.await,
            $crate::repositories::Db::Sqlite { read: $pool, .. } => $query.await,
        }
    };
}

/// Runs a query in a transaction: `on_tx!(tx, conn => sqlx::query(..).execute(conn))`.
macro_rules! on_tx {
    ($tx:expr, $conn:ident => $query:expr) => {
        match $tx {
            $crate::repositories::Tx::Postgres(tx) => {
                let $conn = &mut **tx;
                $query.await
            }
            $crate::repositories::Tx::Sqlite(tx) => {
                let $conn = &mut **tx;
                $query.await
            }
        }
    };
}

/// Runs a statement in a transaction and tells how many rows it touched: `execute!(tx, sqlx::query(..).bind(..))`.
macro_rules! execute {
    ($tx:expr, $query:expr) => {
        match $tx {
            $crate::repositories::Tx::Postgres(tx) => {
                $query.execute(&mut **tx).await.map(|done| done.rows_affected())
            }
            $crate::repositories::Tx::Sqlite(tx) => {
                $query.execute(&mut **tx).await.map(|done| done.rows_affected())
            }
        }
    };
}

/// Runs one statement for several rows in a transaction, and gives how many it touched or what it returns:
/// `many!(tx, rows, query => { query.push(..); })`, `many!(tx, rows, query => { .. }, build_query_scalar)`. Those for one
/// row and for tens of rows are kept prepared; for others it is seldom the same again.
macro_rules! many {
    ($tx:expr, $rows:expr, $query:ident => $built:block) => {
        match $tx {
            $crate::repositories::Tx::Postgres(tx) => {
                let mut $query = sqlx::QueryBuilder::<sqlx::Postgres>::new("");
                $built
                let query = $query.build().persistent($crate::repositories::db::is_kept($rows.len()));
                query.execute(&mut **tx).await.map(|done| done.rows_affected())
            }
            $crate::repositories::Tx::Sqlite(tx) => {
                let mut $query = sqlx::QueryBuilder::<sqlx::Sqlite>::new("");
                $built
                let query = $query.build().persistent($crate::repositories::db::is_kept($rows.len()));
                query.execute(&mut **tx).await.map(|done| done.rows_affected())
            }
        }
    };
    ($tx:expr, $rows:expr, $query:ident => $built:block, $build:ident) => {
        match $tx {
            $crate::repositories::Tx::Postgres(tx) => {
                let mut $query = sqlx::QueryBuilder::<sqlx::Postgres>::new("");
                $built
                $query.$build().persistent($crate::repositories::db::is_kept($rows.len())).fetch_all(&mut **tx).await
            }
            $crate::repositories::Tx::Sqlite(tx) => {
                let mut $query = sqlx::QueryBuilder::<sqlx::Sqlite>::new("");
                $built
                $query.$build().persistent($crate::repositories::db::is_kept($rows.len())).fetch_all(&mut **tx).await
            }
        }
    };
}

/// How many of so many rows are written at once, that the statement for it be one that is kept prepared: all of a few, and
/// else whole tens.
pub fn whole_tens(rows: usize) -> usize {
    if rows < 10 { rows } else { rows - rows % 10 }
}

/// Whether the statement for so many rows is kept prepared.
pub(super) const fn is_kept(rows: usize) -> bool {
    rows == 1 || rows.is_multiple_of(10)
}

pub(super) use {execute, many, on_db, on_tx};

/// Names an index to SQLite, behind the name of the table: it has no statistics, and takes another one in its place that
/// leads to far more rows. PostgreSQL knows by itself.
pub(super) fn by_index(db: &Db, index: &str) -> String {
    match db {
        Db::Postgres(_) => String::new(),
        Db::Sqlite { .. } => format!(" INDEXED BY {index}"),
    }
}

impl Db {
    /// Begins a transaction that will write. On SQLite it takes the write lock at once (IMMEDIATE), so that
    /// what it reads is still true when it writes.
    pub async fn begin(&self) -> Result<Tx> {
        match self {
            // In a box: else four kilobytes would be part of, and moved with, everything that may ever write.
            Self::Postgres(pool) => Box::pin(pool.begin()).await.map(Tx::Postgres),
            Self::Sqlite { write, .. } => Box::pin(write.begin_with("BEGIN IMMEDIATE")).await.map(Tx::Sqlite),
        }
    }

    /// Asks for a sign of life.
    pub async fn ping(&self) -> Result<()> {
        on_db!(self, pool => sqlx::query_scalar::<_, i32>("SELECT 1").fetch_one(pool)).map(|_| ())
    }

    /// Its pools, as they are.
    pub fn pools(&self) -> Vec<Pool> {
        match self {
            Self::Postgres(pool) => vec![Pool::of("all", pool)],
            Self::Sqlite { read, write } => vec![Pool::of("read", read), Pool::of("write", write)],
        }
    }

    /// Whether other processes may use the same database.
    pub fn is_shared(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }

    /// Closes every connection, after what runs on them has ended.
    pub async fn close(&self) {
        match self {
            Self::Postgres(pool) => pool.close().await,
            Self::Sqlite { read, write } => {
                read.close().await;
                write.close().await;
            }
        }
    }
}

impl Tx {
    /// Makes it stand.
    pub async fn commit(self) -> Result<()> {
        match self {
            Self::Postgres(tx) => tx.commit().await,
            Self::Sqlite(tx) => tx.commit().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tens_of_rows_have_statements_that_are_kept() {
        assert_eq!([0, 1, 9, 10, 19, 20, 60].map(whole_tens), [0, 1, 9, 10, 10, 20, 60]);
        assert!((10..=60).all(|rows| is_kept(whole_tens(rows))));
        assert!(is_kept(1) && !is_kept(9) && !is_kept(11));
    }
}
