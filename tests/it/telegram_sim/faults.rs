//! Faults to order.

use std::time::Duration;

use chrono::TimeDelta;
use orchestrator::demo::telegram::{SimOther, TgFault, TgFaultKind};
use orchestrator::domain::clock::Clock as _;
use serde_json::json;
use teloxide::prelude::{Request, Requester};
use teloxide::types::Seconds;
use teloxide::{ApiError, RequestError};

use super::{CHAT, OLGA, TOKEN, World};

#[tokio::test]
async fn too_many_requests_is_read_by_teloxide() {
    let world = World::started().await;
    world.telegram.fault(TgFault::new(TgFaultKind::TooManyRequests(7)).on("sendMessage").times(2));
    for _ in 0..2 {
        let refused = world.bot().send_message(CHAT, "hi").send().await;
        assert!(matches!(refused, Err(RequestError::RetryAfter(after)) if after == Seconds::from_seconds(7)));
    }
    world.bot().send_message(CHAT, "hi").send().await.unwrap();
    assert_eq!(world.telegram.chat(OLGA).len(), 2);
    let calls = world.telegram.calls();
    assert_eq!((calls[0].ok, calls[0].fault, calls[2].ok), (false, true, true));
    assert_eq!(world.telegram.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn in_a_flood_whoever_waits_as_told_is_listened_to() {
    let world = World::started().await;
    world.telegram.flood(Some(world.clock.now() + TimeDelta::milliseconds(9_500)));
    let message = json!({ "chat_id": OLGA, "text": "hi" });
    let refused = world.refused("sendMessage", message.clone()).await;
    assert_eq!(refused, "Too Many Requests: retry after 10");
    assert_eq!(world.ok("getMe", json!({})).await["is_bot"], true, "only writing is too much");
    world.clock.advance(TimeDelta::seconds(10));
    assert_eq!(world.telegram.flooded_until(), None);
    world.ok("sendMessage", message.clone()).await;
    world.telegram.flood(Some(world.clock.now() + TimeDelta::hours(1)));
    world.telegram.flood(None);
    world.ok("sendMessage", message).await;
    assert_eq!(world.telegram.chat(OLGA).len(), 3);
}

#[tokio::test]
async fn what_the_bot_did_last_is_told_once() {
    let world = World::started().await;
    let begun = world.telegram.moment();
    world.ok("sendChatAction", json!({ "chat_id": OLGA, "action": "typing" })).await;
    assert_eq!(world.telegram.acting(OLGA, begun).as_deref(), Some("typing"));
    assert_eq!(world.telegram.acting(OLGA, world.telegram.moment()), None);
    let taps = [1, 2].map(|number| world.telegram.tap(OLGA, 1, &format!("tap:{number}")));
    world.ok("answerCallbackQuery", json!({ "callback_query_id": taps[1].0, "text": "two" })).await;
    let between = world.telegram.moment();
    world.ok("answerCallbackQuery", json!({ "callback_query_id": taps[0].0 })).await;
    let answered = |after| world.telegram.answers(after).into_iter().map(|tap| tap.data).collect::<Vec<_>>();
    assert_eq!(answered(begun), ["tap:2", "tap:1"]);
    assert_eq!(answered(between), ["tap:1"]);
}

#[tokio::test]
async fn each_refusal_has_its_own_words() {
    let world = World::started().await;
    let cases = [
        (TgFaultKind::Blocked, 403, "Forbidden: bot was blocked by the user"),
        (TgFaultKind::BadRequest("PEER_ID_INVALID".to_owned()), 400, "Bad Request: PEER_ID_INVALID"),
        (TgFaultKind::Unauthorized, 401, "Unauthorized"),
        (TgFaultKind::TooManyRequests(3), 429, "Too Many Requests: retry after 3"),
    ];
    for (kind, code, description) in cases {
        world.telegram.fault(TgFault::new(kind).to(OLGA));
        let answer = world.call("sendMessage", json!({ "chat_id": OLGA, "text": "hi" })).await;
        assert_eq!((&answer["error_code"], &answer["description"]), (&json!(code), &json!(description)));
    }
    assert_eq!(world.telegram.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn a_bad_gateway_is_html_and_a_drop_is_nothing() {
    let world = World::started().await;
    world.telegram.fault(TgFault::new(TgFaultKind::BadGateway).on("getMe"));
    let answer = world.http.get(world.method("getMe")).send().await.unwrap();
    assert_eq!(answer.status(), 502);
    assert!(answer.text().await.unwrap().starts_with("<html>"));

    world.telegram.fault(TgFault::new(TgFaultKind::Drop).skip(1));
    world.ok("getMe", json!({})).await;
    assert!(world.http.post(world.method("getMe")).send().await.is_err());
    world.ok("getMe", json!({})).await;
}

#[tokio::test]
async fn after_its_effect_the_message_is_there_though_the_bot_is_not_told() {
    let world = World::started().await;
    for kind in [TgFaultKind::Drop, TgFaultKind::BadGateway] {
        world.telegram.fault(TgFault::new(kind).on("sendMessage").after_effect());
        let before = world.telegram.chat(OLGA).len();
        let request =
            world.http.post(world.method("sendMessage")).json(&json!({ "chat_id": OLGA, "text": "hi" }));
        let answer = request.send().await;
        assert!(answer.is_err() || answer.unwrap().status() == 502);
        assert_eq!(world.telegram.chat(OLGA).len(), before + 1);
    }
}

#[tokio::test]
async fn a_hang_ends_with_the_patience_of_the_caller_or_with_the_server() {
    let world = World::started().await;
    world.telegram.fault(TgFault::new(TgFaultKind::Hang).times(2));
    let patient = world.http.post(world.method("getMe")).timeout(Duration::from_millis(50)).send().await;
    assert!(patient.unwrap_err().is_timeout());
    let request = world.http.post(world.method("getMe")).send();
    let stop = async {
        world.telegram.wait(|telegram| (telegram.calls().len() == 2).then_some(())).await;
        world.telegram.stop().await;
    };
    let (answer, ()) = tokio::join!(request, stop);
    assert!(answer.is_err());
}

#[tokio::test]
async fn slow_is_right_in_the_end_and_faults_can_be_taken_back() {
    let world = World::started().await;
    world.telegram.fault(TgFault::new(TgFaultKind::Slow(Duration::from_millis(20))));
    assert_eq!(world.ok("getMe", json!({})).await["username"], "demo_bot");
    world.telegram.fault(TgFault::new(TgFaultKind::Drop));
    world.telegram.clear_faults();
    world.ok("getMe", json!({})).await;
}

#[tokio::test]
async fn stopped_it_is_unreachable_and_started_again_it_remembers() {
    let world = World::started().await;
    let url = world.telegram.url();
    world.telegram.stop().await;
    assert!(world.http.get(world.method("getMe")).send().await.is_err());
    world.telegram.restart().await.unwrap();
    world.telegram.restart().await.unwrap();
    assert_eq!(world.telegram.url(), url);
    assert_eq!(world.ok("getUpdates", json!({})).await.as_array().unwrap().len(), 1);
    let gone = world.method("getMe");
    let http = world.http.clone();
    drop(world);
    // The last handle is gone: the server ends by itself.
    tokio::time::timeout(crate::support::chat::LIMIT, async {
        while http.get(&gone).send().await.is_ok() {
            tokio::task::yield_now().await;
        }
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn a_wrong_token_is_refused_as_telegram_does() {
    let world = World::new().await;
    let me = async |token: &str| {
        let url = format!("{}/bot{token}/getMe", world.telegram.url());
        world.http.get(url).send().await.unwrap().status().as_u16()
    };
    assert_eq!(me("654321:other").await, 401);
    assert_eq!(me("nonsense").await, 404);
    assert_eq!(world.telegram.take_violations().len(), 2);
    assert_eq!(me(TOKEN).await, 200);
    let wrong = teloxide::Bot::new("1:x").set_api_url(world.telegram.url().parse().unwrap());
    let refused = wrong.get_me().send().await;
    assert!(matches!(refused, Err(RequestError::Api(ApiError::InvalidToken))));
    assert!(!format!("{:?}", world.telegram.take_violations()).contains("1:x"));
    assert_eq!((world.telegram.token(), world.telegram.bot_id()), (TOKEN, 123_456));
}

#[tokio::test]
async fn who_blocked_the_bot_hears_nothing_until_they_write_again() {
    let world = World::started().await;
    world.telegram.send_other(OLGA, SimOther::Blocked);
    let blocked = world.bot().send_message(CHAT, "hi").send().await;
    assert!(matches!(blocked, Err(RequestError::Api(ApiError::BotBlocked))));
    world.telegram.send_text(OLGA, "/start");
    world.bot().send_message(CHAT, "hi").send().await.unwrap();
    let updates = world.ok("getUpdates", json!({})).await;
    let statuses: Vec<_> = updates
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|update| update["my_chat_member"]["new_chat_member"]["status"].as_str())
        .collect();
    assert_eq!(statuses, ["kicked", "member"]);
    assert_eq!(world.telegram.violations(), Vec::<String>::new());
}
