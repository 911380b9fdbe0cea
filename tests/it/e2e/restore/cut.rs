//! Killed in the middle: there is no half backup, and no half database.

use std::path::Path;

use orchestrator::demo::panel::PanelVersion;

use super::super::Stage;
use super::{Key, done, restore};
use crate::support::db::{Kind, on_both};
use crate::support::seed;
use crate::support::service::Service;

on_both!(a_backup_that_is_killed_leaves_no_file, a_restore_that_is_killed_leaves_the_database_as_it_was);

const MANY: i64 = 15_000;

/// A stopped service with many clients.
async fn many(kind: Kind) -> (Stage, Key) {
    let stage = Stage::empty(kind, PanelVersion::V3).await;
    let db = stage.db.open().await;
    seed::clients(&db.db, MANY).await;
    db.db.close().await;
    let key = Key::new(stage.db.folder(), "backup.key");
    (stage, key)
}

fn size(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |file| file.len())
}

async fn a_backup_that_is_killed_leaves_no_file(kind: Kind) {
    let (stage, key) = many(kind).await;
    let (file, part) = (stage.db.folder().join("b.age"), stage.db.folder().join("b.age.part"));
    let settings = [stage.settings(), vec![("BACKUP_RECIPIENT", key.recipient.clone())]].concat();
    for reached in [0, 1, 100_000] {
        let running = Service::command(&["backup", "b.age"], stage.db.folder(), &settings);
        while !part.exists() || size(&part) < reached {
            assert!(!file.exists(), "it was too quick to be killed");
        }
        running.kill();
        assert!(!file.exists());
    }
    // What is left is in nobody's way.
    done(&stage, &key, &["backup", "b.age"]).await;
    assert!(file.exists() && !part.exists());
    restore(&stage, &key, "b.age").await;
    assert_eq!(seed::count(&stage.db.open().await.db, "clients").await, MANY);
}

async fn a_restore_that_is_killed_leaves_the_database_as_it_was(kind: Kind) {
    let (stage, key) = many(kind).await;
    done(&stage, &key, &["backup", "b.age"]).await;
    let db = stage.db.open().await;
    seed::execute(&db.db, "DELETE FROM clients WHERE username <> 'c1'").await;
    db.db.close().await;
    drop(db);
    let identity = key.identity.display().to_string();
    let words = ["restore", "b.age", "--identity", &identity, "--replace"];
    for moment in 0..3 {
        let running = Service::command(&words, stage.db.folder(), &stage.settings());
        match kind {
            Kind::Sqlite => {
                let made = stage.db.folder().join("orchestrator.db.restoring");
                let log = stage.db.folder().join("orchestrator.db.restoring-wal");
                match moment {
                    0 => while !made.exists() {},
                    1 => while size(&made) < 1_000_000 {},
                    _ => while !log.exists() {},
                }
            }
            Kind::Postgres => {
                let db = stage.db.open_as_it_is().await;
                let there = [
                    "pg_namespace WHERE nspname = 'orchestrator_restoring'",
                    "pg_tables WHERE schemaname = 'orchestrator_restoring' AND tablename = 'clients'",
                    "pg_tables WHERE schemaname = 'orchestrator_restoring' AND tablename = 'expiry_notices'",
                ][moment];
                while seed::count(&db, there).await == 0 {}
                db.close().await;
            }
        }
        running.kill();
        let db = stage.db.open().await;
        assert_eq!(seed::count(&db.db, "clients").await, 1, "as it was");
        db.db.close().await;
    }
    restore(&stage, &key, "b.age").await;
    let db = stage.db.open().await;
    assert_eq!(seed::count(&db.db, "clients").await, MANY);
    assert_eq!(seed::count(&db.db, "matters WHERE key = 'restored'").await, 1);
}
