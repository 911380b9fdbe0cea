//! What owners hear without having asked.

use orchestrator::demo::panel::NewSimUser;

use super::stage::Stage;
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
