//! After a restore: what the backup still wanted is ended, nothing new happens, and an owner's word takes the panel's state over.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use orchestrator::demo::panel::{Fault, Matcher, NewSimUser, SimStatus, What};
use orchestrator::domain::actor::Role;
use orchestrator::domain::client::{Access, Client};
use orchestrator::domain::clock::Clock as _;
use orchestrator::domain::ids::TelegramId;
use orchestrator::domain::matter::{Matter, Pause};
use orchestrator::domain::notice::{Notice, OwnerNotice, TakenOver};
use orchestrator::repositories::{clients, leases, matters, outbox};
use orchestrator::services::Error;
use orchestrator::services::bulk::Begun;
use orchestrator::services::deactivation::Round;
use orchestrator::services::people::Seen;
use orchestrator::services::restored::{Closed, JOB, Standing, Step};
use orchestrator::services::sync::Mention;

use crate::support::db::{Kind, on_both};
use crate::support::seed;
use crate::support::world::{World, person, token};

on_both!(
    what_the_backup_still_wanted_is_ended,
    nothing_is_changed_or_sent_meanwhile,
    the_panels_state_is_taken_over_without_a_word,
    a_cut_or_a_panel_that_is_away_is_waited_for,
    a_panel_that_knows_nobody_needs_another_decision,
    what_had_lapsed_is_opened_once_everything_goes_on,
);

const ANN: TelegramId = TelegramId(7);

fn owner() -> orchestrator::domain::actor::Actor {
    person(1, Role::Owner)
}

async fn make(world: &World, names: &[&str]) -> Vec<Client> {
    let mut made = vec![];
    for name in names {
        let days = 30.try_into().unwrap();
        made.push(world.services.clients.create(&token(), name.parse().unwrap(), days, None).await.unwrap());
    }
    made
}

/// The owner and Ann have started the bot; Ann is linked to that client.
async fn with_people(world: &World, client: &Client) {
    for (id, name) in [(TelegramId(1), "Olga"), (ANN, "Ann")] {
        let seen = Seen { id, name: name.to_owned(), telegram_username: None, language_code: None };
        world.services.people.seen(seen).await.unwrap();
    }
    let mut tx = world.opened.db.begin().await.unwrap();
    clients::link(&mut tx, client.id, ANN, world.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
}

/// As if a backup of this moment were restored a day later.
async fn restore(world: &World) -> Closed {
    let made_at = world.clock.now();
    world.clock.advance(TimeDelta::days(1));
    world.services.restored.close(made_at).await.unwrap()
}

async fn now(world: &World, client: &Client) -> Client {
    clients::find(&world.opened.db, client.id).await.unwrap().unwrap()
}

async fn sent(world: &World) -> Vec<(TelegramId, Notice)> {
    let due = world.services.outbox.claim(50, Duration::ZERO).await.unwrap();
    due.deliveries.into_iter().map(|delivery| (delivery.to, delivery.notice)).collect()
}

/// Every part, until there is nothing more to do at once.
async fn parts(world: &World) -> Step {
    let mut memory = leases::memory(&world.opened.db, JOB).await.unwrap();
    loop {
        match world.services.restored.part(memory.as_deref()).await.unwrap() {
            Step::More(next) => memory = Some(next),
            other => return other,
        }
    }
}

fn later(client: &Client, days: i64) -> DateTime<Utc> {
    client.expires_at + TimeDelta::days(days)
}

async fn what_the_backup_still_wanted_is_ended(kind: Kind) {
    let world = World::new(kind).await;
    let made = make(&world, &["alice_1", "bob_2"]).await;
    with_people(&world, &made[0]).await;
    let (db, services) = (&world.opened.db, &world.services);
    // A change that hangs in the panel, one in doubt, a message, an update, a broadcast, a dialogue, a look, matters.
    world.panel.fault(Fault::before(Matcher::new("PATCH", "/api/users"), What::Drop).always());
    let get = Matcher::new("GET", "/api/users/*");
    world.panel.fault(Fault { times: Some(1), ..Fault::after(get.clone(), What::Delay(Duration::ZERO)) });
    world.panel.fault(Fault::before(get, What::Status(500, Some("A018".to_owned()))).always());
    services.clients.extend(&token(), made[0].id, 7.try_into().unwrap(), None).await.unwrap_err();
    world.panel.clear_faults();
    assert_eq!(seed::count(db, "intents WHERE state IN ('open', 'undoing')").await, 1);
    services.clients.block(&token(), made[1].id, None).await.unwrap();
    let task = services.broadcasts.plan(&person(1, Role::Owner), "nonce").await.unwrap();
    assert!(matches!(services.broadcasts.begin(&owner(), task, "a word").await.unwrap(), Begun::Task(_)));
    seed::execute(db, "INSERT INTO dialogues VALUES (1, '{}', '2026-05-12T00:00:00+00:00')").await;
    seed::execute(
        db,
        "INSERT INTO updates (bot_id, update_id, sender, payload, received_at)
        VALUES (1, 1, 1, '{}', '2026-05-12T00:00:00+00:00')",
    )
    .await;
    seed::execute(
        db,
        "INSERT INTO outbox (chat, priority, notice, created_at, not_before, drop_after)
        VALUES (7, 1, '{\"v\":1,\"notice\":\"broadcast\",\"text\":\"x\"}', '2026-05-12T00:00:00+00:00',
                '2026-05-12T00:00:00+00:00', '2026-06-12T00:00:00+00:00')",
    )
    .await;
    let mention = Mention { username: Some("bob_2".to_owned()), ..Mention::default() };
    services.sync.mentioned(&mention).await.unwrap();
    let gone = Matter::UserGone { client: made[1].id, username: made[1].username.clone() };
    let mut tx = db.begin().await.unwrap();
    matters::raise(&mut tx, &gone, world.clock.now()).await.unwrap();
    matters::raise(&mut tx, &Matter::ManyExpired { expired: 50, most: 20 }, world.clock.now()).await.unwrap();
    tx.commit().await.unwrap();

    let closed = restore(&world).await;
    assert_eq!(closed, Closed { changes: 1, messages: 1, updates: 1, tasks: 1 });
    let nothing = [
        "intents WHERE state IN ('open', 'undoing') OR verify_at IS NOT NULL",
        "intents WHERE error = 'restored from a backup' AND (key IS NOT NULL OR answer IS NULL OR ended_at IS NULL)",
        "outbox WHERE ended_at IS NULL",
        "updates WHERE handled_at IS NULL",
        "bulk_tasks WHERE state = 'running' OR told_at IS NULL OR ended_at IS NULL",
        "dialogues",
        "clients WHERE panel_look_at IS NOT NULL OR telegram_look_at IS NOT NULL OR telegram_told_at IS NOT NULL",
        "clients WHERE notices_from IS NULL",
        "leases WHERE name <> 'digest'",
    ];
    for condition in nothing {
        assert_eq!(seed::count(db, condition).await, 0, "{condition}");
    }
    let open: Vec<String> = matters::open(db, 50).await.unwrap().into_iter().map(|open| open.key).collect();
    assert_eq!(open, [Matter::RESTORED.to_owned(), Matter::user_gone(made[1].id)]);
    // The day's message was sent before: its time has passed.
    assert_eq!(leases::memory(db, "digest").await.unwrap().as_deref(), Some("\"2026-05-13\""));
    assert_eq!(services.digest.run_once(Some("\"2026-05-13\"")).await.unwrap(), None);
    assert_eq!(services.restored.standing().await.unwrap(), Standing::Waiting);
}

async fn nothing_is_changed_or_sent_meanwhile(kind: Kind) {
    let world = World::new(kind).await;
    let made = make(&world, &["alice_1", "bob_2"]).await;
    with_people(&world, &made[0]).await;
    let services = &world.services;
    let invite = services.invites.create(&token(), made[1].id).await.unwrap();
    restore(&world).await;
    world.panel.clear_calls();
    let paused = |error: Error| assert!(matches!(error, Error::Paused(Pause::Restored)), "{error:?}");
    let (by, id) = (owner(), made[0].id);
    paused(services.clients.extend(&by, id, 7.try_into().unwrap(), None).await.unwrap_err());
    paused(services.clients.block(&by, id, None).await.unwrap_err());
    paused(services.clients.delete(&by, id, None).await.unwrap_err());
    paused(
        services
            .clients
            .create(&by, "carol_3".parse().unwrap(), 7.try_into().unwrap(), None)
            .await
            .unwrap_err(),
    );
    paused(services.clients.rotate_own(&person(ANN.0, Role::User), id, None).await.unwrap_err());
    paused(services.clients.set_note(&by, id, None).await.unwrap_err());
    paused(services.invites.create(&by, made[1].id).await.unwrap_err());
    paused(services.invites.redeem(&person(9, Role::Stranger), invite.token.expose()).await.unwrap_err());
    let key = orchestrator::domain::change::Key { scope: "test".to_owned(), key: "1".to_owned() };
    paused(services.links.unlink(&by, id, None, &key).await.unwrap_err());
    let task = services.imports.plan(&by, "nonce").unwrap();
    paused(services.imports.begin(&by, task).await.unwrap_err());
    world.clock.advance(TimeDelta::days(40));
    let round = services.deactivation.run_once(None, true).await.unwrap();
    assert_eq!(round, Round::Paused(Pause::Restored));
    // A matter is noted, and nobody is told of it before the end.
    let mut tx = world.opened.db.begin().await.unwrap();
    let post = orchestrator::domain::notice::Post {
        to: ANN,
        notice: Notice::Broadcast { text: "x".to_owned() },
        priority: orchestrator::domain::notice::Priority::Notice,
        dedupe: None,
        batch: None,
        not_before: world.clock.now(),
        drop_after: world.clock.now() + TimeDelta::hours(1),
    };
    outbox::insert(&mut tx, &post, world.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(sent(&world).await, []);
    assert!(world.panel.calls().iter().all(|call| call.method == "GET"), "{:?}", world.panel.calls());
    // Reading, taking roles away and ending tokens do not wait.
    services.clients.card(&by, id).await.unwrap();
    services.configs.deliver(&person(ANN.0, Role::User), id).await.unwrap();
    services.roles.page(&by, 0, 10).await.unwrap();
    assert!(!services.matters.put_aside(&by, Matter::RESTORED).await.unwrap(), "it waits for a decision");
    // Only an owner decides.
    for other in [person(5, Role::Admin), token()] {
        services.restored.compare(&other).await.unwrap_err();
        services.restored.begin(&other).await.unwrap_err();
    }
    assert_eq!(services.restored.standing().await.unwrap(), Standing::Waiting);
}

async fn the_panels_state_is_taken_over_without_a_word(kind: Kind) {
    let world = World::new(kind).await;
    let names = ["ext_1", "short_2", "block_3", "rotate_4", "gone_5", "same_6"];
    let made = make(&world, &names).await;
    with_people(&world, &made[0]).await;
    let expire_at = made[0].expires_at;
    world.panel.insert_user(NewSimUser { username: "never_ours".to_owned(), short_uuid: None, expire_at });
    sent(&world).await;
    let made_at = world.clock.now();
    world.clock.advance(TimeDelta::days(1));
    world.panel.edit_user("ext_1", |user| user.expire_at = later(&made[0], 90));
    world.panel.edit_user("short_2", |user| user.expire_at = later(&made[1], -20));
    world.panel.edit_user("block_3", |user| user.status = SimStatus::Disabled);
    world.panel.edit_user("rotate_4", |user| user.short_uuid = "AnotherLinkThereIs00".to_owned());
    world.panel.remove_user("gone_5");
    world.panel.insert_user(NewSimUser { username: "new_7".to_owned(), short_uuid: None, expire_at });
    let restored = &world.services.restored;
    restored.close(made_at).await.unwrap();
    world.panel.clear_calls();

    let found = restored.compare(&owner()).await.unwrap().unwrap();
    let kinds = [&found.later, &found.earlier, &found.access, &found.links, &found.missing, &found.fresh];
    let shown: Vec<(u64, &str)> = kinds.iter().map(|found| (found.count, found.names[0].as_str())).collect();
    assert_eq!(
        shown,
        [(1, "ext_1"), (1, "short_2"), (1, "block_3"), (1, "rotate_4"), (1, "gone_5"), (1, "new_7")]
    );
    assert_eq!((found.clients, found.made_at, found.is_equal()), (6, made_at, false));
    assert_eq!(now(&world, &made[0]).await.expires_at, made[0].expires_at, "looking changes nothing");

    assert!(restored.begin(&owner()).await.unwrap());
    assert!(!restored.begin(&owner()).await.unwrap(), "a second tap");
    assert_eq!(restored.standing().await.unwrap(), Standing::UnderWay);
    let taken = TakenOver { dates: 2, access: 1, links: 1, gone: 1, matters: 1 };
    assert_eq!(parts(&world).await, Step::Done(taken));
    assert_eq!(restored.standing().await.unwrap(), Standing::Usual);
    assert_eq!(parts(&world).await, Step::Nothing);
    assert!(world.panel.calls().iter().all(|call| call.method == "GET"), "{:?}", world.panel.calls());
    for (client, name) in made.iter().zip(names).filter(|(_, name)| *name != "gone_5") {
        let (here, user) = (now(&world, client).await, world.panel.user(name).unwrap());
        assert_eq!(here.expires_at, user.expire_at, "{name}");
        assert_eq!(here.short_uuid.unwrap().expose(), user.short_uuid, "{name}");
        assert_eq!(here.access == Access::Open, user.status != SimStatus::Disabled, "{name}");
    }
    assert_eq!(now(&world, &made[4]).await.remnawave_uuid, None);
    assert_eq!(seed::count(&world.opened.db, "audit WHERE source = 'panel'").await, 4);
    // The owner hears of it once, and nobody else of anything.
    let summary = Notice::Owner(OwnerNotice::Resumed { taken });
    assert_eq!(sent(&world).await, [(TelegramId(1), summary)]);
    assert!(restored.compare(&owner()).await.unwrap().is_none());
    assert!(!restored.begin(&owner()).await.unwrap());
    world.services.clients.extend(&token(), made[5].id, 7.try_into().unwrap(), None).await.unwrap();
    assert_eq!(world.services.drift.run_once().await.unwrap().differ, 0, "both sides agree");
}

async fn a_cut_or_a_panel_that_is_away_is_waited_for(kind: Kind) {
    let world = World::new(kind).await;
    let made = make(&world, &["alice_1", "bob_2"]).await;
    restore(&world).await;
    let date = later(&made[0], 90);
    world.panel.edit_user("alice_1", |user| user.expire_at = date);
    let restored = &world.services.restored;
    world.panel.set_database_down(true);
    let away = restored.compare(&owner()).await.unwrap_err();
    assert!(matches!(away, Error::Panel(_)), "{away:?}");
    restored.begin(&owner()).await.unwrap();
    let memory = leases::memory(&world.opened.db, JOB).await.unwrap();
    restored.part(memory.as_deref()).await.unwrap_err();
    world.panel.set_database_down(false);
    let Step::More(next) = restored.part(memory.as_deref()).await.unwrap() else { panic!("compared") };
    // The panel does not answer for one: it is looked at again.
    world.panel.fault(Fault::before(Matcher::new("GET", "/api/users/*"), What::Status(500, None)).always());
    while let Step::More(_) = restored.part(Some(&next)).await.unwrap() {}
    assert!(restored.is_open().await.unwrap(), "not before all are taken over");
    world.panel.clear_faults();
    // Another process goes on with it.
    world.clock.advance(TimeDelta::seconds(16));
    let other = world.another();
    assert_eq!(other.restored.standing().await.unwrap(), Standing::UnderWay);
    loop {
        match other.restored.part(Some(&next)).await.unwrap() {
            Step::Done(taken) => break assert_eq!(taken.dates, 1),
            Step::More(_) | Step::In(_) => world.clock.advance(TimeDelta::seconds(1)),
            Step::Nothing => panic!("it is not over"),
        }
    }
    assert_eq!(now(&world, &made[0]).await.expires_at, date);
}

async fn a_panel_that_knows_nobody_needs_another_decision(kind: Kind) {
    let world = World::new(kind).await;
    let made = make(&world, &["alice_1", "bob_2", "carol_3", "dave_4"]).await;
    with_people(&world, &made[0]).await;
    restore(&world).await;
    world.panel.forget_users();
    let found = world.services.restored.compare(&owner()).await.unwrap().unwrap();
    assert_eq!(found.missing.count, 4);
    world.services.restored.begin(&owner()).await.unwrap();
    assert!(matches!(parts(&world).await, Step::Done(_)));
    let open: Vec<String> =
        matters::open(&world.opened.db, 9).await.unwrap().into_iter().map(|o| o.key).collect();
    assert_eq!(open, [Matter::PANEL_REPLACED]);
    assert!(now(&world, &made[0]).await.remnawave_uuid.is_some(), "nobody is let go");
    let paused = world.services.clients.block(&token(), made[0].id, None).await.unwrap_err();
    assert!(matches!(paused, Error::Paused(Pause::PanelReplaced)), "{paused:?}");
    let first = sent(&world).await;
    assert!(matches!(first[0].1, Notice::Owner(OwnerNotice::Resumed { .. })), "{first:?}");
    let told = "outbox WHERE notice LIKE '%panel_replaced%'";
    let told = if kind == Kind::Postgres {
        told.replace("notice LIKE", "notice::text LIKE")
    } else {
        told.to_owned()
    };
    assert_eq!(seed::count(&world.opened.db, &told).await, 1);
}

async fn what_had_lapsed_is_opened_once_everything_goes_on(kind: Kind) {
    let world = World::new(kind).await;
    let alice = make(&world, &["alice_1"]).await.remove(0);
    world.clock.advance(TimeDelta::days(31));
    world.services.deactivation.run_once(None, false).await.unwrap();
    assert_eq!(now(&world, &alice).await.access, Access::Lapsed);
    restore(&world).await;
    // Since then somebody gave a later date in the panel, and did not switch it on.
    let date = world.clock.now_millis() + TimeDelta::days(5);
    world.panel.edit_user("alice_1", |user| user.expire_at = date);
    world.services.restored.begin(&owner()).await.unwrap();
    world.panel.clear_calls();
    assert!(matches!(parts(&world).await, Step::Done(_)));
    assert!(world.panel.calls().iter().all(|call| call.method == "GET"));
    assert_eq!(now(&world, &alice).await.expires_at, date);
    world.clock.advance(TimeDelta::minutes(3));
    while world.services.sync.run_once().await.unwrap() {}
    assert_eq!(now(&world, &alice).await.access, Access::Open);
    assert_eq!(world.panel.user("alice_1").unwrap().status, SimStatus::Active);
}
