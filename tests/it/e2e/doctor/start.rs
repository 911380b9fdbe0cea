//! What a service that starts says of it.

use orchestrator::demo::panel::PanelVersion;

use crate::e2e::Stage;
use crate::support::db::Kind;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_warns_at_the_start_of_what_nobody_else_says() {
    let mut stage = Stage::empty(Kind::Sqlite, PanelVersion::V3).await;
    stage.panel.set_scopes(&["users:read", "users:write", "internal-squads:read", "system:metadata"]);
    let mut squads = stage.panel.squads();
    squads[0].inbounds.clear();
    stage.panel.set_squads(squads);
    stage.restart_with(&[("PUBLIC_URL", "http://vpn.example.test".to_owned())]).await;
    let service = stage.service.take().unwrap();
    let said = service.stopped().await;
    let warned: Vec<&str> =
        said.lines().filter(|line| line.contains("WARN") && line.contains("doctor")).collect();
    for part in [
        "settings: PUBLIC_URL is not https",
        "panel scopes: ",
        "panel squads: \"Default-Squad\" has no inbounds",
    ] {
        assert_eq!(warned.iter().filter(|line| line.contains(part)).count(), 1, "{part}\n{said}");
    }
    assert!(
        said.contains("subscriptions:read") && said.contains("`orchestrator doctor` says what is wrong"),
        "{said}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_said_already_is_not_said_again() {
    let mut stage = Stage::empty(Kind::Sqlite, PanelVersion::V3).await;
    stage.panel.delete_token(stage.panel.token());
    stage.restart_with(&[("API_AUTH", "off".to_owned())]).await;
    let service = stage.service.take().unwrap();
    service.logged("the panel forbids a call").await;
    let said = service.stopped().await;
    assert_eq!(said.matches("API_AUTH=off").count(), 1, "{said}");
    assert!(!said.lines().any(|line| line.contains("WARN") && line.contains("doctor")), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_start_without_faults_says_so_in_one_line() {
    let mut stage = Stage::empty(Kind::Sqlite, PanelVersion::V2).await;
    stage.restart().await;
    let said = stage.service.take().unwrap().stopped().await;
    assert_eq!(said.matches("looked over").count(), 1, "{said}");
    assert!(!said.contains("WARN orchestrator"), "{said}");
}
