//! Settings that cannot be read, and settings that are hardly meant so.

use orchestrator::demo::panel::PanelVersion;

use super::{doctor, shown};
use crate::e2e::Stage;
use crate::support::db::Kind;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn faults_are_named_and_the_rest_is_looked_at_all_the_same() {
    let stage = Stage::empty(Kind::Sqlite, PanelVersion::V3).await;
    let faults = [
        ("APP_PORT", "http".to_owned()),
        ("ADMIN_IDS", "olga".to_owned()),
        ("TELEGRAM_BOT_TOKEN", "canary".to_owned()),
        ("API_TOKENS", "shop".to_owned()),
    ];
    insta::assert_snapshot!("settings_at_fault", shown(&stage, &faults).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dotenv_file_that_cannot_be_read_is_said() {
    let stage = Stage::empty(Kind::Sqlite, PanelVersion::V3).await;
    std::fs::write(stage.db.folder().join(".env"), "TELEGRAM_BOT_TOKEN='canary\n").unwrap();
    let (code, said) = doctor(&stage, &[], &[]).await;
    assert_eq!(code, 2, "{said}");
    assert!(said.starts_with("✗ settings          .env: a line cannot be read"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_hardly_meant_so_is_a_warning() {
    let stage = Stage::empty(Kind::Sqlite, PanelVersion::V3).await;
    let doubtful = [
        ("PUBLIC_URL", "http://vpn.example.com".to_owned()),
        ("INTENT_LEASE", "2".to_owned()),
        ("ADMIN_IDS", String::new()),
        ("API_AUTH", "off".to_owned()),
        ("API_TOKENS", "shop:CHANGE-ME-1234567890,till:short".to_owned()),
        ("DRIFT_INTERVAL", "0".to_owned()),
    ];
    insta::assert_snapshot!("settings_in_doubt", shown(&stage, &doubtful).await);
}
