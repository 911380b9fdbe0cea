//! "It does not work": people are told why, and what helps.

use chrono::TimeDelta;
use orchestrator::demo::panel::{Fault, Matcher, SimStatus, What};
use orchestrator::demo::telegram::SimOther;
use orchestrator::domain::clock::Clock as _;

use super::own::ann;
use super::stage::Stage;
use crate::support::chat::Chat;

/// A bot with support and a page to pay.
async fn stage() -> Stage {
    let mut stage = Stage::asleep().await;
    let mut settings = stage.settings();
    settings.support_contact = Some("@vpn_help".parse().unwrap());
    settings.pay_url = Some("https://pay.example.test/vpn".parse().unwrap());
    stage.start_with(settings);
    stage
}

async fn online(stage: &Stage, ago: TimeDelta) {
    let moment = stage.world.clock.now() - ago;
    stage.world.panel.edit_user("alice_1", |user| user.online_at = Some(moment));
}

#[tokio::test]
async fn every_trouble_has_its_words_and_its_button() {
    let stage = stage().await;
    let ann = ann(&stage, &["alice_1"]).await;
    let never = ann.send("it does not work").await;
    assert!(never.text().contains("Nobody has connected to this VPN yet"), "{never}");
    assert_eq!(never.labels()[0], "📲 Get configuration");
    online(&stage, TimeDelta::minutes(5)).await;
    insta::assert_snapshot!("diagnosis_well_en", ann.send("😀 <b>help").await);
    online(&stage, TimeDelta::days(4)).await;
    let long = ann.send("?").await;
    assert!(long.text().contains("Last online: 4 days ago"), "{long}");
    assert!(long.text().contains("nobody has connected for a long time"), "{long}");
    assert_eq!(long.labels()[0], "📲 Get configuration");
    for (status, words, button) in [
        (SimStatus::Disabled, "Your access is closed", "💬 Support"),
        (SimStatus::Limited, "Your traffic is used up", "💳 Pay"),
        (SimStatus::Expired, "Your access has expired", "💳 Renew"),
    ] {
        stage.world.panel.edit_user("alice_1", |user| user.status = status);
        let answer = ann.send("why?").await;
        assert!(answer.text().contains(words), "{answer}");
        assert_eq!(answer.labels()[0], button);
    }
    stage.world.panel.edit_user("alice_1", |user| {
        user.status = SimStatus::Active;
        user.squads.clear();
    });
    let squad = ann.send("why?").await;
    assert!(squad.text().contains("not ready yet") && squad.labels()[0] == "💬 Support", "{squad}");
    stage.world.panel.remove_user("alice_1");
    assert!(ann.send("why?").await.text().contains("not ready yet"));
    stage.end().await;
}

#[tokio::test]
async fn in_russian_whatever_is_sent() {
    let stage = stage().await;
    super::own::owns(&stage, 50, &["alice_1"]).await;
    let anna = Chat::new(&stage.telegram, 50, "Анна", "ru");
    online(&stage, TimeDelta::minutes(5)).await;
    let text = anna.send("не работает").await;
    insta::assert_snapshot!("diagnosis_well_ru", text);
    for other in [
        SimOther::Sticker,
        SimOther::Voice,
        SimOther::Contact,
        SimOther::Photo("x".to_owned()),
        SimOther::Document("a.txt".to_owned(), "a".into()),
    ] {
        anna.act_other(other);
        assert_eq!(anna.next().await.to_string(), text.to_string());
    }
    // A command that is none of theirs: what they may write, too.
    for command in ["/unheard_of", "/new bob 30", "/delete alice_1", "/roles", "/"] {
        let answer = anna.send(command).await;
        assert!(answer.text().contains("/status") && answer.text().contains("Проверил ваш VPN"), "{answer}");
    }
    assert_eq!(stage.clients().await.len(), 1);
    let home = anna.send("/start").await;
    assert_eq!(anna.tap("Не работает?").await.message.id, home.message.id);
    stage.end().await;
}

#[tokio::test]
async fn a_panel_that_does_not_answer_is_told_of_in_time() {
    let stage = stage().await;
    let ann = ann(&stage, &["alice_1", "alice_2", "alice_3", "alice_4", "alice_5"]).await;
    stage.world.panel.fault(Fault::before(Matcher::any(), What::Hang).always());
    let begun = tokio::time::Instant::now();
    let silent = ann.send("why?").await;
    assert!(begun.elapsed() < std::time::Duration::from_secs(10), "{:?}", begun.elapsed());
    assert!(silent.text().contains("the server does not answer"), "{silent}");
    stage.world.panel.clear_faults();
    let checked = ann.tap("Check again").await;
    assert_eq!(checked.message.id, silent.message.id);
    assert!(!checked.text().contains("does not answer"), "{checked}");
    // What the database knows needs no panel.
    stage.world.panel.stop().await;
    stage.world.clock.advance(TimeDelta::days(31));
    let expired = ann.send("why?").await;
    assert!(expired.text().contains("Your access has expired"), "{expired}");
    assert_eq!(expired.labels(), ["💳 Renew", "💬 Support", "🏠 Home"]);
    stage.world.panel.restart().await.unwrap();
    stage.end().await;
}

#[tokio::test]
async fn of_several_each_is_looked_at() {
    let stage = stage().await;
    let ann = ann(&stage, &["alice_1", "alice_2", "alice_3"]).await;
    online(&stage, TimeDelta::minutes(5)).await;
    stage.world.panel.edit_user("alice_2", |user| user.status = SimStatus::Limited);
    insta::assert_snapshot!("diagnosis_several_en", ann.send("why?").await);
    ann.tap_n("alice_1", 2).await;
    assert!(ann.last().text().contains("alice_1"));
    stage.end().await;
}
