//! Lists: filters written out as the conditions that are there, pages by keyset, everything of one answer from one snapshot.
//!
//! A condition such as `$1 IS NULL OR status = $1` would be shorter, but no index serves it: PostgreSQL plans it once for
//! every filter. Each table says in a [`List`] what its rows are; the rest is here.

use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, FromRow};

use crate::domain::page::{Page, Place, Window};

use super::conditions::bound;
use super::db::{on_db, on_tx};
use super::{Db, Result, Tx};

/// A value in a condition. An outcome is none: it stands in the text, because an index has only the failures.
pub(super) use super::conditions::Value;
pub use super::conditions::{Conditions, Dialect};

/// A table's rows as a list.
pub trait List {
    /// The table.
    const TABLE: &'static str;
    /// A row as its columns are.
    type Row: for<'r> FromRow<'r, PgRow> + for<'r> FromRow<'r, SqliteRow> + Send + Unpin;
    /// What it is to the rest of the program.
    type Item;

    /// The filter.
    fn conditions(&self, dialect: Dialect) -> Conditions;

    /// Reads a row.
    fn item(row: Self::Row) -> Result<Self::Item>;

    /// Where a row stands in the order.
    fn place(item: &Self::Item) -> Place;

    /// In which order pages by offset come; those by keyset are always newest first.
    fn order(&self) -> Order {
        Order::Newest
    }
}

/// The order of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The newest first.
    Newest,
    /// The earliest date first.
    FirstToExpire,
    /// The latest date first.
    LastExpired,
}

impl Order {
    /// The words. Each is the order of an index: nothing is sorted.
    fn sql(self) -> &'static str {
        match self {
            Self::Newest => "created_at DESC, id DESC",
            Self::FirstToExpire => "expires_at, id",
            Self::LastExpired => "expires_at DESC, id DESC",
        }
    }
}

/// One moment of the database, for reading.
#[derive(Debug)]
pub struct Snapshot(Tx);

impl Snapshot {
    /// Everything read through it is as it was at its first look. `patience` is how many seconds PostgreSQL bears with one
    /// that asks nothing; a reader that is slow is not a dead one.
    pub async fn open(db: &Db, patience: u16) -> Result<Self> {
        let tx = match db {
            Db::Postgres(pool) => {
                let begin = format!(
                    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; \
                     SET LOCAL idle_in_transaction_session_timeout = '{patience}s'"
                );
                Tx::Postgres(pool.begin_with(AssertSqlSafe(begin)).await?)
            }
            Db::Sqlite { read, .. } => Tx::Sqlite(read.begin().await?),
        };
        Ok(Self(tx))
    }

    fn dialect(&self) -> Dialect {
        match &self.0 {
            Tx::Postgres(_) => Dialect::Postgres,
            Tx::Sqlite(_) => Dialect::Sqlite,
        }
    }

    /// Lets go of it.
    pub async fn close(self) -> Result<()> {
        self.0.commit().await
    }

    /// How many rows the list has.
    pub async fn count<L: List>(&mut self, list: &L) -> Result<i64> {
        let (sql, values) = counting(list, self.dialect());
        let tx = &mut self.0;
        on_tx!(tx, conn => bound!(sqlx::query_scalar(AssertSqlSafe(sql)), values).fetch_one(conn))
    }

    /// A part of the list.
    pub async fn rows<L: List>(&mut self, list: &L, window: Window) -> Result<Vec<L::Item>> {
        let (sql, values) = selecting(list, self.dialect(), window.after, window.limit.into(), 0);
        let tx = &mut self.0;
        let rows: Vec<L::Row> =
            on_tx!(tx, conn => bound!(sqlx::query_as(AssertSqlSafe(sql)), values).fetch_all(conn))?;
        rows.into_iter().map(L::item).collect()
    }

    /// A part of the list, with the number of all and the place where the next part begins.
    pub async fn page<L: List>(&mut self, list: &L, window: Window) -> Result<Page<L::Item>> {
        let total = self.count(list).await?;
        self.page_of(list, window, total).await
    }

    /// The same, where the number of all is known.
    pub async fn page_of<L: List>(&mut self, list: &L, window: Window, total: i64) -> Result<Page<L::Item>> {
        let one_more = Window { limit: window.limit.saturating_add(1), ..window };
        let mut items = self.rows(list, one_more).await?;
        let wanted = usize::try_from(window.limit).unwrap_or(usize::MAX);
        let more = items.len() > wanted;
        items.truncate(wanted);
        let next = items.last().filter(|_| more).map(L::place);
        Ok(Page { items, total, next })
    }
}

/// How many rows the list has at this moment.
pub(super) async fn count<L: List>(db: &Db, list: &L) -> Result<i64> {
    let (sql, values) = counting(list, dialect_of(db));
    on_db!(db, pool => bound!(sqlx::query_scalar(AssertSqlSafe(sql)), values).fetch_one(pool))
}

/// `limit` rows of the list from `offset` on.
pub(super) async fn rows<L: List>(db: &Db, list: &L, limit: i64, offset: i64) -> Result<Vec<L::Item>> {
    let (sql, values) = selecting(list, dialect_of(db), None, limit, offset);
    let rows: Vec<L::Row> =
        on_db!(db, pool => bound!(sqlx::query_as(AssertSqlSafe(sql)), values).fetch_all(pool))?;
    rows.into_iter().map(L::item).collect()
}

fn dialect_of(db: &Db) -> Dialect {
    match db {
        Db::Postgres(_) => Dialect::Postgres,
        Db::Sqlite { .. } => Dialect::Sqlite,
    }
}

fn counting<L: List>(list: &L, dialect: Dialect) -> (String, Vec<Value>) {
    let Conditions { sql, values, .. } = list.conditions(dialect).after(None);
    (format!("SELECT count(*) FROM {}{sql}", L::TABLE), values)
}

fn selecting<L: List>(
    list: &L,
    dialect: Dialect,
    after: Option<Place>,
    limit: i64,
    offset: i64,
) -> (String, Vec<Value>) {
    let Conditions { sql, mut values, .. } = list.conditions(dialect).after(after);
    let order = if after.is_some() { Order::Newest } else { list.order() };
    values.push(Value::Number(limit));
    let (table, order) = (L::TABLE, order.sql());
    let mut sql = format!("SELECT * FROM {table}{sql} ORDER BY {order} LIMIT ${}", values.len());
    if offset > 0 {
        values.push(Value::Number(offset));
        sql.push_str(&format!(" OFFSET ${}", values.len()));
    }
    (sql, values)
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};
    use uuid::Uuid;

    use super::*;
    use crate::domain::actor::Source;
    use crate::domain::ids::ClientId;
    use crate::domain::operation::Action;
    use crate::domain::operation::{AuditFilter, Outcome};

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    fn place(seconds: i64) -> Option<Place> {
        Some(Place { created_at: at(seconds), id: Uuid::nil() })
    }

    fn conditions(filter: &AuditFilter, dialect: Dialect, after: Option<Place>) -> String {
        let conditions = filter.conditions(dialect).after(after);
        assert_eq!(conditions.values.len(), conditions.sql.matches('$').count());
        conditions.sql
    }

    #[test]
    fn only_what_is_asked_for_is_a_condition() {
        let all = AuditFilter::default();
        assert_eq!(conditions(&all, Dialect::Postgres, None), "");
        assert_eq!(conditions(&all, Dialect::Sqlite, place(5)), " WHERE (created_at, id) < ( $1, $2)");
        let failed = AuditFilter { result: Some(Outcome::Fail), since: Some(at(3)), ..all.clone() };
        assert_eq!(
            conditions(&failed, Dialect::Postgres, None),
            " WHERE result = 'fail' AND created_at >= $1",
            "the index has only failures: a value that is bound would not find it"
        );
        let nul = AuditFilter { actor: Some("a\0".to_owned()), ..all };
        assert_eq!(conditions(&nul, Dialect::Postgres, None), " WHERE 1 = 0");
    }

    #[test]
    fn of_two_ends_the_nearer_is_written() {
        let until = AuditFilter { until: Some(at(10)), ..AuditFilter::default() };
        let sql = |after| conditions(&until, Dialect::Sqlite, after);
        assert_eq!(sql(None), " WHERE created_at < $1");
        assert_eq!(sql(place(9)), " WHERE (created_at, id) < ( $1, $2)");
        assert_eq!(sql(place(10)), " WHERE created_at < $1");
        assert_eq!(sql(place(11)), " WHERE created_at < $1");
    }

    #[test]
    fn sqlite_is_kept_from_the_wider_index() {
        let filter = AuditFilter {
            client_id: Some(ClientId(Uuid::nil())),
            action: Some(Action::Create),
            source: Some(Source::Api),
            ..AuditFilter::default()
        };
        assert_eq!(
            conditions(&filter, Dialect::Sqlite, None),
            " WHERE client_id = $1 AND +action = $2 AND +source = $3"
        );
        assert_eq!(
            conditions(&filter, Dialect::Postgres, None),
            " WHERE client_id = $1 AND action = $2 AND source = $3"
        );
    }
}
