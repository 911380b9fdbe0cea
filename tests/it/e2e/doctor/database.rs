//! Databases that are not there, not ours, or of another version.

use orchestrator::demo::panel::PanelVersion;

use super::{doctor, flat, shown};
use crate::e2e::Stage;
use crate::support::db::{Kind, on_both};
use crate::support::seed;

on_both!(migrations_that_wait_or_are_not_known_are_named, the_original_services_database_is_told);

async fn execute(stage: &Stage, sql: &str) {
    let db = stage.db.open_as_it_is().await;
    seed::execute(&db, sql).await;
    db.close().await;
}

async fn migrations_that_wait_or_are_not_known_are_named(kind: Kind) {
    let stage = Stage::empty(kind, PanelVersion::V3).await;
    let opened = stage.db.open().await;
    opened.db.close().await;
    drop(opened);

    execute(&stage, "DELETE FROM _sqlx_migrations WHERE version > 11").await;
    let (code, said) = doctor(&stage, &[], &[]).await;
    let line = said.lines().find(|line| line.contains("migrations")).unwrap();
    assert_eq!(code, 0, "{said}");
    assert!(line.starts_with("! migrations        ") && line.contains(" are not applied yet ("), "{said}");
    assert!(said.contains("make a backup"), "{said}");

    let later = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
                 SELECT 9999, 'something later', success, checksum, 1 FROM _sqlx_migrations WHERE version = 1";
    execute(&stage, later).await;
    let (code, said) = doctor(&stage, &[], &[]).await;
    assert_eq!(code, 1, "{said}");
    let told = "✗ migrations        the database is of a later version (9999 something later)";
    assert!(said.contains(told), "{said}");

    execute(&stage, "DELETE FROM _sqlx_migrations WHERE version = 9999").await;
    execute(&stage, "UPDATE _sqlx_migrations SET success = FALSE WHERE version = 3").await;
    let (code, said) = doctor(&stage, &[], &[]).await;
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("✗ migrations        migration 3 is not the one of this program"), "{said}");
}

async fn the_original_services_database_is_told(kind: Kind) {
    let stage = Stage::empty(kind, PanelVersion::V3).await;
    execute(&stage, "CREATE TABLE clients (id INTEGER)").await;
    insta::assert_snapshot!(format!("the_original_services_database_{kind:?}"), shown(&stage, &[]).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_does_not_answer_is_told_from_one_that_refuses() {
    let stage = Stage::empty(Kind::Postgres, PanelVersion::V3).await;
    let nobody = [("DATABASE_URL", "postgres://orchestrator:canary@127.0.0.1:1/orchestrator".to_owned())];
    insta::assert_snapshot!("no_database_server", shown(&stage, &nobody).await);
    let missing = [("DATABASE_URL", stage.db.url.replacen("localhost/t", "localhost/missing_t", 1))];
    let (code, said) = doctor(&stage, &missing, &[]).await;
    assert_eq!(code, 1, "{said}");
    assert!(flat(&said).contains(" refuses us cause: database \"missing_t"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_that_may_not_make_tables_is_told() {
    let stage = Stage::empty(Kind::Postgres, PanelVersion::V3).await;
    let name =
        stage.db.url.split(['/', '?']).find(|part| part.starts_with("t") && part.contains('_')).unwrap();
    execute(&stage, &format!("CREATE ROLE guest_{name} LOGIN")).await;
    execute(&stage, "REVOKE CREATE ON SCHEMA public FROM PUBLIC").await;
    let guest = [("DATABASE_URL", stage.db.url.replacen("//test@", &format!("//guest_{name}@"), 1))];
    let (code, said) = doctor(&stage, &guest, &[]).await;
    assert_eq!(code, 1, "{said}");
    assert!(flat(&said).contains(": its user may not make tables cause: "), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_is_no_database_is_told() {
    let stage = Stage::empty(Kind::Sqlite, PanelVersion::V3).await;
    let path = stage.db.folder().join("orchestrator.db");
    std::fs::write(&path, "not a database, ".repeat(100)).unwrap();
    insta::assert_snapshot!("no_database_at_all", shown(&stage, &[]).await);
}
