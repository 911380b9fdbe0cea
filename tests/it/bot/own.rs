//! People with clients of their own.

use orchestrator::domain::actor::Role;
use orchestrator::domain::clock::Clock as _;
use orchestrator::domain::days::Days;
use orchestrator::domain::ids::{ClientId, TelegramId};
use orchestrator::repositories::{Db, clients};

use super::stage::Stage;
use crate::support::chat::Chat;
use crate::support::world::token;

/// Makes these clients and links them to this account.
pub async fn owns(stage: &Stage, id: i64, usernames: &[&str]) {
    for username in usernames {
        let days: Days = "30".parse().unwrap();
        let made = stage.world.services.clients.create(&token(), username.parse().unwrap(), days, None).await;
        let client = made.unwrap().id;
        let mut tx = stage.world.opened.db.begin().await.unwrap();
        assert!(clients::link(&mut tx, client, TelegramId(id), stage.world.clock.now()).await.unwrap());
        tx.commit().await.unwrap();
    }
}

/// Ann (50), who reads English, with these clients.
pub async fn ann(stage: &Stage, usernames: &[&str]) -> Chat {
    owns(stage, 50, usernames).await;
    Chat::new(&stage.telegram, 50, "Ann", "en")
}

/// Somebody who writes to the bot for the first time, and is given this role.
pub async fn staff(stage: &Stage, id: i64, name: &str, role: Role) -> Chat {
    let chat = Chat::new(&stage.telegram, id, name, "en");
    chat.send("/start").await;
    let Db::Sqlite { write, .. } = &stage.world.opened.db else { panic!("the stage stands on SQLite") };
    sqlx::query("UPDATE people SET role = $2 WHERE telegram_id = $1")
        .bind(id)
        .bind(role.as_str())
        .execute(write)
        .await
        .unwrap();
    chat
}

/// A client's id as buttons have it.
pub fn short(id: ClientId) -> String {
    base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, id.0.as_bytes())
}
