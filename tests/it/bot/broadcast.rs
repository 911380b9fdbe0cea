//! `/broadcast`: the text as people get it, once each, through a power cut, until it is stopped.

use chrono::TimeDelta;
use orchestrator::demo::telegram::SimOther;

use super::staff::{client, number, staff};
use super::stage::Stage;
use crate::support::chat::Chat;

/// People who are linked to a client and have started the bot.
async fn linked(stage: &Stage, count: i64) -> Vec<Chat> {
    let mut people = vec![];
    for number in 0..count {
        client(stage, &format!("user_{number}"), 30, Some(5000 + number)).await;
        let chat = Chat::new(&stage.telegram, 5000 + number, &format!("P{number}"), "en");
        chat.send("/start").await;
        people.push(chat);
    }
    people
}

fn got(chat: &Chat, text: &str) -> usize {
    chat.messages().iter().filter(|message| message.from_bot && message.text == format!("📣 {text}")).count()
}

#[tokio::test]
async fn everybody_linked_gets_the_text_as_it_was_written_once() {
    let stage = Stage::new().await;
    let olga = stage.owner();
    let people = linked(&stage, 3).await;
    // Two clients of one person; one who never started the bot.
    client(&stage, "second", 30, Some(5000)).await;
    client(&stage, "never", 30, Some(9999)).await;
    let text = "Завтра <b>работы</b> & обновление 😀\n\n\u{202e}line three *x*";
    assert!(olga.send("/broadcast at once").await.text().contains("Сообщение получат 3 человека"));
    assert!(olga.send(&"я".repeat(3501)).await.text().contains("можно от 1 до 3500"));
    let shown = olga.send_n("first try", 2).await;
    assert_eq!(shown[0].text(), "📣 first try");
    let shown = olga.send_n(text, 2).await;
    // Marks that turn the writing round are left out, as everywhere.
    let text = &text.replace('\u{202e}', "");
    assert_eq!(shown[0].text(), format!("📣 {text}"));
    assert!(shown[1].text().contains("Так это увидят 3 человека"), "{}", shown[1]);
    let yes = olga.button("Отправить: 3").callback_data.unwrap();
    olga.press("Отправить: 3").await;
    olga.forge(shown[1].message.id, &yes).await;
    olga.until("the end", |chat| chat.text().contains("Рассылка закончена")).await;
    assert!(olga.text().contains("Доставлено: 3"), "{}", olga.text());
    assert_eq!(olga.last().message.id, shown[1].message.id);
    for person in &people {
        person.until("the text", |chat| got(chat, text) == 1).await;
        assert_eq!(got(person, "first try"), 0);
    }
    olga.forge(shown[1].message.id, &yes).await;
    assert_eq!(number(&stage, "SELECT count(*) FROM outbox WHERE batch IS NOT NULL").await, 3);
    stage.world.clock.advance(TimeDelta::days(8));
    stage.world.services.bulk.tidy().await.unwrap();
    olga.forge(shown[1].message.id, &yes).await;
    olga.until("it is out of date", |chat| {
        chat.messages().iter().any(|message| message.text.contains("устарела"))
    })
    .await;
    assert_eq!(got(&people[0], text), 1);
    stage.end().await;
}

#[tokio::test]
async fn a_power_cut_in_the_dialogue_and_one_in_the_middle_lose_nothing() {
    let mut stage = Stage::new().await;
    let olga = stage.owner();
    let people = linked(&stage, 40).await;
    olga.send("/broadcast").await;
    stage.power_cut().await;
    stage.start();
    olga.send_n("hello", 2).await;
    stage.power_cut().await;
    // The clock stands still: no more than these are sent before the cut.
    let rate = std::mem::replace(&mut stage.world.rules.outbox_rate, 30);
    stage.start();
    stage.world.rules.outbox_rate = rate;
    olga.press("Отправить: 40").await;
    people[5].until("some have it", |chat| got(chat, "hello") == 1).await;
    stage.power_cut().await;
    stage.start();
    olga.until("the end", |chat| chat.text().contains("Рассылка закончена")).await;
    assert!(olga.text().contains("Доставлено: 40"), "{}", olga.text());
    let twice = people.iter().filter(|chat| got(chat, "hello") > 1).count();
    assert!(people.iter().all(|chat| got(chat, "hello") >= 1));
    // Only what Telegram had taken and we had not noted at the cut.
    assert!(twice <= 30, "{twice}");
    assert_eq!(number(&stage, "SELECT count(*) FROM outbox WHERE batch IS NOT NULL").await, 40);
    stage.end().await;
}

#[tokio::test]
async fn who_has_blocked_the_bot_is_counted_and_a_broadcast_to_nobody_is_none() {
    let stage = Stage::new().await;
    let olga = stage.owner();
    assert!(olga.send("/broadcast").await.text().contains("Разослать некому"));
    let people = linked(&stage, 2).await;
    assert!(olga.send("/broadcast").await.text().contains("2 человека"));
    olga.act_other(SimOther::Sticker);
    assert!(olga.next().await.text().contains("нужен текст"));
    assert!(olga.tap("Отмена").await.text().contains("ничего не изменилось"));
    assert!(got(&people[0], "x") == 0);
    stage.end().await;
}

#[tokio::test]
async fn whoever_may_not_write_to_everybody_does_not() {
    let stage = Stage::new().await;
    let olga = stage.owner();
    let people = linked(&stage, 1).await;
    olga.send("/broadcast").await;
    olga.send_n("hello", 2).await;
    let yes = olga.button("Отправить: 1").callback_data.unwrap();
    let chats = [
        staff(&stage, 60, "Vera", "viewer").await,
        staff(&stage, 61, "Otto", "operator").await,
        people[0].clone(),
        Chat::new(&stage.telegram, 778, "Sam", "en"),
    ];
    for chat in chats {
        let answer = chat.send("/broadcast").await.text();
        assert!(!answer.contains("What shall I send"), "{answer}");
        for data in ["broadcast:1", yes.as_str()] {
            chat.forge(chat.last().message.id, data).await;
            let answer = chat.next().await.text();
            assert!(!answer.contains("shall I send") && !answer.contains("Sending"), "{data}: {answer}");
        }
    }
    // Nor does another admin send what Olga has written.
    let ann = staff(&stage, 62, "Ann", "admin").await;
    ann.forge(ann.last().message.id, &yes).await;
    assert!(ann.next().await.text().contains("out of date"));
    assert_eq!(number(&stage, "SELECT count(*) FROM bulk_tasks").await, 0);
    stage.end().await;
}
