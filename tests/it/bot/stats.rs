//! `/stats`: numbers and a picture, for those who may see them.

use super::staff::{client, staff};
use super::stage::Stage;
use crate::support::chat::Chat;

#[tokio::test]
async fn numbers_come_with_a_chart_also_where_there_is_nothing() {
    let stage = Stage::new().await;
    let olga = stage.owner();
    let empty = olga.send("/stats").await;
    assert!(empty.text().contains("Клиентов: 0"), "{empty}");
    let picture = image::load_from_memory(&olga.last_photo().await).unwrap();
    assert!(picture.width() >= 800 && picture.height() >= 500);
    olga.send("/new alice_1 2").await;
    client(&stage, "bob_2", -1, Some(5)).await;
    olga.send("/start").await;
    let stats = olga.tap("Статистика").await;
    assert!(stats.text().contains("Клиентов: 2, с Telegram: 1"), "{stats}");
    assert!(stats.text().contains("Истекают за 3 дня: 1") && stats.text().contains("новых 1"), "{stats}");
    let again = olga.tap("Обновить").await;
    assert!(again.message.photo.is_some() && again.message.id != stats.message.id);
    assert!(olga.tap("На главную").await.text().contains("Управление VPN"));
    stage.end().await;
}

#[tokio::test]
async fn only_staff_see_numbers() {
    let stage = Stage::new().await;
    client(&stage, "alice_1", 3, Some(777)).await;
    let viewer = staff(&stage, 60, "Vera", "viewer").await;
    assert!(viewer.send("/stats").await.text().contains("Clients: 1"));
    for id in [777, 778] {
        let chat = Chat::new(&stage.telegram, id, "Uma", "en");
        chat.send("/start").await;
        assert!(!chat.send("/stats").await.text().contains("Clients:"));
        chat.forge(chat.last().message.id, "stats:1").await;
        assert!(!chat.next().await.text().contains("Clients:"), "{}", chat.transcript());
    }
    stage.end().await;
}
