//! The token is changed for another bot's: people do not know it yet.

use chrono::TimeDelta;
use orchestrator::domain::clock::Clock;
use orchestrator::domain::ids::TelegramId;
use orchestrator::repositories::clients;

use super::stage::{Stage, settings, telegram};
use crate::support::chat::Chat;
use crate::support::world::token;

fn said(chat: &Chat) -> Vec<String> {
    chat.messages().into_iter().filter(|message| message.from_bot).map(|message| message.text).collect()
}

async fn hears(chat: &Chat, words: &str) {
    chat.until(words, |chat| said(chat).iter().any(|text| text.contains(words))).await;
}

#[tokio::test]
async fn nobody_is_written_to_before_they_press_start_in_it() {
    let mut stage = Stage::new().await;
    let olga = stage.owner();
    olga.send("/new alice_1 30").await;
    let client = stage.client("alice_1").await.id;
    let mut tx = stage.world.opened.db.begin().await.unwrap();
    clients::link(&mut tx, client, TelegramId(50), stage.world.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    Chat::new(&stage.telegram, 50, "Ann", "en").send("/start").await;
    stage.idle().await;
    stage.stop().await;
    // One that the old bot has taken in and not handled.
    let payload = r#"{"update_id":1,"message":{}}"#.to_owned();
    let update = orchestrator::services::updates::IncomingUpdate { update_id: 1, sender: 50, payload };
    stage.world.services.updates.store(stage.telegram.bot_id(), &[update]).await.unwrap();

    stage.world.services.clients.block(&token(), client, None).await.unwrap();
    stage.telegram = telegram(stage.world.clock.clone(), "8000:another-bot").await;
    stage.start_with(settings(&stage.telegram));
    let (olga, ann) = (stage.owner(), Chat::new(&stage.telegram, 50, "Ann", "en"));
    olga.write("/start");
    hears(&olga, "Теперь работает другой бот").await;
    hears(&olga, "мог написать 2 людям").await;
    hears(&olga, "Управление VPN").await;
    assert!(olga.send("/client alice_1").await.text().contains("Не нажал «Старт»"), "{}", olga.transcript());
    assert!(stage.telegram.calls().iter().all(|call| call.parameters["chat_id"] != 50), "she is left alone");
    ann.write("/start");
    hears(&ann, "was closed").await;
    assert!(!olga.send("/client alice_1").await.text().contains("Не нажал «Старт»"));

    // The same bot once more is no news.
    stage.stop().await;
    stage.start_with(settings(&stage.telegram));
    stage.world.services.clients.unblock(&token(), client, None).await.unwrap();
    hears(&ann, "open again").await;
    let news = |text: &&String| text.contains("другой бот");
    assert_eq!(said(&olga).iter().filter(news).count(), 1, "{}", olga.transcript());
    // What nobody will handle any more is forgotten.
    stage.world.clock.advance(TimeDelta::hours(49));
    stage.world.services.updates.tidy().await.unwrap();
    assert_eq!(crate::support::seed::count(&stage.world.opened.db, "updates WHERE bot_id = 7000").await, 0);
    stage.end().await;
}
