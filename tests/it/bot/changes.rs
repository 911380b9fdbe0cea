//! Extend, date, block, unblock, undo, delete, rotate, note: from the card and by command.

use chrono::TimeDelta;
use orchestrator::demo::panel::{Fault, Matcher, SimStatus, What};
use orchestrator::domain::actor::Role;
use orchestrator::services::Error;

use super::stage::Stage;
use crate::support::chat::{Chat, qr_of};
use crate::support::world::person;

/// The home, an alice for 30 days, and her card.
async fn with_card() -> (Stage, Chat) {
    let stage = Stage::new().await;
    let olga = stage.owner();
    olga.send("/new alice_1 30").await;
    olga.send("/client alice_1").await;
    (stage, olga)
}

async fn days_of(stage: &Stage) -> i64 {
    let alice = stage.client("alice_1").await;
    let panel = stage.world.panel.user("alice_1").unwrap();
    assert_eq!(panel.expire_at, alice.expires_at, "both sides agree");
    (alice.expires_at - alice.created_at + TimeDelta::hours(1)).num_days()
}

#[tokio::test]
async fn a_week_more_with_one_tap_and_taken_back_with_another() {
    let (stage, olga) = with_card().await;
    let card = olga.last();
    let extended = olga.tap("+7").await;
    assert!(extended.text().starts_with("✅ Продлён на 7 дней, до "), "{extended}");
    assert!(extended.text().contains("через 37 дней"), "{extended}");
    // All in one message; undo is the first thing one sees.
    assert_eq!(extended.message.id, card.message.id);
    assert_eq!(extended.labels()[0], "↩️ Отменить продление");
    assert_eq!(days_of(&stage).await, 37);
    let undone = olga.tap("Отменить продление").await;
    assert!(undone.text().starts_with("↩️ Продление на 7 дней отменено"), "{undone}");
    assert!(!olga.has_button("Отменить продление"));
    assert_eq!(days_of(&stage).await, 30);
    let log = olga.tap("Журнал").await.text();
    assert!(log.contains("продление, −7 дней") && log.contains("продление, +7 дней"), "{log}");
    stage.end().await;
}

#[tokio::test]
async fn taps_of_one_button_are_one_change_and_those_of_the_next_screen_another() {
    let (stage, olga) = with_card().await;
    let card = olga.last();
    let data = olga.button("+7").callback_data.unwrap();
    olga.forge(card.message.id, &data).await;
    olga.next().await;
    olga.forge(card.message.id, &data).await;
    let again = olga.next().await;
    assert!(again.text().contains("Продлён на 7 дней"), "{again}");
    assert_eq!(days_of(&stage).await, 37);
    olga.tap("+30").await;
    assert_eq!(days_of(&stage).await, 67);
    // The first screen's other button is another request; a day later none of them works.
    olga.forge(card.message.id, &data).await;
    olga.next().await;
    stage.world.clock.advance(TimeDelta::hours(25));
    olga.forge(card.message.id, &data).await;
    let stale = olga.next().await;
    assert!(stale.text().contains("Эта кнопка устарела") && stale.text().contains("alice_1"), "{stale}");
    assert_eq!(days_of(&stage).await, 67);
    stage.end().await;
}

#[tokio::test]
async fn undo_is_for_five_minutes_and_for_an_unchanged_client() {
    let (stage, olga) = with_card().await;
    let extended = olga.tap("+7").await;
    let undo = olga.button("Отменить продление").callback_data.unwrap();
    stage.world.clock.advance(TimeDelta::minutes(6));
    olga.forge(extended.message.id, &undo).await;
    assert!(olga.next().await.text().starts_with("↩️ Отменить уже нельзя"));
    olga.tap("+7").await;
    let undo = olga.button("Отменить продление").callback_data.unwrap();
    olga.tap("+30").await;
    olga.forge(extended.message.id, &undo).await;
    assert!(olga.next().await.text().starts_with("↩️ Отменить уже нельзя"));
    assert_eq!(days_of(&stage).await, 74);
    // Where the days taken back would end in the past, nothing is offered.
    olga.send("/new bob_2 1").await;
    stage.world.clock.advance(TimeDelta::days(2));
    olga.send("/client bob_2").await;
    let bob = olga.tap("+7").await;
    assert!(bob.text().contains("Продлён на 7 дней"), "{bob}");
    assert!(!bob.labels().iter().any(|label| label.contains("Отменить")), "{bob}");
    stage.end().await;
}

/// The button says how many days it takes back: data that says more would set a date by hand, which only admins may.
#[tokio::test]
async fn forged_an_undo_takes_back_no_other_days_than_were_added() {
    let (stage, _olga) = with_card().await;
    let rules = stage.world.services.clients.clone();
    let (id, by) = (stage.client("alice_1").await.id, person(5, Role::Operator));
    let undo = async |days: &str, changed_at| {
        rules.undo_extension(&by, id, (days.parse().unwrap(), changed_at), None).await.map(|_| ())
    };
    let extended = rules.extend(&by, id, "7".parse().unwrap(), None).await.unwrap();
    for days in ["25", "6", "1"] {
        let refused = undo(days, extended.updated_at).await;
        assert!(matches!(refused, Err(Error::CannotUndo)), "{days} {refused:?}");
    }
    assert_eq!(days_of(&stage).await, 37);
    undo("7", extended.updated_at).await.unwrap();
    assert_eq!(days_of(&stage).await, 30);
    // Nor what was no extension at all.
    let blocked = rules.block(&by, id, None).await.unwrap();
    let refused = undo("7", blocked.updated_at).await;
    assert!(matches!(refused, Err(Error::CannotUndo)), "{refused:?}");
    assert_eq!(days_of(&stage).await, 30);
    stage.end().await;
}

#[tokio::test]
async fn another_time_by_preset_or_typed() {
    let (stage, olga) = with_card().await;
    let question = olga.tap("Другой срок").await;
    assert!(question.text().contains("На сколько продлить alice_1?"), "{question}");
    olga.tap("90 дней").await;
    assert_eq!(days_of(&stage).await, 120);
    olga.tap("Другой срок").await;
    for wrong in ["0", "3651", "месяц"] {
        assert!(olga.send(wrong).await.text().contains("от 1 до 3650"));
    }
    assert!(olga.send("5").await.text().contains("Продлён на 5 дней"));
    assert_eq!(days_of(&stage).await, 125);
    // The dialogue is over.
    olga.send("5").await;
    assert_eq!(days_of(&stage).await, 125);
    olga.send("/client alice_1").await;
    olga.tap("Другой срок").await;
    assert!(olga.tap("Назад").await.text().contains("alice_1"));
    olga.send("9").await;
    assert_eq!(days_of(&stage).await, 125);
    stage.end().await;
}

#[tokio::test]
async fn by_command_at_once_with_the_reason_in_the_log() {
    let (stage, olga) = with_card().await;
    assert!(olga.send("/extend alice_1 30 paid <b>in</b> cash").await.text().contains("Продлён на 30 дней"));
    assert!(olga.send("/block alice_1 не\nоплатил").await.text().starts_with("🚫 Доступ alice_1 закрыт"));
    assert!(olga.send("/block alice_1").await.text().starts_with("🚫 Клиент уже заблокирован"));
    assert!(olga.send("/extend alice_1 1").await.text().contains("доступ по-прежнему закрыт"));
    assert!(olga.send("/unblock alice_1").await.text().starts_with("✅ Доступ alice_1 открыт"));
    assert!(olga.send("/unblock alice_1").await.text().contains("не заблокирован"));
    assert_eq!(days_of(&stage).await, 61);
    let log = olga.send("/ops alice_1").await.text();
    assert!(log.contains("💬 paid <b>in</b> cash") && log.contains("💬 не оплатил"), "{log}");
    for wrong in ["/extend alice_1 0", "/extend alice_1 x", "/extend alice_1 3651"] {
        assert!(olga.send(wrong).await.text().contains("/extend alice 30"), "{wrong}");
    }
    assert!(olga.send("/extend nobody 5").await.text().contains("Клиента nobody нет"));
    // Without a client the list asks for one, and leads on.
    assert!(olga.send("/extend").await.text().contains("Кого продлить?"));
    assert!(olga.tap("alice_1").await.text().contains("На сколько продлить alice_1?"));
    assert!(olga.send("/block").await.text().contains("активные"));
    assert!(olga.tap("alice_1").await.labels().iter().any(|label| label.contains("Заблокировать")));
    stage.end().await;
}

#[tokio::test]
async fn the_same_update_twice_is_one_extension() {
    let (stage, olga) = with_card().await;
    let update = olga.write("/extend alice_1 30");
    olga.next().await;
    stage.telegram.redeliver(update);
    olga.send("/extend alice_1 1").await;
    assert_eq!(days_of(&stage).await, 61);
    stage.end().await;
}

#[tokio::test]
async fn a_date_by_hand_keeps_the_time_of_day() {
    let (stage, olga) = with_card().await;
    let before = stage.client("alice_1").await.expires_at;
    let wanted = (before - TimeDelta::days(10)).format("%Y-%m-%d");
    assert!(olga.send(&format!("/date alice_1 {wanted}")).await.text().starts_with("✅ Теперь до "));
    assert_eq!(stage.client("alice_1").await.expires_at, before - TimeDelta::days(10));
    assert_eq!(days_of(&stage).await, 20);
    assert!(olga.send("/ops alice_1").await.text().contains("продление, −10 дней"));
    assert!(olga.send("/date alice_1 2020-01-01").await.text().contains("только будущие даты"));
    assert!(olga.send(&format!("/date alice_1 {wanted}")).await.text().contains("уже стоит эта дата"));
    // Asked for, with an example of how it is written.
    olga.send("/client alice_1").await;
    let question = olga.tap("Дата").await;
    assert!(question.text().contains(&wanted.to_string()), "{question}");
    assert!(olga.send("завтра").await.text().contains("До какого числа"));
    let back = before.format("%Y-%m-%d").to_string();
    assert!(olga.send(&back).await.text().starts_with("✅ Теперь до "));
    assert_eq!(days_of(&stage).await, 30);
    stage.end().await;
}

#[tokio::test]
async fn blocked_and_unblocked_from_the_card() {
    let (stage, olga) = with_card().await;
    let blocked = olga.tap("Заблокировать").await;
    assert!(blocked.text().contains("Состояние: заблокирован"), "{blocked}");
    assert_eq!(stage.world.panel.user("alice_1").unwrap().status, SimStatus::Disabled);
    let open = olga.tap("Разблокировать").await;
    assert!(open.text().contains("Состояние: активен"), "{open}");
    // Two admins at once: the second one learns how the client is.
    let data = olga.button("Заблокировать").callback_data.unwrap();
    olga.send("/block alice_1").await;
    olga.forge(open.message.id, &data).await;
    let late = olga.next().await;
    assert!(
        late.text().starts_with("🚫 Клиент уже заблокирован") && late.text().contains("alice_1"),
        "{late}"
    );
    stage.world.clock.advance(TimeDelta::days(40));
    let expired = olga.send("/unblock alice_1").await;
    assert!(expired.text().contains("срок закончился"), "{expired}");
    assert_eq!(expired.labels()[..2], ["+7", "+30"]);
    stage.end().await;
}

#[tokio::test]
async fn deleted_only_after_a_question_that_says_what_is_lost() {
    let (stage, olga) = with_card().await;
    let question = olga.send("/delete alice_1").await;
    assert!(question.text().contains("Удалить клиента alice_1?"), "{question}");
    assert!(question.text().contains("вернуть их нельзя"));
    let yes = olga.button("Да, удалить").callback_data.unwrap();
    assert!(yes.starts_with("yes:1:"), "{yes}");
    assert!(olga.button("Нет").callback_data.unwrap().starts_with("no:1:"));
    assert!(olga.tap("Нет").await.text().contains("Состояние: активен"));
    olga.tap("Удалить").await;
    let gone = olga.tap("Да, удалить").await;
    assert!(gone.text().contains("Клиент alice_1 удалён"), "{gone}");
    assert!(stage.clients().await.is_empty() && stage.world.panel.users().is_empty());
    // Any further tap finds it so.
    olga.forge(gone.message.id, &yes).await;
    let again = olga.next().await;
    assert!(again.text().contains("нет"), "{again}");
    assert!(olga.send("/ops alice_1").await.text().contains("удаление"));
    stage.end().await;
}

#[tokio::test]
async fn another_link_comes_with_the_new_configuration() {
    let (stage, olga) = with_card().await;
    let old = stage.link("alice_1");
    assert!(olga.send("/rotate alice_1").await.text().contains("Заменить ссылку у alice_1?"));
    let screens = olga.tap_n("Да, заменить", 3).await;
    assert!(screens[0].text().starts_with("🔄 Ссылка alice_1 заменена"), "{}", screens[0]);
    let new = stage.link("alice_1");
    assert_ne!(old, new);
    assert_eq!(qr_of(&olga.last_photo().await), new);
    assert!(screens[0].text().contains(&new) && !screens[0].text().contains(&old));
    stage.end().await;
}

#[tokio::test]
async fn a_note_is_on_the_card_of_staff_and_nowhere_else() {
    let (stage, olga) = with_card().await;
    // What turns the direction of writing round would turn the rest of the card with it: it is not shown.
    let note = "flat 12, <b>pays</b> in 💵 sdrawkcab";
    assert!(
        olga.send(&format!("/note alice_1 {note}").replace("💵 ", "💵 \u{202e}"))
            .await
            .text()
            .starts_with("📝 Записано.")
    );
    let card = olga.send("/client alice_1").await;
    assert!(card.text().contains(&format!("Заметка: {note}")), "{card}");
    assert_eq!(stage.client("alice_1").await.updated_at, stage.client("alice_1").await.created_at);
    let question = olga.tap("Заметка").await;
    assert!(question.text().contains(note), "{question}");
    assert!(olga.send(&"я".repeat(600)).await.text().contains(&"я".repeat(500)));
    olga.tap("Заметка").await;
    assert!(!olga.tap("Удалить заметку").await.text().contains('я'.to_string().repeat(9).as_str()));
    assert!(!stage.world.panel.user("alice_1").unwrap().description.unwrap_or_default().contains("flat"));
    stage.end().await;
}

#[tokio::test]
async fn an_operator_gives_ninety_days_at_a_time() {
    let (stage, olga) = with_card().await;
    let oleg = stage.with_role(5, "Oleg", Role::Operator).await;
    assert!(oleg.send("/extend alice_1 91").await.text().contains("не больше 90 дней"));
    assert!(oleg.send("/new bob_2 91").await.text().contains("не больше 90 дней"));
    assert_eq!(days_of(&stage).await, 30);
    assert!(oleg.send("/extend alice_1 90").await.text().contains("Продлён на 90 дней"));
    let question = oleg.tap("Другой срок").await;
    assert!(!question.labels().iter().any(|label| label.contains("365")), "{question}");
    assert!(question.text().contains("от 1 до 90"), "{question}");
    assert!(oleg.send("91").await.text().contains("не больше 90 дней"));
    assert!(olga.send("/extend alice_1 91").await.text().contains("Продлён на 91 день"));
    stage.end().await;
}

#[tokio::test]
async fn a_panel_that_is_down_changes_nothing_and_the_same_button_works_later() {
    let (stage, olga) = with_card().await;
    let card = olga.last();
    let data = olga.button("+7").callback_data.unwrap();
    stage.world.panel.fault(Fault::before(Matcher::any(), What::Drop).always());
    olga.forge(card.message.id, &data).await;
    let failed = olga.next().await;
    assert!(
        failed.text().contains("Панель не выполнила запрос") && failed.text().contains("Номер"),
        "{failed}"
    );
    stage.world.panel.clear_faults();
    assert!(olga.tap("Попробовать ещё раз").await.text().contains("Продлён на 7 дней"));
    assert_eq!(days_of(&stage).await, 37);
    olga.forge(card.message.id, &data).await;
    olga.next().await;
    assert_eq!(days_of(&stage).await, 37);
    stage.end().await;
}

#[tokio::test]
async fn a_power_cut_in_the_middle_of_each_question() {
    let mut stage = Stage::new().await;
    let olga = stage.owner();
    olga.send("/new alice_1 30").await;
    for (ask, words, answer, result) in [
        ("/extend alice_1", "На сколько продлить", "12", "Продлён на 12 дней"),
        ("/note alice_1", "Что записать про", "pays in cash", "Заметка: pays in cash"),
        ("/date alice_1", "До какого числа", "2099-01-01", "Теперь до "),
    ] {
        olga.write(ask);
        olga.until(words, |chat| chat.text().contains(words)).await;
        stage.power_cut().await;
        olga.write(answer);
        stage.start();
        olga.until(result, |chat| chat.text().contains(result)).await;
    }
    assert_eq!(stage.client("alice_1").await.expires_at.format("%Y").to_string(), "2099");
    stage.end().await;
}
