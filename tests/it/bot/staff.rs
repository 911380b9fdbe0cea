//! People with a role, and clients that are simply there.

use chrono::TimeDelta;
use orchestrator::domain::client::{Access, Client};
use orchestrator::domain::clock::{Clock, Entropy, OsEntropy};
use orchestrator::domain::ids::{ClientId, PanelUserId, ShortUuid, SubscriptionUrl, TelegramId};
use orchestrator::domain::username::Username;
use orchestrator::repositories::{Db, clients};

use super::stage::Stage;
use crate::support::chat::Chat;

/// Somebody who has started the bot, with a role.
pub async fn staff(stage: &Stage, id: i64, name: &str, role: &str) -> Chat {
    let chat = Chat::new(&stage.telegram, id, name, "en");
    chat.send("/start").await;
    let Db::Sqlite { write, .. } = &stage.world.opened.db else { panic!("SQLite") };
    let query = sqlx::query("UPDATE people SET role = $2 WHERE telegram_id = $1").bind(id).bind(role);
    query.execute(write).await.unwrap();
    chat
}

/// A client that no panel knows, good for so many days.
pub async fn client(stage: &Stage, username: &str, days: i64, person: Option<i64>) -> Client {
    let now = stage.world.clock.now();
    let short = OsEntropy.token(24);
    let client = Client {
        id: ClientId(OsEntropy.uuid()),
        username: Username::stored(username),
        remnawave_uuid: Some(PanelUserId(short.clone())),
        subscription_url: Some(SubscriptionUrl::new(format!("https://sub.example.test/{short}"))),
        short_uuid: Some(ShortUuid::new(short)),
        access: Access::Open,
        expires_at: now + TimeDelta::days(days),
        created_at: now,
        updated_at: now,
        telegram_id: person.map(TelegramId),
    };
    let mut tx = stage.world.opened.db.begin().await.unwrap();
    clients::insert(&mut tx, &client).await.unwrap();
    tx.commit().await.unwrap();
    client
}

pub async fn note(stage: &Stage, client: &Client, note: &str) {
    let Db::Sqlite { write, .. } = &stage.world.opened.db else { panic!("SQLite") };
    let query = sqlx::query("UPDATE clients SET note = $2 WHERE id = $1").bind(client.id.0).bind(note);
    query.execute(write).await.unwrap();
}

/// One number of the database.
pub async fn number(stage: &Stage, sql: &'static str) -> i64 {
    let Db::Sqlite { read, .. } = &stage.world.opened.db else { panic!("SQLite") };
    sqlx::query_scalar(sql).fetch_one(read).await.unwrap()
}
