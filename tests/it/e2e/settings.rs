//! Starting: what is refused at once, and what is not waited for.

use orchestrator::demo::panel::PanelVersion;

use super::{OLGA, Stage};
use crate::support::chat::Chat;
use crate::support::db::{Kind, on_both};
use crate::support::service::Service;

on_both!(
    everything_at_fault_is_named_at_once,
    without_panel_and_telegram_it_starts_and_says_what_to_do,
    without_admins_the_first_to_open_the_link_is_the_owner,
    another_port_in_use_is_said,
    a_database_that_cannot_be_is_said,
);

async fn everything_at_fault_is_named_at_once(kind: Kind) {
    let stage = Stage::empty(kind, PanelVersion::V3).await;
    let mut settings = stage.settings();
    settings.extend([
        ("APP_PORT", "http".to_owned()),
        ("ADMIN_IDS", "olga".to_owned()),
        ("PANEL_TIMEOUT", "0".to_owned()),
        ("API_TOKENS", "shop".to_owned()),
        ("TELEGRAM_BOT_TOKEN", "canary-secret".to_owned()),
    ]);
    let (code, said) = Service::spawn(stage.db.folder(), &settings).exit().await;
    assert_eq!(code, Some(2), "{said}");
    for name in ["APP_PORT", "ADMIN_IDS", "PANEL_TIMEOUT", "API_TOKENS", "TELEGRAM_BOT_TOKEN"] {
        assert!(said.contains(name), "{name} is not named:\n{said}");
    }
    assert!(!said.contains("canary-secret"), "{said}");
    assert!(!stage.db.folder().join("orchestrator.db").exists(), "nothing was started");
}

async fn without_panel_and_telegram_it_starts_and_says_what_to_do(kind: Kind) {
    let mut stage = Stage::empty(kind, PanelVersion::V3).await;
    stage.panel.stop().await;
    stage.telegram.stop().await;
    stage.restart().await;
    assert_eq!(stage.get("/health").await.0, 200);
    stage.service.as_ref().unwrap().logged("REMNAWAVE_BASE_URL").await;
    let (status, ready) = stage.get("/health/ready").await;
    assert_eq!((status, &ready["panel"]["state"]), (200, &"down".into()), "{ready}");
    assert!(ready["panel"]["reason"].as_str().unwrap().contains("REMNAWAVE_BASE_URL"), "{ready}");
    assert_eq!(stage.get("/api/v1/clients").await.0, 200, "what needs neither works");

    stage.panel.restart().await.unwrap();
    stage.telegram.restart().await.unwrap();
    let home = stage.olga().send("/start").await;
    assert!(!home.labels().is_empty(), "recovery is automatic: {home}");
    stage.end().await;
}

async fn without_admins_the_first_to_open_the_link_is_the_owner(kind: Kind) {
    let mut stage = Stage::empty(kind, PanelVersion::V3).await;
    let mut settings = stage.settings();
    settings.push(("ADMIN_IDS", String::new()));
    let service = Service::spawn(stage.db.folder(), &settings);
    stage.url = service.url().await;
    let token = service.logged("https://t.me/vpn_bot?start=").await;
    let token = token.split(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_').next().unwrap();
    stage.service = Some(service);

    let (olga, eve) = (stage.olga(), Chat::new(&stage.telegram, OLGA + 1, "Eve", "en"));
    let before = olga.send("/clients").await;
    assert!(before.text().contains(&OLGA.to_string()), "a stranger still: {before}");
    olga.send(&format!("/start {token}")).await;
    let created = olga.send("/new alice 30").await;
    assert!(created.text().contains("alice"), "{created}");
    let late = eve.send(&format!("/start {token}")).await;
    assert!(!late.text().contains("alice"), "{late}");
    let refused = eve.send("/new mallory 30").await;
    assert!(refused.text().contains(&(OLGA + 1).to_string()), "{refused}");
    assert_eq!(stage.panel.users().len(), 1);
    stage.end().await;
}

async fn another_port_in_use_is_said(kind: Kind) {
    let stage = Stage::new(kind, PanelVersion::V3).await;
    let other = Stage::empty(kind, PanelVersion::V3).await;
    let mut settings = other.settings();
    let port = stage.url.rsplit(':').next().unwrap().to_owned();
    settings.push(("APP_PORT", port));
    let (code, said) = Service::spawn(other.db.folder(), &settings).exit().await;
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("APP_PORT"), "{said}");
    stage.end().await;
}

async fn a_database_that_cannot_be_is_said(kind: Kind) {
    let stage = Stage::empty(kind, PanelVersion::V3).await;
    let wrong = match kind {
        Kind::Postgres => stage.db.url.replacen("/t", "/missing_", 1),
        Kind::Sqlite => {
            std::fs::write(stage.db.folder().join("orchestrator.db"), "not a database, ".repeat(100))
                .unwrap();
            stage.db.url.clone()
        }
    };
    let mut settings = stage.settings();
    settings.push(("DATABASE_URL", wrong));
    let (code, said) = Service::spawn(stage.db.folder(), &settings).exit().await;
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("DATABASE_URL"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_database_is_away_only_health_answers() {
    let stage = Stage::empty(Kind::Sqlite, PanelVersion::V3).await;
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let mut settings = stage.settings();
    settings.push(("DATABASE_URL", "postgres://nobody@127.0.0.1:1/none".to_owned()));
    settings.push(("APP_PORT", port.to_string()));
    let service = Service::spawn(stage.db.folder(), &settings);
    service.logged("waiting for the database").await;
    // The line comes a moment before the answers: the second one is certain.
    service.logged("again_in=1s").await;
    let mut stage = stage;
    stage.url = format!("http://127.0.0.1:{port}");
    assert_eq!(stage.get("/health").await.0, 200);
    let (status, body) = stage.get("/api/v1/clients").await;
    assert_eq!((status, &body["detail"]), (503, &"Сервис временно недоступен".into()));
    assert_eq!(service.stop().await, Some(0));
}
