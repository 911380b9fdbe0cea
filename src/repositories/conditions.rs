//! Conditions of a list, written out as those that are there.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::domain::actor::Source;
use crate::domain::client::Status;
use crate::domain::operation::Action;
use crate::domain::page::Place;

#[derive(Debug, Clone)]
pub(super) enum Value {
    Id(Uuid),
    Text(String),
    Number(i64),
    Time(DateTime<Utc>),
    Status(Status),
    Source(Source),
    Action(Action),
}

macro_rules! values {
    ($($type:ty => $variant:ident),+ $(,)?) => {
        $(impl From<$type> for Value {
            fn from(value: $type) -> Self {
                Self::$variant(value)
            }
        })+
    };
}

values!(
    Uuid => Id, String => Text, i64 => Number, DateTime<Utc> => Time,
    Status => Status, Source => Source, Action => Action,
);

/// Binds the values of conditions to a query of either database.
macro_rules! bound {
    ($query:expr, $values:expr) => {{
        let mut query = $query;
        for value in $values {
            query = match value {
                Value::Id(value) => query.bind(value),
                Value::Text(value) => query.bind(value),
                Value::Number(value) => query.bind(value),
                Value::Time(value) => query.bind(value),
                Value::Status(value) => query.bind(value),
                Value::Source(value) => query.bind(value),
                Value::Action(value) => query.bind(value),
            };
        }
        query
    }};
}

pub(super) use bound;

/// What follows a table's name: `WHERE … AND …`, made by the repositories. Its text is made of constants only; whatever
/// comes from outside is bound.
#[derive(Debug, Clone)]
pub struct Conditions {
    dialect: Dialect,
    pub(super) sql: String,
    pub(super) values: Vec<Value>,
    until: Option<DateTime<Utc>>,
}

/// Whose SQL it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// PostgreSQL's.
    Postgres,
    /// SQLite's.
    Sqlite,
}

impl Conditions {
    /// None yet.
    pub(super) fn of(dialect: Dialect) -> Self {
        Self { dialect, sql: String::new(), values: Vec::new(), until: None }
    }

    /// As [`Self::when`], behind narrower conditions if there are such. SQLite has no statistics and may well read a
    /// million rows of one action instead of one client's ten: a plus keeps it from that. PostgreSQL knows by itself.
    pub(super) fn behind(
        self,
        narrower: bool,
        before: &'static str,
        value: Option<impl Into<Value>>,
    ) -> Self {
        let Some(value) = value else { return self };
        let plus = if narrower && self.dialect == Dialect::Sqlite { "+" } else { "" };
        let mut with = self.and(plus);
        with.sql.push_str(before);
        with.push(value);
        with
    }

    /// One more: `before`, the value, nothing behind it (`status =`); left out when there is no value.
    pub(super) fn when(self, before: &'static str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.with(before, value),
            None => self,
        }
    }

    /// A condition on a text from outside, as [`Self::behind`]. PostgreSQL refuses a NUL, and nothing that is kept has one.
    pub(super) fn text(self, narrower: bool, before: &'static str, value: Option<String>) -> Self {
        match value {
            Some(value) if value.contains('\0') => self.and("1 = 0"),
            other => self.behind(narrower, before, other),
        }
    }

    /// One more.
    pub(super) fn with(mut self, before: &'static str, value: impl Into<Value>) -> Self {
        self = self.and(before);
        self.push(value);
        self
    }

    /// Only rows earlier than this moment.
    pub(super) fn until(self, until: Option<DateTime<Utc>>) -> Self {
        Self { until, ..self }
    }

    /// The whole, from this place on. Of two ends only the nearer one is written: given both, neither database begins to
    /// read at the nearer one, and the last page of a long time would cost as much as all before it.
    pub(super) fn after(self, place: Option<Place>) -> Self {
        match (self.until, place) {
            (Some(until), Some(place)) if place.created_at >= until => self.with("created_at <", until),
            (Some(until), None) => self.with("created_at <", until),
            (_, place) => self.place("(created_at, id) < (", place),
        }
    }

    /// Only this row and those after it.
    pub(super) fn not_before(self, place: Option<Place>) -> Self {
        self.place("(created_at, id) <= (", place)
    }

    fn place(self, before: &'static str, place: Option<Place>) -> Self {
        let Some(place) = place else { return self };
        let mut with = self.with(before, place.created_at);
        with.sql.push(',');
        with.push(place.id);
        with.sql.push(')');
        with
    }

    /// One more: any of these, each written as for [`Self::with`].
    pub(super) fn any(mut self, alternatives: Vec<(&'static str, Value)>) -> Self {
        for (number, (before, value)) in alternatives.into_iter().enumerate() {
            if number == 0 {
                self = self.and("(");
            } else {
                self.sql.push_str(" OR ");
            }
            self.sql.push_str(before);
            self.push(value);
        }
        self.sql.push(')');
        self
    }

    /// A condition without a value.
    pub(super) fn and(mut self, condition: &'static str) -> Self {
        self.sql.push_str(if self.sql.is_empty() { " WHERE " } else { " AND " });
        self.sql.push_str(condition);
        self
    }

    fn push(&mut self, value: impl Into<Value>) {
        self.values.push(value.into());
        self.sql.push_str(&format!(" ${}", self.values.len()));
    }
}
