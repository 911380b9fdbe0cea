//! What a database says of how it carried a statement out.

use std::collections::BTreeSet;
use std::fmt;

use orchestrator::repositories::Db;
use serde_json::Value;
use sqlx::AssertSqlSafe;
use sqlx::sqlite::SqlitePool;

use super::watch::Heard;

/// So much work does not grow with the number of clients. PostgreSQL's is counted in rows or pages, whichever are more;
/// SQLite's in steps of its machine, some ten a row.
pub fn most(db: &Db) -> u64 {
    match db {
        Db::Postgres(_) => 5_000,
        Db::Sqlite { .. } => 30_000,
    }
}

/// A statement that the service has sent, and how it was carried out.
#[derive(Debug, Default)]
pub struct Statement {
    sql: String,
    plan: String,
    /// The tables that were read from their beginning on, by no index.
    scanned: BTreeSet<String>,
    work: u64,
}

impl Statement {
    /// How much was done. A scan of a big table counts as all there is, however soon it ended: that was luck.
    pub fn work(&self, big: &BTreeSet<String>) -> u64 {
        if self.scanned.is_disjoint(big) { self.work } else { u64::MAX }
    }
}

impl fmt::Display for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { sql, plan, scanned, work } = self;
        write!(f, "{sql}\n{plan}\nwork: {work}, scanned: {scanned:?}")
    }
}

/// The statements that were heard, without those that only begin or end a transaction.
pub async fn of(db: &Db, heard: Vec<Heard>) -> Vec<Statement> {
    let mut statements = vec![];
    for heard in heard {
        match (heard, db) {
            (Heard::Statement(sql, steps), Db::Sqlite { write, .. }) if is_about_rows(&sql) => {
                statements.push(on_sqlite(write, sql, steps).await);
            }
            (Heard::Notice(notice), Db::Postgres(_)) => statements.extend(on_postgres(&notice)),
            _ => {}
        }
    }
    statements
}

fn is_about_rows(sql: &str) -> bool {
    ["SELECT", "INSERT", "UPDATE", "DELETE", "WITH"].iter().any(|word| sql.starts_with(word))
}

/// Values have no part in SQLite's plan: it has no statistics.
async fn on_sqlite(pool: &SqlitePool, sql: String, work: u64) -> Statement {
    let explain = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}"));
    let lines: Vec<(i64, i64, i64, String)> = sqlx::query_as(explain).fetch_all(pool).await.unwrap();
    let lines: Vec<String> = lines.into_iter().map(|(.., line)| line).collect();
    let scans = lines.iter().filter(|line| line.starts_with("SCAN ") && !line.contains(" INDEX "));
    let scanned = scans.filter_map(|line| line.split(' ').nth(1)).map(|name| table_of(&sql, name)).collect();
    Statement { plan: lines.join("\n"), scanned, work, sql }
}

/// A plan names a table as the statement does: `FROM table AS name`.
fn table_of(sql: &str, name: &str) -> String {
    let words: Vec<&str> = sql.split_whitespace().collect();
    let table = words.windows(3).find(|words| words[1] == "AS" && words[2].trim_end_matches(')') == name);
    table.map_or(name, |words| words[0]).to_owned()
}

/// What `auto_explain` tells.
fn on_postgres(notice: &str) -> Option<Statement> {
    let (_, plan) = notice.split_once("plan:\n")?;
    let plan: Value = serde_json::from_str(plan).unwrap();
    let mut statement =
        Statement { sql: plan["Query Text"].as_str().unwrap().to_owned(), ..Statement::default() };
    let rows = statement.add(&plan["Plan"], 0);
    let pages = number(&plan["Plan"], "Shared Hit Blocks") + number(&plan["Plan"], "Shared Read Blocks");
    statement.work = rows.max(pages);
    Some(statement)
}

impl Statement {
    /// Adds a node of PostgreSQL's plan and those below it; how many rows they read from tables and indexes.
    fn add(&mut self, node: &Value, depth: usize) -> u64 {
        let text = |name: &str| node[name].as_str().unwrap_or_default();
        let (kind, table) = (text("Node Type"), text("Relation Name"));
        let removed = ["Rows Removed by Filter", "Rows Removed by Index Recheck"];
        let removed: u64 = removed.iter().map(|what| number(node, what)).sum();
        let (rows, loops) = (number(node, "Actual Rows"), number(node, "Actual Loops"));
        let indent = "  ".repeat(depth);
        let index = text("Index Name");
        self.plan.push_str(&format!(
            "{indent}{kind} {table} {index}: {rows} rows, {removed} removed, {loops} times\n"
        ));
        if kind == "Seq Scan" {
            self.scanned.insert(table.to_owned());
        }
        let below = node["Plans"].as_array().into_iter().flatten();
        let below: u64 = below.map(|node| self.add(node, depth + 1)).sum();
        if kind.ends_with("Scan") { below + (rows + removed) * loops } else { below }
    }
}

fn number(node: &Value, name: &str) -> u64 {
    node[name].as_f64().unwrap_or_default() as u64
}
