//! A backup holds every row of every table, and comes back as it was or not at all.

mod fill;

use std::collections::VecDeque;
use std::io;

use orchestrator::domain::backup::{Manifest, Sink, Source};
use orchestrator::domain::clock::{Clock as _, SystemClock};
use orchestrator::repositories::backup::{BackupError, Restoring, Snapshot, TABLES};
use orchestrator::repositories::{DatabaseUrl, Db};

use crate::support::db::{Kind, TestDb, on_both};
use crate::support::rows::{dump, structure, tables};
use crate::support::seed;

use fill::fill;

on_both!(
    every_row_of_every_table_comes_back,
    a_backup_is_of_one_moment,
    only_into_an_empty_database_unless_it_is_put_aside,
    what_does_not_hold_what_it_says_changes_nothing,
    an_older_backup_is_brought_up_to_date,
    nothing_is_backed_up_of_somebody_else,
);

/// Parts in memory.
#[derive(Default, Clone)]
struct Parts {
    parts: VecDeque<Vec<u8>>,
    now: Vec<u8>,
    breaks: Option<usize>,
}

impl Sink for Parts {
    fn put(&mut self, piece: &[u8]) -> io::Result<()> {
        self.now.extend_from_slice(piece);
        Ok(())
    }

    fn end_part(&mut self) -> io::Result<()> {
        self.parts.push_back(std::mem::take(&mut self.now));
        Ok(())
    }
}

impl Source for Parts {
    /// In pieces of 1000 bytes, so that rows are cut anywhere.
    fn piece(&mut self) -> io::Result<Option<Vec<u8>>> {
        if let Some(left) = &mut self.breaks {
            *left = left.checked_sub(1).ok_or(io::ErrorKind::UnexpectedEof)?;
        }
        let part = self.parts.front_mut().ok_or(io::ErrorKind::UnexpectedEof)?;
        if part.is_empty() {
            self.parts.pop_front();
            return Ok(None);
        }
        let rest = part.split_off(part.len().min(1000));
        Ok(Some(std::mem::replace(part, rest)))
    }

    fn finish(&mut self) -> io::Result<()> {
        if self.parts.is_empty() { Ok(()) } else { Err(io::ErrorKind::InvalidData.into()) }
    }
}

async fn backed_up(url: &DatabaseUrl) -> (Manifest, Parts) {
    let mut snapshot = Snapshot::take(url).await.unwrap();
    let manifest = snapshot.manifest("0.0.0", SystemClock.now());
    let mut parts = Parts::default();
    snapshot.write(&mut parts).await.unwrap();
    (manifest, parts)
}

async fn restored(
    url: &DatabaseUrl,
    (manifest, mut parts): (Manifest, Parts),
    replace: bool,
) -> Result<Option<String>, BackupError> {
    let mut restoring = Restoring::begin(url, &manifest, replace).await?;
    let db = restoring.load(&manifest, &mut parts).await?;
    restoring.place(db, SystemClock.now()).await
}

async fn everything(db: &Db) -> Vec<(String, Vec<String>)> {
    let mut all = vec![];
    for table in tables(db).await.into_iter().filter(|table| table != "_sqlx_migrations") {
        let rows = dump(db, &table).await;
        all.push((table, rows));
    }
    all
}

async fn every_row_of_every_table_comes_back(kind: Kind) {
    let (from, to) = (TestDb::new(kind).await, TestDb::new(kind).await);
    let source = from.open().await.db;
    let mut there = tables(&source).await;
    there.retain(|table| table != "_sqlx_migrations");
    let mut known: Vec<&str> =
        TABLES.into_iter().filter(|table| kind == Kind::Postgres || *table != "outbox_pace").collect();
    known.sort_unstable();
    assert_eq!(there, known, "a table that a migration makes belongs into TABLES");
    fill(&source).await;
    let before = everything(&source).await;
    for (table, rows) in &before {
        assert!(!rows.is_empty(), "{table} is not tested");
    }
    // While the service runs.
    let (manifest, parts) = backed_up(&from.address()).await;
    assert_eq!(
        manifest.rows(),
        u64::try_from(before.iter().map(|(_, rows)| rows.len()).sum::<usize>()).unwrap()
    );
    assert_eq!(restored(&to.address(), (manifest, parts), false).await.unwrap(), None);
    let target = to.open().await.db;
    assert_eq!(everything(&target).await, before);
    assert_eq!(structure(&target).await, structure(&source).await);
    // Numbers go on behind those that are there.
    seed::execute(
        &target,
        "INSERT INTO outbox (chat, priority, notice, created_at, not_before, drop_after)
        VALUES (1, 1, '{}', '2026-05-12T00:00:00Z', '2026-05-12T00:00:00Z', '2026-05-12T00:00:00Z')",
    )
    .await;
    assert_eq!(seed::count(&target, "outbox WHERE id > 11005").await, 1);
    let left: Vec<_> =
        std::fs::read_dir(to.folder()).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().contains("restoring")), "{left:?}");
}

async fn a_backup_is_of_one_moment(kind: Kind) {
    let (from, to) = (TestDb::new(kind).await, TestDb::new(kind).await);
    let source = from.open().await.db;
    seed::clients(&source, 100).await;
    let mut snapshot = Snapshot::take(&from.address()).await.unwrap();
    let manifest = snapshot.manifest("0.0.0", SystemClock.now());
    // Afterwards, while it is written.
    seed::execute(&source, "DELETE FROM clients WHERE username = 'c7'").await;
    seed::execute(&source, "UPDATE clients SET note = 'changed'").await;
    let mut parts = Parts::default();
    snapshot.write(&mut parts).await.unwrap();
    drop(snapshot);
    restored(&to.address(), (manifest, parts), false).await.unwrap();
    let target = to.open().await.db;
    assert_eq!(seed::count(&target, "clients WHERE note IS NULL").await, 100);
    assert_eq!(seed::count(&source, "clients WHERE note IS NULL").await, 0);
    // Nothing stays beside the database, and its owner's rights are not widened.
    for file in std::fs::read_dir(from.folder()).unwrap() {
        let name = file.unwrap().file_name();
        assert!(!name.to_string_lossy().contains("snapshot"), "{name:?}");
    }
}

async fn only_into_an_empty_database_unless_it_is_put_aside(kind: Kind) {
    let (from, to) = (TestDb::new(kind).await, TestDb::new(kind).await);
    let source = from.open().await.db;
    seed::clients(&source, 3).await;
    let backup = backed_up(&from.address()).await;
    let target = to.open().await;
    seed::clients(&target.db, 50).await;
    // The service runs.
    if kind == Kind::Postgres {
        let refused = restored(&to.address(), backup.clone(), true).await.unwrap_err();
        assert!(matches!(refused, BackupError::Runs(_)), "{refused}");
    }
    target.db.close().await;
    drop(target);
    let refused = restored(&to.address(), backup.clone(), false).await.unwrap_err();
    assert!(matches!(refused, BackupError::NotEmpty), "{refused}");
    let aside = restored(&to.address(), backup, true).await.unwrap().unwrap();
    let target = to.open().await.db;
    assert_eq!(seed::count(&target, "clients").await, 3);
    match kind {
        Kind::Sqlite => {
            let (old, _guard) = Db::connect(&DatabaseUrl::Sqlite(aside.into())).await.unwrap();
            assert_eq!(seed::count(&old, "clients").await, 50);
        }
        Kind::Postgres => {
            let schema = aside.strip_prefix("the schema ").unwrap();
            assert_eq!(seed::count(&target, &format!("{schema}.clients")).await, 50);
            let schemas = "pg_namespace WHERE nspname = 'orchestrator_restoring'";
            assert_eq!(seed::count(&target, schemas).await, 0);
        }
    }
}

async fn what_does_not_hold_what_it_says_changes_nothing(kind: Kind) {
    let (from, to) = (TestDb::new(kind).await, TestDb::new(kind).await);
    let source = from.open().await.db;
    seed::clients(&source, 500).await;
    let (manifest, parts) = backed_up(&from.address()).await;
    let target = to.open().await;
    seed::clients(&target.db, 50).await;
    let before = everything(&target.db).await;
    target.db.close().await;
    drop(target);

    let mut untrue = vec![];
    let mut fewer = manifest.clone();
    fewer.tables[0].rows -= 1;
    untrue.push((fewer, parts.clone()));
    let mut other = manifest.clone();
    other.tables[0].name = "people; DROP TABLE clients".to_owned();
    untrue.push((other, parts.clone()));
    let mut newer = manifest.clone();
    newer.migration += 1;
    untrue.push((newer, parts.clone()));
    for breaks in [0, 1, 40, 90] {
        untrue.push((manifest.clone(), Parts { breaks: Some(breaks), ..parts.clone() }));
    }
    let mut more = parts.clone();
    more.parts.push_back(b"more".to_vec());
    untrue.push((manifest.clone(), more));
    let mut broken = parts.clone();
    let content = broken.parts.front_mut().unwrap();
    let middle = content.len() / 2;
    content.truncate(middle);
    untrue.push((manifest.clone(), broken));
    if kind == Kind::Postgres {
        let mut column = manifest.clone();
        column.tables[0].columns[1] = "username\") FROM PROGRAM 'true' --".to_owned();
        untrue.push((column, parts.clone()));
        let mut unknown = manifest.clone();
        unknown.migration = -5;
        untrue.push((unknown, parts));
    }
    let count = untrue.len();
    for (number, backup) in untrue.into_iter().enumerate() {
        let refused = restored(&to.address(), backup, true).await;
        refused.expect_err(&format!("{number} of {count}"));
    }
    let target = to.open().await.db;
    assert_eq!(everything(&target).await, before);
    let other = match kind {
        Kind::Sqlite => DatabaseUrl::Postgres("postgres://nobody@127.0.0.1:1/x".to_owned().into()),
        Kind::Postgres => DatabaseUrl::Sqlite(to.folder().join("x.db")),
    };
    let refused = restored(&other, (manifest, Parts::default()), true).await.unwrap_err();
    assert!(matches!(refused, BackupError::OtherKind { .. }), "{refused}");
}

/// As the database was before the last migrations: what they added is taken away again.
async fn made_older(db: &Db) {
    for sql in [
        "DROP INDEX clients_open",
        "DROP INDEX intents_ended",
        "DROP INDEX intents_of_bots",
        "DROP INDEX kept_answers_of_bots",
        "DROP INDEX invites_expiry",
        "DROP INDEX updates_in_order",
        "DROP TABLE expiry_notices",
        "ALTER TABLE clients DROP COLUMN notices_from",
        "DELETE FROM _sqlx_migrations WHERE version >= 13",
    ] {
        seed::execute(db, sql).await;
    }
}

async fn an_older_backup_is_brought_up_to_date(kind: Kind) {
    let (from, to) = (TestDb::new(kind).await, TestDb::new(kind).await);
    let source = from.open().await.db;
    seed::clients(&source, 5).await;
    let structure_now = structure(&source).await;
    made_older(&source).await;
    let (manifest, parts) = backed_up(&from.address()).await;
    assert_eq!(manifest.migration, 12);
    assert!(manifest.tables.iter().all(|table| table.name != "expiry_notices"));
    restored(&to.address(), (manifest, parts), false).await.unwrap();
    let target = to.open().await.db;
    // What that migration does to rows it has done.
    assert_eq!(seed::count(&target, "clients WHERE notices_from = updated_at").await, 5);
    if kind == Kind::Postgres {
        assert_eq!(structure(&target).await, structure_now);
    }
}

async fn nothing_is_backed_up_of_somebody_else(kind: Kind) {
    let test = TestDb::new(kind).await;
    let none = Snapshot::take(&test.address()).await.unwrap_err();
    assert!(matches!(none, BackupError::Nothing), "{none}");
    assert!(!test.folder().join("orchestrator.db").exists(), "nothing is made");
    let db = test.open().await;
    seed::execute(
        &db.db,
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
        VALUES (9999, 'later', TRUE, '', 0)",
    )
    .await;
    let newer = Snapshot::take(&test.address()).await.unwrap_err();
    assert!(matches!(newer, BackupError::Newer { .. }), "{newer}");
    seed::execute(&db.db, "DROP TABLE _sqlx_migrations").await;
    let original = Snapshot::take(&test.address()).await.unwrap_err();
    assert!(original.to_string().contains("original service"), "{original}");
    assert!(original.is_a_matter_of_settings());
    db.db.close().await;
    drop(db);
    let manifest = Manifest {
        format: 1,
        version: String::new(),
        database: if kind == Kind::Sqlite {
            orchestrator::domain::backup::DatabaseKind::Sqlite
        } else {
            orchestrator::domain::backup::DatabaseKind::Postgres
        },
        migration: 13,
        made_at: SystemClock.now(),
        tables: vec![],
    };
    let original = restored(&test.address(), (manifest, Parts::default()), true).await.unwrap_err();
    assert!(original.to_string().contains("original service"), "{original}");
}
