//! A new client, both ways.

use chrono::TimeDelta;
use orchestrator::demo::panel::{Fault, Matcher, NewSimUser, What};
use orchestrator::demo::telegram::{SimOther, TgFault, TgFaultKind};

use super::stage::Stage;
use crate::support::chat::{Chat, qr_of};

#[tokio::test]
async fn in_one_line_with_link_qr_and_card() {
    let stage = Stage::new().await;
    let olga = stage.owner();
    let created = olga.send("/new alice_1 30").await;
    let link = stage.link("alice_1");
    assert!(created.text().contains("Клиент alice_1 создан на 30 дней."), "{created}");
    assert!(created.text().contains(&link));
    assert!(created.message.html.contains(&format!("<code>{link}</code>")));
    assert_eq!(olga.button("Скопировать").copy_text.as_deref(), Some(link.as_str()));
    assert_eq!(qr_of(&olga.last_photo().await), link);
    let card = olga.tap("Карточка").await.text();
    assert!(card.contains("активен") && card.contains("через 30 дней"), "{card}");
    assert_eq!(stage.world.panel.users().len(), 1);
    stage.end().await;
}

#[tokio::test]
async fn step_by_step_with_every_mistake_on_the_way() {
    let stage = Stage::new().await;
    let olga = stage.owner();
    olga.send("/new bob-2 7").await;
    assert!(olga.send("/new").await.text().contains("Пришлите имя"));
    for (name, words) in [
        ("al", "слишком короткое"),
        (&*"a".repeat(37), "слишком длинное"),
        ("алиса", "только латинские"),
        ("al ice", "только латинские"),
        ("a<b>c", "только латинские"),
        ("bob-2", "уже занято"),
    ] {
        let answer = olga.send(name).await.text();
        assert!(answer.contains(words), "{name}: {answer}");
    }
    olga.act_other(SimOther::Sticker);
    assert!(olga.next().await.text().contains("не текст"));
    assert!(olga.send("alice_1").await.text().contains("На сколько дней?"));
    for days in ["0", "3651", "x", "1.5", "-1"] {
        let answer = olga.send(days).await.text();
        assert!(answer.contains("от 1 до 3650"), "{days}: {answer}");
    }
    let question = olga.tap("90 дней").await;
    assert!(question.text().contains("Создать клиента alice_1 на 90 дней?"), "{question}");
    assert!(question.message.edited > 0);
    // The question becomes the answer; then the link with its code, and what comes next.
    let screens = olga.tap_n("Да", 2).await;
    assert!(screens[0].text().contains("alice_1 создан на 90 дней"), "{}", screens[0]);
    assert_eq!(qr_of(&olga.last_photo().await), stage.link("alice_1"));
    assert_eq!(stage.clients().await.len(), 2);
    // The dialogue is over: a text is no answer any more.
    assert!(olga.send("30").await.text().contains("никого нет"));
    stage.end().await;
}

#[tokio::test]
async fn a_power_cut_at_every_step_changes_nothing() {
    let mut stage = Stage::new().await;
    let olga = stage.owner();
    olga.send("/start").await;
    // What was answered but not noted as handled is answered again after a power cut: so the last word counts.
    for (text, words) in [("/new", "Пришлите имя"), ("alice_1", "На сколько дней?"), ("45", "на 45 дней?")]
    {
        olga.write(text);
        olga.until(words, |chat| chat.text().contains(words)).await;
        stage.power_cut().await;
        stage.start();
    }
    // Tapped while nobody listens.
    stage.power_cut().await;
    let tap = olga.press("Да").await;
    stage.start();
    let made = |chat: &Chat| chat.messages().iter().any(|m| m.text.contains("alice_1 создан на 45 дней"));
    olga.until("the client is made", made).await;
    assert!(stage.telegram.callback(&tap).unwrap().answer.is_some());
    stage.power_cut().await;
    stage.start();
    // Telegram sends again what was never confirmed; a tap that was cut off is handled again.
    olga.write("/clients");
    olga.until("the list", |chat| chat.text().contains("Всего: 1")).await;
    assert_eq!(stage.clients().await.len(), 1);
    stage.end().await;
}

#[tokio::test]
async fn a_text_handled_again_does_not_answer_the_next_question() {
    let stage = Stage::new().await;
    let olga = stage.owner();
    olga.send("/new").await;
    stage.telegram.fault(TgFault::new(TgFaultKind::Drop).on("sendMessage"));
    assert!(olga.send("2026").await.text().contains("На сколько дней?"));
    stage.telegram.fault(TgFault::new(TgFaultKind::Drop).on("sendMessage"));
    assert!(olga.send("365").await.text().contains("Создать клиента 2026 на 365 дней?"));
    stage.telegram.fault(TgFault::new(TgFaultKind::Drop).on("editMessageText"));
    assert!(olga.tap("Да").await.text().contains("2026 создан на 365 дней"));
    assert_eq!(stage.clients().await.len(), 1);
    stage.end().await;
}

#[tokio::test]
async fn two_taps_and_an_update_sent_twice_make_one_client() {
    let stage = Stage::new().await;
    let olga = stage.owner();
    for text in ["/new", "alice_1", "30"] {
        olga.send(text).await;
    }
    let question = olga.last().message.id;
    let yes = olga.button("Да").callback_data.unwrap();
    olga.tap("Да").await;
    olga.forge(question, &yes).await;
    assert!(olga.next().await.text().contains("alice_1 создан"));
    let update = olga.write("/new bob-2 7");
    olga.until("bob-2 is there", |chat| chat.text().contains("bob-2 создан")).await;
    stage.telegram.redeliver(update);
    olga.send("/help").await;
    assert_eq!(stage.clients().await.len(), 2);
    assert_eq!(stage.world.panel.users().len(), 2);
    stage.end().await;
}

#[tokio::test]
async fn yes_is_out_of_date_after_a_day() {
    let stage = Stage::new().await;
    let olga = stage.owner();
    for text in ["/new", "alice_1", "30"] {
        olga.send(text).await;
    }
    stage.world.clock.advance(TimeDelta::hours(25));
    assert!(olga.tap("Да").await.text().contains("устарела"));
    assert!(stage.clients().await.is_empty());
    stage.end().await;
}

#[tokio::test]
async fn another_command_or_no_leaves_the_dialogue() {
    let stage = Stage::new().await;
    let olga = stage.owner();
    olga.send("/new").await;
    assert!(olga.send("/clients").await.text().contains("Клиенты"));
    assert!(olga.send("alice_1").await.text().contains("никого нет"));
    olga.send("/new").await;
    assert!(olga.send("/cancel").await.text().contains("Отменено"));
    assert!(olga.send("/cancel").await.text().contains("нечего"));
    olga.send("/new alice_1").await;
    assert!(olga.tap("Отмена").await.text().contains("Отменено"));
    assert!(olga.send("30").await.text().contains("никого нет"));
    olga.send("/new alice_1 x").await;
    olga.send("12").await;
    assert!(olga.tap("Нет").await.text().contains("Отменено"));
    assert!(stage.clients().await.is_empty());
    stage.end().await;
}

#[tokio::test]
async fn a_name_taken_in_the_panel_only_is_asked_for_again() {
    let stage = Stage::new().await;
    let olga = stage.owner();
    let expire_at = orchestrator::domain::clock::Clock::now(stage.world.clock.as_ref());
    stage.world.panel.insert_user(NewSimUser { username: "alice_1".to_owned(), short_uuid: None, expire_at });
    for text in ["/new", "alice_1", "30"] {
        olga.send(text).await;
    }
    assert!(olga.tap("Да").await.text().contains("уже занято"));
    olga.send("alice_2").await;
    olga.send("30").await;
    assert!(olga.tap("Да").await.text().contains("alice_2 создан"));
    stage.end().await;
}

#[tokio::test]
async fn when_the_panel_fails_the_same_button_tries_again() {
    let stage = Stage::new().await;
    let olga = stage.owner();
    for text in ["/new", "alice_1", "30"] {
        olga.send(text).await;
    }
    let creation = Matcher::new("POST", "/api/users");
    stage.world.panel.fault(Fault::before(creation, What::Status(500, None)).always());
    let failed = olga.tap("Да").await.text();
    assert!(
        failed.contains("панель не выполнила") && failed.contains("Номер для администратора"),
        "{failed}"
    );
    stage.world.panel.clear_faults();
    assert!(olga.tap("Попробовать").await.text().contains("alice_1 создан на 30 дней"));
    assert_eq!(stage.clients().await.len(), 1);
    stage.end().await;
}
