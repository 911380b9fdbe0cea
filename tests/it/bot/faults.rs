//! Telegram in trouble.

use std::time::Duration;

use orchestrator::demo::telegram::{SimOther, TgFault, TgFaultKind};
use orchestrator::services::views::ComponentState;
use secrecy::SecretString;

use super::stage::Stage;
use crate::support::chat::LIMIT;

async fn telegram_is(stage: &Stage) -> (ComponentState, String) {
    let telegram = stage.world.services.health.readiness().await.telegram;
    (telegram.state, telegram.reason.unwrap_or_default())
}

#[tokio::test]
async fn a_short_wait_is_kept() {
    let stage = Stage::new().await;
    let olga = stage.owner();
    stage.telegram.fault(TgFault::new(TgFaultKind::TooManyRequests(1)).on("sendMessage"));
    assert!(olga.send("/start").await.text().contains("Управление VPN"));
    assert_eq!(telegram_is(&stage).await.0, ComponentState::Ok);
    stage.end().await;
}

#[tokio::test]
async fn an_answer_that_did_not_get_through_is_tried_again() {
    let stage = Stage::new().await;
    let olga = stage.owner();
    stage.telegram.fault(TgFault::new(TgFaultKind::Drop).on("sendMessage"));
    assert!(olga.send("/new alice_1 30").await.text().contains("alice_1 создан"));
    assert_eq!(stage.clients().await.len(), 1);
    stage.end().await;
}

#[tokio::test]
async fn a_photo_that_is_refused_goes_as_a_document() {
    let stage = Stage::new().await;
    let olga = stage.owner();
    olga.send("/new alice_1 30").await;
    let refused = TgFaultKind::BadRequest("PHOTO_INVALID_DIMENSIONS".to_owned());
    stage.telegram.fault(TgFault::new(refused).on("sendPhoto"));
    olga.tap("Карточка").await;
    olga.tap("QR").await;
    let document = olga.last_document().await;
    assert_eq!(document.name, "alice_1.png");
    assert_eq!(crate::support::chat::qr_of(&document.bytes), stage.link("alice_1"));
    stage.end().await;
}

#[tokio::test]
async fn a_message_that_is_gone_is_sent_anew() {
    let stage = Stage::new().await;
    let olga = stage.owner();
    let home = olga.send("/start").await;
    let data = olga.button("Все клиенты").callback_data.unwrap();
    olga.act_other(SimOther::RemovedMessage(home.message.id));
    olga.forge(home.message.id, &data).await;
    let list = olga.next().await;
    assert!(list.text().contains("Клиенты") && list.message.id != home.message.id);
    let photo = olga.send("/new alice_1 30").await;
    // A photo never becomes a text screen.
    olga.forge(photo.message.id, "home:1").await;
    assert_ne!(olga.next().await.message.id, photo.message.id);
    stage.end().await;
}

/// Telegram's sentence goes on after that; how it goes on is not part of the API.
#[tokio::test]
async fn a_screen_that_is_there_already_is_no_error_however_telegram_says_it() {
    let stage = Stage::new().await;
    let olga = stage.owner();
    let home = olga.send("/start").await;
    let same = TgFaultKind::BadRequest("message is not modified: it is the same".to_owned());
    stage.telegram.fault(TgFault::new(same).on("editMessageText"));
    olga.forge(home.message.id, "help:1").await;
    assert!(olga.send("/help").await.text().contains("/clients"), "{}", olga.transcript());
    stage.end().await;
}

#[tokio::test]
async fn a_refused_token_stands_on_the_health_page() {
    let mut stage = Stage::asleep().await;
    let mut settings = stage.settings();
    settings.token = Some(SecretString::from("7000:wrong"));
    stage.start_with(settings);
    // The second attempt begins when the first one was reported.
    stage.telegram.wait(|telegram| (telegram.violations().len() == 2).then_some(())).await;
    stage.stop().await;
    let (state, reason) = telegram_is(&stage).await;
    assert_eq!(state, ComponentState::Down);
    assert!(reason.contains("TELEGRAM_BOT_TOKEN") && !reason.contains("wrong"), "{reason}");
}

#[tokio::test]
async fn a_missing_token_ends_the_bot_with_the_remedy() {
    let mut stage = Stage::asleep().await;
    let mut settings = stage.settings();
    settings.token = None;
    stage.start_with(settings);
    stage.stop().await;
    assert!(telegram_is(&stage).await.1.contains("@BotFather"));
}

#[tokio::test]
async fn another_poller_is_named() {
    let stage = Stage::new().await;
    stage.owner().send("/start").await;
    stage.telegram.wait(|telegram| telegram.polled().then_some(())).await;
    let other = teloxide::Bot::new(super::stage::TOKEN).set_api_url(stage.telegram.url().parse().unwrap());
    let named = async {
        loop {
            // Whoever polls last takes the place of the other, who is told.
            let poll = teloxide::prelude::Requester::get_updates(&other);
            let poll = teloxide::payloads::GetUpdatesSetters::timeout(poll, 1);
            let _ = IntoFuture::into_future(poll).await;
            if telegram_is(&stage).await.1.contains("another program polls") {
                return;
            }
        }
    };
    tokio::time::timeout(LIMIT, named).await.expect("the other poller is named");
    stage.owner().send("/start").await;
}

#[tokio::test]
async fn polling_survives_whatever_telegram_does() {
    let stage = Stage::new().await;
    let olga = stage.owner();
    olga.send("/start").await;
    for kind in [TgFaultKind::Drop, TgFaultKind::TooManyRequests(1), TgFaultKind::Unauthorized] {
        stage.telegram.fault(TgFault::new(kind).on("getUpdates"));
        olga.send("/start").await;
    }
    stage.telegram.restart().await.unwrap();
    olga.send("/start").await;
    assert_eq!(telegram_is(&stage).await.0, ComponentState::Ok);
    stage.end().await;
}

#[tokio::test]
async fn a_stop_interrupts_the_long_poll() {
    let mut stage = Stage::new().await;
    stage.telegram.wait(|telegram| telegram.polled().then_some(())).await;
    tokio::time::timeout(Duration::from_secs(3), stage.stop()).await.expect("at once");
}

#[tokio::test]
async fn one_persons_trouble_is_nobody_elses() {
    let stage = Stage::new().await;
    let olga = stage.owner();
    stage.telegram.fault(TgFault::new(TgFaultKind::Hang).on("sendMessage").to(1));
    olga.write("/start");
    let eve = crate::support::chat::Chat::new(&stage.telegram, 2, "Eve", "en");
    for _ in 0..20 {
        eve.send("hello").await;
    }
    assert!(olga.messages().iter().all(|message| !message.from_bot));
    assert!(olga.next().await.text().contains("Управление VPN"));
    stage.end().await;
}

#[tokio::test]
async fn a_message_that_is_too_old_to_edit_is_sent_anew() {
    let stage = Stage::new().await;
    let olga = stage.owner();
    let home = olga.send("/start").await;
    stage.world.clock.advance(chrono::TimeDelta::hours(49));
    olga.forge(home.message.id, "help:1").await;
    let help = olga.next().await;
    assert!(help.text().contains("/clients") && help.message.id != home.message.id, "{help}");
    stage.end().await;
}
