//! Telegram accounts taken off clients, taken back, and clients moved to other accounts.

use chrono::TimeDelta;
use orchestrator::demo::panel::{Fault, Matcher, What};
use orchestrator::demo::telegram::{BotCall, TelegramSim, TgFault, TgFaultKind};
use orchestrator::domain::actor::Role;

use super::stage::Stage;
use crate::support::chat::{Chat, qr_of};

const NAME: &str = "Ann <b>&\u{202e} 😀";

/// The token of the invite whose photo came last.
async fn token_of(chat: &Chat) -> String {
    let link = qr_of(&chat.last_photo().await);
    link.strip_prefix("https://t.me/vpn_test_bot?start=").unwrap().to_owned()
}

async fn invite(olga: &Chat, username: &str) -> String {
    olga.send_n(&format!("/invite {username}"), 2).await;
    token_of(olga).await
}

/// A client with somebody linked; whoever invited has been told.
async fn linked(stage: &Stage, olga: &Chat, id: i64, name: &str, lang: &str) -> Chat {
    olga.send("/new alice_1 30").await;
    let token = invite(olga, "alice_1").await;
    let chat = Chat::new(&stage.telegram, id, name, lang);
    chat.send(&format!("/start {token}")).await;
    olga.until("the inviter is told", |chat| chat.text().contains("🤝")).await;
    chat
}

fn data(chat: &Chat, label: &str) -> String {
    chat.button(label).callback_data.unwrap()
}

async fn who(stage: &Stage) -> Option<i64> {
    stage.client("alice_1").await.telegram_id.map(|id| id.0)
}

/// Accepted, taken back, accepted by somebody else, moved. Buttons are found by their emoji.
async fn walk(lang: &str) -> String {
    let stage = Stage::new().await;
    let olga = Chat::new(&stage.telegram, 1, "Olga", lang);
    let ann = linked(&stage, &olga, 50, NAME, lang).await;
    let mut seen = vec![olga.last()];
    for button in ["↩️", "✖️", "🔓", "🔓"] {
        seen.push(olga.tap(button).await);
    }
    assert_eq!(who(&stage).await, None);
    ann.until("Ann is told", |chat| chat.text().contains("🔓")).await;
    seen.push(ann.last());
    seen.push(ann.send("/config alice_1").await);
    seen.push(olga.send("/unlink alice_1").await);

    let token = invite(&olga, "alice_1").await;
    let bo = Chat::new(&stage.telegram, 51, "Bo", lang);
    bo.send(&format!("/start {token}")).await;
    olga.until("Olga is told of Bo", |chat| chat.text().contains("Bo (51)")).await;
    seen.push(olga.send("/invite alice_1").await);
    seen.push(olga.tap("🔀").await);
    seen.push(olga.tap_n("🔀", 2).await.remove(0));
    let token = token_of(&olga).await;
    bo.until("Bo is told", |chat| chat.text().contains("🔓")).await;
    let cy = Chat::new(&stage.telegram, 52, "Cy", lang);
    cy.send(&format!("/start {token}")).await;
    assert_eq!(who(&stage).await, Some(52));
    olga.until("Olga is told of Cy", |chat| chat.text().contains("Cy (52)")).await;
    seen.push(olga.send("/unlink").await);
    seen.push(olga.tap("alice_1").await);
    let link = stage.link("alice_1");
    stage.end().await;
    seen.iter().map(|screen| format!("{screen}\n\n").replace(&link, "https://…")).collect()
}

#[tokio::test]
async fn a_link_is_taken_back_and_moved_in_russian() {
    insta::assert_snapshot!("linking_ru", walk("ru").await);
}

#[tokio::test]
async fn a_link_is_taken_back_and_moved_in_english() {
    insta::assert_snapshot!("linking_en", walk("en").await);
}

#[tokio::test]
async fn an_invite_for_a_linked_client_waits_for_its_unlinking_and_dies_with_the_client() {
    let stage = Stage::new().await;
    let olga = Chat::new(&stage.telegram, 1, "Olga", "en");
    olga.send("/new alice_1 30").await;
    let (first, second) = (invite(&olga, "alice_1").await, invite(&olga, "alice_1").await);
    let third = invite(&olga, "alice_1").await;
    Chat::new(&stage.telegram, 50, "Ann", "en").send(&format!("/start {first}")).await;
    olga.until("Olga is told", |chat| chat.text().contains("Ann (50)")).await;
    let bo = Chat::new(&stage.telegram, 51, "Bo", "en");
    assert!(bo.send(&format!("/start {second}")).await.text().contains("another Telegram account"));
    assert!(olga.send("/unlink alice_1").await.text().contains("no longer linked to Ann (50)"));
    assert!(bo.send(&format!("/start {second}")).await.text().contains("is linked to alice_1"));
    olga.until("Olga is told", |chat| chat.text().contains("Bo (51)")).await;
    olga.send("/delete alice_1").await;
    olga.tap("🗑").await;
    let cy = Chat::new(&stage.telegram, 52, "Cy", "en");
    let answer = cy.send(&format!("/start {third}")).await.text();
    assert!(answer.contains("does not work") && !answer.contains("alice"), "{answer}");
    stage.end().await;
}

/// Whoever a client is taken from may hold an older invite for it: with that they would be back before the next one.
#[tokio::test]
async fn moved_an_older_invite_is_void() {
    let stage = Stage::new().await;
    let olga = Chat::new(&stage.telegram, 1, "Olga", "en");
    olga.send("/new alice_1 30").await;
    let (first, second) = (invite(&olga, "alice_1").await, invite(&olga, "alice_1").await);
    let ann = Chat::new(&stage.telegram, 50, "Ann", "en");
    ann.send(&format!("/start {first}")).await;
    olga.until("Olga is told", |chat| chat.text().contains("Ann (50)")).await;
    olga.send("/client alice_1").await;
    olga.tap("🔀").await;
    olga.tap_n("🔀", 2).await;
    let token = token_of(&olga).await;
    ann.until("Ann is told", |chat| chat.text().contains("no longer linked")).await;
    let answer = ann.send(&format!("/start {second}")).await.text();
    assert!(!answer.contains("alice_1"), "{answer}");
    assert_eq!(who(&stage).await, None);
    let bo = Chat::new(&stage.telegram, 51, "Bo", "en");
    assert!(bo.send(&format!("/start {token}")).await.text().contains("is linked to alice_1"));
    stage.end().await;
}

#[tokio::test]
async fn a_button_about_somebody_who_is_gone_leaves_the_next_one_alone() {
    let stage = Stage::new().await;
    let olga = Chat::new(&stage.telegram, 1, "Olga", "en");
    linked(&stage, &olga, 50, "Ann", "en").await;
    let back = data(&olga, "↩️");
    let question = olga.tap("↩️").await;
    let yes = data(&olga, "🔓");
    assert!(olga.tap("🔓").await.text().contains("no longer linked to Ann (50)"));
    let token = invite(&olga, "alice_1").await;
    Chat::new(&stage.telegram, 51, "Bo", "en").send(&format!("/start {token}")).await;
    olga.until("Olga is told of Bo", |chat| chat.text().contains("Bo (51)")).await;
    olga.forge(question.message.id, &yes).await;
    assert!(olga.next().await.text().contains("no longer linked to Ann (50)"), "what it did then");
    olga.forge(question.message.id, &back).await;
    assert!(olga.next().await.text().contains("Somebody else is linked to alice_1 by now: Bo (51)"));
    assert_eq!(who(&stage).await, Some(51));
    // A question from before, answered after another was linked.
    olga.send("/client alice_1").await;
    let question = olga.tap("🔓").await;
    let (unlink, moving) = (data(&olga, "🔓"), {
        olga.tap("🔀").await;
        data(&olga, "🔀")
    });
    olga.send("/unlink alice_1").await;
    let token = invite(&olga, "alice_1").await;
    Chat::new(&stage.telegram, 50, "Ann", "en").send(&format!("/start {token}")).await;
    olga.until("Olga is told of Ann", |chat| chat.text().contains("Ann (50)")).await;
    for data in [&unlink, &moving] {
        olga.forge(question.message.id, data).await;
        let answer = olga.next().await.text();
        assert!(answer.contains("Somebody else is linked to alice_1 by now: Ann (50)"), "{answer}");
    }
    assert_eq!(who(&stage).await, Some(50));
    stage.world.clock.advance(TimeDelta::hours(25));
    for data in [&unlink, &moving] {
        olga.forge(question.message.id, data).await;
        assert!(olga.next().await.text().contains("out of date"));
    }
    stage.end().await;
}

#[tokio::test]
async fn moved_with_another_link_the_old_one_is_dead_and_nobody_gets_the_new_one() {
    let stage = Stage::new().await;
    let olga = Chat::new(&stage.telegram, 1, "Olga", "en");
    let ann = linked(&stage, &olga, 50, "Ann", "en").await;
    let old = stage.link("alice_1");
    olga.send("/client alice_1").await;
    olga.tap("🔀").await;
    let (yes, other) = (data(&olga, "🔄"), data(&olga, "🔀"));
    let screens = olga.tap_n("🔄", 2).await;
    assert!(screens[0].text().contains("The link is replaced") && screens[1].message.photo.is_some());
    assert_ne!(stage.link("alice_1"), old);
    ann.until("Ann is told", |chat| chat.text().contains("no longer linked")).await;
    assert!(!ann.transcript().contains("replaced"), "{}", ann.transcript());
    let token = token_of(&olga).await;
    // A second tap does it no second time, and the invite stays good.
    olga.forge(screens[0].message.id, &yes).await;
    assert!(olga.next().await.text().contains("was done already"));
    olga.forge(screens[0].message.id, &other).await;
    assert!(olga.next().await.text().contains("is not linked to anybody"));
    let link = stage.link("alice_1");
    let bo = Chat::new(&stage.telegram, 51, "Bo", "en");
    assert!(bo.send(&format!("/start {token}")).await.text().contains("is linked to alice_1"));
    olga.until("Olga is told of Bo", |chat| chat.text().contains("Bo (51)")).await;
    olga.forge(screens[0].message.id, &yes).await;
    assert!(olga.next().await.text().contains("Bo (51)"));
    assert_eq!((who(&stage).await, stage.link("alice_1")), (Some(51), link));
    stage.end().await;
}

#[tokio::test]
async fn a_panel_that_is_away_keeps_nobody_linked() {
    let stage = Stage::new().await;
    let olga = Chat::new(&stage.telegram, 1, "Olga", "en");
    linked(&stage, &olga, 50, "Ann", "en").await;
    let old = stage.link("alice_1");
    olga.send("/client alice_1").await;
    olga.tap("🔀").await;
    stage.world.panel.fault(Fault::before(Matcher::any(), What::Status(503, None)).always());
    let screens = olga.tap_n("🔄", 2).await;
    assert!(screens[0].text().contains("was NOT replaced"), "{}", screens[0]);
    assert_eq!((who(&stage).await, stage.link("alice_1")), (None, old));
    let token = token_of(&olga).await;
    let bo = Chat::new(&stage.telegram, 51, "Bo", "en");
    assert!(bo.send(&format!("/start {token}")).await.text().contains("is linked to alice_1"));
    stage.end().await;
}

#[tokio::test]
async fn a_cut_before_the_answer_gives_an_invite_that_works() {
    let mut stage = Stage::new().await;
    let olga = Chat::new(&stage.telegram, 1, "Olga", "en");
    linked(&stage, &olga, 50, "Ann", "en").await;
    olga.send("/client alice_1").await;
    olga.tap("🔀").await;
    let old = stage.link("alice_1");
    stage.telegram.fault(TgFault::new(TgFaultKind::Hang).on("editMessageText"));
    olga.press("🔄").await;
    let saying = |telegram: &TelegramSim| {
        let says = |call: &BotCall| call.parameters.to_string().contains("The link is replaced");
        telegram.calls().iter().any(says).then_some(())
    };
    stage.telegram.wait(saying).await;
    let link = stage.link("alice_1");
    assert_ne!(link, old);
    stage.power_cut().await;
    stage.start();
    let token = token_of(&olga).await;
    assert_eq!((who(&stage).await, stage.link("alice_1")), (None, link), "once");
    let bo = Chat::new(&stage.telegram, 51, "Bo", "en");
    assert!(bo.send(&format!("/start {token}")).await.text().contains("is linked to alice_1"));
    stage.end().await;
}

#[tokio::test]
async fn a_role_too_low_unlinks_moves_and_learns_nothing() {
    let stage = Stage::new().await;
    let olga = Chat::new(&stage.telegram, 1, "Olga", "en");
    let ann = linked(&stage, &olga, 50, "Ann", "en").await;
    let mut forged = vec![data(&olga, "↩️")];
    olga.tap("↩️").await;
    forged.extend([data(&olga, "🔓"), data(&olga, "🔀")]);
    olga.tap("🔀").await;
    forged.extend([data(&olga, "🔀"), data(&olga, "🔄")]);
    let link = stage.link("alice_1");
    let viewer = stage.with_role(60, "Eve", Role::Viewer).await;
    let stranger = Chat::new(&stage.telegram, 61, "Sam", "en");
    stranger.send("/start").await;
    for text in ["/unlink", "/unlink alice_1", "/unlink nobody"] {
        let answer = viewer.send(text).await.text();
        assert!(answer.contains("⛔") && !answer.contains("alice"), "{text}: {answer}");
        assert!(!stranger.send(text).await.text().contains("alice"));
        ann.send(text).await;
    }
    for data in &forged {
        for chat in [&viewer, &stranger, &ann] {
            chat.forge(chat.last().message.id, data).await;
            let answer = chat.next().await.text();
            assert!(!answer.contains("Ann") && !answer.contains("linked"), "{data}: {answer}");
        }
    }
    assert!(!viewer.send("/client alice_1").await.labels().iter().any(|label| label.contains('🔓')));
    // An operator may move, but not replace the link: then nothing is done at all.
    let operator = stage.with_role(62, "Ola", Role::Operator).await;
    operator.send("/client alice_1").await;
    operator.tap("🔀").await;
    assert!(!operator.last().labels().iter().any(|label| label.contains('🔄')));
    operator.forge(operator.last().message.id, forged.last().unwrap()).await;
    assert!(operator.next().await.text().contains("⛔"));
    assert_eq!((who(&stage).await, stage.link("alice_1")), (Some(50), link));
    stage.end().await;
}

#[tokio::test]
async fn words_for_what_cannot_be_unlinked() {
    let stage = Stage::new().await;
    let olga = Chat::new(&stage.telegram, 1, "Olga", "en");
    olga.send("/new alice_1 30").await;
    assert!(olga.send("/unlink alice_1").await.text().contains("is not linked to anybody"));
    assert!(olga.send("/unlink <b>nobody</b>").await.text().contains("There is no client <b>nobody</b>"));
    assert!(olga.send("/unlink a b").await.text().contains("Name one client"));
    olga.send("/unlink").await;
    assert!(olga.tap("alice_1").await.text().contains("is not linked to anybody"));
    assert!(olga.tap_n("✉️", 2).await[0].text().contains("Invite for alice_1"));
    stage.end().await;
}
