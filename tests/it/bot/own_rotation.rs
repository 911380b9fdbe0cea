//! People replace the links of their own clients.

use chrono::TimeDelta;
use orchestrator::demo::panel::{Fault, Matcher, What};
use orchestrator::domain::actor::Role;
use orchestrator::domain::ids::ClientId;
use orchestrator::domain::operation::{Action, AuditFilter, Outcome};
use orchestrator::repositories::audit;

use super::own::{ann, owns, short, staff};
use super::stage::Stage;
use crate::support::chat::{Chat, qr_of};

/// How often a link was replaced.
async fn replaced(stage: &Stage) -> i64 {
    let filter = AuditFilter {
        action: Some(Action::RotateConfig),
        result: Some(Outcome::Success),
        ..AuditFilter::default()
    };
    audit::count(&stage.world.opened.db, &filter).await.unwrap()
}

#[tokio::test]
async fn asked_confirmed_and_the_new_one_sent() {
    let stage = Stage::new().await;
    let ann = ann(&stage, &["alice_1"]).await;
    let old = stage.link("alice_1");
    insta::assert_snapshot!("rotation_ask_en", ann.send("/rotate").await);
    assert_eq!(stage.link("alice_1"), old, "nothing is done before the yes");
    let screens = ann.tap_n("Yes, replace", 3).await;
    assert_ne!(stage.link("alice_1"), old);
    insta::assert_snapshot!("rotation_done_en", screens[0]);
    assert!(screens[1].message.html.starts_with("<pre>"), "{}", screens[1]);
    assert_eq!(qr_of(&ann.last_photo().await), stage.link("alice_1"));
    // Again at once: not yet, and when.
    let too_soon = ann.send("/rotate").await;
    assert!(too_soon.text().contains("2026-05-13 11:00 (UTC), in 24 hours"), "{too_soon}");
    stage.world.clock.advance(TimeDelta::hours(25));
    ann.send("/rotate").await;
    ann.tap_n("Yes, replace", 3).await;
    assert_eq!(replaced(&stage).await, 2);
    stage.end().await;
}

#[tokio::test]
async fn in_russian_from_the_photo_and_left_as_it_was() {
    let stage = Stage::new().await;
    owns(&stage, 50, &["alice_1"]).await;
    let anna = Chat::new(&stage.telegram, 50, "Анна", "ru");
    let old = stage.link("alice_1");
    anna.send_n("/config", 2).await;
    let photo = anna.last();
    let ask = anna.tap("Заменить ссылку").await;
    assert_ne!(ask.message.id, photo.message.id, "a photo never becomes a text");
    insta::assert_snapshot!("rotation_ask_ru", ask);
    let left = anna.tap("Нет").await;
    assert_eq!(left.message.id, ask.message.id);
    insta::assert_snapshot!("rotation_left_ru", left);
    assert_eq!(stage.link("alice_1"), old);
    assert!(anna.tap("На главную").await.text().contains("Ваш VPN"));
    stage.end().await;
}

#[tokio::test]
async fn of_several_one_is_chosen() {
    let stage = Stage::new().await;
    let ann = ann(&stage, &["alice_1", "alice_2"]).await;
    let (first, second) = (stage.link("alice_1"), stage.link("alice_2"));
    let chooser = ann.send("/rotate").await;
    assert_eq!(chooser.labels(), ["🔄 alice_2 ✅", "🔄 alice_1 ✅", "🏠 Home"]);
    assert_eq!(ann.tap("alice_1").await.message.id, chooser.message.id);
    ann.tap_n("Yes", 3).await;
    assert_ne!(stage.link("alice_1"), first);
    assert_eq!(stage.link("alice_2"), second);
    // The other one has a pause of its own.
    ann.send("/rotate").await;
    ann.tap("alice_2").await;
    ann.tap_n("Yes", 3).await;
    assert_ne!(stage.link("alice_2"), second);
    // By its name too.
    let named = ann.send("/rotate alice_2").await;
    assert!(named.text().contains("replaced not long ago"), "{named}");
    assert!(ann.send("/rotate nobody").await.text().contains("You have no client nobody"));
    stage.end().await;
}

#[tokio::test]
async fn a_double_tap_does_it_once() {
    let stage = Stage::new().await;
    let ann = ann(&stage, &["alice_1"]).await;
    let ask = ann.send("/rotate").await;
    let yes = ann.button("Yes").callback_data.unwrap();
    for taps in 1..=2 {
        ann.forge(ask.message.id, &yes).await;
        let photos = |chat: &Chat| chat.messages().iter().filter(|message| message.photo.is_some()).count();
        ann.until("one more photo", |chat| photos(chat) == taps).await;
        assert_eq!(qr_of(ann.last().message.photo.as_ref().unwrap()), stage.link("alice_1"));
    }
    assert_eq!(replaced(&stage).await, 1);
    // A day later that button is too old for anything.
    stage.world.clock.advance(TimeDelta::hours(25));
    ann.forge(ask.message.id, &yes).await;
    assert!(ann.next().await.text().contains("out of date"));
    assert_eq!(replaced(&stage).await, 1);
    stage.end().await;
}

#[tokio::test]
async fn ten_questions_confirmed_at_once_replace_it_once() {
    let stage = Stage::new().await;
    let ann = ann(&stage, &["alice_1"]).await;
    let mut buttons = vec![];
    for _ in 0..10 {
        let ask = ann.send("/rotate").await;
        buttons.push((ask.message.id, ann.button("Yes").callback_data.unwrap()));
    }
    let old = stage.link("alice_1");
    let taps: Vec<_> =
        buttons.iter().map(|(message, data)| stage.telegram.tap(&ann.person, *message, data)).collect();
    assert_eq!(taps.len(), 10);
    let refused = |chat: &Chat| {
        chat.messages().iter().filter(|message| message.text.contains("replaced not long ago")).count()
    };
    ann.until("nine refusals", |chat| refused(chat) == 9).await;
    assert_eq!(replaced(&stage).await, 1);
    assert_ne!(stage.link("alice_1"), old);
    stage.end().await;
}

#[tokio::test]
async fn what_the_panel_did_not_do_can_be_tried_again_at_once() {
    let stage = Stage::new().await;
    let ann = ann(&stage, &["alice_1"]).await;
    let old = stage.link("alice_1");
    ann.send("/rotate").await;
    let revoke = Matcher::new("POST", "/api/users/*/actions/revoke");
    stage.world.panel.fault(Fault::before(revoke, What::Status(500, None)));
    let failed = ann.tap("Yes").await;
    assert!(failed.text().contains("The link was not replaced"), "{failed}");
    assert_eq!(stage.link("alice_1"), old);
    ann.tap_n("Try again", 3).await;
    assert_ne!(stage.link("alice_1"), old);
    assert_eq!(replaced(&stage).await, 1);
    stage.end().await;
}

#[tokio::test]
async fn a_power_cut_in_the_middle_replaces_it_once() {
    let mut stage = Stage::new().await;
    let ann = ann(&stage, &["alice_1"]).await;
    ann.send("/rotate").await;
    let old = stage.link("alice_1");
    let revoke = Matcher::new("POST", "/api/users/*/actions/revoke");
    stage.world.panel.fault(Fault::after(revoke, What::Hang));
    ann.press("Yes").await;
    stage.world.panel.wait_for_call(|call| call.path.ends_with("/actions/revoke") && call.applied).await;
    stage.power_cut().await;
    stage.world.panel.clear_faults();
    // The process is gone, and with it its hold on the change.
    stage.world.clock.advance(TimeDelta::minutes(2));
    stage.start();
    ann.until("the photo", |chat| chat.last().message.photo.is_some()).await;
    assert_eq!(qr_of(ann.last().message.photo.as_ref().unwrap()), stage.link("alice_1"));
    assert_ne!(stage.link("alice_1"), old);
    assert_eq!(replaced(&stage).await, 1);
    stage.end().await;
}

#[tokio::test]
async fn only_admins_replace_anothers() {
    let stage = Stage::new().await;
    let ann = ann(&stage, &["alice_1"]).await;
    owns(&stage, 51, &["bob-2"]).await;
    let olga = stage.owner();
    let otto = staff(&stage, 61, "Otto", Role::Operator).await;
    let vera = staff(&stage, 60, "Vera", Role::Viewer).await;
    let (link, bob) = (stage.link("bob-2"), stage.client("bob-2").await.id);
    let nobody = ClientId(uuid::Uuid::from_u128(7));
    for person in [&ann, &otto, &vera] {
        let home = person.send("/start").await.message.id;
        for action in ["rotate:1:ID", "yes:1:rotate:ID:AcRRNAcHBwcHBw", "no:1:rotate:ID"] {
            person.forge(home, &action.replace("ID", &short(bob))).await;
            let text = person.next().await.text();
            assert!(!text.contains("https://") && !text.contains("replaced"), "{action}: {text}");
            if person.person.id == 50 {
                person.forge(home, &action.replace("ID", &short(nobody))).await;
                assert_eq!(text.replace(&bob.to_string(), &nobody.to_string()), person.next().await.text());
            }
        }
    }
    assert_eq!(stage.link("bob-2"), link);
    otto.send_n("/config bob-2", 2).await;
    assert!(!otto.last().labels().iter().any(|label| label.contains("Replace link")), "{}", otto.last());
    // An admin from the photo, as often as needed.
    for times in 1..=2 {
        olga.send_n("/config bob-2", 2).await;
        let ask = olga.tap("Заменить ссылку").await;
        assert!(!ask.text().contains("Следующий раз"), "{ask}");
        olga.tap_n("Да, заменить", 3).await;
        assert_eq!(replaced(&stage).await, times);
    }
    stage.end().await;
}

#[tokio::test]
async fn staff_without_an_own_client_choose_from_the_list() {
    let stage = Stage::new().await;
    let olga = stage.owner();
    assert!(olga.send("/rotate").await.text().contains("Чью ссылку заменить?"));
    owns(&stage, 1, &["olga-1"]).await;
    assert_eq!(olga.send("/rotate").await.labels(), ["🔄 olga-1 ✅", "📋 Другие клиенты", "🏠 На главную"]);
    stage.end().await;
}
