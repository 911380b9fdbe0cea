//! The keys of a configuration one by one.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use orchestrator::demo::panel::{SimSquad, SimTransport};
use orchestrator::domain::actor::Role;
use orchestrator::domain::operation::{Action, AuditFilter};
use orchestrator::repositories::audit;

use super::own::{ann, owns, short, staff};
use super::stage::Stage;
use crate::support::chat::{Chat, Screen, qr_of};
use crate::support::world::token;

/// The keys that the panel serves now.
async fn served(stage: &Stage, username: &str) -> Vec<String> {
    let id = stage.client(username).await.id;
    let raw = stage.world.services.configs.raw(&token(), id).await.unwrap();
    let text = String::from_utf8(STANDARD.decode(raw.config_data.0).unwrap()).unwrap();
    text.lines().map(str::to_owned).collect()
}

/// Changes the first squad of the panel.
fn squad(stage: &Stage, change: impl FnOnce(&mut SimSquad)) {
    let mut squads = stage.world.panel.squads();
    change(&mut squads[0]);
    stage.world.panel.set_squads(squads);
}

/// Makes all keys that much longer.
fn lengthen(stage: &Stage, by: usize) {
    squad(stage, |squad| {
        for host in squad.inbounds.iter_mut().filter_map(|inbound| inbound.host.as_mut()) {
            host.transport =
                SimTransport::WebSocket { path: "p".repeat(by), host: "cdn.example.test".to_owned() };
        }
    });
}

async fn keys(ann: &Chat) -> Screen {
    ann.send_n("/config", 2).await;
    ann.tap("Keys one by one").await
}

#[tokio::test]
async fn each_comes_with_its_own_code() {
    let stage = Stage::new().await;
    let ann = ann(&stage, &["alice_1"]).await;
    let all = served(&stage, "alice_1").await;
    let list = keys(&ann).await;
    insta::assert_snapshot!("keys_en", list);
    for (place, key) in all.iter().enumerate() {
        let photo = ann.tap(&format!("{}. ", place + 1)).await;
        assert_eq!(qr_of(&ann.last_photo().await), *key);
        assert!(photo.text().contains(key), "{photo}");
        let copied = photo.message.keyboard.iter().flatten().find_map(|button| button.copy_text.clone());
        assert_eq!(copied, (key.chars().count() <= 256).then(|| key.clone()));
        assert!(photo.message.html.contains("<code>vless://"), "{photo}");
    }
    assert!(all.len() > 1);
    // From a photo the way back is a new message.
    let again = ann.tap("Keys one by one").await;
    assert_ne!(again.message.id, list.message.id);
    assert_eq!(again.labels(), list.labels());
    stage.end().await;
}

#[tokio::test]
async fn handing_one_out_is_in_the_log() {
    let stage = Stage::new().await;
    let ann = ann(&stage, &["alice_1"]).await;
    keys(&ann).await;
    let filter = AuditFilter {
        actor: Some("telegram:50".to_owned()),
        action: Some(Action::GetConfig),
        ..AuditFilter::default()
    };
    let by_ann = || async { audit::count(&stage.world.opened.db, &filter).await.unwrap() };
    assert_eq!(by_ann().await, 1, "the names alone open nothing");
    ann.tap("1. ").await;
    assert_eq!(by_ann().await, 2);
    stage.end().await;
}

#[tokio::test]
async fn a_changed_list_is_noticed() {
    let stage = Stage::new().await;
    let ann = ann(&stage, &["alice_1"]).await;
    let list = keys(&ann).await;
    squad(&stage, |squad| squad.inbounds.reverse());
    let fresh = ann.tap("1. ").await;
    assert!(fresh.text().contains("This list is out of date"), "{fresh}");
    assert_eq!(fresh.message.id, list.message.id);
    assert_ne!(fresh.labels(), list.labels());
    ann.tap("1. ").await;
    assert_eq!(qr_of(&ann.last_photo().await), served(&stage, "alice_1").await[0]);
    stage.end().await;
}

#[tokio::test]
async fn none_is_ever_cut() {
    let stage = Stage::new().await;
    let ann = ann(&stage, &["alice_1"]).await;
    // Longer than a caption: the key, then its code.
    lengthen(&stage, 1000);
    keys(&ann).await;
    let both = ann.tap_n("1. ", 2).await;
    let key = served(&stage, "alice_1").await[0].clone();
    assert!(both[0].text().contains(&key));
    assert_eq!(qr_of(&ann.last_photo().await), key);
    // Longer than a code.
    lengthen(&stage, 2500);
    keys(&ann).await;
    let words = ann.tap("1. ").await;
    assert!(words.message.photo.is_none() && words.text().contains("too long for a QR code"), "{words}");
    assert!(words.text().contains(&served(&stage, "alice_1").await[0]));
    // Longer than a message.
    lengthen(&stage, 5000);
    keys(&ann).await;
    ann.tap("1. ").await;
    let document = ann.last_document().await;
    assert_eq!(document.name, "alice_1-1.txt");
    assert_eq!(document.bytes.as_ref(), served(&stage, "alice_1").await[0].as_bytes());
    stage.end().await;
}

#[tokio::test]
async fn many_are_turned_over_page_by_page_and_odd_names_are_harmless() {
    let stage = Stage::new().await;
    let ann = ann(&stage, &["alice_1"]).await;
    squad(&stage, |squad| {
        let inbounds = squad.inbounds.clone();
        squad.inbounds = inbounds.into_iter().cycle().take(20).collect();
        for (number, inbound) in squad.inbounds.iter_mut().enumerate() {
            inbound.uuid = uuid::Uuid::from_u128(number as u128);
            if let Some(host) = &mut inbound.host {
                host.remark = format!("<b>{number}</b> & \u{202e}😀 {}", "x".repeat(number * 13));
            }
        }
    });
    let first = keys(&ann).await;
    let second = ann.tap("➡️").await;
    let third = ann.tap("➡️").await;
    assert_eq!([first.message.id; 2], [second.message.id, third.message.id]);
    assert!(third.labels().contains(&"3/3".to_owned()), "{third}");
    let photo = ann.tap("20. ").await;
    assert_eq!(qr_of(&ann.last_photo().await), served(&stage, "alice_1").await[19]);
    assert!(photo.text().contains("<b>19</b> & 😀"), "{photo}");
    stage.end().await;
}

#[tokio::test]
async fn without_the_panel_there_are_none_but_the_link() {
    let stage = Stage::new().await;
    let ann = ann(&stage, &["alice_1"]).await;
    keys(&ann).await;
    stage.world.panel.stop().await;
    let silent = ann.tap("1. ").await;
    assert!(silent.text().contains("does not answer right now"), "{silent}");
    stage.world.panel.restart().await.unwrap();
    assert!(ann.tap("Try again").await.labels()[0].starts_with("1. "));
    stage.end().await;
}

#[tokio::test]
async fn nobody_sees_anothers() {
    let stage = Stage::new().await;
    let ann = ann(&stage, &["alice_1"]).await;
    owns(&stage, 51, &["bob-2"]).await;
    let vera = staff(&stage, 60, "Vera", Role::Viewer).await;
    let bob = short(stage.client("bob-2").await.id);
    for person in [&ann, &vera] {
        for data in [format!("keys:1:{bob}:0"), format!("key:1:{bob}:0:00000000")] {
            let message = person.send("/start").await.message.id;
            person.forge(message, &data).await;
            let refused = person.next().await.text();
            assert!(!refused.contains("vless") && !refused.contains("bob-2"), "{refused}");
            assert!(refused.contains("You have no client") || refused.contains("You may not"), "{refused}");
        }
    }
    stage.end().await;
}
