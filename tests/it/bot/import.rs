//! `/import`: counts, adoption, progress; a cut in the middle, a panel that fails, a stop; and who may.

use std::time::Duration;

use chrono::TimeDelta;
use orchestrator::demo::panel::{Fault, Matcher, NewSimUser, SimStatus, What};
use orchestrator::domain::client::Access;
use orchestrator::domain::clock::Clock;
use orchestrator::domain::ids::TelegramId;

use super::staff::{client, number, staff};
use super::stage::Stage;
use crate::support::chat::Chat;

/// A user that somebody made in the panel itself.
fn panel_user(stage: &Stage, username: &str, days: i64) {
    let expire_at = stage.world.clock.now_millis() + TimeDelta::days(days);
    stage.world.panel.insert_user(NewSimUser { username: username.to_owned(), short_uuid: None, expire_at });
}

async fn finished(chat: &Chat) -> String {
    chat.until("the import's end", |chat| chat.text().contains("Импорт закончен")).await;
    chat.text()
}

#[tokio::test]
async fn panel_users_become_clients_as_they_are() {
    let stage = Stage::new().await;
    let olga = stage.owner();
    olga.send("/new made_here 30").await;
    // A name that is a client's, without being that client.
    client(&stage, "taken_1", 5, None).await;
    for (name, days) in [("anna", 10), ("off_1", 20), ("gone_1", -3), ("taken_1", 5), ("late_1", 40)] {
        panel_user(&stage, name, days);
    }
    let panel = &stage.world.panel;
    panel.edit_user("off_1", |user| user.status = SimStatus::Disabled);
    panel.edit_user("anna", |user| user.telegram_id = Some(555));
    // A mark of ours that nobody here knows: of a database that was lost.
    let lost = uuid::Uuid::from_u128(0x0123_4567_89ab_4def_8123_4567_89ab_cdef);
    panel.edit_user("late_1", |user| user.description = Some(format!("vip orchestrator:{lost} pays")));
    let before = panel.users();
    panel.clear_calls();

    let counts = olga.send("/import now").await.text();
    assert!(counts.contains("В панели: 6") && counts.contains("Уже клиенты: 1"), "{counts}");
    assert!(counts.contains("Станут клиентами: 4") && counts.contains("✅ 2 · 🚫 1 · ⌛ 1"), "{counts}");
    assert!(
        counts.contains("Имя уже у другого клиента: 1") && counts.contains("Пропускаю: taken_1"),
        "{counts}"
    );
    let asked = olga.last().message.id;
    assert_eq!(number(&stage, "SELECT count(*) FROM clients").await, 2);
    olga.press("Импортировать: 4").await;
    let result = finished(&olga).await;
    assert!(
        result.contains("Стали клиентами: 4") && result.contains("🚫 1 · ⌛ 1 · 👤 с Telegram 1"),
        "{result}"
    );
    assert_eq!(olga.last().message.id, asked);

    assert_eq!(panel.users(), before);
    assert!(panel.calls().iter().all(|call| call.method == "GET"), "{:?}", panel.calls());
    let anna = stage.client("anna").await;
    let user = panel.user("anna").unwrap();
    assert_eq!((anna.telegram_id, anna.access), (Some(TelegramId(555)), Access::Open));
    assert_eq!(
        (anna.expires_at, anna.short_uuid.unwrap().expose()),
        (user.expire_at, user.short_uuid.as_str())
    );
    assert_eq!(stage.client("off_1").await.access, Access::Blocked);
    assert!(stage.client("gone_1").await.expired(stage.world.clock.now()));
    assert_eq!(stage.client("late_1").await.id.0, lost);
    assert_eq!(number(&stage, "SELECT count(*) FROM operations").await, 1);
    let rows =
        "SELECT count(*) FROM audit WHERE action = 'create' AND source = 'panel' AND actor = 'telegram:1'";
    assert_eq!(number(&stage, rows).await, 4);
    assert!(olga.send("/log anna").await.text().contains("создание"));
    assert!(olga.send("/import").await.text().contains("Импортировать некого"));
    stage.end().await;
}

#[tokio::test]
async fn two_thousand_users_and_a_power_cut_in_the_middle() {
    let mut stage = Stage::new().await;
    let olga = stage.owner();
    for number in 0..2000 {
        panel_user(&stage, &format!("user_{number:04}"), 30);
    }
    assert!(olga.send("/import").await.text().contains("Станут клиентами: 2000"));
    stage.world.panel.set_delay(Duration::from_millis(600));
    olga.press("Импортировать: 2000").await;
    olga.until("some progress", |chat| {
        chat.text().contains("Импортирую") && !chat.text().contains("Стали клиентами: 0")
    })
    .await;
    stage.power_cut().await;
    let some = number(&stage, "SELECT count(*) FROM clients").await;
    assert!((1..2000).contains(&some), "{some}");
    stage.world.panel.set_delay(Duration::ZERO);
    stage.start();
    let result = finished(&olga).await;
    assert!(result.contains("Стали клиентами: 2000"), "{result}");
    assert_eq!(number(&stage, "SELECT count(*) FROM clients").await, 2000);
    assert_eq!(number(&stage, "SELECT count(*) FROM audit WHERE action = 'create'").await, 2000);
    stage.end().await;
}

#[tokio::test]
async fn a_panel_that_fails_is_waited_for_and_an_import_can_be_stopped() {
    let stage = Stage::new().await;
    let olga = stage.owner();
    panel_user(&stage, "anna", 10);
    olga.send("/import").await;
    let yes = olga.button("Импортировать").callback_data.unwrap();
    let asked = olga.last().message.id;
    let panel = &stage.world.panel;
    panel.fault(Fault::before(Matcher::new("GET", "/api/users"), What::Status(500, None)).always());
    olga.press("Импортировать").await;
    olga.until("the trouble is told", |chat| chat.text().contains("Панель не отвечает")).await;
    // Tapped again, and asked for again: the same import.
    olga.forge(asked, &yes).await;
    let same = olga.send("/import").await;
    assert!(same.text().contains("Импортирую"), "{same}");
    olga.press("Остановить").await;
    olga.until("it is stopped", |chat| chat.text().contains("Импорт остановлен")).await;
    panel.clear_faults();
    assert_eq!(number(&stage, "SELECT count(*) FROM clients").await, 0);
    // A new question begins a new one; the old "yes" does not.
    olga.send("/import").await;
    olga.press("Импортировать").await;
    assert!(finished(&olga).await.contains("Стали клиентами: 1"));
    assert_eq!(number(&stage, "SELECT count(*) FROM bulk_tasks").await, 2);
    olga.forge(asked, &yes).await;
    assert_eq!(number(&stage, "SELECT count(*) FROM bulk_tasks").await, 2);
    stage.world.clock.advance(TimeDelta::hours(25));
    olga.forge(asked, &yes).await;
    olga.until("the button is out of date", |chat| {
        chat.messages().iter().any(|message| message.text.contains("устарела"))
    })
    .await;
    stage.end().await;
}

#[tokio::test]
async fn whoever_may_not_import_learns_and_changes_nothing() {
    let stage = Stage::new().await;
    let olga = stage.owner();
    panel_user(&stage, "anna", 10);
    olga.send("/import").await;
    let yes = olga.button("Импортировать").callback_data.unwrap();
    client(&stage, "uma", 3, Some(777)).await;
    let people = [
        staff(&stage, 60, "Vera", "viewer").await,
        staff(&stage, 61, "Otto", "operator").await,
        Chat::new(&stage.telegram, 777, "Uma", "en"),
        Chat::new(&stage.telegram, 778, "Sam", "en"),
    ];
    for chat in people {
        let answer = chat.send("/import").await.text();
        assert!(!answer.contains("panel:") && !answer.contains("Will become"), "{answer}");
        for data in ["import:1", yes.as_str(), "stop:1:AAAAAAAAAAAAAAAAAAAABw"] {
            chat.forge(chat.last().message.id, data).await;
            let answer = chat.next().await.text();
            assert!(!answer.contains("mport") && !answer.contains("anna"), "{data}: {answer}");
        }
        assert!(!chat.send("/help").await.text().contains("/import"));
    }
    assert_eq!(number(&stage, "SELECT count(*) FROM bulk_tasks").await, 0);
    stage.end().await;
}
