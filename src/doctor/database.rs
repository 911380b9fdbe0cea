//! The database, its migrations, and whether somebody owns the bot. Nothing is changed: a running service is not held up,
//! and no migration is applied.

use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::time::{Instant, timeout_at};

use crate::config::Settings;
use crate::repositories::look::{Look, Migrations, Place};
use crate::repositories::{ConnectError, DatabaseUrl, Db, people};

use super::finding::Finding;

const CHECK: &str = "database";
const MIGRATIONS: &str = "migrations";
const OWNER: &str = "owner";
/// How long all questions to the database may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// So few free bytes that the next night may use them up.
const LITTLE: u64 = 200 << 20;
/// So few that writing fails at any moment.
const NONE: u64 = 10 << 20;

/// What is known of the database.
pub struct Seen {
    /// What there is to say.
    pub findings: Vec<Finding>,
    /// Whether a service runs on it; `None` when that could not be seen.
    pub is_served: Option<bool>,
}

/// Looks at the database, unless its address cannot be read. `knows_admins`: whether `ADMIN_IDS` can be read.
pub async fn look(settings: Option<&Settings>, knows_admins: bool, now: DateTime<Utc>) -> Seen {
    let mut seen = looked_at(settings, now).await;
    if !knows_admins {
        seen.findings.retain(|finding| finding.check != OWNER);
        seen.findings.push(Finding::unchecked(OWNER, "ADMIN_IDS cannot be read"));
    }
    seen
}

async fn looked_at(settings: Option<&Settings>, now: DateTime<Utc>) -> Seen {
    let Some(settings) = settings else { return unseen("DATABASE_URL cannot be read") };
    let until = Instant::now() + PATIENCE;
    let look = match timeout_at(until, Look::at(&settings.database_url, now)).await {
        Ok(Ok(look)) => look,
        Ok(Err(error)) => return not_opened(settings, &error),
        Err(_) => return silent(settings),
    };
    let migrations = timeout_at(until, look.migrations()).await;
    let Ok(Ok(migrations)) = migrations else { return silent(settings) };
    let is_ready = migrations.applied > 0 && migrations.pending.is_empty();
    let called = settings.database_url.shown();
    let mut findings = vec![opened(&called, &look), applied(&look, &migrations)];
    findings.push(owner(settings, look.db.as_ref().filter(|_| is_ready), until).await);
    let is_served = Some(look.is_served);
    if let Some(db) = look.db {
        db.close().await;
    }
    Seen { findings, is_served }
}

fn unseen(why: &str) -> Seen {
    let findings = [CHECK, MIGRATIONS, OWNER].map(|check| Finding::unchecked(check, why)).into();
    Seen { findings, is_served: None }
}

/// With what cannot be seen without the database.
fn alone(settings: &Settings, database: Finding) -> Seen {
    let why = "the database cannot be read";
    let owner = if settings.admin_ids.is_empty() { Finding::unchecked(OWNER, why) } else { named(settings) };
    Seen { findings: vec![database, Finding::unchecked(MIGRATIONS, why), owner], is_served: None }
}

fn silent(settings: &Settings) -> Seen {
    let detail = format!("{} does not answer", settings.database_url.shown());
    let finding = Finding::broken(CHECK, detail).because("no answer came in time").so(away(settings));
    alone(settings, finding)
}

fn away(settings: &Settings) -> &'static str {
    match settings.database_url {
        DatabaseUrl::Sqlite(_) => "see whether its disk works, and has room",
        DatabaseUrl::Postgres(_) => {
            "check that the server of DATABASE_URL runs, that host and port are right, and that it is reached from here"
        }
    }
}

fn not_opened(settings: &Settings, error: &ConnectError) -> Seen {
    let called = settings.database_url.shown();
    let broken = |detail: &str| Finding::broken(CHECK, format!("{called} {detail}"));
    alone(settings, match error {
        ConnectError::OriginalService => broken("holds the tables of the original service")
            .because("DATABASE_URL leads to its database, which this service neither reads nor changes")
            .so("give this service a database of its own (a new, empty one) in DATABASE_URL"),
        ConnectError::Away(_) => broken("does not answer").because(error.cause()).so(away(settings)),
        ConnectError::Address(_) => match settings.database_url {
            DatabaseUrl::Postgres(_) => broken("refuses us")
                .because(error.cause())
                .so("correct user, password and database in DATABASE_URL, or make them on the server"),
            DatabaseUrl::Sqlite(_) => broken("cannot be opened").because(error.cause()).so(
                "see whether DATABASE_URL names the right file and may be read; if it is damaged, go back to a backup",
            ),
        },
        _ => broken("cannot be used").because(error.cause()),
    })
}

fn opened(called: &str, look: &Look) -> Finding {
    match &look.place {
        Place::Sqlite { shut: Some(shut), .. } => {
            Finding::broken(CHECK, format!("{called}: {} may not be written", shut.display()))
                .because("it belongs to another user, or the disk is mounted for reading only")
                .so(format!("chown it to the user that the service runs as: {}", shut.display()))
        }
        Place::Sqlite { free, .. } => room(called, *free, look),
        Place::Postgres { takes_changes: false, .. } => {
            Finding::broken(CHECK, format!("{called} takes no changes"))
                .because("it is a standby, or set to read only")
                .so("let DATABASE_URL lead to the primary server")
        }
        Place::Postgres { may_create: false, .. } => {
            Finding::broken(CHECK, format!("{called}: its user may not make tables"))
                .because("since version 15 only a database's owner may do so in the schema public")
                .so("ALTER DATABASE name OWNER TO user; or GRANT CREATE ON SCHEMA public TO user;")
        }
        Place::Postgres { version, .. } => {
            Finding::well(CHECK, format!("{called}, version {version}{}", used(look)))
        }
    }
}

fn room(called: &str, free: Option<u64>, look: &Look) -> Finding {
    match free {
        Some(free) if free < LITTLE => {
            let detail = format!("{called}: {} MB are left on its disk", free >> 20);
            let finding = match free < NONE {
                true => Finding::broken(CHECK, detail),
                false => Finding::warning(CHECK, detail),
            };
            finding.because("on a full disk no change can be kept").so("make room on that disk")
        }
        _ if look.db.is_none() => {
            Finding::well(CHECK, format!("{called}, not there yet: the first start makes it"))
        }
        _ => Finding::well(CHECK, format!("{called}{}", used(look))),
    }
}

fn used(look: &Look) -> &'static str {
    if look.is_served { ", in use by the running service" } else { "" }
}

fn applied(look: &Look, migrations: &Migrations) -> Finding {
    let Migrations { applied, pending, unknown, changed, broken } = migrations;
    let all = applied + pending.len();
    if !unknown.is_empty() {
        return Finding::broken(
            MIGRATIONS,
            format!("the database is of a later version ({})", unknown.join(", ")),
        )
        .because("a later version of this program has been started on it")
        .so("start that version again, or go back to a backup from before it");
    }
    if let Some(number) = broken.or(changed.first().copied()) {
        return Finding::broken(MIGRATIONS, format!("migration {number} is not the one of this program"))
            .because("the tables were changed by hand, by another build, or by a start that broke off")
            .so("start the version that ran last, or go back to a backup");
    }
    match (pending.len(), *applied) {
        (0, _) => Finding::well(MIGRATIONS, format!("all {all} are applied")),
        (_, 0) => Finding::well(MIGRATIONS, format!("none of {all} is applied yet: the first start does it")),
        (waiting, _) if look.is_served => Finding::warning(
            MIGRATIONS,
            format!("{waiting} of {all} are not applied yet ({})", pending.join(", ")),
        )
        .because("the service that runs is of an earlier version than this program")
        .so("restart the service with this version: its start applies them"),
        (waiting, _) => Finding::warning(
            MIGRATIONS,
            format!("{waiting} of {all} are not applied yet ({})", pending.join(", ")),
        )
        .because("this program is later than the one that ran last")
        .so("make a backup (orchestrator backup FILE), then start this version: its start applies them"),
    }
}

fn named(settings: &Settings) -> Finding {
    Finding::well(OWNER, format!("{} in ADMIN_IDS", settings.admin_ids.len()))
}

/// `db`: with tables that can be read.
async fn owner(settings: &Settings, db: Option<&Db>, until: Instant) -> Finding {
    if !settings.admin_ids.is_empty() {
        return named(settings);
    }
    let there = match db {
        Some(db) => timeout_at(until, people::has_owner(db)).await,
        None => Ok(Ok(false)),
    };
    match there {
        Ok(Ok(true)) => Finding::well(OWNER, "in the database"),
        Ok(Err(_)) | Err(_) => Finding::unchecked(OWNER, "the database does not answer"),
        Ok(Ok(false)) => Finding::warning(OWNER, "nobody owns the bot yet")
            .because("ADMIN_IDS is empty, and nobody has opened the link for the first owner")
            .so("start the service and open the one-time link in its log, or set ADMIN_IDS to your Telegram id")
            .told(),
    }
}
