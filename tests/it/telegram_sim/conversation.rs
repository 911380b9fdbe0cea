//! The chat helper, with a small teloxide bot at the other end.

use orchestrator::demo::telegram::{ReactionKind, SimOther};
use teloxide::payloads::{
    AnswerCallbackQuerySetters, EditMessageTextSetters, SendMessageSetters, SendPhotoSetters,
};
use teloxide::prelude::{Bot, Request, Requester};
use teloxide::types::{
    CallbackQuery, CopyTextButton, InlineKeyboardButton, InlineKeyboardMarkup, InputFile, Message, ParseMode,
    UpdateKind,
};

use super::{CHAT, OLGA, World, qr_png};
use crate::support::chat::{Chat, qr_of};

fn keyboard() -> InlineKeyboardMarkup {
    let copy = CopyTextButton { text: "vless://x".to_owned() };
    InlineKeyboardMarkup::new([
        vec![
            InlineKeyboardButton::callback("✅ Да", "yes:1"),
            InlineKeyboardButton::callback("✖️ Нет", "no:1"),
        ],
        vec![
            InlineKeyboardButton::url("Site", "https://example.com/a".parse().unwrap()),
            InlineKeyboardButton::copy_text_button("Copy", copy),
        ],
    ])
}

async fn on_message(bot: &Bot, message: &Message) {
    match message.text() {
        Some("/start") => {
            let text = "<b>Hello</b> &amp; welcome";
            let send = bot.send_message(message.chat.id, text).parse_mode(ParseMode::Html);
            send.reply_markup(keyboard()).send().await.unwrap();
        }
        Some("/files") => {
            let photo = InputFile::memory(qr_png("https://example.com/sub")).file_name("qr.png");
            let document = InputFile::memory("dmxlc3M=").file_name("alice_1.txt");
            bot.send_document(message.chat.id, document).send().await.unwrap();
            bot.send_photo(message.chat.id, photo).caption("scan me").send().await.unwrap();
        }
        _ => {}
    }
}

async fn on_tap(bot: &Bot, tap: &CallbackQuery) {
    let message = tap.regular_message().unwrap();
    let answer = bot.answer_callback_query(tap.id.clone());
    match tap.data.as_deref() {
        Some("no:1") => answer.text("cancelled").show_alert(true).send().await.unwrap(),
        _ => answer.send().await.unwrap(),
    };
    if tap.data.as_deref() == Some("yes:1") {
        let edit = bot.edit_message_text(message.chat.id, message.id, "Done").reply_markup(keyboard());
        // A second tap finds the text as it is.
        let _not_modified = edit.send().await;
    }
}

async fn run(bot: Bot) {
    let mut offset = 0;
    loop {
        for update in bot.get_updates().offset(offset).timeout(30).send().await.unwrap() {
            offset = update.id.as_offset();
            match &update.kind {
                UpdateKind::Message(message) => on_message(&bot, message).await,
                UpdateKind::CallbackQuery(tap) => on_tap(&bot, tap).await,
                _ => {}
            }
        }
    }
}

use teloxide::payloads::GetUpdatesSetters;

/// A bot that answers until the test ends.
struct Running(tokio::task::JoinHandle<()>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn talk() -> (World, Chat, Running) {
    let world = World::new().await;
    let olga = Chat::new(&world.telegram, OLGA, "Olga", "ru");
    let running = Running(tokio::spawn(run(world.bot())));
    (world, olga, running)
}

#[tokio::test]
async fn a_conversation_reads_like_one() {
    let (world, olga, _bot) = talk().await;
    let screen = olga.send("/start").await;
    insta::assert_snapshot!(screen.to_string(), @r"
    <b>Hello</b> &amp; welcome
    [ ✅ Да ] [ ✖️ Нет ]
    [ Site ↗ ] [ Copy ⧉ ]
    ");
    assert_eq!(screen.text(), "Hello & welcome");
    assert_eq!(screen.labels(), ["✅ Да", "✖️ Нет", "Site", "Copy"]);
    assert_eq!(olga.button("Site").url.as_deref(), Some("https://example.com/a"));
    assert_eq!(olga.button("Copy").copy_text.as_deref(), Some("vless://x"));
    assert!(!olga.has_button("Delete"));

    assert_eq!(olga.tap("Да").await.text(), "Done");
    assert_eq!(olga.text(), "Done");
    assert_eq!(olga.last().message.edited, 1);
    // Tapped again, nothing changes, and that is an answer too.
    assert_eq!(olga.tap_n("Да", 1).await[0].text(), "Done");

    let toast = olga.tap_toast("Нет").await;
    assert_eq!((toast.text.as_deref(), toast.alert), (Some("cancelled"), true));
    assert_eq!(olga.forge(olga.last().message.id, "anything").await.text, None);
    assert!(world.telegram.unanswered_callbacks().is_empty());
    assert_eq!(world.telegram.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn files_are_found_and_qr_codes_read() {
    let (world, olga, _bot) = talk().await;
    let screens = olga.send_n("/files", 2).await;
    insta::assert_snapshot!(screens[0].to_string(), @"(document alice_1.txt, 8 bytes)");
    insta::assert_snapshot!(screens[1].to_string(), @r"
    (photo)
    scan me
    ");
    assert_eq!(qr_of(&olga.last_photo().await), "https://example.com/sub");
    let document = olga.last_document().await;
    assert_eq!((document.name.as_str(), &document.bytes[..]), ("alice_1.txt", &b"dmxlc3M="[..]));
    assert_eq!(world.telegram.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn what_a_bot_does_unasked_is_seen_next() {
    let world = World::new().await;
    let olga = Chat::new(&world.telegram, OLGA, "Olga", "ru");
    olga.act_other(SimOther::Sticker);
    world.bot().send_message(CHAT, "one").send().await.unwrap();
    world.bot().send_message(CHAT, "two").send().await.unwrap();
    assert_eq!(olga.next().await.text(), "one");
    olga.until("two messages", |chat| chat.messages().len() == 3).await;
    let transcript = olga.transcript();
    assert!(transcript.contains("(sticker)") && transcript.contains("bot:\ntwo"), "{transcript}");
    let kinds = |after| world.telegram.reactions(OLGA, after).iter().map(|one| one.kind).collect::<Vec<_>>();
    assert_eq!(kinds(0), [ReactionKind::Sent, ReactionKind::Sent]);
}
