//! What Telegram refuses, in its own words, and whom the simulator blames.

use chrono::TimeDelta;
use orchestrator::demo::telegram::SimOther;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use teloxide::payloads::AnswerCallbackQuerySetters;
use teloxide::prelude::{Request, Requester};
use teloxide::types::CallbackQueryId;
use teloxide::{ApiError, RequestError};

use super::{CHAT, OLGA, World, png};

const TOO_OLD: &str = "Bad Request: query is too old and response timeout expired or query ID is invalid";
const NOT_MODIFIED: &str = "Bad Request: message is not modified: specified new message content and reply markup \
                            are exactly the same as a current content and reply markup of the message";

#[tokio::test]
async fn unknown_and_wrong_parameters() {
    let world = World::started().await;
    let unknown =
        world.violates("sendMessage", json!({ "chat_id": OLGA, "text": "x", "parsemode": "HTML" })).await;
    assert_eq!(unknown, "Bad Request: unknown parameter \"parsemode\" of sendMessage");
    for (name, value) in [("text", json!(5)), ("protect_content", json!("maybe")), ("chat_id", json!(1.5))] {
        let mut call = json!({ "chat_id": OLGA, "text": "x" });
        call[name] = value;
        let wrong = world.violates("sendMessage", call).await;
        assert_eq!(wrong, format!("Bad Request: parameter \"{name}\" of sendMessage has a wrong type"));
    }
    assert_eq!(world.violates("sendMessage", json!({ "text": "x" })).await, "Bad Request: chat_id is empty");
    // Known ones, all at once.
    let all = json!({
        "link_preview_options": { "is_disabled": true }, "protect_content": false, "disable_notification": true,
        "message_thread_id": 1, "business_connection_id": "x", "message_effect_id": "1", "allow_paid_broadcast": false,
    });
    world.send(all).await;
}

#[tokio::test]
async fn a_body_that_is_none() {
    let world = World::new().await;
    let send = async |kind: &str, body: &'static str| {
        let request = world.http.post(world.method("sendMessage")).header("content-type", kind).body(body);
        let answer: Value = request.send().await.unwrap().json().await.unwrap();
        answer["description"].as_str().unwrap().to_owned()
    };
    assert_eq!(send("application/json", "{").await, "Bad Request: can't parse request body JSON object");
    assert!(send("multipart/form-data; boundary=x", "--x").await.contains("can't parse multipart request"));
    assert!(send("text/plain", "hi").await.contains("unsupported content type"));
    assert_eq!(world.telegram.take_violations().len(), 3);
}

#[tokio::test]
async fn who_cannot_be_written_to() {
    let world = World::new().await;
    let to = |id: i64| json!({ "chat_id": id, "text": "x" });
    assert_eq!(world.violates("sendMessage", to(4)).await, "Bad Request: chat not found");
    let stranger = world.refused("sendMessage", to(OLGA)).await;
    assert_eq!(stranger, "Forbidden: bot can't initiate conversation with a user");
    world.telegram.send_other(OLGA, SimOther::Blocked);
    assert_eq!(world.refused("sendMessage", to(OLGA)).await, "Forbidden: bot was blocked by the user");
    assert_eq!(world.refused("getChat", json!({ "chat_id": 4 })).await, "Bad Request: chat not found");
}

#[tokio::test]
async fn edits_that_do_not_fit() {
    let world = World::started().await;
    let edit = |id: i64, text: &str| json!({ "chat_id": OLGA, "message_id": id, "text": text });
    let text = world
        .send(json!({ "reply_markup": { "inline_keyboard": [[{ "text": "a", "callback_data": "x" }]] } }))
        .await;
    let photo = world
        .bot()
        .send_photo(CHAT, teloxide::types::InputFile::memory(png(9, 9)))
        .send()
        .await
        .unwrap()
        .id
        .0;

    let no_text = world.violates("editMessageText", edit(photo.into(), "x")).await;
    assert_eq!(no_text, "Bad Request: there is no text in the message to edit");
    let caption = json!({ "chat_id": OLGA, "message_id": text, "caption": "x" });
    let no_caption = world.violates("editMessageCaption", caption).await;
    assert_eq!(no_caption, "Bad Request: there is no caption in the message to edit");
    let long = world.violates("editMessageText", edit(text, &"x".repeat(4097))).await;
    assert_eq!(long, "Bad Request: MESSAGE_TOO_LONG");
    let caption = json!({ "chat_id": OLGA, "message_id": photo, "caption": "x".repeat(1025) });
    assert_eq!(
        world.violates("editMessageCaption", caption).await,
        "Bad Request: message caption is too long"
    );
    assert_eq!(
        world.violates("editMessageText", edit(999, "x")).await,
        "Bad Request: message to edit not found"
    );
    assert_eq!(world.violates("editMessageText", edit(1, "x")).await, "Bad Request: message can't be edited");
    let no_id = world.violates("editMessageText", json!({ "chat_id": OLGA, "text": "x" })).await;
    assert_eq!(no_id, "Bad Request: message identifier is not specified");
    let gone = world.violates("deleteMessage", json!({ "chat_id": OLGA, "message_id": 999 })).await;
    assert_eq!(gone, "Bad Request: message to delete not found");

    // Without markup the keyboard goes, which is a change; then nothing is left to change.
    world.ok("editMessageText", edit(text, "hello")).await;
    assert_eq!(world.refused("editMessageText", edit(text, "hello")).await, NOT_MODIFIED);
    let same =
        world.bot().edit_message_text(CHAT, teloxide::types::MessageId(text as i32), "hello").send().await;
    assert!(matches!(same, Err(RequestError::Api(ApiError::MessageNotModified))));
}

#[tokio::test]
async fn what_the_bot_could_not_know_is_no_violation() {
    let world = World::started().await;
    let edit = |id: i64| json!({ "chat_id": OLGA, "message_id": id, "text": "x" });
    let removed = world.send(json!({})).await;
    world.telegram.send_other(OLGA, SimOther::RemovedMessage(removed));
    assert_eq!(
        world.refused("editMessageText", edit(removed)).await,
        "Bad Request: message to edit not found"
    );
    let old = world.send(json!({})).await;
    world.clock.advance(TimeDelta::hours(49));
    assert_eq!(world.refused("editMessageText", edit(old)).await, "Bad Request: message can't be edited");
    let delete = json!({ "chat_id": OLGA, "message_id": old });
    assert_eq!(
        world.refused("deleteMessage", delete).await,
        "Bad Request: message can't be deleted for everyone"
    );
}

#[tokio::test]
async fn taps_are_answered_once_and_in_time() {
    let world = World::started().await;
    let message = world.send(json!({})).await;
    let answer =
        |id: &str| json!({ "callback_query_id": id, "text": "ok", "show_alert": true, "cache_time": 1 });
    let tap = world.telegram.tap(OLGA, message, "x");
    assert_eq!(world.telegram.unanswered_callbacks().len(), 1);
    world.ok("answerCallbackQuery", answer(&tap.0)).await;
    assert!(world.telegram.unanswered_callbacks().is_empty());
    let said = world.telegram.callback(&tap).unwrap().answer.unwrap();
    assert_eq!((said.text.as_deref(), said.alert), (Some("ok"), true));
    assert_eq!(world.refused("answerCallbackQuery", answer(&tap.0)).await, TOO_OLD);

    let late = world.telegram.tap(OLGA, message, "x");
    let long = json!({ "callback_query_id": late.0, "text": "x".repeat(201) });
    assert_eq!(world.violates("answerCallbackQuery", long).await, "Bad Request: MESSAGE_TOO_LONG");
    world.clock.advance(TimeDelta::minutes(16));
    assert_eq!(world.refused("answerCallbackQuery", answer(&late.0)).await, TOO_OLD);
    assert_eq!(world.violates("answerCallbackQuery", answer("17")).await, TOO_OLD);
    // teloxide knows only an older wording ("query id"): bots must compare the text themselves.
    let unknown = world.bot().answer_callback_query(CallbackQueryId("17".to_owned())).text("x").send().await;
    assert!(matches!(unknown, Err(RequestError::Api(ApiError::Unknown(text))) if text == TOO_OLD));
}

async fn upload(world: &World, field: &'static str, bytes: Vec<u8>) -> String {
    let part = Part::bytes(bytes).file_name("a.bin");
    let form = Form::new().text("chat_id", OLGA.to_string()).part(field, part);
    let method = if field == "photo" { "sendPhoto" } else { "sendDocument" };
    let answer = world.http.post(world.method(method)).multipart(form).send().await.unwrap();
    let answer: Value = answer.json().await.unwrap();
    assert_eq!(world.telegram.take_violations().is_empty(), answer["ok"] == true, "{answer}");
    answer["description"].as_str().unwrap_or("ok").to_owned()
}

/// A JPEG as far as its frame header.
fn jpeg(width: u16, height: u16) -> Vec<u8> {
    let mut bytes = vec![0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0, 0xff, 0xc0, 0, 11, 8];
    bytes.extend(height.to_be_bytes());
    bytes.extend(width.to_be_bytes());
    bytes
}

#[tokio::test]
async fn pictures_that_are_none() {
    let world = World::started().await;
    assert_eq!(upload(&world, "photo", png(400, 400)).await, "ok");
    assert_eq!(upload(&world, "photo", jpeg(640, 480)).await, "ok");
    assert_eq!(upload(&world, "photo", png(21, 1)).await, "Bad Request: PHOTO_INVALID_DIMENSIONS");
    assert_eq!(upload(&world, "photo", jpeg(5001, 5000)).await, "Bad Request: PHOTO_INVALID_DIMENSIONS");
    assert_eq!(upload(&world, "photo", b"<svg/>".to_vec()).await, "Bad Request: IMAGE_PROCESS_FAILED");
    assert_eq!(
        upload(&world, "photo", png(40, 40)[..60].to_vec()).await,
        "Bad Request: IMAGE_PROCESS_FAILED"
    );
    assert_eq!(upload(&world, "photo", Vec::new()).await, "Bad Request: file must be non-empty");
    let big = upload(&world, "photo", vec![0; 10 * 1024 * 1024 + 1]).await;
    assert!(big.contains("is too big for a photo"), "{big}");
    assert_eq!(upload(&world, "document", vec![0; 50 * 1024 * 1024 + 1]).await, "Request Entity Too Large");
    assert_eq!(upload(&world, "document", Vec::new()).await, "Bad Request: file must be non-empty");
}

#[tokio::test]
async fn files_that_are_not_there() {
    let world = World::started().await;
    let photo = |photo: &str| json!({ "chat_id": OLGA, "photo": photo });
    assert_eq!(
        world.violates("sendPhoto", photo("nonsense")).await,
        "Bad Request: wrong file identifier/HTTP URL specified"
    );
    let url = world.violates("sendPhoto", photo("https://example.com/a.png")).await;
    assert_eq!(url, "Bad Request: failed to get HTTP URL content");
    assert!(world.violates("sendPhoto", photo("attach://x")).await.contains("is missing"));
    let none = world.violates("sendPhoto", json!({ "chat_id": OLGA })).await;
    assert_eq!(none, "Bad Request: there is no photo in the request");
    let none = world.violates("sendDocument", json!({ "chat_id": OLGA })).await;
    assert_eq!(none, "Bad Request: there is no document in the request");
    assert_eq!(world.violates("getFile", json!({ "file_id": "x" })).await, "Bad Request: invalid file_id");
    let stray =
        Form::new().text("chat_id", "1001").text("text", "x").part("extra", Part::text("x").file_name("x"));
    let answer = world.http.post(world.method("sendMessage")).multipart(stray).send().await.unwrap();
    assert_eq!(answer.status(), 400);
}

#[tokio::test]
async fn commands_and_actions_that_are_none() {
    let world = World::started().await;
    let set =
        |command: &str, text: &str| json!({ "commands": [{ "command": command, "description": text }] });
    assert_eq!(world.violates("setMyCommands", set("New", "x")).await, "Bad Request: BOT_COMMAND_INVALID");
    let none = world.violates("setMyCommands", set("new", " ")).await;
    assert_eq!(none, "Bad Request: command description must be non-empty");
    let mut language = set("new", "x");
    language["language_code"] = json!("russian");
    let language = world.violates("setMyCommands", language).await;
    assert_eq!(language, "Bad Request: invalid language code specified");
    let action = world.violates("sendChatAction", json!({ "chat_id": OLGA, "action": "dancing" })).await;
    assert_eq!(action, "Bad Request: wrong parameter action in request");
    let reply = json!({ "chat_id": OLGA, "text": "x", "reply_parameters": { "message_id": 999 } });
    assert_eq!(world.violates("sendMessage", reply).await, "Bad Request: message to be replied not found");
}
