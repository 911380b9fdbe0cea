//! What was changed in the panel becomes known here, and a panel that does not know the clients is not believed.

use chrono::{DateTime, TimeDelta, Utc};
use orchestrator::demo::panel::{Fault, Matcher, NewSimUser, PanelVersion, SimStatus, What};
use orchestrator::domain::actor::{Role, Source};
use orchestrator::domain::change::Key;
use orchestrator::domain::client::{Access, Client};
use orchestrator::domain::clock::Clock as _;
use orchestrator::domain::matter::{Matter, Pause};
use orchestrator::domain::operation::{Action, AuditFilter};
use orchestrator::repositories::{clients, leases, matters};
use orchestrator::services::Error;
use orchestrator::services::resettle::{How, JOB};
use orchestrator::services::sync::Mention;

use crate::support::db::{Kind, on_both};
use crate::support::world::{World, person, token};

on_both!(
    what_was_changed_in_the_panel_is_taken_over_once,
    our_own_change_coming_back_makes_no_second_row,
    a_change_in_doubt_is_not_overruled,
    a_later_date_in_the_panel_opens_what_had_lapsed,
    a_user_deleted_in_the_panel_leaves_a_client_without_a_link,
    a_panel_that_knows_nobody_pauses_changes_until_an_owner_decides,
    on_another_panel_the_clients_are_made_again,
    on_another_panel_the_clients_are_let_go,
    a_change_that_cannot_be_finished_needs_a_person,
    the_drift_check_finds_what_nobody_told,
    somebody_elses_user_is_not_taken_over,
);

async fn make(world: &World, names: &[&str]) -> Vec<Client> {
    let mut made = vec![];
    for name in names {
        let days = 30.try_into().unwrap();
        let client = world.services.clients.create(&token(), name.parse().unwrap(), days, None).await;
        made.push(client.unwrap());
    }
    made
}

async fn mention(world: &World, name: &str) {
    let mention = Mention { username: Some(name.to_owned()), ..Mention::default() };
    assert_eq!(world.services.sync.mentioned(&mention).await.unwrap(), 1);
    while world.services.sync.run_once().await.unwrap() {}
}

async fn now(world: &World, client: &Client) -> Client {
    clients::find(&world.opened.db, client.id).await.unwrap().unwrap()
}

/// What the log says was done in the panel, the oldest first.
async fn from_panel(world: &World) -> Vec<Action> {
    let filter = AuditFilter { source: Some(Source::Panel), ..AuditFilter::default() };
    let log = world.services.audit.screen(&token(), filter, 0, 50).await.unwrap();
    log.items.iter().rev().map(|entry| entry.action).collect()
}

async fn open_matters(world: &World) -> Vec<String> {
    matters::open(&world.opened.db, 50).await.unwrap().into_iter().map(|open| open.key).collect()
}

fn later(client: &Client, days: i64) -> DateTime<Utc> {
    client.expires_at + TimeDelta::days(days)
}

async fn what_was_changed_in_the_panel_is_taken_over_once(kind: Kind) {
    for version in [PanelVersion::V2, PanelVersion::V3] {
        let world = World::with(kind, version).await;
        let alice = make(&world, &["alice_1"]).await.remove(0);
        let date = later(&alice, 10);
        world.panel.edit_user("alice_1", |user| {
            user.expire_at = date;
            user.status = SimStatus::Disabled;
            user.short_uuid = "NewLinkGivenThere000".to_owned();
        });
        mention(&world, "alice_1").await;
        let here = now(&world, &alice).await;
        assert_eq!((here.expires_at, here.access), (date, Access::Blocked));
        assert_eq!(here.short_uuid.as_ref().unwrap().expose(), "NewLinkGivenThere000");
        assert!(here.subscription_url.as_ref().unwrap().expose().ends_with("NewLinkGivenThere000"));
        let did = [Action::Extend, Action::Block, Action::RotateConfig];
        assert_eq!(from_panel(&world).await, did);
        // The same news again, and older news: the panel is asked how it is now.
        mention(&world, "alice_1").await;
        assert_eq!(from_panel(&world).await, did);
        world.panel.edit_user("alice_1", |user| user.status = SimStatus::Active);
        mention(&world, "alice_1").await;
        assert_eq!(now(&world, &alice).await.access, Access::Open);
        assert_eq!(from_panel(&world).await.last(), Some(&Action::Unblock));
        world.assert_agreement().await;
    }
}

async fn our_own_change_coming_back_makes_no_second_row(kind: Kind) {
    let world = World::new(kind).await;
    let alice = make(&world, &["alice_1"]).await.remove(0);
    let by = token();
    let change = &world.services.clients;
    change.extend(&by, alice.id, 7.try_into().unwrap(), None).await.unwrap();
    mention(&world, "alice_1").await;
    change.block(&by, alice.id, None).await.unwrap();
    mention(&world, "alice_1").await;
    change.rotate(&by, alice.id, None).await.unwrap();
    mention(&world, "alice_1").await;
    assert_eq!(from_panel(&world).await, []);
    assert!(open_matters(&world).await.is_empty());
}

async fn a_change_in_doubt_is_not_overruled(kind: Kind) {
    let world = World::new(kind).await;
    let alice = make(&world, &["alice_1"]).await.remove(0);
    // The answer is lost, and so is the way back: nobody knows whether it arrives.
    let patch = Matcher::new("PATCH", "/api/users");
    world.panel.fault(Fault::before(patch, What::Drop));
    world.services.clients.extend(&token(), alice.id, 7.try_into().unwrap(), None).await.unwrap_err();
    let date = later(&alice, 7);
    world.panel.edit_user("alice_1", |user| user.expire_at = date);
    mention(&world, "alice_1").await;
    assert_eq!(now(&world, &alice).await.expires_at, alice.expires_at, "it was answered with an error");
    world.clock.advance(TimeDelta::seconds(61));
    world.services.reconciler.run_once().await.unwrap();
    while world.services.sync.run_once().await.unwrap() {}
    assert_eq!(world.panel.user("alice_1").unwrap().expire_at, alice.expires_at, "put back");
    assert_eq!(from_panel(&world).await, []);
    world.assert_agreement().await;
}

async fn a_later_date_in_the_panel_opens_what_had_lapsed(kind: Kind) {
    let world = World::new(kind).await;
    let alice = make(&world, &["alice_1"]).await.remove(0);
    world.clock.advance(TimeDelta::days(31));
    world.services.deactivation.run_once(None, false).await.unwrap();
    assert_eq!(now(&world, &alice).await.access, Access::Lapsed);
    let date = world.clock.now_millis() + TimeDelta::days(5);
    world.panel.edit_user("alice_1", |user| user.expire_at = date);
    mention(&world, "alice_1").await;
    let here = now(&world, &alice).await;
    assert_eq!((here.access, here.expires_at), (Access::Open, date));
    assert_eq!(world.panel.user("alice_1").unwrap().status, SimStatus::Active);
    world.assert_agreement().await;
}

async fn a_user_deleted_in_the_panel_leaves_a_client_without_a_link(kind: Kind) {
    let world = World::new(kind).await;
    let made = make(&world, &["alice_1", "bob_2", "carol_3", "dave_4"]).await;
    world.panel.remove_user("bob_2");
    mention(&world, "bob_2").await;
    let bob = now(&world, &made[1]).await;
    assert_eq!((bob.remnawave_uuid, bob.short_uuid), (None, None));
    assert_eq!(bob.expires_at, made[1].expires_at);
    assert_eq!(open_matters(&world).await, [Matter::user_gone(bob.id)]);
    for other in [&made[0], &made[2], &made[3]] {
        assert!(now(&world, other).await.remnawave_uuid.is_some());
    }
    // Somebody has the user made again: with a new link, since the old one is gone.
    let key = |key: &str| Key { scope: "test".to_owned(), key: key.to_owned() };
    let resettle = &world.services.resettle;
    resettle.make_again(&person(7, Role::Viewer), bob.id, key("1")).await.unwrap_err();
    let again = resettle.make_again(&person(7, Role::Operator), bob.id, key("2")).await.unwrap();
    let twice = resettle.make_again(&person(7, Role::Operator), bob.id, key("2")).await.unwrap();
    assert_eq!((&again.short_uuid, again.expires_at), (&twice.short_uuid, bob.expires_at));
    assert!(again.short_uuid.is_some() && open_matters(&world).await.is_empty());
    world.assert_agreement().await;
}

async fn a_panel_that_knows_nobody_pauses_changes_until_an_owner_decides(kind: Kind) {
    let world = World::new(kind).await;
    let made = make(&world, &["alice_1", "bob_2", "carol_3", "dave_4"]).await;
    let before = world.panel.users();
    world.panel.forget_users();
    let change = &world.services.clients;
    let first = change.extend(&token(), made[0].id, 7.try_into().unwrap(), None).await.unwrap_err();
    assert!(matches!(first, Error::UserGone), "{first:?}");
    while world.services.sync.run_once().await.unwrap() {}
    assert_eq!(open_matters(&world).await, [Matter::PANEL_REPLACED]);
    let paused = change.extend(&token(), made[1].id, 7.try_into().unwrap(), None).await.unwrap_err();
    assert!(matches!(paused, Error::Paused(Pause::PanelReplaced)), "{paused:?}");
    let new = change.create(&token(), "erin_5".parse().unwrap(), 30.try_into().unwrap(), None).await;
    assert!(matches!(new, Err(Error::Paused(Pause::PanelReplaced))));
    for client in &made {
        assert_eq!(now(&world, client).await.remnawave_uuid, client.remnawave_uuid, "nothing is let go");
    }
    // Only an owner decides.
    let admin = person(7, Role::Admin);
    assert!(matches!(world.services.matters.look_again(&admin).await, Err(Error::Forbidden { .. })));
    let owner = person(1, Role::Owner);
    assert!(!world.services.matters.look_again(&owner).await.unwrap(), "it is as it was");
    // The right panel is back.
    for user in before {
        let new = NewSimUser {
            username: user.username.clone(),
            short_uuid: Some(user.short_uuid),
            expire_at: user.expire_at,
        };
        world.panel.restore_user(&user.id.to_string(), new, user.description.unwrap());
    }
    assert!(world.services.matters.look_again(&owner).await.unwrap());
    change.extend(&token(), made[1].id, 7.try_into().unwrap(), None).await.unwrap();
    world.assert_agreement().await;
}

async fn the_drift_check_finds_what_nobody_told(kind: Kind) {
    let world = World::new(kind).await;
    let made = make(&world, &["alice_1", "bob_2", "carol_3", "dave_4", "erin_5"]).await;
    let date = later(&made[0], 3);
    world.panel.edit_user("alice_1", |user| user.expire_at = date);
    world.panel.edit_user("carol_3", |user| user.status = SimStatus::Disabled);
    world.panel.remove_user("dave_4");
    let expire_at = date;
    world.panel.insert_user(NewSimUser { username: "stranger".to_owned(), short_uuid: None, expire_at });
    let passed = world.services.drift.run_once().await.unwrap();
    assert_eq!((passed.clients, passed.differ, passed.relinked), (5, 3, 0));
    while world.services.sync.run_once().await.unwrap() {}
    assert_eq!(now(&world, &made[0]).await.expires_at, date);
    assert_eq!(now(&world, &made[2]).await.access, Access::Blocked);
    assert_eq!(now(&world, &made[3]).await.remnawave_uuid, None);
    assert_eq!(open_matters(&world).await, [Matter::user_gone(made[3].id)]);
    let again = world.services.drift.run_once().await.unwrap();
    assert_eq!((again.clients, again.differ), (4, 0));
}

async fn somebody_elses_user_is_not_taken_over(kind: Kind) {
    let world = World::new(kind).await;
    let alice = make(&world, &["alice_1"]).await.remove(0);
    world.panel.edit_user("alice_1", |user| {
        user.short_uuid = "SomebodyElsesLink000".to_owned();
        user.description = None;
        user.created_at = world.clock.now() + TimeDelta::days(1);
    });
    mention(&world, "alice_1").await;
    assert_eq!(now(&world, &alice).await.short_uuid, alice.short_uuid);
    assert_eq!(open_matters(&world).await, [Matter::another_user(alice.id)]);
    assert_eq!(from_panel(&world).await, []);
}

/// Three clients, one of them blocked, and a panel that knows none of them any more.
async fn on_another_panel(kind: Kind) -> (World, Vec<Client>) {
    let world = World::new(kind).await;
    let made = make(&world, &["alice_1", "bob_2", "carol_3"]).await;
    world.services.clients.block(&token(), made[1].id, None).await.unwrap();
    world.panel.forget_users();
    let expire_at = made[0].expires_at;
    // Ids are used again there.
    world.panel.insert_user(NewSimUser { username: "mallory".to_owned(), short_uuid: None, expire_at });
    world.services.drift.run_once().await.unwrap();
    while world.services.sync.run_once().await.unwrap() {}
    assert!(open_matters(&world).await.contains(&Matter::PANEL_REPLACED.to_owned()));
    (world, made)
}

async fn resettle(world: &World, how: How) {
    world.services.resettle.begin(&person(7, Role::Admin), how).await.unwrap_err();
    world.services.resettle.begin(&person(1, Role::Owner), how).await.unwrap();
    let mut memory = leases::memory(&world.opened.db, JOB).await.unwrap();
    while let Some(next) = world.services.resettle.part(memory.as_deref()).await.unwrap() {
        memory = Some(next);
    }
    assert!(!open_matters(world).await.contains(&Matter::PANEL_REPLACED.to_owned()));
}

async fn on_another_panel_the_clients_are_made_again(kind: Kind) {
    let (world, made) = on_another_panel(kind).await;
    resettle(&world, How::MakeAgain).await;
    for client in &made {
        let here = now(&world, client).await;
        assert_eq!((here.short_uuid, here.expires_at), (client.short_uuid.clone(), client.expires_at));
    }
    assert_eq!(now(&world, &made[1]).await.access, Access::Blocked);
    assert!(world.panel.remove_user("mallory"));
    world.assert_agreement().await;
    world.services.clients.extend(&token(), made[0].id, 7.try_into().unwrap(), None).await.unwrap();
}

async fn on_another_panel_the_clients_are_let_go(kind: Kind) {
    let (world, made) = on_another_panel(kind).await;
    resettle(&world, How::LetGo).await;
    for client in &made {
        assert_eq!(now(&world, client).await.remnawave_uuid, None);
    }
    assert_eq!(world.panel.users().len(), 1, "nobody else is touched");
    world
        .services
        .clients
        .create(&token(), "erin_5".parse().unwrap(), 30.try_into().unwrap(), None)
        .await
        .unwrap();
}

async fn a_change_that_cannot_be_finished_needs_a_person(kind: Kind) {
    let world = World::new(kind).await;
    let alice = make(&world, &["alice_1"]).await.remove(0);
    let patch = Matcher::new("PATCH", "/api/users");
    world.panel.fault(Fault::before(patch, What::Status(500, None)).always());
    let user = Matcher::new("GET", "/api/users/*");
    world.panel.fault(Fault {
        times: Some(1),
        ..Fault::after(user.clone(), What::Delay(std::time::Duration::ZERO))
    });
    world.panel.fault(Fault::before(user, What::Status(500, Some("A018".to_owned()))).always());
    world.services.clients.extend(&token(), alice.id, 7.try_into().unwrap(), None).await.unwrap_err();
    world.clock.advance(TimeDelta::minutes(16));
    world.services.reconciler.run_once().await.unwrap();
    world.panel.clear_faults();
    // While the panel as a whole is away, that is told instead.
    assert_eq!(open_matters(&world).await, [""; 0]);
    world.services.health.check_panel().await;
    world.panel.fault(Fault::before(Matcher::new("GET", "/api/users/*"), What::RateLimited).always());
    world.clock.advance(TimeDelta::seconds(61));
    world.services.reconciler.run_once().await.unwrap();
    let open = open_matters(&world).await;
    assert!(open.len() == 1 && open[0].starts_with("stuck:"), "{open:?}");
    world.panel.clear_faults();
    world.clock.advance(TimeDelta::seconds(61));
    world.services.reconciler.run_once().await.unwrap();
    assert_eq!(open_matters(&world).await, [""; 0]);
    world.assert_agreement().await;
}
