//! Clients as staff look for them: filtered, searched, in either order, a page at a time.
//!
//! A part of a text is found in any case, Cyrillic included, by a pattern with both cases of each letter (`[иИ]`): SQLite's
//! `lower()` knows only ASCII and PostgreSQL's depends on the locale. A text in the middle of another is found by no index of
//! either database, so all names and notes are read.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::domain::client::{Client, ClientFilter};
use crate::domain::ids::TelegramId;
use crate::domain::page::Place;
use crate::domain::search::{ClientOrder, SearchText};

use super::super::lists::{self, Conditions, Dialect, List, Order, Value};
use super::super::{Db, Result};
use super::{ClientList, Row};

/// What is looked for.
#[derive(Debug, Clone)]
pub struct Search {
    /// A part of a name or note, an id, a short UUID, a Telegram id.
    pub text: SearchText,
    /// Whether short UUIDs and links are compared: whoever finds a client by one knows whose it is.
    pub links: bool,
    /// The account that the text names.
    pub person: Option<TelegramId>,
}

/// Clients that are looked for.
#[derive(Debug, Clone)]
pub struct FoundClients {
    /// Which.
    pub filter: ClientFilter,
    /// What counts as now for expiry.
    pub now: DateTime<Utc>,
    /// Only those that have this.
    pub search: Option<Search>,
    /// In which order.
    pub order: ClientOrder,
}

impl List for FoundClients {
    const TABLE: &'static str = ClientList::TABLE;
    type Row = Row;
    type Item = Client;

    fn conditions(&self, dialect: Dialect) -> Conditions {
        let all = ClientList { filter: self.filter.clone(), now: self.now };
        let filtered = all.conditions_for(dialect, self.order == ClientOrder::Expiry);
        match &self.search {
            Some(search) => filtered.any(search.alternatives(dialect)),
            None => filtered,
        }
    }

    fn order(&self) -> Order {
        match (self.order, self.filter.expired) {
            (ClientOrder::Newest, _) => Order::Newest,
            (ClientOrder::Expiry, Some(true)) => Order::LastExpired,
            (ClientOrder::Expiry, _) => Order::FirstToExpire,
        }
    }

    fn item(row: Row) -> Result<Client> {
        Ok(row.into())
    }

    fn place(client: &Client) -> Place {
        ClientList::place(client)
    }
}

impl FoundClients {
    /// The two lists that follow one upon the other: whose time ends first, and behind them those whose time is over. One
    /// statement for both would have to sort all clients.
    fn halves(&self) -> Option<(Self, Self)> {
        let ClientFilter { expired, expiring_within_hours, .. } = self.filter;
        let both = self.order == ClientOrder::Expiry && expired.is_none() && expiring_within_hours.is_none();
        let half = |expired| {
            let filter = ClientFilter { expired: Some(expired), ..self.filter.clone() };
            Self { filter, ..self.clone() }
        };
        both.then(|| (half(false), half(true)))
    }
}

impl Search {
    fn alternatives(&self, dialect: Dialect) -> Vec<(&'static str, Value)> {
        let text = self.text.as_str();
        let (name, note, pattern) = match dialect {
            Dialect::Postgres => ("username ~", "note ~", regex(text)),
            Dialect::Sqlite => ("username GLOB", "note GLOB", glob(text)),
        };
        let mut any = vec![(name, Value::from(pattern.clone())), (note, Value::from(pattern))];
        if let Ok(id) = Uuid::try_parse(text) {
            any.push(("id =", id.into()));
            any.push(("remnawave_uuid =", id.to_string().into()));
        }
        if let Some(id) = text.parse::<i64>().ok().or(self.person.map(|person| person.0)) {
            any.push(("telegram_id =", id.into()));
        }
        if self.links {
            // Of a link the last part is the short UUID.
            let short = text.trim_end_matches('/').rsplit('/').next().unwrap_or(text);
            any.push(("short_uuid =", short.to_owned().into()));
        }
        any
    }
}

/// The characters that match this one: both cases; and people write `е` for `ё`.
fn cases(letter: char) -> Vec<char> {
    let mut same = vec![letter];
    match letter {
        'е' | 'Е' => same.extend(['ё', 'Ё']),
        'ё' | 'Ё' => same.extend(['е', 'Е']),
        _ => {}
    }
    for other in [single(letter.to_lowercase()), single(letter.to_uppercase())].into_iter().flatten() {
        if !same.contains(&other) {
            same.push(other);
        }
    }
    same
}

/// Only where a letter's other case is one letter too.
fn single(mut letters: impl Iterator<Item = char>) -> Option<char> {
    letters.next().filter(|_| letters.next().is_none())
}

/// SQLite's pattern: `*` and `?` are wild, `[` opens a set.
fn glob(text: &str) -> String {
    let mut pattern = "*".to_owned();
    for letter in text.chars() {
        match cases(letter).as_slice() {
            [one] if matches!(one, '*' | '?' | '[') => pattern.extend(['[', *one, ']']),
            [one] => pattern.push(*one),
            several => pattern.extend(['['].iter().chain(several).chain(&[']'])),
        }
    }
    pattern.push('*');
    pattern
}

/// PostgreSQL's pattern: an ASCII sign behind a backslash is itself.
fn regex(text: &str) -> String {
    let mut pattern = String::new();
    for letter in text.chars() {
        match cases(letter).as_slice() {
            [one] if one.is_ascii_punctuation() => pattern.extend(['\\', *one]),
            [one] => pattern.push(*one),
            several => pattern.extend(['['].iter().chain(several).chain(&[']'])),
        }
    }
    pattern
}

/// Clients that are looked for, `limit` of them from `offset` on.
pub async fn found(db: &Db, list: &FoundClients, limit: i64, offset: i64) -> Result<Vec<Client>> {
    let Some((valid, expired)) = list.halves() else { return lists::rows(db, list, limit, offset).await };
    let mut found = lists::rows(db, &valid, limit, offset).await?;
    let here = i64::try_from(found.len()).unwrap_or(limit);
    if here < limit {
        // A page with some of the first half has its end; how far behind that a later page is has to be counted.
        let passed = if here > 0 || offset == 0 { 0 } else { offset - lists::count(db, &valid).await? };
        found.extend(lists::rows(db, &expired, limit - here, passed.max(0)).await?);
    }
    Ok(found)
}

/// How many clients are found.
pub async fn count_found(db: &Db, list: &FoundClients) -> Result<i64> {
    lists::count(db, list).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_know_cases_and_nothing_in_them_is_wild() {
        assert_eq!(glob("Яна 1%_*?[]^-\\😀"), "*[Яя][нН][аА] 1%_[*][?][[]]^-\\😀*");
        assert_eq!(regex("Яна 1%_*?[]^-\\😀"), "[Яя][нН][аА] 1\\%\\_\\*\\?\\[\\]\\^\\-\\\\😀");
        assert_eq!(glob("ёeß"), "*[ёеЕЁ][eE]ß*");
    }
}
