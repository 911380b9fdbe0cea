//! Invites: made, opened, and everything that is wrong with them.

use chrono::TimeDelta;

use super::stage::Stage;
use crate::support::chat::{Chat, qr_of};

/// Makes an invite and gives its token.
async fn invite(olga: &Chat, username: &str) -> String {
    let screens = olga.send_n(&format!("/invite {username}"), 2).await;
    assert!(screens[0].text().contains("Действует до"), "{}", screens[0]);
    let link = qr_of(&olga.last_photo().await);
    assert!(screens[1].text().contains(&link), "{}", screens[1]);
    link.strip_prefix("https://t.me/vpn_test_bot?start=").unwrap().to_owned()
}

#[tokio::test]
async fn opened_once_it_links_and_the_inviter_is_told() {
    let stage = Stage::new().await;
    let olga = stage.owner();
    olga.send("/new alice_1 30").await;
    let token = invite(&olga, "alice_1").await;
    let ann = Chat::new(&stage.telegram, 50, "Ann <3", "en");
    let welcome = ann.send(&format!("/start {token}")).await;
    assert!(welcome.text().contains("is linked to alice_1"), "{welcome}");
    olga.until("the inviter is told", |chat| chat.text().contains("принято: Ann <3 (50)")).await;
    // The same person again is told the same, and nobody else is told anything.
    assert!(ann.send(&format!("/start {token}")).await.text().contains("is linked to alice_1"));
    assert!(ann.send("/start").await.text().contains("alice_1 — active"));
    let eve = Chat::new(&stage.telegram, 51, "Eve", "en");
    assert!(eve.send(&format!("/start {token}")).await.text().contains("used already"));
    assert!(eve.send("/config alice_1").await.text().contains("by invitation"));
    assert!(olga.send("/invite alice_1").await.text().contains("уже привязан"));
    let card = olga.send("/client alice_1").await;
    assert!(card.text().contains("Telegram: Ann <3 (50)"), "{card}");
    assert!(!olga.last().labels().iter().any(|label| label.contains("Пригласить")));
    stage.end().await;
}

#[tokio::test]
async fn forged_expired_and_late_ones_each_have_their_words() {
    let stage = Stage::new().await;
    let olga = stage.owner();
    olga.send("/new alice_1 30").await;
    let ann = Chat::new(&stage.telegram, 50, "Ann", "en");
    for forged in ["AAAAAAAAAAAAAAAAAAAAAAAA", "x", "%00", &*"a".repeat(65), "a b"] {
        let answer = ann.send(&format!("/start {forged}")).await.text();
        assert!(answer.contains("does not work") && !answer.contains("alice"), "{forged}: {answer}");
    }
    let first = invite(&olga, "alice_1").await;
    let second = invite(&olga, "alice_1").await;
    ann.send(&format!("/start {first}")).await;
    let eve = Chat::new(&stage.telegram, 51, "Eve", "en");
    assert!(eve.send(&format!("/start {second}")).await.text().contains("another Telegram account"));
    olga.send("/new bob-2 30").await;
    let old = invite(&olga, "bob-2").await;
    stage.world.clock.advance(TimeDelta::days(8));
    assert!(eve.send(&format!("/start {old}")).await.text().contains("has expired"));
    stage.end().await;
}

#[tokio::test]
async fn the_picker_invites_whom_it_is_told() {
    let stage = Stage::new().await;
    let olga = stage.owner();
    olga.send("/new alice_1 30").await;
    assert!(olga.send("/invite").await.text().contains("Кого пригласить?"));
    let screens = olga.tap_n("alice_1 ·", 2).await;
    assert!(screens[0].text().contains("Приглашение для alice_1"));
    assert!(screens[1].message.photo.is_some());
    stage.end().await;
}
