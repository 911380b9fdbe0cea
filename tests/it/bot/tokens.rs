//! `/token`: made and shown once, listed, revoked; who may; and what becomes of a secret that nobody saw.

use std::sync::Arc;

use axum::body::Body;
use axum::http::Request;
use orchestrator::api::settings::ApiSettings;
use orchestrator::demo::telegram::{BotCall, TelegramSim, TgFault, TgFaultKind};
use orchestrator::domain::actor::Role;
use orchestrator::domain::clock::OsEntropy;
use orchestrator::repositories::{Db, tokens};
use tower::ServiceExt;

use super::stage::Stage;
use crate::support::chat::{Chat, Screen};

/// The secret that a message shows, as its copy button has it.
pub fn secret(screen: &Screen) -> String {
    let buttons = screen.message.keyboard.iter().flatten();
    let secret = buttons.filter_map(|button| button.copy_text.clone()).next();
    let secret = secret.unwrap_or_else(|| panic!("no secret in {screen}"));
    assert!(screen.message.html.contains(&format!("<code>{secret}</code>")), "{screen}");
    assert!(secret.len() >= 36 && secret.starts_with("rwo_"));
    secret
}

/// What the REST door says to it.
pub async fn door(stage: &Stage, method: &str, secret: &str) -> u16 {
    let settings = ApiSettings::default();
    let door = orchestrator::api::router(stage.world.services.clone(), settings, Arc::new(OsEntropy));
    let request = Request::builder().method(method).uri("/api/v1/clients");
    let request = request.header("authorization", format!("Bearer {secret}")).body(Body::from("{}")).unwrap();
    door.oneshot(request).await.unwrap().status().as_u16()
}

/// Somebody who has started the bot, with a role.
async fn staff(stage: &Stage, id: i64, name: &str, role: &str) -> Chat {
    let chat = Chat::new(&stage.telegram, id, name, "en");
    chat.send("/start").await;
    let Db::Sqlite { write, .. } = &stage.world.opened.db else { panic!("SQLite") };
    let query = sqlx::query("UPDATE people SET role = $2 WHERE telegram_id = $1").bind(id).bind(role);
    query.execute(write).await.unwrap();
    chat
}

async fn live(stage: &Stage) -> Vec<String> {
    let live = tokens::live(&stage.world.opened.db).await.unwrap();
    live.into_iter().map(|token| token.known_as()).collect()
}

/// Everything that the database keeps of what was said.
async fn kept(stage: &Stage) -> String {
    let Db::Sqlite { read, .. } = &stage.world.opened.db else { panic!("SQLite") };
    let texts = "SELECT payload FROM updates UNION ALL SELECT state FROM dialogues";
    let texts: Vec<String> = sqlx::query_scalar(texts).fetch_all(read).await.unwrap();
    assert!(!texts.is_empty());
    texts.join("\n")
}

#[tokio::test]
async fn a_token_is_shown_once_opens_the_door_and_is_kept_nowhere() {
    let stage = Stage::new().await;
    let olga = stage.owner();
    let made = olga.send("/token new shop").await;
    let shop = secret(&made);
    assert!(
        made.text().contains("Токен shop — читает и меняет") && made.text().contains("/token revoke shop")
    );
    assert_eq!((door(&stage, "GET", &shop).await, door(&stage, "POST", &shop).await), (200, 422));
    let made = olga.send("/token new eye read").await;
    let eye = secret(&made);
    assert_eq!((door(&stage, "GET", &eye).await, door(&stage, "POST", &eye).await), (200, 403));
    // A tap brings Telegram's copy of the message, and so does a reply or a person who pastes it.
    olga.press("Удалить это сообщение").await;
    let id = made.message.id;
    olga.until("the message is deleted", |chat| chat.messages().iter().all(|message| message.id != id)).await;
    olga.send(&format!("my token is {shop}")).await;
    let kept = kept(&stage).await;
    let tap = kept.lines().find(|update| update.contains("wipe:1")).unwrap();
    assert!(tap.contains("rwo_***") && kept.contains("my token is rwo_***"), "{kept}");
    for secret in [&shop, &eye] {
        assert!(!kept.contains(secret.as_str()) && !kept.contains(&secret[4..]));
    }
    stage.world.services.close().await;
    let list = olga.send("/token list").await.text();
    assert!(list.contains("shop — читает и меняет") && list.contains("eye — только читает"), "{list}");
    assert!(list.contains("Olga (1)") && list.contains("Последнее использование: только что"), "{list}");
    assert!(!list.contains("rwo_"));
    stage.end().await;
}

#[tokio::test]
async fn a_message_too_old_to_be_deleted_loses_its_secret() {
    let stage = Stage::new().await;
    let olga = stage.owner();
    let made = olga.send("/token new shop").await;
    let refused = TgFaultKind::BadRequest("message can't be deleted for everyone".to_owned());
    stage.telegram.fault(TgFault::new(refused).on("deleteMessage"));
    let wiped = olga.tap("Удалить это сообщение").await;
    assert_eq!(wiped.message.id, made.message.id);
    assert!(wiped.text().contains("Здесь был секрет") && !wiped.to_string().contains("rwo_"), "{wiped}");
    stage.end().await;
}

#[tokio::test]
async fn revoking_asks_first_and_ends_it_at_once() {
    let stage = Stage::new().await;
    let olga = stage.owner();
    let explained = olga.send("/token").await.text();
    assert!(
        explained.contains("/token new grafana read") && explained.contains("Пока ни одного"),
        "{explained}"
    );
    let shop = secret(&olga.send("/token new shop").await);
    assert!(olga.send("/token new shop").await.text().contains("уже есть"));
    assert!(olga.send("/token revoke nobody").await.text().contains("Такого токена нет"));
    assert!(olga.send("/token revoke shop").await.text().contains("Отозвать токен shop?"));
    assert!(olga.tap("Нет").await.text().contains("ничего не изменилось"));
    assert_eq!(door(&stage, "GET", &shop).await, 200);
    olga.send("/token list").await;
    let question = olga.tap("Отозвать shop").await;
    let yes = olga.button("Да, отозвать").callback_data.unwrap();
    assert!(olga.tap("Да, отозвать").await.text().contains("отозван"));
    assert_eq!(door(&stage, "GET", &shop).await, 401);
    // Tapped twice, it finds the first tap's result; a new token of that name is not meant.
    olga.send("/token new shop").await;
    olga.forge(question.message.id, &yes).await;
    assert!(olga.next().await.text().contains("отозван"));
    assert_eq!(live(&stage).await, ["shop#2"]);
    stage.world.clock.advance(chrono::TimeDelta::hours(25));
    olga.forge(question.message.id, &yes).await;
    assert!(olga.next().await.text().contains("устарела"));
    stage.end().await;
}

#[tokio::test]
async fn owners_are_told_what_an_admin_does() {
    let stage = Stage::new().await;
    let olga = stage.owner();
    olga.send("/start").await;
    let ann = staff(&stage, 50, "Ann", "admin").await;
    let second = staff(&stage, 51, "Bo", "owner").await;
    secret(&ann.send("/token new shop").await);
    olga.until("Olga is told", |chat| chat.text().contains("Ann (50): создан токен API shop")).await;
    second.until("Bo is told", |chat| chat.text().contains("Ann (50) made the API token shop")).await;
    assert!(!olga.last().to_string().contains("rwo_") && olga.has_button("Токены API"));
    ann.send("/token revoke shop").await;
    ann.tap("Yes, revoke").await;
    olga.until("Olga is told again", |chat| chat.text().contains("Ann (50): отозван токен API shop")).await;
    second.until("Bo is told again", |chat| chat.text().contains("revoked the API token shop")).await;
    // Whoever acts needs no telling.
    secret(&second.send("/token new other").await);
    olga.until("Olga is told of Bo", |chat| chat.text().contains("Bo (51): создан токен API other")).await;
    assert!(second.text().contains("The token other"), "{}", second.transcript());
    stage.end().await;
}

#[tokio::test]
async fn a_role_too_low_makes_sees_and_revokes_nothing() {
    let stage = Stage::new().await;
    let olga = stage.owner();
    let shop = secret(&olga.send("/token new shop").await);
    olga.send("/token list").await;
    let ask = olga.button("Отозвать shop").callback_data.unwrap();
    olga.tap("Отозвать shop").await;
    let yes = olga.button("Да, отозвать").callback_data.unwrap();
    for (id, role) in [(60, Role::Viewer), (61, Role::Operator)] {
        let eve = staff(&stage, id, "Eve", role.as_str()).await;
        for text in [
            "/token",
            "/token list",
            "/token new eve",
            "/token revoke shop",
            "/token revoke x",
            "/token nonsense",
        ] {
            let answer = eve.send(text).await.text();
            assert!(
                answer.contains("You may not do this") && !answer.contains("shop"),
                "{role:?} {text}: {answer}"
            );
        }
        for data in [ask.as_str(), yes.as_str(), "token:1:list:0"] {
            eve.forge(eve.last().message.id, data).await;
            assert!(eve.next().await.text().contains("You may not do this"), "{role:?} {data}");
        }
        assert!(!eve.send("/help").await.text().contains("/token"));
    }
    let stranger = Chat::new(&stage.telegram, 4242, "Sam", "en");
    assert!(stranger.send("/token new sam").await.text().contains("by invitation"));
    stranger.forge(stranger.last().message.id, &yes).await;
    assert!(stranger.next().await.text().contains("by invitation"));
    assert_eq!(live(&stage).await, ["shop"]);
    assert_eq!(door(&stage, "GET", &shop).await, 200);
    assert!(olga.send("/help").await.text().contains("/token"));
    stage.end().await;
}

#[tokio::test]
async fn a_cut_before_the_answer_makes_one_token_with_a_secret_that_was_seen() {
    let mut stage = Stage::new().await;
    let olga = stage.owner();
    olga.send("/start").await;
    stage.telegram.fault(TgFault::new(TgFaultKind::Hang).on("sendMessage"));
    olga.write("/token new shop");
    let sending = |telegram: &TelegramSim| {
        let shows = |call: &BotCall| call.parameters.to_string().contains("rwo_");
        telegram.calls().iter().any(shows).then_some(())
    };
    stage.telegram.wait(sending).await;
    assert_eq!(live(&stage).await, ["shop"]);
    stage.power_cut().await;
    stage.start();
    let shown = olga.next().await;
    assert!(shown.text().contains("действует только этот"), "{shown}");
    assert_eq!(live(&stage).await, ["shop"]);
    assert_eq!(door(&stage, "GET", &secret(&shown)).await, 200);
    // The same words in another update are another request.
    assert!(olga.send("/token new shop").await.text().contains("уже есть"));
    stage.end().await;
}

#[tokio::test]
async fn an_answer_that_telegram_lost_is_given_with_another_secret() {
    let stage = Stage::new().await;
    let olga = stage.owner();
    stage.telegram.fault(TgFault::new(TgFaultKind::Drop).on("sendMessage"));
    let shown = olga.send("/token new shop").await;
    assert_eq!(live(&stage).await, ["shop"]);
    assert_eq!(door(&stage, "GET", &secret(&shown)).await, 200);
    stage.end().await;
}

#[tokio::test]
async fn wrong_words_are_answered_with_the_right_ones() {
    let stage = Stage::new().await;
    let olga = stage.owner();
    let long = format!("/token new {}", "x".repeat(65));
    for text in
        ["/token new", "/token new a b", "/token new <b>", "/token new shop read now", &long, "/token shop"]
    {
        let answer = olga.send(text).await.text();
        assert!(
            answer.contains("/token new grafana read") && answer.contains("от 1 до 64"),
            "{text}: {answer}"
        );
    }
    assert!(live(&stage).await.is_empty());
    stage.end().await;
}
