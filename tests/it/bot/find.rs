//! `/find`, plain text, the find button; orders, pages, and who may find by what.

use chrono::TimeDelta;

use super::staff::{client, note, staff};
use super::stage::Stage;

#[tokio::test]
async fn one_hit_opens_its_card_however_it_is_looked_for() {
    let stage = Stage::new().await;
    let olga = stage.owner();
    let alice = client(&stage, "Alice_1", 30, Some(777_001)).await;
    let bob = client(&stage, "bob-2", 30, None).await;
    note(&stage, &alice, "Квартира 12, Пётр <b>100%</b> _a_ * [x] 😀 \u{202e}שלום").await;
    note(&stage, &bob, "flat 100 percent, xax").await;
    let (id, link) = (alice.id.to_string(), alice.subscription_url.clone().unwrap());
    for text in [
        "alice",
        "LICE_",
        "кварТИРА 12",
        "ПЕТР",
        "100%",
        "_A_",
        "*",
        "[X]",
        "😀",
        "\u{202e}שלום",
        "<B>100",
        "777001",
        id.as_str(),
        alice.short_uuid.as_ref().unwrap().expose(),
        link.expose(),
    ] {
        for asked in [format!("/find {text}"), text.to_owned()] {
            let card = olga.send(&asked).await;
            assert!(card.text().contains("Alice_1") && card.text().contains("Создан"), "{asked}: {card}");
        }
    }
    let nobody = olga.send("/find 77700").await;
    assert!(nobody.text().contains("По запросу «77700» никого нет"), "{nobody}");
    assert!(olga.tap("Все клиенты").await.text().contains("Всего: 2"));
    let long = "Я<".repeat(2000);
    assert!(olga.send(&long).await.text().contains("никого нет"));
    stage.end().await;
}

#[tokio::test]
async fn the_button_asks_and_the_answer_may_come_after_a_power_cut() {
    let mut stage = Stage::new().await;
    let olga = stage.owner();
    client(&stage, "alice_1", 30, None).await;
    olga.send("/start").await;
    assert!(olga.tap("Найти").await.text().contains("Кого ищем?"));
    stage.idle().await;
    stage.power_cut().await;
    stage.start();
    assert!(olga.send("alice").await.text().contains("alice_1"));
    // The dialogue is over, and text is looked for all the same.
    assert!(olga.send("nobody").await.text().contains("никого нет"));
    olga.tap("Искать ещё").await;
    assert!(olga.tap("Отмена").await.text().contains("ничего не изменилось"));
    stage.end().await;
}

#[tokio::test]
async fn several_hits_are_a_list_that_keeps_its_search_filter_and_order() {
    let mut stage = Stage::new().await;
    let olga = stage.owner();
    for number in 1..=20 {
        client(&stage, &format!("team_{number:02}"), 40 - number, None).await;
        client(&stage, &format!("other{number}"), 10, None).await;
    }
    client(&stage, "team_gone", -5, None).await;
    client(&stage, "team_went", -2, None).await;
    let list = olga.send("team_").await;
    assert!(list.text().contains("Поиск: «team_»") && list.text().contains("Всего: 22"), "{list}");
    assert!(list.labels()[0].contains("team_went"), "{list}");
    let sorted = olga.tap("По сроку").await;
    assert!(sorted.text().contains("у кого срок закончится раньше"), "{sorted}");
    assert!(sorted.labels()[0].contains("team_20") && sorted.labels()[7].contains("team_13"), "{sorted}");
    let second = olga.tap("➡️").await;
    assert!(second.labels()[0].contains("team_12"), "{second}");
    olga.tap("team_12").await;
    stage.idle().await;
    stage.power_cut().await;
    stage.start();
    assert_eq!(olga.tap("Назад").await.to_string(), second.to_string());
    let last = olga.tap("➡️").await;
    assert!(last.labels()[4].contains("team_went") && last.labels()[5].contains("team_gone"), "{last}");
    let expired = olga.tap("⌛").await;
    assert!(expired.text().contains("Всего: 2") && expired.labels()[0].contains("team_went"), "{expired}");
    assert!(olga.tap("Без поиска").await.text().contains("Показаны: с истёкшим сроком"));
    stage.end().await;
}

#[tokio::test]
async fn a_search_belongs_to_one_person_and_is_forgotten() {
    let stage = Stage::new().await;
    let olga = stage.owner();
    client(&stage, "team_1", 1, None).await;
    client(&stage, "team_2", 1, None).await;
    let list = olga.send("/find team").await;
    let data = list.message.keyboard[2][0].callback_data.clone().unwrap();
    let eve = staff(&stage, 60, "Eve", "viewer").await;
    eve.forge(eve.last().message.id, &data).await;
    let seen = eve.next().await;
    assert!(seen.text().contains("out of date") && !seen.text().contains("team\""), "{seen}");
    stage.world.clock.advance(TimeDelta::days(31));
    stage.world.services.finding.tidy().await.unwrap();
    let fresh = olga.tap("По сроку").await;
    assert!(fresh.text().contains("устарела") && fresh.text().contains("Всего: 2"), "{fresh}");
    stage.end().await;
}

#[tokio::test]
async fn a_viewer_finds_nobody_by_a_link_and_others_find_nothing() {
    let stage = Stage::new().await;
    let alice = client(&stage, "alice_1", 30, Some(777)).await;
    let viewer = staff(&stage, 60, "Vera", "viewer").await;
    let (short, link) = (alice.short_uuid.clone().unwrap(), alice.subscription_url.clone().unwrap());
    for secret in [short.expose(), link.expose()] {
        assert!(viewer.send(secret).await.text().contains("Nobody found"), "{}", viewer.transcript());
    }
    assert!(viewer.send("ALICE").await.text().contains("alice_1"));
    assert!(!viewer.send("/find").await.text().contains("link"));
    let user = crate::support::chat::Chat::new(&stage.telegram, 777, "Uma", "en");
    user.send("/start").await;
    let stranger = crate::support::chat::Chat::new(&stage.telegram, 778, "Sam", "en");
    stranger.send("/start").await;
    for chat in [user, stranger] {
        for data in ["find:1:c", "list:1:c--0~AAAAAA", "list:1:c--x0"] {
            chat.forge(chat.last().message.id, data).await;
            let answer = chat.next().await;
            assert!(!answer.text().contains("looking for") && !answer.text().contains("Total"), "{answer}");
        }
    }
    stage.end().await;
}

#[tokio::test]
async fn the_picker_of_a_command_can_be_searched() {
    let stage = Stage::new().await;
    let olga = stage.owner();
    client(&stage, "alice_1", 30, None).await;
    client(&stage, "bob_2", 30, None).await;
    olga.send("/invite").await;
    olga.tap("Найти").await;
    let found = olga.send("alice").await;
    assert!(found.text().contains("Кого пригласить?") && found.text().contains("Всего: 1"), "{found}");
    let made = olga.tap_n("alice_1", 2).await;
    assert!(made.iter().any(|screen| screen.text().contains("alice_1")));
    stage.end().await;
}
