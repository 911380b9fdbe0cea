//! Roles: given, lowered and taken by owners, and by nobody else.

use chrono::TimeDelta;
use orchestrator::demo::telegram::{BotCall, TelegramSim, TgFault, TgFaultKind};
use orchestrator::domain::actor::Role;
use orchestrator::domain::change::Key;
use orchestrator::domain::ids::TelegramId;
use orchestrator::repositories::people;

use super::stage::Stage;
use super::tokens::{door, secret};
use crate::support::chat::Chat;
use crate::support::world::{person, token};

/// What the database says of somebody.
async fn role(stage: &Stage, id: i64) -> Option<Role> {
    people::find(&stage.world.opened.db, TelegramId(id)).await.unwrap().and_then(|person| person.role)
}

async fn menu(stage: &Stage, id: i64, wanted: impl Fn(&[(String, String)]) -> bool) {
    let scope = format!("chat:{id}");
    stage.telegram.wait(|telegram| wanted(&telegram.commands(&scope, "")).then_some(())).await;
}

/// The data of a button, for somebody else to send.
fn data(chat: &Chat, label: &str) -> String {
    chat.button(label).callback_data.unwrap()
}

/// From nobody to admin, to viewer, to nobody again. Buttons are found by their emoji, the same in each language.
async fn walk(lang: &str) -> String {
    let stage = Stage::new().await;
    let olga = Chat::new(&stage.telegram, 1, "Olga", lang);
    let ann = Chat::new(&stage.telegram, 50, "Ann <b>&\u{202e} 😀", lang);
    ann.send("/start").await;
    let mut seen = vec![olga.send("/roles").await, olga.tap("➕").await];
    seen.push(olga.send("nobody").await);
    seen.push(olga.send("50").await);
    for button in ["🛡", "✖️", "🛡", "✅"] {
        seen.push(olga.tap(button).await);
    }
    assert_eq!(role(&stage, 50).await, Some(Role::Admin));
    ann.until("Ann is told", |chat| chat.text().contains("🛡")).await;
    seen.push(ann.last());
    menu(&stage, 50, |menu| menu.iter().any(|(name, _)| name == "token")).await;

    let shop = secret(&ann.send("/token new shop").await);
    ann.send("/new alice_1 30").await;
    let invite = ann.send_n("/invite alice_1", 2).await[1].text();
    let (_, invite) = invite.split_once("?start=").unwrap();
    let invite = invite.split_whitespace().next().unwrap();
    ann.send("/new").await;
    assert_eq!(door(&stage, "GET", &shop).await, 200);
    olga.until("Olga hears of the token", |chat| chat.text().contains("shop")).await;

    seen.push(olga.send("/grant 50").await);
    seen.push(olga.tap("👁").await);
    seen.push(olga.tap("✅").await);
    assert_eq!(role(&stage, 50).await, Some(Role::Viewer));
    assert_eq!(door(&stage, "GET", &shop).await, 401, "at once");
    ann.until("Ann is told again", |chat| chat.text().contains("👁")).await;
    // Her dialogue is over, and so is what she handed out.
    seen.push(ann.send("/new bob-2 30").await);
    let eve = Chat::new(&stage.telegram, 51, "Eve", lang);
    seen.push(eve.send(&format!("/start {invite}")).await);
    assert_eq!(stage.client("alice_1").await.telegram_id, None);

    let list = ann.send("/clients").await;
    let card = data(&ann, "alice_1");
    seen.push(olga.send("/revoke 50").await);
    ann.until("Ann is told once more", |chat| chat.text().contains("✖️")).await;
    seen.push(ann.last());
    ann.forge(list.message.id, &card).await;
    seen.push(ann.next().await);
    menu(&stage, 50, <[_]>::is_empty).await;
    assert_eq!(role(&stage, 50).await, None);
    stage.end().await;
    seen.iter().map(|screen| format!("{screen}\n\n")).collect()
}

#[tokio::test]
async fn a_role_comes_changes_and_goes_in_russian() {
    insta::assert_snapshot!("roles_ru", walk("ru").await);
}

#[tokio::test]
async fn a_role_comes_changes_and_goes_in_english() {
    insta::assert_snapshot!("roles_en", walk("en").await);
}

#[tokio::test]
async fn commands_act_at_once_and_say_so_when_nothing_is_left_to_do() {
    let stage = Stage::new().await;
    let olga = Chat::new(&stage.telegram, 1, "Olga", "en");
    let ann = Chat::of(&stage.telegram, stage.telegram.person(50, "Ann", Some("Ann_VPN"), Some("en")));
    ann.send("/start").await;
    for (text, words, now) in [
        ("/grant @ann_vpn operator", "Ann @Ann_VPN (50): operator now", Some(Role::Operator)),
        ("/grant 50 OPERATOR", "operator already", Some(Role::Operator)),
        ("/grant 50 owner", "That is not how it goes", Some(Role::Operator)),
        ("/grant ann admin", "That is not how it goes", Some(Role::Operator)),
        ("/grant @nobody admin", "Nobody of that name", Some(Role::Operator)),
        ("/revoke @Ann_VPN", "no role any more", None),
        ("/revoke 50", "there was no role", None),
        ("/revoke 1", "stands in the settings", None),
        ("/grant 1 viewer", "stands in the settings", None),
        ("/grant", "Who shall have a role?", None),
        ("/revoke", "Who may do what", None),
    ] {
        let answer = olga.send(text).await.text();
        assert!(answer.contains(words), "{text}: {answer}");
        assert_eq!(role(&stage, 50).await, now, "{text}");
    }
    // Somebody who never wrote: nothing is sent to them, and the role waits.
    let answer = olga.send("/grant 777 operator").await.text();
    assert!(answer.contains("777: operator now") && answer.contains("has not written"), "{answer}");
    let sam = Chat::new(&stage.telegram, 777, &"ж".repeat(255), "en");
    assert!(sam.send("/start").await.text().contains("Your VPN"));
    let list = olga.send("/roles").await;
    assert!(list.text().contains("жжж") && !list.text().contains("Ann"), "{list}");
    stage.end().await;
}

#[tokio::test]
async fn only_owners_see_give_and_take_roles() {
    let stage = Stage::new().await;
    let olga = Chat::new(&stage.telegram, 1, "Olga", "en");
    stage.with_role(50, "Ann", Role::Operator).await;
    olga.send("/new alice_1 30").await;
    let mut forged = vec!["roles:1:0".to_owned(), "grant:1".to_owned(), "role:1:50".to_owned()];
    olga.send("/grant 50").await;
    forged.push(data(&olga, "🛡"));
    olga.tap("🛡").await;
    forged.extend([data(&olga, "✅"), data(&olga, "✖️"), "no:1:grant".to_owned()]);
    let commands =
        ["/roles", "/grant", "/grant 60 admin", "/grant 50", "/revoke 50", "/revoke", "/grant x y z"];
    for role in [Role::Viewer, Role::Operator, Role::Admin] {
        let id = 60 + role as i64;
        let eve = stage.with_role(id, "Eve", role).await;
        for text in commands {
            let answer = eve.send(text).await.text();
            assert!(answer.contains("⛔"), "{role:?} {text}: {answer}");
            assert!(!answer.contains("Ann") && !answer.contains("Olga"), "{answer}");
        }
        for data in &forged {
            eve.forge(eve.last().message.id, data).await;
            let answer = eve.next().await.text();
            assert!(answer.contains("⛔") && !answer.contains("Ann"), "{role:?} {data}: {answer}");
        }
        assert!(!eve.send("/help").await.text().contains("/roles"));
    }
    // A client of ours, and nobody at all.
    let invite = olga.send_n("/invite alice_1", 2).await[1].text();
    let token = invite.split_once("?start=").unwrap().1.split_whitespace().next().unwrap().to_owned();
    let user = Chat::new(&stage.telegram, 90, "Uma", "en");
    user.send(&format!("/start {token}")).await;
    let stranger = Chat::new(&stage.telegram, 91, "Sam", "en");
    stranger.send("/start").await;
    for chat in [&user, &stranger] {
        for text in commands {
            let answer = chat.send(text).await.text();
            assert!(!answer.contains("Ann") && !answer.contains("role"), "{text}: {answer}");
        }
        for data in &forged {
            chat.forge(chat.last().message.id, data).await;
            assert!(!chat.next().await.text().contains("Ann"), "{data}");
        }
    }
    assert_eq!(role(&stage, 50).await, Some(Role::Operator));
    let with_role = people::with_role(&stage.world.opened.db).await.unwrap();
    assert_eq!(with_role.len(), 4, "{with_role:?}");
    assert!(olga.send("/help").await.text().contains("/roles"));
    stage.end().await;
}

#[tokio::test]
async fn owners_hear_of_each_other_and_nobody_changes_their_own_role() {
    let stage = Stage::new().await;
    let olga = Chat::new(&stage.telegram, 1, "Olga", "en");
    olga.send("/start").await;
    let bo = stage.with_role(2, "Bo", Role::Owner).await;
    assert!(bo.send("/revoke 2").await.text().contains("собственная роль"));
    assert!(bo.send("/grant 1 viewer").await.text().contains("ADMIN_IDS"));
    bo.send("/grant 50 operator").await;
    olga.until("Olga is told", |chat| chat.text().contains("Bo (2)") && chat.text().contains("50")).await;
    assert!(olga.tap("Role").await.text().contains("Now: 🛠 operator"));
    olga.send("/revoke 50").await;
    bo.until("Bo is told", |chat| chat.text().contains("Olga (1)") && chat.text().contains("50")).await;
    // An owner of the settings takes the role of one who was made in the chat.
    assert!(olga.send("/grant 2 viewer").await.text().contains("Bo (2): viewer now"));
    assert_eq!(role(&stage, 2).await, Some(Role::Viewer));
    stage.end().await;
}

#[tokio::test]
async fn a_second_tap_finds_what_the_first_one_did_and_a_day_later_none_counts() {
    let stage = Stage::new().await;
    let olga = Chat::new(&stage.telegram, 1, "Olga", "en");
    olga.send("/grant 50").await;
    let question = olga.tap("🛡").await;
    let yes = data(&olga, "✅");
    assert!(olga.tap("✅").await.text().contains("50: admin now"));
    olga.send("/grant 50 viewer").await;
    olga.forge(question.message.id, &yes).await;
    assert!(olga.next().await.text().contains("50: admin now"), "what it did then");
    assert_eq!(role(&stage, 50).await, Some(Role::Viewer), "and no more");
    // The same button with other words is no button of ours.
    olga.forge(question.message.id, &yes.replace(":admin:", ":operator:")).await;
    assert!(olga.next().await.text().contains("begin again"));
    stage.world.clock.advance(TimeDelta::hours(25));
    olga.forge(question.message.id, &yes).await;
    assert!(olga.next().await.text().contains("out of date"));
    assert_eq!(role(&stage, 50).await, Some(Role::Viewer));
    stage.end().await;
}

#[tokio::test]
async fn a_cut_in_the_middle_loses_nothing() {
    let mut stage = Stage::new().await;
    let olga = Chat::new(&stage.telegram, 1, "Olga", "en");
    olga.send("/grant").await;
    stage.power_cut().await;
    stage.start();
    // The command may be answered once more: it was not noted as handled before the cut.
    olga.write("50");
    olga.until("the person", |chat| chat.text().contains("Now: ▫️ no role")).await;
    olga.tap("🛡").await;
    stage.telegram.fault(TgFault::new(TgFaultKind::Hang).on("editMessageText"));
    olga.press("✅").await;
    let saying = |telegram: &TelegramSim| {
        let says = |call: &BotCall| call.parameters.to_string().contains("admin now");
        telegram.calls().iter().any(says).then_some(())
    };
    stage.telegram.wait(saying).await;
    assert_eq!(role(&stage, 50).await, Some(Role::Admin));
    stage.power_cut().await;
    stage.start();
    olga.until("the answer", |chat| chat.text().contains("50: admin now")).await;
    // A question that is left is forgotten.
    olga.send("/grant").await;
    olga.tap("✖️").await;
    assert!(!olga.send("60").await.text().contains("no role"));
    stage.end().await;
}

#[tokio::test]
async fn many_people_are_paged() {
    let stage = Stage::new().await;
    let olga = Chat::new(&stage.telegram, 1, "Olga", "en");
    for id in 100..112 {
        stage.with_role(id, &format!("Ann {id}"), Role::Viewer).await;
    }
    let first = olga.send("/roles").await;
    assert_eq!(first.text().matches("viewer").count(), 7, "{first}");
    let second = olga.tap("➡️").await;
    assert!(second.text().contains("Ann 111") && second.labels().contains(&"2/2".to_owned()), "{second}");
    assert!(olga.tap("⬅️").await.text().contains("Olga"));
    stage.end().await;
}

/// What the bot has said to somebody.
fn heard(chat: &Chat, words: &str) -> bool {
    chat.messages().iter().any(|message| message.from_bot && message.text.contains(words))
}

#[tokio::test]
async fn what_waited_for_an_owner_is_not_told_to_who_is_none_any_more() {
    let mut stage = Stage::new().await;
    let olga = stage.owner();
    olga.send("/new alice_1 30").await;
    let id = stage.client("alice_1").await.id;
    let vera = stage.with_role(2, "Vera", Role::Owner).await;
    let bo = stage.with_role(3, "Bo", Role::Operator).await;
    stage.stop().await;
    let services = stage.world.services.clone();
    services.clients.extend(&token(), id, "91".parse().unwrap(), None).await.unwrap();
    let invite = services.invites.create(&person(3, Role::Operator), id).await.unwrap();
    services.invites.redeem(&person(50, Role::User), invite.token.expose()).await.unwrap();
    for id in [2, 3] {
        let key = Key::update(7000, 1_000_000 + id);
        services.roles.change(&person(1, Role::Owner), TelegramId(id), None, key).await.unwrap();
    }
    stage.start();
    olga.until("Olga hears of it", |chat| heard(chat, "91 день")).await;
    for chat in [&vera, &bo] {
        chat.until("the end of the role", |chat| heard(chat, "✖️")).await;
        assert!(!heard(chat, "alice_1"), "{}", chat.transcript());
    }
    stage.end().await;
}
