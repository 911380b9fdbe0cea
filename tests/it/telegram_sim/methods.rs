//! Each method with real teloxide types, and each form of request.

use orchestrator::demo::telegram::SimOther;
use serde_json::{Value, json};
use teloxide::net::Download;
use teloxide::payloads::{
    EditMessageCaptionSetters, EditMessageMediaSetters, EditMessageReplyMarkupSetters, SendDocumentSetters,
    SendMessageSetters, SendPhotoSetters, SetMyCommandsSetters,
};
use teloxide::prelude::{Request, Requester};
use teloxide::types::{
    BotCommand, BotCommandScope, ChatAction, InlineKeyboardButton, InlineKeyboardMarkup, InputFile,
    InputMedia, InputMediaDocument, InputMediaPhoto, MessageEntityKind, MessageId, ParseMode, Recipient,
    ReplyParameters,
};

use super::{CHAT, OLGA, TOKEN, World, png};

fn button(text: &str) -> InlineKeyboardMarkup {
    InlineKeyboardMarkup::new([[InlineKeyboardButton::callback(text, "x")]])
}

#[tokio::test]
async fn a_message_comes_back_whole() {
    let world = World::started().await;
    let bot = world.bot();
    let text = "<b>Жирный</b> <a href=\"https://example.com/\">link</a> <pre><code class=\"language-rust\">x</code></pre>";
    let sent = bot
        .send_message(CHAT, text)
        .parse_mode(ParseMode::Html)
        .reply_markup(button("ok"))
        .reply_parameters(ReplyParameters::new(MessageId(1)))
        .protect_content(true)
        .send()
        .await
        .unwrap();
    assert_eq!(sent.text(), Some("Жирный link x"));
    let kinds: Vec<_> =
        sent.entities().unwrap().iter().map(|entity| (&entity.kind, entity.offset, entity.length)).collect();
    let link = MessageEntityKind::TextLink { url: "https://example.com/".parse().unwrap() };
    let pre = MessageEntityKind::Pre { language: Some("rust".to_owned()) };
    assert_eq!(kinds, [(&MessageEntityKind::Bold, 0, 6), (&link, 7, 4), (&pre, 12, 1)]);
    assert_eq!(sent.reply_to_message().unwrap().text(), Some("/start"));
    assert_eq!(sent.reply_markup(), Some(&button("ok")));
    assert!(sent.from.unwrap().is_bot && sent.chat.is_private());
    let shown = &world.telegram.chat(OLGA)[1];
    assert_eq!((shown.html.as_str(), shown.protected, shown.edited), (text, true, 0));
    assert_eq!(world.telegram.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn a_photo_is_uploaded_recaptioned_and_sent_again_by_its_id() {
    let world = World::started().await;
    let bot = world.bot();
    let bytes = png(500, 400);
    let sent = bot
        .send_photo(CHAT, InputFile::memory(bytes.clone()))
        .caption("<code>one</code>")
        .parse_mode(ParseMode::Html)
        .reply_markup(button("ok"))
        .send()
        .await
        .unwrap();
    let largest = sent.photo().unwrap().last().unwrap();
    assert_eq!((largest.width, largest.height, sent.caption()), (500, 400, Some("one")));
    let edited = bot.edit_message_caption(CHAT, sent.id).caption("two").send().await.unwrap();
    assert_eq!((edited.caption(), edited.reply_markup()), (Some("two"), None));
    let again = bot.send_photo(CHAT, InputFile::file_id(largest.file.id.clone())).send().await.unwrap();
    assert_eq!(again.photo().unwrap().len(), sent.photo().unwrap().len());
    let chat = world.telegram.chat(OLGA);
    assert_eq!(chat[1].photo.as_deref(), Some(&bytes[..]));
    assert_eq!(chat[2].photo, chat[1].photo);
    assert_eq!((chat[1].caption.as_deref(), chat[1].text.as_str()), (Some("two"), ""));
    assert_eq!(world.telegram.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn a_document_keeps_its_name_and_can_be_fetched() {
    let world = World::started().await;
    let bot = world.bot();
    let file = InputFile::memory("dmxlc3M=").file_name("alice_1.txt");
    let sent = bot.send_document(CHAT, file).caption("config").send().await.unwrap();
    let document = sent.document().unwrap();
    assert_eq!(document.file_name.as_deref(), Some("alice_1.txt"));
    assert_eq!(document.mime_type.as_ref().unwrap().essence_str(), "text/plain");
    let file = bot.get_file(document.file.id.clone()).send().await.unwrap();
    let mut fetched = Vec::new();
    bot.download_file(&file.path, &mut fetched).await.unwrap();
    assert_eq!(fetched, b"dmxlc3M=");

    world.telegram.send_other(OLGA, SimOther::Document("in.csv".to_owned(), "a,b".into()));
    let shown = world.telegram.chat(OLGA);
    assert_eq!(shown[2].document.as_ref().unwrap().name, "in.csv");
    assert_eq!(world.telegram.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn media_and_markup_are_exchanged() {
    let world = World::started().await;
    let bot = world.bot();
    let sent = bot.send_photo(CHAT, InputFile::memory(png(50, 50))).send().await.unwrap();
    let other = InputMediaPhoto::new(InputFile::memory(png(60, 60))).caption("new");
    let edited = bot
        .edit_message_media(CHAT, sent.id, InputMedia::Photo(other))
        .reply_markup(button("a"))
        .send()
        .await;
    assert_eq!(edited.unwrap().caption(), Some("new"));
    let edited = bot.edit_message_reply_markup(CHAT, sent.id).reply_markup(button("b")).send().await.unwrap();
    assert_eq!((edited.caption(), edited.reply_markup()), (Some("new"), Some(&button("b"))));
    let file = InputMediaDocument::new(InputFile::memory("x").file_name("x.txt"));
    let edited = bot.edit_message_media(CHAT, sent.id, InputMedia::Document(file)).send().await.unwrap();
    assert_eq!(edited.document().unwrap().file_name.as_deref(), Some("x.txt"));
    assert_eq!(world.telegram.chat(OLGA)[1].edited, 3);

    bot.delete_message(CHAT, sent.id).send().await.unwrap();
    bot.delete_message(CHAT, MessageId(1)).send().await.unwrap();
    assert!(world.telegram.chat(OLGA).is_empty());
    bot.send_chat_action(CHAT, ChatAction::UploadPhoto).send().await.unwrap();
    assert_eq!(world.telegram.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn commands_are_kept_by_scope_and_language() {
    let world = World::started().await;
    let bot = world.bot();
    let list = [BotCommand::new("new", "Создать"), BotCommand::new("clients", "Клиенты")];
    bot.set_my_commands(list.clone()).language_code("ru").send().await.unwrap();
    let scope = BotCommandScope::Chat { chat_id: Recipient::Id(CHAT) };
    bot.set_my_commands([BotCommand::new("/help", "Help")]).scope(scope).send().await.unwrap();
    let pair = |command: &str, description: &str| (command.to_owned(), description.to_owned());
    assert_eq!(
        world.telegram.commands("default", "ru"),
        [pair("new", "Создать"), pair("clients", "Клиенты")]
    );
    assert_eq!(world.telegram.commands("chat:1001", ""), [pair("help", "Help")]);
    assert_eq!(bot.get_my_commands().send().await.unwrap(), []);
    world.ok("deleteMyCommands", json!({ "language_code": "ru" })).await;
    assert!(world.telegram.commands("default", "ru").is_empty());

    bot.set_my_description().send().await.unwrap();
    world.ok("setMyDescription", json!({ "description": "VPN" })).await;
    assert_eq!(bot.get_my_description().send().await.unwrap().description, "VPN");
    world.ok("setMyShortDescription", json!({ "short_description": "V", "language_code": "en" })).await;
    assert_eq!(world.ok("getMyShortDescription", json!({})).await["short_description"], "");
    assert_eq!(world.telegram.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn the_bot_and_its_chats_are_described() {
    let world = World::started().await;
    let bot = world.bot();
    let me = bot.get_me().send().await.unwrap();
    assert_eq!((me.id.0, me.username()), (123_456, "demo_bot"));
    let chat = bot.get_chat(CHAT).send().await.unwrap();
    assert_eq!((chat.first_name(), chat.username()), (Some("Olga"), Some("olga")));
    bot.log_out().send().await.unwrap();
    bot.close().send().await.unwrap();
    world.telegram.group(-7, "Alerts");
    let sent = bot.send_message(teloxide::types::ChatId(-7), "alert").send().await.unwrap();
    assert_eq!((sent.chat.title(), sent.chat.is_group()), (Some("Alerts"), true));
}

#[tokio::test]
async fn every_form_of_request_is_read() {
    let world = World::started().await;
    let url = world.method("sendMessage");
    let markup = json!({ "inline_keyboard": [[{ "text": "ok", "callback_data": "x" }]] }).to_string();
    let fields = [
        ("chat_id", "1001"),
        ("text", "a & b"),
        ("protect_content", "true"),
        ("reply_markup", markup.as_str()),
    ];
    let query = world.http.get(&url).query(&fields);
    let form = {
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        let body = body.extend_pairs(fields).finish();
        world.http.post(&url).header("content-type", "application/x-www-form-urlencoded").body(body)
    };
    let parts =
        fields.iter().fold(reqwest_form(), |form, (name, value)| form.text(*name, (*value).to_owned()));
    let multipart = world.http.post(&url).multipart(parts);
    for request in [query, form, multipart] {
        let answer: Value = request.send().await.unwrap().json().await.unwrap();
        assert_eq!(answer["result"]["text"], "a & b", "{answer}");
        assert_eq!(answer["result"]["reply_markup"]["inline_keyboard"][0][0]["text"], "ok");
        assert_eq!(answer["result"]["has_protected_content"], true);
    }
    // A file as a direct part, without attach://.
    let photo = reqwest::multipart::Part::bytes(png(10, 10)).file_name("a.png");
    let parts = reqwest_form().text("chat_id", "1001").part("photo", photo);
    let answer = world.http.post(world.method("sendPhoto")).multipart(parts).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let call = world.telegram.calls().pop().unwrap();
    assert_eq!(call.parameters["attach://photo"]["file_name"], "a.png");
    assert_eq!(world.telegram.violations(), Vec::<String>::new());
}

fn reqwest_form() -> reqwest::multipart::Form {
    reqwest::multipart::Form::new()
}

#[tokio::test]
async fn names_of_methods_have_no_case_but_must_exist() {
    let world = World::new().await;
    world.ok("GETME", json!({})).await;
    assert_eq!(world.violates("sendRocket", json!({})).await, "Not Found: method not found");
    let elsewhere =
        world.http.get(format!("{}/other/bot{TOKEN}", world.telegram.url())).send().await.unwrap();
    assert_eq!(elsewhere.status(), 404);
}
