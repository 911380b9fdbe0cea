//! Strangers, languages, other chats, and everything that is no command.

use orchestrator::demo::telegram::SimOther;
use serde_json::{Value, json};

use super::staff::number;
use super::stage::Stage;
use crate::support::chat::{Chat, LIMIT};

/// Every command there is, and what a curious person sends besides.
const ANYTHING: [&str; 23] = [
    "/start",
    "/menu",
    "/new",
    "/new alice_1 30",
    "/clients",
    "/clients blocked",
    "/client alice_1",
    "/config",
    "/config alice_1",
    "/invite alice_1",
    "/cancel",
    "/help",
    "/lang",
    "/delete alice_1",
    "/unheard_of",
    "/",
    "hello",
    "/start <b>bad</b>",
    "<b>&amp;😀",
    "/find a",
    "/log",
    "/log alice_1 create",
    "/ops alice_1",
];

/// teloxide takes each of these for an empty message, as of its version 0.17.
#[tokio::test]
async fn a_message_with_something_newer_or_sparser_than_the_library_knows_is_answered() {
    let stage = Stage::new().await;
    let olga = stage.owner();
    olga.send("/start").await;
    let sent = |content: Value| {
        let mut message = json!({
            "message_id": 90_000,
            "date": 1_800_000_000,
            "chat": { "id": olga.person.id, "type": "private", "first_name": "Olga" },
            "from": { "id": olga.person.id, "is_bot": false, "first_name": "Olga", "language_code": "en" },
        });
        message.as_object_mut().unwrap().extend(content.as_object().unwrap().clone());
        stage.telegram.send_update(json!({ "message": message }));
    };
    let elsewhere = json!({ "type": "hidden_user", "date": 1_800_000_000, "sender_user_name": "x" });
    let file = json!({ "file_id": "a", "file_unique_id": "b", "duration": 1 });
    sent(
        json!({ "text": "/new alice_1 30", "entities": [{ "type": "unheard_of", "offset": 0, "length": 4 }] }),
    );
    assert!(olga.next().await.text().contains("alice_1"));
    sent(
        json!({ "text": "/new alice_2 30", "external_reply": { "origin": elsewhere }, "quote": { "text": "q", "position": 0 } }),
    );
    assert!(olga.next().await.text().contains("alice_2"));
    for content in [
        json!({ "voice": file }),
        json!({ "dice": { "emoji": "🎲", "value": 3 } }),
        json!({ "photo": "not a photo" }),
    ] {
        sent(content);
        assert!(olga.next().await.text().contains("/clients"));
    }
    // Service messages have no answer, known or not.
    sent(json!({ "pinned_message": { "message_id": 1, "date": 0, "chat": { "id": 1, "type": "private" } } }));
    sent(json!({ "unheard_of": {} }));
    assert!(olga.send("/client alice_2").await.text().contains("alice_2"));
    assert_eq!(stage.clients().await.len(), 2);
    stage.end().await;
}

#[tokio::test]
async fn a_stranger_learns_their_own_id_and_nothing_else() {
    let stage = Stage::new().await;
    stage.owner().send("/new alice_1 30").await;
    let eve = Chat::new(&stage.telegram, 4242, "Eve", "en");
    for text in ANYTHING.into_iter().filter(|text| !text.starts_with("/start <")) {
        let answer = eve.send(text).await.text();
        assert!(answer.contains("4242") && answer.contains("by invitation"), "{text}: {answer}");
        assert!(!answer.contains("alice"), "{answer}");
    }
    for other in
        [SimOther::Photo("/clients".to_owned()), SimOther::Sticker, SimOther::Voice, SimOther::Contact]
    {
        eve.act_other(other);
        assert!(eve.next().await.text().contains("4242"));
    }
    assert!(eve.send("/start <b>bad</b>").await.text().contains("does not work"));
    let client = stage.client("alice_1").await;
    for data in
        ["home:1", "list:1:c--0", "new:1", "config:0:x", &format!("yes:1:new:AAAAAAAAAAAAAAAe:{}", "eve")]
    {
        eve.forge(eve.last().message.id, data).await;
        assert!(eve.next().await.text().contains("4242"), "{data}");
    }
    assert_eq!(stage.clients().await, [client]);
    stage.end().await;
}

#[tokio::test]
async fn home_in_both_languages_and_the_choice_is_kept() {
    let mut stage = Stage::new().await;
    let olga = stage.owner();
    assert!(olga.send("/start").await.text().contains("Управление VPN"));
    assert!(olga.send("/lang").await.labels().contains(&"English".to_owned()));
    assert!(olga.tap("English").await.text().contains("Your VPN"));
    stage.power_cut().await;
    stage.start();
    let home = olga.send("/menu").await;
    assert!(home.text().contains("Your VPN"), "{home}");
    stage
        .telegram
        .wait(|telegram| {
            let menu = telegram.commands("chat:1", "");
            menu.iter().any(|(command, words)| command == "new" && words == "new client").then_some(())
        })
        .await;
    stage.end().await;
}

#[tokio::test]
async fn silent_in_groups_and_about_edits() {
    let stage = Stage::new().await;
    let olga = stage.owner();
    olga.send("/start").await;
    stage.telegram.group(-100, "Neighbours");
    olga.act_other(SimOther::GroupMessage(-100, "/clients".to_owned()));
    olga.act_other(SimOther::EditedMessage(1, "/clients".to_owned()));
    assert!(olga.send("/help").await.text().contains("/clients"));
    let own = stage.telegram.chat(1).len();
    assert_eq!(own, 4, "{}", olga.transcript());
    assert_eq!(stage.telegram.chat(-100).iter().filter(|message| message.from_bot).count(), 0);
    let kept = "SELECT count(*) FROM updates WHERE payload LIKE '%Neighbours%'";
    assert_eq!(number(&stage, kept).await, 0, "what is said there is nobody's business");
    stage.end().await;
}

#[tokio::test]
async fn anything_typed_is_safe() {
    let stage = Stage::new().await;
    let olga = Chat::new(&stage.telegram, 1, "<b>Ol&ga</b> 😀\u{202e}", "ru");
    for text in ANYTHING {
        olga.send(text).await;
    }
    for nasty in ["<a href=\"x\">", "&lt;", "😀😀😀", "\u{202e}abc", "/client <i>x</i>", "/client 😀"]
    {
        olga.send(nasty).await;
        olga.send(&format!("/new {nasty}")).await;
        olga.send(nasty).await;
    }
    let answers = olga.send_n(&"x".repeat(10_000), 3).await;
    assert!(answers.iter().all(|answer| !answer.text().is_empty()));
    olga.send_n(&format!("/client {}", "y".repeat(9_000)), 3).await;
    stage.end().await;
}

#[tokio::test]
async fn an_old_or_invented_button_is_answered_with_a_fresh_screen() {
    let stage = Stage::new().await;
    let olga = stage.owner();
    let home = olga.send("/start").await;
    for data in ["home:0", "extend:1:x", "nonsense", "", "card:1:short:c--0", "list:1:c--99999999999"] {
        olga.forge(home.message.id, data).await;
        let fresh = olga.next().await.text();
        assert!(fresh.contains("устарела") && fresh.contains("Управление VPN"), "{data}: {fresh}");
    }
    stage.end().await;
}

#[tokio::test]
async fn whoever_blocks_the_bot_is_left_alone_until_they_come_back() {
    let stage = Stage::new().await;
    let olga = stage.owner();
    olga.send("/start").await;
    olga.act_other(SimOther::Blocked);
    let is_blocked = async || {
        let id = orchestrator::domain::ids::TelegramId(1);
        let found = orchestrator::repositories::people::find(&stage.world.opened.db, id).await.unwrap();
        found.unwrap().blocked_bot_at.is_some()
    };
    // Nothing is sent to somebody who blocked the bot, so only the database tells when it is known.
    let known = async {
        while !is_blocked().await {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(LIMIT, known).await.unwrap();
    olga.send("/start").await;
    assert!(!is_blocked().await);
    stage.end().await;
}

#[tokio::test]
async fn someone_who_cannot_be_written_to_is_tried_once() {
    let stage = Stage::new().await;
    Chat::new(&stage.telegram, 77, "Eve", "en");
    let chat = json!({ "id": 77, "type": "private", "first_name": "Eve" });
    let from = json!({ "id": 77, "is_bot": false, "first_name": "Eve" });
    let message =
        json!({ "message_id": 1, "date": 1_800_000_000, "chat": chat, "from": from, "text": "hello" });
    // Known to Telegram, never started here, so it refuses: "bot can't initiate conversation with a user".
    stage.telegram.send_update(json!({ "message": message }));
    let person = async || {
        let id = orchestrator::domain::ids::TelegramId(77);
        orchestrator::repositories::people::find(&stage.world.opened.db, id).await.unwrap()
    };
    let marked = async {
        while person().await.is_none_or(|person| person.blocked_bot_at.is_none()) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(LIMIT, marked).await.unwrap();
    stage.owner().send("/start").await;
    let tried = stage.telegram.calls().into_iter().filter(|call| {
        call.method.eq_ignore_ascii_case("sendMessage") && call.parameters.get("chat_id") == Some(&json!(77))
    });
    assert_eq!(tried.count(), 1);
    stage.end().await;
}
