//! What the bot says by itself: to linked people, to owners, to everybody; with Telegram in trouble and the power cut.

use std::time::Duration;

use chrono::TimeDelta;
use orchestrator::bot::{BotSettings, Limits};
use orchestrator::demo::panel::{Fault, Matcher, What};
use orchestrator::demo::telegram::{SimOther, TgFault, TgFaultKind};
use orchestrator::domain::actor::Role;
use orchestrator::domain::clock::{Clock, Entropy, OsEntropy};
use orchestrator::domain::ids::{BatchId, ClientId, TelegramId};
use orchestrator::domain::notice::{BatchCounts, Notice};
use orchestrator::domain::person::Lang;
use orchestrator::repositories::{clients, people};
use orchestrator::services::outbox;

use super::stage::{Stage, patient};
use crate::support::chat::{Chat, LIMIT};
use crate::support::world::{core, person, token};

/// Ann (50) with her client; she has started the bot.
async fn ann(stage: &Stage) -> (Chat, ClientId) {
    stage.owner().send("/new alice_1 30").await;
    let id = stage.client("alice_1").await.id;
    link(stage, id, 50).await;
    let ann = Chat::new(&stage.telegram, 50, "Ann", "en");
    ann.send("/start").await;
    (ann, id)
}

async fn link(stage: &Stage, id: ClientId, person: i64) {
    let mut tx = stage.world.opened.db.begin().await.unwrap();
    let now = stage.world.clock.now();
    assert!(clients::link(&mut tx, id, TelegramId(person), now).await.unwrap());
    tx.commit().await.unwrap();
}

/// What the bot has said to somebody.
fn said(chat: &Chat) -> Vec<String> {
    chat.messages().into_iter().filter(|message| message.from_bot).map(|message| message.text).collect()
}

/// Until the bot has said something with these words.
async fn hears(chat: &Chat, words: &str) {
    chat.until(words, |chat| said(chat).iter().any(|text| text.contains(words))).await;
}

fn days(days: i64) -> orchestrator::domain::days::Days {
    days.to_string().parse().unwrap()
}

async fn say(stage: &Stage, to: &[i64], words: &str) {
    let core = core(&stage.world.opened, &stage.world.panel, &stage.world.clock);
    let mut tx = core.db.begin().await.unwrap();
    for id in to {
        let notice = Notice::Broadcast { text: words.to_owned() };
        outbox::notify(&core, &mut tx, TelegramId(*id), notice, None).await.unwrap();
    }
    tx.commit().await.unwrap();
}

fn with_limits(stage: &Stage, limits: Limits) -> BotSettings {
    BotSettings { limits, ..stage.settings() }
}

#[tokio::test]
async fn a_linked_person_hears_at_once_what_others_did() {
    let mut stage = Stage::asleep().await;
    // Nothing but the waking brings it so soon.
    stage.start_with(with_limits(&stage, Limits { outbox_round: LIMIT, ..patient() }));
    let (ann, id) = ann(&stage).await;
    let at_once = async || tokio::time::timeout(Duration::from_secs(3), ann.next()).await.unwrap();
    let rules = stage.world.services.clients.clone();
    rules.extend(&token(), id, days(30), None).await.unwrap();
    let extended = at_once().await;
    assert!(extended.text().contains("alice_1 was extended by 30 days"), "{extended}");
    assert!(extended.text().contains("2026-07-11"), "{extended}");
    rules.block(&token(), id, None).await.unwrap();
    let blocked = at_once().await;
    assert!(blocked.text().contains("alice_1 was closed"), "{blocked}");
    assert_eq!(blocked.labels(), ["📊 My access"]);
    rules.unblock(&token(), id, None).await.unwrap();
    assert!(at_once().await.text().contains("alice_1 is open again, until 2026-07-11"));
    rules.rotate(&token(), id, None).await.unwrap();
    let rotated = at_once().await;
    assert!(rotated.text().contains("the old one no longer works"), "{rotated}");
    assert!(!rotated.to_string().contains("https://"), "no link for a locked screen: {rotated}");
    let config = ann.tap_n("Get configuration", 2).await;
    assert!(config[1].text().contains(&stage.link("alice_1")), "{}", config[1]);
    stage.end().await;
}

#[tokio::test]
async fn the_owner_acts_in_the_chat_and_an_undo_is_told_too() {
    let stage = Stage::new().await;
    let (ann, _) = ann(&stage).await;
    let olga = stage.owner();
    olga.send("/client alice_1").await;
    olga.tap("+7").await;
    assert!(ann.next().await.text().contains("extended by 7 days"));
    olga.tap("Отменить продление").await;
    let moved = ann.next().await;
    assert!(moved.text().contains("was changed. It is valid until 2026-06-11"), "{moved}");
    stage.end().await;
}

#[tokio::test]
async fn nobody_is_told_of_their_own_doing_nor_of_what_failed() {
    let stage = Stage::new().await;
    let (ann, id) = ann(&stage).await;
    let rules = &stage.world.services.clients;
    rules.rotate(&person(50, Role::Admin), id, None).await.unwrap();
    stage.world.panel.fault(Fault::before(Matcher::any(), What::Drop).always());
    rules.extend(&token(), id, days(30), None).await.unwrap_err();
    stage.world.panel.clear_faults();
    stage.world.services.reconciler.run_once().await.unwrap();
    rules.extend(&token(), id, days(1), None).await.unwrap();
    assert!(ann.next().await.text().contains("extended by 1 day."));
    assert_eq!(said(&ann).len(), 2, "{}", ann.transcript());
    stage.end().await;
}

#[tokio::test]
async fn owners_hear_what_they_must_but_not_of_their_own_doing() {
    let stage = Stage::new().await;
    let (_ann, id) = ann(&stage).await;
    let olga = stage.owner();
    let vera = stage.with_role(2, "Vera <3", Role::Owner).await;
    let rules = &stage.world.services.clients;
    rules.extend(&token(), id, days(90), None).await.unwrap();
    rules.extend(&token(), id, days(91), None).await.unwrap();
    for owner in [&olga, &vera] {
        hears(owner, "token:shop: клиент alice_1 продлён на 91 день, до ").await;
        assert_eq!(said(owner).iter().filter(|text| text.contains("продлён")).count(), 1, "not of 90 days");
    }
    vera.send("/token new shop read").await;
    hears(&olga, "Vera <3 (2): создан токен API shop (только читает)").await;
    rules.delete(&person(2, Role::Owner), id, None).await.unwrap();
    hears(&olga, "Vera <3 (2): клиент alice_1 удалён").await;
    assert!(olga.tap("Журнал").await.text().contains("alice_1"));
    rules.create(&token(), "bob-2".parse().unwrap(), days(1), None).await.unwrap();
    let bob = stage.client("bob-2").await.id;
    rules.delete(&person(1, Role::Owner), bob, None).await.unwrap();
    hears(&vera, "bob-2 удалён").await;
    assert!(!said(&vera).iter().any(|text| text.contains("alice_1 удалён")), "her own doing");
    stage.end().await;
}

#[tokio::test]
async fn a_power_cut_before_it_is_sent_loses_nothing_and_the_language_is_that_of_the_moment() {
    let mut stage = Stage::new().await;
    let (ann, id) = ann(&stage).await;
    stage.power_cut().await;
    let services = stage.world.another();
    services.clients.block(&token(), id, None).await.unwrap();
    services.people.choose_lang(TelegramId(50), Lang::Ru).await.unwrap();
    stage.start();
    hears(&ann, "Ваш доступ alice_1 закрыт").await;
    stage.end().await;
}

#[tokio::test]
async fn a_power_cut_between_telegrams_acceptance_and_our_note_of_it_sends_it_again() {
    let mut stage = Stage::new().await;
    let (ann, id) = ann(&stage).await;
    let no_answer = TgFault::new(TgFaultKind::Hang).on("sendMessage").to(50).after_effect();
    stage.telegram.fault(no_answer);
    stage.world.services.clients.block(&token(), id, None).await.unwrap();
    hears(&ann, "was closed").await;
    stage.power_cut().await;
    stage.start();
    let twice = |ann: &Chat| said(ann).iter().filter(|text| text.contains("was closed")).count() == 2;
    ann.until("the notice again", twice).await;
    stage.end().await;
}

#[tokio::test]
async fn telegrams_wish_to_wait_is_kept_and_holds_up_nobody_else() {
    let stage = Stage::new().await;
    let (ann, id) = ann(&stage).await;
    let bob = Chat::new(&stage.telegram, 60, "Bob", "en");
    bob.send("/start").await;
    stage.telegram.fault(TgFault::new(TgFaultKind::TooManyRequests(7)).on("sendMessage").to(50));
    stage.world.services.clients.block(&token(), id, None).await.unwrap();
    let refused = |chat: &Chat| chat.telegram.calls().iter().any(|call| call.fault);
    ann.until("the first attempt", refused).await;
    // Her own questions are answered meanwhile, and others get their messages.
    assert!(ann.send("/start").await.text().contains("alice_1"));
    stage.world.clock.advance(TimeDelta::seconds(6));
    say(&stage, &[50, 60], "a word to all").await;
    assert!(bob.next().await.text().contains("a word to all"));
    assert!(!said(&ann).iter().any(|text| text.contains("closed") || text.contains("a word")));
    stage.world.clock.advance(TimeDelta::seconds(2));
    assert!(ann.next().await.text().contains("was closed"), "in order");
    assert!(ann.next().await.text().contains("a word to all"));
    stage.end().await;
}

#[tokio::test]
async fn without_an_answer_it_is_tried_again() {
    let stage = Stage::new().await;
    let (ann, id) = ann(&stage).await;
    stage.telegram.fault(TgFault::new(TgFaultKind::Drop).on("sendMessage").to(50).times(2));
    stage.world.services.clients.block(&token(), id, None).await.unwrap();
    for (attempts, pause) in [(1, 1), (2, 2)] {
        let made = |chat: &Chat| chat.telegram.calls().iter().filter(|call| call.fault).count() == attempts;
        ann.until("another attempt", made).await;
        // Before the clock is moved the pause must have been written down.
        put_off(&stage).await;
        stage.world.clock.advance(TimeDelta::seconds(pause));
    }
    assert!(ann.next().await.text().contains("was closed"));
    stage.end().await;
}

/// Until no message is held by the worker.
async fn put_off(stage: &Stage) {
    let orchestrator::repositories::Db::Sqlite { read, .. } = &stage.world.opened.db else {
        panic!("SQLite")
    };
    let held = "SELECT count(*) FROM outbox WHERE ended_at IS NULL AND lease_until IS NOT NULL";
    let waiting = async {
        while sqlx::query_scalar::<_, i64>(held).fetch_one(read).await.unwrap() > 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(LIMIT, waiting).await.expect("the worker gives it back");
}

#[tokio::test]
async fn whoever_blocked_the_bot_is_left_alone_until_they_come_back() {
    let stage = Stage::new().await;
    let (ann, id) = ann(&stage).await;
    let bob = Chat::new(&stage.telegram, 60, "Bob", "en");
    bob.send("/start").await;
    // Telegram says it at the first message; the bot had not heard of it before.
    stage.telegram.fault(TgFault::new(TgFaultKind::Blocked).on("sendMessage").to(50));
    say(&stage, &[50, 50, 50, 60], "one").await;
    assert!(bob.next().await.text().contains("one"));
    let marked = async {
        while people::find(&stage.world.opened.db, TelegramId(50))
            .await
            .unwrap()
            .unwrap()
            .blocked_bot_at
            .is_none()
        {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(LIMIT, marked).await.expect("she is marked");
    stage.world.services.clients.block(&token(), id, None).await.unwrap();
    say(&stage, &[60], "two").await;
    assert!(bob.next().await.text().contains("two"));
    ann.act_other(SimOther::Unblocked);
    assert!(ann.send("/start").await.text().contains("alice_1"));
    stage.world.services.clients.unblock(&token(), id, None).await.unwrap();
    assert!(ann.next().await.text().contains("open again"), "what was said meanwhile is gone");
    let attempts = stage.telegram.calls().into_iter().filter(|call| call.fault).count();
    assert_eq!(attempts, 1, "nobody knocks at a closed door");
    stage.end().await;
}

#[tokio::test]
async fn six_hours_later_nobody_wants_to_read_it() {
    let mut stage = Stage::new().await;
    let (ann, id) = ann(&stage).await;
    stage.power_cut().await;
    let services = stage.world.another();
    services.clients.block(&token(), id, None).await.unwrap();
    stage.world.clock.advance(TimeDelta::hours(6));
    services.clients.unblock(&token(), id, None).await.unwrap();
    stage.start();
    hears(&ann, "open again").await;
    assert!(!said(&ann).iter().any(|text| text.contains("was closed")), "{}", ann.transcript());
    stage.end().await;
}

#[tokio::test]
async fn one_a_second_to_one_person() {
    let mut stage = Stage::asleep().await;
    let quiet = Limits { outbox_quiet: Limits::default().outbox_quiet, ..patient() };
    stage.start_with(with_limits(&stage, quiet));
    let (ann, bob) =
        (Chat::new(&stage.telegram, 50, "Ann", "en"), Chat::new(&stage.telegram, 60, "Bob", "en"));
    ann.send("/start").await;
    bob.send("/start").await;
    say(&stage, &[50, 50], "to Ann").await;
    ann.next().await;
    say(&stage, &[60], "to Bob").await;
    bob.next().await;
    assert_eq!(said(&ann).len(), 2, "the second one waits: {}", ann.transcript());
    stage.world.clock.advance(TimeDelta::seconds(1));
    ann.next().await;
    stage.end().await;
}

#[tokio::test]
async fn a_broadcast_goes_after_notices_and_is_counted() {
    const PEOPLE: i64 = 40;
    let stage = Stage::new().await;
    stage.owner().send("/start").await;
    let ids: Vec<TelegramId> = (100..100 + PEOPLE).map(TelegramId).collect();
    let mut chats = vec![];
    for id in &ids {
        chats.push(Chat::new(&stage.telegram, id.0, "Ann", "en"));
    }
    for chat in &chats {
        chat.send("/start").await;
    }
    let core = core(&stage.world.opened, &stage.world.panel, &stage.world.clock);
    let batch = BatchId(OsEntropy.uuid());
    let nobody = TelegramId(999);
    let mut tx = core.db.begin().await.unwrap();
    let text = "Работы <b>ночью</b>";
    let all: Vec<TelegramId> = ids.iter().copied().chain([nobody]).collect();
    outbox::broadcast(&core, &mut tx, batch, &all, text).await.unwrap();
    outbox::broadcast(&core, &mut tx, batch, &ids, text).await.unwrap();
    let notice = Notice::Broadcast { text: "first this".to_owned() };
    outbox::notify(&core, &mut tx, ids[39], notice, None).await.unwrap();
    tx.commit().await.unwrap();
    let expected = BatchCounts { waiting: 0, sent: PEOPLE, unreachable: 1, failed: 0 };
    let counted = async {
        while stage.world.services.outbox.counts(batch).await.unwrap() != expected {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(LIMIT, counted).await.expect("all are sent");
    for chat in &chats[..39] {
        assert_eq!(said(chat)[1..], ["📣 Работы <b>ночью</b>"]);
    }
    assert_eq!(said(&chats[39])[1..], ["📣 first this", "📣 Работы <b>ночью</b>"]);
    stage.end().await;
}

/// Nothing is read out of order because Telegram asked to wait in between.
#[tokio::test]
async fn what_is_written_while_a_person_waits_does_not_overtake() {
    let mut stage = Stage::new().await;
    let (ann, _) = ann(&stage).await;
    let batch = BatchId(OsEntropy.uuid());
    let core = core(&stage.world.opened, &stage.world.panel, &stage.world.clock);
    stage.telegram.fault(TgFault::new(TgFaultKind::TooManyRequests(30)).on("sendMessage").to(50));
    let mut tx = core.db.begin().await.unwrap();
    outbox::broadcast(&core, &mut tx, batch, &[TelegramId(50)], "to all").await.unwrap();
    tx.commit().await.unwrap();
    ann.until("the first attempt", |chat| chat.telegram.calls().iter().any(|call| call.fault)).await;
    put_off(&stage).await;
    say(&stage, &[50], "a notice").await;
    // Another process knows it too.
    stage.stop().await;
    stage.start();
    stage.world.clock.advance(TimeDelta::seconds(29));
    assert!(ann.send("/start").await.text().contains("alice_1"));
    let due = stage.world.services.outbox.claim(10, Duration::ZERO).await.unwrap().deliveries;
    assert_eq!(due, [], "she is left alone");
    stage.world.clock.advance(TimeDelta::seconds(2));
    assert!(ann.next().await.text().contains("a notice"), "notices go first");
    assert!(ann.next().await.text().contains("to all"));
    stage.end().await;
}
