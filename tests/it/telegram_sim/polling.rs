//! `getUpdates`.

use chrono::TimeDelta;
use orchestrator::demo::telegram::SimOther;
use serde_json::json;
use teloxide::payloads::GetUpdatesSetters;
use teloxide::prelude::{Request, Requester};
use teloxide::types::{ChatMemberKind, MaybeInaccessibleMessage, MediaKind, MessageKind, UpdateKind};
use teloxide::{ApiError, RequestError};

use super::{OLGA, World};
use crate::support::chat::LIMIT;

const CONFLICT: &str =
    "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running";

#[tokio::test]
async fn a_long_poll_wakes_with_the_update() {
    let world = World::new().await;
    let bot = world.bot();
    let poll = tokio::spawn(async move { bot.get_updates().timeout(50).send().await });
    // The poll may begin before or after: either way the update comes at once, not after 50 seconds.
    let id = world.telegram.send_text(OLGA, "/new alice_1 30");
    let updates = tokio::time::timeout(LIMIT, poll).await.unwrap().unwrap().unwrap();
    assert_eq!(updates.len(), 1);
    assert_eq!(i64::from(updates[0].id.0), id);
    let UpdateKind::Message(message) = &updates[0].kind else { panic!("{updates:?}") };
    assert_eq!(message.text(), Some("/new alice_1 30"));
    assert_eq!(message.from.as_ref().unwrap().language_code.as_deref(), Some("ru"));
    let entity = &message.parse_entities().unwrap()[0];
    assert_eq!(entity.text(), "/new");
}

#[tokio::test]
async fn an_offset_confirms_and_nothing_else_does() {
    let world = World::new().await;
    let ids: Vec<i64> = (0..4).map(|n| world.telegram.send_text(OLGA, &format!("{n}"))).collect();
    let got = async |parameters| -> Vec<i64> {
        let updates = world.ok("getUpdates", parameters).await;
        updates.as_array().unwrap().iter().map(|update| update["update_id"].as_i64().unwrap()).collect()
    };
    assert_eq!(got(json!({ "limit": 2 })).await, ids[..2]);
    assert_eq!(got(json!({})).await, ids);
    assert_eq!(got(json!({ "offset": ids[1] })).await, ids[1..]);
    assert_eq!(got(json!({ "offset": ids[0] })).await, ids[1..]);
    assert_eq!(got(json!({ "offset": -1 })).await, ids[3..]);
    assert_eq!(got(json!({})).await, ids[3..]);
    assert_eq!(world.telegram.pending_updates(), 1);
    assert_eq!(got(json!({ "offset": ids[3] + 1 })).await, Vec::<i64>::new());
    // Sent again, it comes whatever the offset, and once.
    assert!(world.telegram.redeliver(ids[0]));
    assert!(!world.telegram.redeliver(1));
    assert_eq!(got(json!({ "offset": ids[3] + 1 })).await, ids[..1]);
    assert_eq!(got(json!({ "offset": ids[3] + 1 })).await, Vec::<i64>::new());
}

#[tokio::test]
async fn what_nobody_fetches_for_a_day_is_gone() {
    let world = World::started().await;
    world.clock.advance(TimeDelta::hours(25));
    assert_eq!(world.ok("getUpdates", json!({})).await, json!([]));
}

#[tokio::test]
async fn only_the_kinds_asked_for_come_and_the_choice_is_remembered() {
    let world = World::new().await;
    world.ok("getUpdates", json!({ "allowed_updates": ["callback_query"] })).await;
    world.ok("getUpdates", json!({})).await;
    world.telegram.send_text(OLGA, "hi");
    world.telegram.tap(OLGA, 7, "x");
    let updates = world.ok("getUpdates", json!({})).await;
    assert_eq!(updates.as_array().unwrap().len(), 1);
    assert_eq!(updates[0]["callback_query"]["data"], "x");
    world.ok("getUpdates", json!({ "allowed_updates": [] })).await;
    world.telegram.send_text(OLGA, "hi");
    assert_eq!(world.telegram.pending_updates(), 2);
}

#[tokio::test]
async fn a_second_poller_ends_the_first() {
    let world = World::new().await;
    let first = world.bot();
    let first = tokio::spawn(async move { first.get_updates().timeout(50).send().await });
    let second = world.bot();
    // A later poller ends whichever of the two came before it, so the answers do not depend on the order.
    let second = tokio::spawn(async move { second.get_updates().timeout(50).send().await });
    let ended = tokio::time::timeout(LIMIT, async {
        tokio::select! { ended = first => ended, ended = second => ended }
    });
    let ended = ended.await.unwrap().unwrap();
    assert!(matches!(ended, Err(RequestError::Api(ApiError::TerminatedByOtherGetUpdates))), "{ended:?}");
    let calls =
        world.telegram.wait(|telegram| Some(telegram.calls()).filter(|calls| !calls.is_empty())).await;
    assert_eq!((calls.len(), calls[0].error.as_deref()), (1, Some(CONFLICT)));
}

#[tokio::test]
async fn a_poller_that_went_away_is_not_missed() {
    let world = World::new().await;
    let bot = world.bot();
    let gone = tokio::spawn(async move { bot.get_updates().timeout(50).send().await });
    let polled = async |so| world.telegram.wait(|telegram| (telegram.polled() == so).then_some(())).await;
    tokio::time::timeout(LIMIT, polled(true)).await.unwrap();
    gone.abort();
    tokio::time::timeout(LIMIT, polled(false)).await.unwrap();
    world.telegram.send_text(OLGA, "hi");
    assert_eq!(world.ok("getUpdates", json!({ "timeout": 50 })).await.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn polling_and_a_webhook_exclude_each_other() {
    let world = World::started().await;
    world.ok("setWebhook", json!({ "url": "https://hook.invalid/hook", "max_connections": 5 })).await;
    let refusal = world.violates("getUpdates", json!({})).await;
    assert_eq!(
        refusal,
        "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
    );
    let info = world.bot().get_webhook_info().send().await.unwrap();
    assert_eq!((info.url.unwrap().as_str(), info.pending_update_count), ("https://hook.invalid/hook", 1));
    world.ok("deleteWebhook", json!({ "drop_pending_updates": true })).await;
    assert_eq!(world.bot().get_webhook_info().send().await.unwrap().url, None);
    assert_eq!(world.ok("getUpdates", json!({})).await, json!([]));
    let http = world.violates("setWebhook", json!({ "url": "http://hook.invalid/hook" })).await;
    assert_eq!(http, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook");
    let port = world.violates("setWebhook", json!({ "url": "https://hook.invalid:9000/hook" })).await;
    assert!(port.contains("only on ports 80, 88, 443 or 8443"), "{port}");
    let secret = json!({ "url": "https://hook.invalid/hook", "secret_token": "a secret" });
    assert!(world.violates("setWebhook", secret).await.contains("unallowed characters"));
}

#[tokio::test]
async fn every_kind_of_update_is_read_by_teloxide() {
    let world = World::new().await;
    let telegram = &world.telegram;
    let document = SimOther::Document("users.csv".to_owned(), "a,b".into());
    for other in [SimOther::Photo("look".to_owned()), document, SimOther::Sticker, SimOther::Voice] {
        telegram.send_other(OLGA, other);
    }
    telegram.send_other(OLGA, SimOther::Contact);
    telegram.send_other(OLGA, SimOther::EditedMessage(1, "changed".to_owned()));
    telegram.send_other(OLGA, SimOther::GroupMessage(-5, "/start@demo_bot".to_owned()));
    telegram.send_other(OLGA, SimOther::Blocked);
    telegram.send_other(OLGA, SimOther::Unblocked);
    telegram.tap(OLGA, 999, "gone");
    let updates = world.bot().get_updates().send().await.unwrap();
    let kinds: Vec<String> = updates.iter().map(|update| kind_of(&update.kind)).collect();
    assert_eq!(
        kinds,
        [
            "photo",
            "document",
            "sticker",
            "voice",
            "contact",
            "edited",
            "group",
            "blocked",
            "unblocked",
            "tap on nothing"
        ]
    );
}

fn kind_of(update: &UpdateKind) -> String {
    let kind = match update {
        UpdateKind::Message(message) if message.chat.is_group() => "group",
        UpdateKind::Message(message) => match &message.kind {
            MessageKind::Common(common) => match common.media_kind {
                MediaKind::Photo(_) => "photo",
                MediaKind::Document(_) => "document",
                MediaKind::Sticker(_) => "sticker",
                MediaKind::Voice(_) => "voice",
                MediaKind::Contact(_) => "contact",
                _ => "another message",
            },
            _ => "a service message",
        },
        UpdateKind::EditedMessage(message) if message.edit_date().is_some() => "edited",
        UpdateKind::MyChatMember(member) => match member.new_chat_member.kind {
            ChatMemberKind::Banned(_) => "blocked",
            ChatMemberKind::Member(_) => "unblocked",
            _ => "another membership",
        },
        UpdateKind::CallbackQuery(query) => match query.message {
            Some(MaybeInaccessibleMessage::Inaccessible(_)) => "tap on nothing",
            _ => "tap",
        },
        other => return format!("{other:?}"),
    };
    kind.to_owned()
}

#[tokio::test]
async fn a_long_text_of_a_person_comes_in_pieces() {
    let world = World::new().await;
    world.telegram.send_text(OLGA, &"я".repeat(10_000));
    let updates = world.ok("getUpdates", json!({})).await;
    let lengths: Vec<usize> = updates
        .as_array()
        .unwrap()
        .iter()
        .map(|update| update["message"]["text"].as_str().unwrap().chars().count())
        .collect();
    assert_eq!(lengths, [4096, 4096, 1808]);
}

#[tokio::test]
async fn any_update_can_be_sent() {
    let world = World::new().await;
    let id = world.telegram.send_update(json!({ "poll": { "id": "1" } }));
    assert_eq!(world.telegram.send_update(json!({ "update_id": id + 10, "message": {} })), id + 10);
    assert_eq!(world.telegram.send_text(OLGA, "hi"), id + 11);
    let updates = world.ok("getUpdates", json!({})).await;
    assert_eq!(updates[0], json!({ "update_id": id, "poll": { "id": "1" } }));
}
