//! What the built service says by itself: of dates, in the morning, and after it was given another bot.

use chrono::{DateTime, TimeDelta, Timelike as _, Utc};
use orchestrator::demo::panel::{PanelVersion, SimStatus};
use orchestrator::demo::telegram::{TelegramSim, TelegramSimOptions};
use orchestrator::domain::clock::{Clock as _, SystemClock};
use orchestrator::domain::ids::TelegramId;
use orchestrator::repositories::{Db, clients};
use serde_json::json;

use super::Stage;
use crate::support::chat::{Chat, LIMIT, Screen};
use crate::support::db::{Kind, Opened, on_both};
use crate::support::seed;
use crate::support::world::LOCAL;

const OPS: i64 = -100_500;
const PEOPLE: [(i64, &str, &str); 3] = [(50, "Ann", "ann_1"), (51, "Ben", "ben_1"), (52, "Cid", "cid_1")];

on_both!(
    people_hear_of_their_dates_and_the_chat_of_alerts_in_the_morning,
    after_a_change_of_the_bot_people_press_start_first,
);

/// Where it is past noon now: neither night, when nobody is woken, nor another day soon.
fn zone_at_noon() -> String {
    match 12 - i64::from(SystemClock.now().hour()) {
        0 => "Etc/GMT".to_owned(),
        east @ 1.. => format!("Etc/GMT-{east}"),
        west => format!("Etc/GMT+{}", -west),
    }
}

fn chat_of(stage: &Stage, (id, name, _): (i64, &str, &str)) -> Chat {
    Chat::new(&stage.telegram, id, name, "en")
}

/// What a killed service left behind: everybody has started the bot, its three people have a client each, and nobody has
/// `dora_1`.
async fn with_people(kind: Kind) -> (Stage, Opened) {
    let mut stage = Stage::new(kind, PanelVersion::V3).await;
    create(&stage, "dora_1").await;
    for person in PEOPLE {
        create(&stage, person.2).await;
        chat_of(&stage, person).send("/start").await;
    }
    stage.olga().send("/start").await;
    stage.kill().await;
    let opened = stage.db.open().await;
    for (id, _, username) in PEOPLE {
        let client = clients::find_by_username(&opened.db, username).await.unwrap().unwrap();
        let mut tx = opened.db.begin().await.unwrap();
        clients::link(&mut tx, client.id, TelegramId(id), SystemClock.now()).await.unwrap();
        tx.commit().await.unwrap();
    }
    (stage, opened)
}

async fn create(stage: &Stage, username: &str) {
    let (status, client) = stage.post("/api/v1/clients", &json!({"username": username, "days": 30})).await;
    assert_eq!(status, 201, "{client}");
}

/// The date of a client on both sides, as if it had had it for long.
async fn give_date(stage: &Stage, db: &Db, username: &str, date: DateTime<Utc>) {
    assert!(stage.panel.edit_user(username, |user| user.expire_at = date));
    let client = clients::find_by_username(db, username).await.unwrap().unwrap();
    let mut tx = db.begin().await.unwrap();
    assert!(clients::set_expiry(&mut tx, client.id, date, SystemClock.now()).await.unwrap());
    tx.commit().await.unwrap();
    seed::execute(db, "UPDATE clients SET notices_from = '2026-01-01T00:00:00+00:00'").await;
}

async fn heard(chat: &Chat, words: &str) -> usize {
    let said = |chat: &Chat| {
        chat.messages().iter().filter(|message| message.from_bot && message.text.contains(words)).count()
    };
    chat.until(words, |chat| said(chat) > 0).await;
    said(chat)
}

async fn people_hear_of_their_dates_and_the_chat_of_alerts_in_the_morning(kind: Kind) {
    let (mut stage, opened) = with_people(kind).await;
    let db = &opened.db;
    let now = SystemClock.now_millis();
    let half_an_hour_after = |hours| now + TimeDelta::hours(hours) - TimeDelta::minutes(30);
    give_date(&stage, db, "ann_1", half_an_hour_after(72)).await;
    give_date(&stage, db, "ben_1", half_an_hour_after(24)).await;
    give_date(&stage, db, "cid_1", half_an_hour_after(0)).await;
    give_date(&stage, db, "dora_1", now + TimeDelta::hours(9)).await;
    // As if it had never looked before.
    seed::execute(db, "DELETE FROM leases").await;
    drop(opened);
    stage.telegram.group(OPS, "Operations");
    let settings = [
        ("TIMEZONE", zone_at_noon()),
        ("DIGEST_AT", "11:00".to_owned()),
        ("ALERT_CHAT", OPS.to_string()),
        ("DEFAULT_LOCALE", "en".to_owned()),
    ];
    stage.restart_with(&settings).await;
    for (person, words) in PEOPLE.into_iter().zip(["ends in 3 days", "ends in 24 hours", "ended on"]) {
        assert_eq!(heard(&chat_of(&stage, person), words).await, 1);
    }
    let digest = stage
        .telegram
        .wait(|telegram| telegram.chat(OPS).into_iter().find(|message| message.text.contains("dora_1")));
    let digest =
        Screen { message: tokio::time::timeout(LIMIT, digest).await.expect("the morning's message") };
    assert!(!digest.text().contains("button"), "there is none that extends: {digest}");
    assert!(!digest.text().contains("ann_1") && digest.labels() == ["🤖 Open the bot"], "{digest}");
    let closed = stage
        .telegram
        .wait(|telegram| telegram.chat(OPS).into_iter().find(|message| !message.text.contains("dora_1")));
    let closed = tokio::time::timeout(LIMIT, closed).await.expect("who lost access");
    assert!(closed.text.contains("cid_1"), "{}", closed.text);
    assert_eq!(stage.panel.user("cid_1").unwrap().status, SimStatus::Disabled);

    // Once, also after a restart. (After a power cut a message may come again whose sending was not written down yet.)
    stage.stop().await;
    stage.restart_with(&settings).await;
    chat_of(&stage, PEOPLE[0]).send("/status").await;
    assert_eq!(heard(&chat_of(&stage, PEOPLE[0]), "ends in 3 days").await, 1);
    assert_eq!(stage.telegram.chat(OPS).len(), 2);
    stage.end().await;
}

async fn after_a_change_of_the_bot_people_press_start_first(kind: Kind) {
    let (mut stage, opened) = with_people(kind).await;
    drop(opened);
    let options = TelegramSimOptions {
        addr: LOCAL,
        token: "654321:AAanother_token_of_a_simulated_bot_02".to_owned(),
        bot_username: "vpn_two_bot".to_owned(),
        clock: std::sync::Arc::new(SystemClock),
    };
    stage.telegram = TelegramSim::start(options).await.unwrap();
    stage.restart().await;
    let (_, list) = stage.get("/api/v1/clients?username=ann_1").await;
    let id = list["items"][0]["id"].as_str().unwrap();
    assert_eq!(stage.post(&format!("/api/v1/clients/{id}/block"), &json!({})).await.0, 200);
    let (olga, ann) = (stage.olga(), chat_of(&stage, PEOPLE[0]));
    olga.write("/start");
    assert_eq!(heard(&olga, "Теперь работает другой бот").await, 1);
    assert_eq!(heard(&olga, "Управление VPN").await, 1);
    assert!(olga.send("/client ann_1").await.text().contains("Не нажал «Старт»"), "{}", olga.transcript());
    assert!(stage.telegram.calls().iter().all(|call| call.parameters["chat_id"] != 50), "she is left alone");
    ann.write("/start");
    assert_eq!(heard(&ann, "was closed").await, 1);
    stage.end().await;
}
