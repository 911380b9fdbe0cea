//! The list and the card.

use chrono::TimeDelta;

use super::stage::Stage;

#[tokio::test]
async fn back_from_a_card_leads_to_the_same_page_and_filter() {
    let stage = Stage::new().await;
    let olga = stage.owner();
    for number in 10..30 {
        // The list is ordered by age.
        stage.world.clock.advance(TimeDelta::seconds(1));
        olga.send(&format!("/new client_{number} {number}")).await;
    }
    let home = olga.send("/start").await;
    assert!(home.labels().contains(&"✅ Активны: 20".to_owned()), "{home}");
    let list = olga.tap("Активны").await;
    assert!(list.text().contains("Всего: 20") && list.text().contains("Страница: 1 из 3"), "{list}");
    assert_eq!(list.labels().iter().filter(|label| label.contains("client_")).count(), 8);
    assert!(!olga.has_button("⬅️"));
    let second = olga.tap("➡️").await;
    assert!(second.text().contains("Страница: 2 из 3"));
    let card = olga.tap("client_17").await;
    assert!(card.text().contains("client_17") && card.text().contains("через 17 дней"), "{card}");
    let back = olga.tap("Назад").await;
    assert_eq!(back.to_string(), second.to_string());
    assert!(olga.tap("2/3").await.text().contains("Страница: 2 из 3"));
    // All of it in one message.
    assert_eq!(back.message.id, home.message.id);
    assert!(olga.tap("⌛").await.text().contains("Всего: 0"));
    assert!(olga.tap("На главную").await.text().contains("Управление VPN"));
    stage.end().await;
}

#[tokio::test]
async fn commands_take_filters_names_and_ids() {
    let stage = Stage::new().await;
    let olga = stage.owner();
    olga.send("/new alice_1 30").await;
    let id = stage.client("alice_1").await.id;
    assert!(olga.send("/clients active valid").await.text().contains("Всего: 1"));
    assert!(olga.send("/clients blocked").await.text().contains("Всего: 0"));
    assert!(olga.send("/clients banana").await.text().contains("/clients active"));
    assert!(olga.send(&format!("/client {id}")).await.text().contains("alice_1"));
    assert!(olga.send("/client nobody").await.text().contains("Клиента nobody нет"));
    assert!(olga.send("/client a b").await.text().contains("одного клиента"));
    assert!(olga.send("/client").await.text().contains("Клиенты"));
    assert!(olga.tap("alice_1 ·").await.text().contains("Состояние: активен"));
    stage.end().await;
}
