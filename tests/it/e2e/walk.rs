//! The main job, whole: an admin creates a client, its user scans the QR code, an integration sees both.

use base64::Engine as _;
use orchestrator::demo::panel::PanelVersion;

use super::Stage;
use crate::support::chat::{Chat, qr_of};
use crate::support::db::{Kind, on_both};

on_both!(with_version_2, with_version_3);

async fn with_version_2(kind: Kind) {
    walk(kind, PanelVersion::V2).await;
}

async fn with_version_3(kind: Kind) {
    walk(kind, PanelVersion::V3).await;
}

async fn walk(kind: Kind, version: PanelVersion) {
    let stage = Stage::new(kind, version).await;
    let (olga, anna, sam) = (
        stage.olga(),
        Chat::new(&stage.telegram, 2002, "Anna <b>&</b> 😀", "en"),
        Chat::new(&stage.telegram, 3003, "Sam", "de"),
    );

    assert!(olga.send("/start").await.text().contains(version.number()), "{}", olga.text());
    let created = olga.send("/new alice_1 30").await;
    let user = stage.panel.user("alice_1").unwrap();
    assert!(created.text().contains("alice_1") && created.text().contains(&user.short_uuid), "{created}");
    assert_eq!(user.squads.len(), 1);
    stage.assert_agreement().await;

    let link = invite(&olga).await;
    let welcome = anna.send(&link).await;
    assert!(welcome.text().contains("alice_1"), "{welcome}");
    let told = olga.next().await;
    assert!(told.text().contains("Anna <b>&</b> 😀"), "the inviter is told who accepted: {told}");

    let [config, photo] = anna.send_n("/config", 2).await.try_into().unwrap();
    let (_, list) = stage.get("/api/v1/clients").await;
    let client = &list["items"][0];
    let url = client["subscription_url"].as_str().unwrap();
    assert_eq!(qr_of(photo.message.photo.as_ref().unwrap()), url);
    assert!(photo.text().contains(url), "{photo}");
    let id = client["id"].as_str().unwrap();
    let (status, rest) = stage.get(&format!("/api/v1/clients/{id}/config")).await;
    assert_eq!((status, rest["config_data"].as_str()), (200, Some(&*config.text())), "the same over REST");
    let keys = base64::engine::general_purpose::STANDARD.decode(config.text()).unwrap();
    assert!(String::from_utf8(keys).unwrap().starts_with("vless://"));

    let (_, log) = stage.get(&format!("/api/v1/operations?client_id={id}")).await;
    let actions: Vec<_> = log["items"].as_array().unwrap().iter().map(|row| row["action"].clone()).collect();
    assert_eq!(actions, ["get_config", "get_config", "create"], "newest first");

    for text in ["/start", "/clients", "/config alice_1", &link, "hi"] {
        let answer = sam.send(text).await.text();
        assert!(!answer.contains("alice") && !answer.contains(&user.short_uuid), "{answer}");
    }
    assert_eq!(stage.get("/health").await.0, 200);
    let (status, ready) = stage.get("/health/ready").await;
    assert_eq!((status, &ready["status"]), (200, &"ok".into()), "{ready}");
    stage.end().await;
}

/// Invites whoever owns `alice_1`; what the invited person sends by opening the link.
async fn invite(olga: &Chat) -> String {
    olga.write("/invite alice_1");
    let link = olga
        .wait("an invite link", |chat| {
            let message = chat.messages().into_iter().rev().find(|message| {
                message.caption.as_ref().is_some_and(|caption| caption.contains("?start="))
            })?;
            let qr = qr_of(message.photo.as_ref()?);
            let text = message.caption.unwrap_or_default();
            text.contains(&qr).then_some(qr)
        })
        .await;
    olga.until("the invite", |_| true).await;
    let token = link.strip_prefix("https://t.me/vpn_bot?start=").unwrap();
    assert!(token.len() >= 22, "16 random bytes at least");
    format!("/start {token}")
}
