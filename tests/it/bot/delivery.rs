//! Configurations, as they reach people.

use orchestrator::demo::panel::SimStatus;
use orchestrator::domain::actor::{Actor, Role};

use super::own::{ann, owns, staff};
use super::stage::Stage;
use crate::support::chat::qr_of;
use crate::support::world::token;

async fn served(stage: &Stage, username: &str) -> String {
    let by: Actor = token();
    let raw = stage.world.services.configs.raw(&by, stage.client(username).await.id).await.unwrap();
    raw.config_data.0
}

#[tokio::test]
async fn the_text_then_the_photo_with_its_buttons() {
    let stage = Stage::new().await;
    let ann = ann(&stage, &["alice_1"]).await;
    let screens = ann.send_n("/config", 2).await;
    let config = served(&stage, "alice_1").await;
    assert_eq!(screens[0].text(), config);
    assert_eq!(screens[0].message.html, format!("<pre>{config}</pre>"));
    let link = stage.link("alice_1");
    assert_eq!(qr_of(&ann.last_photo().await), link);
    assert!(screens[1].text().contains("alice_1 — active") && screens[1].text().contains(&link));
    assert_eq!(ann.button("Copy link").copy_text, Some(link.clone()));
    assert_eq!(ann.button("Add to app").url, Some(link));
    let home = ann.send("/start").await;
    assert!(home.text().contains("in 30 days"));
    assert_eq!(ann.tap_n("Get configuration", 2).await[0].text(), config);
    stage.end().await;
}

#[tokio::test]
async fn with_several_clients_one_is_chosen() {
    let stage = Stage::new().await;
    let ann = ann(&stage, &["alice_1", "alice_2"]).await;
    let chooser = ann.send("/config").await;
    assert_eq!(chooser.labels(), ["📲 alice_2 ✅", "📲 alice_1 ✅", "🏠 Home"], "{chooser}");
    ann.tap_n("alice_2", 2).await;
    assert_eq!(qr_of(&ann.last_photo().await), stage.link("alice_2"));
    stage.end().await;
}

#[tokio::test]
async fn never_a_dead_one() {
    let stage = Stage::new().await;
    let ann = ann(&stage, &["alice_1"]).await;
    let olga = stage.owner();
    for (status, words, staff) in [
        (SimStatus::Disabled, "is closed", "Сначала верните доступ"),
        (SimStatus::Expired, "expired", "Сначала продлите"),
        (SimStatus::Limited, "used up", "Увеличьте лимит"),
    ] {
        stage.world.panel.edit_user("alice_1", |user| user.status = status);
        let answer = ann.send("/config").await;
        assert!(answer.text().contains(words), "{answer}");
        assert!(!answer.text().contains("https://"));
        assert!(olga.send("/config alice_1").await.text().contains(staff));
    }
    stage.world.panel.edit_user("alice_1", |user| {
        user.status = SimStatus::Active;
        user.squads.clear();
    });
    let answer = ann.send("/config").await;
    assert!(
        answer.message.photo.is_none() && !answer.text().contains("https://"),
        "fake links only: {answer}"
    );
    stage.end().await;
}

#[tokio::test]
async fn with_the_panel_down_link_and_code_still_come() {
    let stage = Stage::new().await;
    let ann = ann(&stage, &["alice_1"]).await;
    stage.world.panel.stop().await;
    let photo = ann.send("/config").await;
    assert!(photo.text().contains("does not answer right now"), "{photo}");
    assert_eq!(qr_of(&ann.last_photo().await), stage.link("alice_1"));
    stage.world.panel.restart().await.unwrap();
    stage.end().await;
}

#[tokio::test]
async fn a_long_one_is_a_document_byte_for_byte() {
    let stage = Stage::new().await;
    let ann = ann(&stage, &["alice_1"]).await;
    let mut squads = stage.world.panel.squads();
    let inbounds = squads[0].inbounds.clone();
    squads[0].inbounds = inbounds.into_iter().cycle().take(400).collect();
    for (number, inbound) in squads[0].inbounds.iter_mut().enumerate() {
        inbound.uuid = uuid::Uuid::from_u128(number as u128);
    }
    stage.world.panel.set_squads(squads);
    let screens = ann.send_n("/config", 2).await;
    let document = ann.last_document().await;
    let config = served(&stage, "alice_1").await;
    assert!(config.len() > 50_000, "{}", config.len());
    assert_eq!((document.name.as_str(), document.bytes.as_ref()), ("alice_1.txt", config.as_bytes()));
    assert!(screens[1].message.photo.is_some());
    stage.end().await;
}

#[tokio::test]
async fn someone_elses_is_not_there() {
    let stage = Stage::new().await;
    let ann = ann(&stage, &["alice_1"]).await;
    stage.owner().send("/new bob-2 30").await;
    let bob = stage.client("bob-2").await.id;
    let there = ann.send("/config bob-2").await.text();
    let nowhere = ann.send("/config nobody").await.text();
    assert_eq!(there.replace("bob-2", "nobody"), nowhere);
    let short = base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, bob.0.as_bytes());
    let before = stage.clients().await;
    for action in ["config:1:", "qr:1:", "invite:1:"] {
        ann.forge(ann.last().message.id, &format!("{action}{short}")).await;
        assert!(!ann.next().await.text().contains("https://"), "{action}");
    }
    for data in [
        format!("card:1:{short}:c--0"),
        "list:1:c--0".to_owned(),
        "new:1".to_owned(),
        "new:1:30".to_owned(),
        "yes:1:new:AAAAAAAAAAAAAAAe:mallory".to_owned(),
    ] {
        ann.forge(ann.last().message.id, &data).await;
        assert!(ann.next().await.text().contains("You may not"), "{data}");
    }
    assert_eq!(stage.clients().await, before);
    stage.end().await;
}

#[tokio::test]
async fn add_to_app_opens_the_page_of_this_service_where_it_has_an_address() {
    let mut stage = Stage::asleep().await;
    let mut settings = stage.settings();
    settings.public_url = Some("https://vpn.example.test".parse().unwrap());
    stage.start_with(settings);
    let ann = ann(&stage, &["alice_1"]).await;
    ann.send_n("/config", 2).await;
    let link = stage.link("alice_1");
    let short = link.rsplit('/').next().unwrap();
    let page = format!(
        "https://vpn.example.test/connect#https%3A%2F%2Fsub.example.test%2Fapi%2Fsub%2F{short}&lang=en"
    );
    assert_eq!(ann.button("Add to app").url, Some(page));
    stage.end().await;
}

#[tokio::test]
async fn who_has_none_is_told_whom_to_pay_or_ask() {
    let mut stage = Stage::asleep().await;
    let mut settings = stage.settings();
    settings.support_contact = Some("@vpn_help".parse().unwrap());
    settings.pay_url = Some("https://pay.example.test/vpn?plan=1".parse().unwrap());
    stage.start_with(settings);
    let ann = ann(&stage, &["alice_1"]).await;
    let labels =
        |first: &[&str]| first.iter().chain(&["🏠 Home"]).map(ToString::to_string).collect::<Vec<_>>();
    for (status, buttons) in [
        (SimStatus::Disabled, labels(&["💬 Support"])),
        (SimStatus::Expired, labels(&["💳 Renew", "💬 Support"])),
        (SimStatus::Limited, labels(&["💳 Pay", "💬 Support"])),
    ] {
        stage.world.panel.edit_user("alice_1", |user| user.status = status);
        let answer = ann.send("/config").await;
        assert_eq!(answer.labels(), buttons, "{answer}");
        assert!(answer.text().contains("@vpn_help"), "{answer}");
    }
    assert_eq!(ann.button("Pay").url.as_deref(), Some("https://pay.example.test/vpn?plan=1"));
    assert_eq!(ann.button("Support").url.as_deref(), Some("https://t.me/vpn_help"));
    stage.end().await;
}

#[tokio::test]
async fn what_opens_the_vpn_cannot_be_forwarded_where_the_settings_say_so() {
    for protect in [false, true] {
        let mut stage = Stage::asleep().await;
        let mut settings = stage.settings();
        settings.protect_content = protect;
        stage.start_with(settings);
        let ann = ann(&stage, &["alice_1"]).await;
        let mut secret = ann.send_n("/config", 2).await;
        ann.tap("Keys one by one").await;
        secret.push(ann.tap("1. ").await);
        ann.send("/rotate").await;
        secret.extend(ann.tap_n("Yes", 3).await.drain(1..));
        secret.push(stage.owner().send("/new bob-2 30").await);
        for screen in secret {
            assert_eq!(screen.message.protected, protect, "{screen}");
        }
        for plain in ["/start", "/status", "/help", "hello"] {
            assert!(!ann.send(plain).await.message.protected, "{plain}");
        }
        stage.end().await;
    }
}

#[tokio::test]
async fn a_viewer_is_offered_only_what_they_may_see() {
    let stage = Stage::new().await;
    stage.owner().send("/new bob-2 30").await;
    let vera = staff(&stage, 60, "Vera", Role::Viewer).await;
    let list = vera.send("/config").await;
    assert!(list.text().contains("Clients"), "{list}");
    assert!(!vera.tap("bob-2").await.to_string().contains("https://"));
    // Their own is theirs.
    owns(&stage, 60, &["vera-1"]).await;
    vera.send("/config").await;
    vera.tap_n("vera-1", 2).await;
    assert_eq!(qr_of(&vera.last_photo().await), stage.link("vera-1"));
    assert!(vera.last().labels().iter().any(|label| label.contains("Replace link")));
    stage.end().await;
}

#[tokio::test]
async fn staff_get_their_own_without_naming_it_and_others_by_a_button() {
    let stage = Stage::new().await;
    let olga = stage.owner();
    olga.send("/new bob-2 30").await;
    owns(&stage, 1, &["olga-1"]).await;
    let chooser = olga.send("/config").await;
    assert_eq!(chooser.labels(), ["📲 olga-1 ✅", "📋 Другие клиенты", "🏠 На главную"]);
    olga.tap_n("olga-1", 2).await;
    assert_eq!(qr_of(&olga.last_photo().await), stage.link("olga-1"));
    olga.send("/config").await;
    assert!(olga.tap("Другие").await.text().contains("Чью настройку прислать?"));
    olga.tap_n("bob-2", 2).await;
    assert_eq!(qr_of(&olga.last_photo().await), stage.link("bob-2"));
    stage.end().await;
}
