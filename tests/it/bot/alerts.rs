//! What owners hear without having asked.

use chrono::TimeDelta;
use orchestrator::demo::panel::{Fault, Matcher, NewSimUser, What};
use orchestrator::services::Services;

use super::stage::Stage;
use crate::support::seed;
use crate::support::world::token;

#[tokio::test]
async fn owners_hear_at_once_that_the_panel_has_somebody_else() {
    let stage = Stage::new().await;
    let olga = stage.owner();
    olga.send("/new alice_1 30").await;
    let client = stage.clients().await.remove(0);
    stage.world.panel.forget_users();
    let expire_at = client.expires_at;
    stage.world.panel.insert_user(NewSimUser { username: "mallory".to_owned(), short_uuid: None, expire_at });
    let clients = &stage.world.services.clients;
    clients.block(&token(), client.id, None).await.unwrap_err();
    let told = olga.next().await;
    assert!(told.text().contains("alice_1") && told.text().contains("кто-то другой"), "{told}");
    assert!(olga.tap("Журнал").await.text().contains("token:shop"), "who was at it");
    // An integration that retries does not fill the chat.
    clients.block(&token(), client.id, None).await.unwrap_err();
    assert!(olga.send("/start").await.text().contains("Управление VPN"));
    stage.end().await;
}

/// So many looks at the panel, half a minute apart; what the last one keeps in mind.
async fn look(stage: &Stage, services: &Services, looks: u32, memory: Option<String>) -> Option<String> {
    let mut memory = memory;
    for _ in 0..looks {
        stage.world.clock.advance(TimeDelta::seconds(30));
        services.health.check_panel().await;
        memory = services.panel_watch.run_once(memory.as_deref()).await.unwrap().or(memory);
    }
    memory
}

#[tokio::test]
async fn owners_hear_once_that_the_panel_is_away_and_once_that_it_is_back() {
    let stage = Stage::new().await;
    let olga = stage.owner();
    olga.send("/start").await;
    let (one, two) = (&stage.world.services, stage.world.another());
    let away = || stage.world.panel.fault(Fault::before(Matcher::any(), What::Drop).always());
    // A blip is nothing to wake anybody for.
    away();
    let memory = look(&stage, one, 4, None).await;
    stage.world.panel.clear_faults();
    let memory = look(&stage, &two, 1, memory).await;
    away();
    let memory = look(&stage, one, 4, memory).await;
    assert_eq!(seed::count(&stage.world.opened.db, "outbox").await, 0);
    let memory = look(&stage, &two, 1, memory).await;
    let told = olga.next().await;
    assert!(
        told.text().contains("Панель: не отвечает") && told.text().contains("Так с 12.05.2026 11:03"),
        "{told}"
    );
    // Other replicas and restarts say nothing new, with the memory or without.
    look(&stage, &stage.world.another(), 6, None).await;
    look(&stage, one, 2, memory.clone()).await;
    stage.world.panel.clear_faults();
    let memory = look(&stage, &two, 1, memory).await;
    look(&stage, one, 2, memory).await;
    let told = olga.next().await;
    assert!(told.text().contains("снова работает. Перерыв длился"), "{told}");
    assert_eq!(seed::count(&stage.world.opened.db, "outbox").await, 2);
    stage.end().await;
}

#[tokio::test]
async fn after_a_long_pause_nobody_knows_how_the_panel_was() {
    let stage = Stage::new().await;
    let services = &stage.world.services;
    stage.world.panel.fault(Fault::before(Matcher::any(), What::Drop).always());
    let memory = look(&stage, services, 1, None).await;
    stage.world.clock.advance(TimeDelta::hours(1));
    let memory = look(&stage, services, 4, memory).await;
    assert_eq!(seed::count(&stage.world.opened.db, "matters").await, 0, "not yet");
    look(&stage, services, 1, memory).await;
    assert_eq!(seed::count(&stage.world.opened.db, "matters").await, 1);
    stage.end().await;
}
