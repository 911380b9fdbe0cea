//! What is refused says why and what to do, and changes nothing.

use orchestrator::demo::panel::PanelVersion;

use super::super::Stage;
use super::{Key, create, done, run};
use crate::support::db::{Kind, on_both};
use crate::support::seed;

on_both!(what_cannot_be_is_said, with_the_service_running_nothing_is_restored);

async fn refused(stage: &Stage, key: &Key, words: &[&str], code: i32, why: &str) {
    let (exit, said) = run(stage, key, words).await;
    assert_eq!(exit, Some(code), "{words:?}: {said}");
    assert!(said.contains(why), "{words:?} does not say \"{why}\":\n{said}");
    assert!(!said.contains("AGE-SECRET"), "{said}");
}

async fn what_cannot_be_is_said(kind: Kind) {
    let mut stage = Stage::new(kind, PanelVersion::V3).await;
    create(&stage, "alice_1", 30).await;
    let folder = stage.db.folder().to_owned();
    let (key, other) = (Key::new(&folder, "a.key"), Key::new(&folder, "b.key"));
    let nobody = Key { recipient: String::new(), identity: key.identity.clone() };
    let wrong = Key { recipient: "age1wrong".to_owned(), identity: key.identity.clone() };
    refused(&stage, &nobody, &["backup", "x.age"], 2, "age-keygen").await;
    refused(&stage, &wrong, &["backup", "x.age"], 2, "BACKUP_RECIPIENT").await;
    refused(&stage, &key, &["backup", "no/such/folder/x.age"], 1, "no/such/folder").await;
    assert!(!folder.join("x.age").exists());
    done(&stage, &key, &["backup", "x.age"]).await;
    refused(&stage, &key, &["backup", "x.age"], 1, "--force").await;
    done(&stage, &key, &["backup", "x.age", "--force"]).await;
    let said = done(&stage, &nobody, &["backup", "plain.gz", "--plain"]).await;
    assert!(said.contains("NOT ENCRYPTED"), "{said}");
    let all = std::fs::read(folder.join("x.age")).unwrap();
    assert!(!String::from_utf8_lossy(&all).contains("alice_1"), "it is encrypted");

    stage.kill().await;
    let (mine, others) = (key.identity.display().to_string(), other.identity.display().to_string());
    let mut changed = all.clone();
    let middle = changed.len() / 2;
    changed[middle] ^= 1;
    std::fs::write(folder.join("changed.age"), &changed).unwrap();
    std::fs::write(folder.join("short.age"), &all[..all.len() - 1]).unwrap();
    let replace =
        |file: &'static str, key: &str| ["restore", file, "--replace", "--identity", key].map(str::to_owned);
    for (file, key_file, code, why) in [
        ("x.age", &others, 1, "another recipient"),
        ("changed.age", &mine, 1, "changed"),
        ("short.age", &mine, 1, "cut off"),
        ("a.key", &mine, 1, "no backup of this service"),
        ("plain.gz", &mine, 1, "--plain"),
        ("missing.age", &mine, 1, "missing.age"),
        ("x.age", &folder.join("x.age").display().to_string(), 2, "x.age"),
        ("x.age", &"missing.key".to_owned(), 2, "missing.key"),
    ] {
        let words = replace(file, key_file);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        refused(&stage, &key, &words, code, why).await;
    }
    refused(&stage, &key, &["restore", "x.age", "--identity", &mine], 1, "--replace").await;
    refused(&stage, &key, &["restore", "x.age"], 2, "--identity").await;
    let db = stage.db.open().await;
    assert_eq!(seed::count(&db.db, "clients WHERE username = 'alice_1'").await, 1);
    assert_eq!(seed::count(&db.db, "matters").await, 0, "nothing has changed");
    db.db.close().await;
    drop(db);
    done(&stage, &key, &["restore", "plain.gz", "--plain", "--replace"]).await;
}

async fn with_the_service_running_nothing_is_restored(kind: Kind) {
    let stage = Stage::new(kind, PanelVersion::V3).await;
    let key = Key::new(stage.db.folder(), "a.key");
    done(&stage, &key, &["backup", "x.age"]).await;
    let mine = key.identity.display().to_string();
    let why = if kind == Kind::Sqlite { "in use by another orchestrator" } else { "stop every replica" };
    refused(&stage, &key, &["restore", "x.age", "--identity", &mine, "--replace"], 1, why).await;
    create(&stage, "alice_1", 30).await;
    stage.assert_agreement().await;
    stage.end().await;
}
