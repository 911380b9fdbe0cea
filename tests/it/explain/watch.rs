//! Runs what the service runs, and hears how the database carries it out.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock};

use orchestrator::repositories::{Db, Result, Tx};
use tracing::field::{Field, Visit};
use tracing::{Event, Instrument as _, Subscriber};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;

use super::plans::{self, Statement};
use super::{MANY, ONLY_POSTGRES};

/// Where sqlx tells of a statement that has run.
const STATEMENTS: &str = "sqlx::query";
/// Where it tells what PostgreSQL says by itself, such as a plan.
const NOTICES: &str = "sqlx::postgres::notice";
/// So often PostgreSQL is asked the same: from the sixth time on it may take a plan that was made for any value.
const TIMES: usize = 6;
/// After so many steps SQLite tells that it is at work.
const STEPS_AT_ONCE: u16 = 50;

/// What was heard within each span.
static HEARD: Mutex<BTreeMap<u64, Vec<Heard>>> = Mutex::new(BTreeMap::new());
/// How many steps SQLite has taken since it told of a statement.
static STEPS: AtomicU64 = AtomicU64::new(0);

/// What was heard.
#[derive(Debug)]
pub enum Heard {
    /// A statement, and how many steps it took on SQLite.
    Statement(String, u64),
    /// What PostgreSQL says.
    Notice(String),
}

/// Listens for the whole process, because SQLite works in threads of its own. What is in no span of [`Watch`] is left alone.
fn listen() {
    static LISTENING: OnceLock<()> = OnceLock::new();
    LISTENING.get_or_init(|| {
        let only = Targets::new()
            .with_target(STATEMENTS, LevelFilter::DEBUG)
            .with_target(NOTICES, LevelFilter::TRACE)
            .with_target(module_path!(), LevelFilter::ERROR);
        let listener = tracing_subscriber::registry().with(Listener.with_filter(only));
        tracing::subscriber::set_global_default(listener).unwrap();
    });
}

struct Listener;

impl<S: Subscriber + for<'s> LookupSpan<'s>> Layer<S> for Listener {
    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let Some(span) = context.lookup_current() else { return };
        let mut texts = Texts::default();
        event.record(&mut texts);
        let heard = match event.metadata().target() {
            STATEMENTS => Heard::Statement(texts.statement(), STEPS.swap(0, Ordering::Relaxed)),
            _ => Heard::Notice(texts.0.remove("message").unwrap_or_default()),
        };
        HEARD.lock().unwrap().entry(span.id().into_u64()).or_default().push(heard);
    }
}

#[derive(Default)]
struct Texts(BTreeMap<&'static str, String>);

impl Texts {
    /// sqlx leaves the text out where its first words are all of it.
    fn statement(mut self) -> String {
        let whole = self.0.remove("db.statement").filter(|text| !text.is_empty());
        whole.or_else(|| self.0.remove("summary")).unwrap_or_default().trim().to_owned()
    }
}

impl Visit for Texts {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }
}

/// Watches what is asked of one database.
pub struct Watch {
    db: Db,
    big: BTreeSet<String>,
    asked: BTreeSet<String>,
    wrong: Vec<String>,
}

impl Watch {
    /// `db` must have one connection, which does one thing after the other. No table of `big` may be scanned.
    pub async fn new(db: Db, big: BTreeSet<String>) -> Self {
        listen();
        if let Db::Sqlite { write, .. } = &db {
            let mut connection = write.acquire().await.unwrap();
            connection.lock_handle().await.unwrap().set_progress_handler(STEPS_AT_ONCE.into(), || {
                STEPS.fetch_add(STEPS_AT_ONCE.into(), Ordering::Relaxed);
                true
            });
        }
        Self { db, big, asked: BTreeSet::new(), wrong: vec![] }
    }

    /// What needs no transaction.
    pub async fn db(&mut self, name: &str, ask: impl AsyncFn(&Db) -> Result<()>) {
        let db = self.db.clone();
        self.watch(name, async || ask(&db).await).await;
    }

    /// What goes on in a transaction, which is rolled back.
    pub async fn tx(&mut self, name: &str, ask: impl AsyncFn(&mut Tx) -> Result<()>) {
        let db = self.db.clone();
        self.watch(name, async || ask(&mut db.begin().await?).await).await;
    }

    async fn watch(&mut self, name: &str, ask: impl AsyncFn() -> Result<()>) {
        self.asked.insert(name.to_owned());
        let may_be_much = MANY.iter().any(|(many, _)| fits(many, name));
        let times = if may_be_much || !self.db.is_shared() { 1 } else { TIMES };
        let statements = self.heard(name, times, ask).await;
        let silent = !self.db.is_shared() && ONLY_POSTGRES.contains(&name);
        assert_eq!(statements.is_empty(), silent, "{name}: whether no statement was heard");
        let most = statements.into_iter().max_by_key(|statement| statement.work(&self.big));
        let Some(most) = most else { return };
        println!("{:>20} {name}", most.work(&self.big));
        if !may_be_much && most.work(&self.big) > plans::most(&self.db) {
            self.wrong.push(format!("{name}\n{most}"));
        }
    }

    async fn heard(&self, name: &str, times: usize, ask: impl AsyncFn() -> Result<()>) -> Vec<Statement> {
        let span = tracing::error_span!("watched", name);
        let number = span.id().unwrap().into_u64();
        STEPS.store(0, Ordering::Relaxed);
        let asking = async {
            for _ in 0..times {
                ask().await?;
            }
            // Whoever wants one row has it before its statement has ended; what is asked next waits for that.
            self.db.ping().await
        };
        asking.instrument(span.clone()).await.unwrap_or_else(|error| panic!("{name}: {error}"));
        let heard = HEARD.lock().unwrap().remove(&number).unwrap_or_default();
        let mut statements = plans::of(&self.db, heard).await;
        statements.pop().expect("the ping is heard, too");
        statements
    }

    /// What was asked, by name.
    ///
    /// # Panics
    /// With everything that reads much and should not.
    pub fn end(self) -> BTreeSet<String> {
        assert!(self.wrong.is_empty(), "these read much:\n\n{}", self.wrong.join("\n\n"));
        for (many, _) in MANY {
            assert!(self.asked.iter().any(|name| fits(many, name)), "nothing is asked that is called {many}");
        }
        self.asked
    }
}

/// Whether the name is as the pattern says, in which a star stands for anything.
fn fits(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((before, rest)) => name
            .strip_prefix(before)
            .is_some_and(|name| name.char_indices().any(|(at, _)| fits(rest, &name[at..])) || fits(rest, "")),
    }
}

/// Asks a query of the repositories, which goes by its own name: `asks!(watch, clients::find(db, id))`; with `tx` in a
/// transaction.
macro_rules! asks {
    ($watch:expr, $module:ident::$query:ident $(::<$of:ty>)? ($how:ident $(, $value:expr)* $(,)?)) => {
        $watch.$how(concat!(stringify!($module), "::", stringify!($query)), async |$how| {
            $module::$query $(::<$of>)? ($how $(, $value)*).await.map(|_| ())
        }).await
    };
}

pub(super) use asks;
