//! The panel user's `telegramId` follows the client's, whatever comes in between.

use std::time::Duration;

use chrono::TimeDelta;
use orchestrator::demo::panel::{Call, Fault, Matcher, PanelVersion, SimUser, What};
use orchestrator::domain::actor::Role;
use orchestrator::domain::change::Key;
use orchestrator::domain::ids::{ClientId, TelegramId};
use orchestrator::domain::matter::Matter;
use orchestrator::domain::notice::{Notice, OwnerNotice};
use orchestrator::jobs;
use orchestrator::repositories::clients::{self, Due};
use orchestrator::services::Services;
use orchestrator::services::links::Unlinked;
use orchestrator::services::people::Seen;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::support::db::{Kind, on_both};
use crate::support::world::{World, person, token};

on_both!(
    linked_and_unlinked_it_follows_and_nothing_else_changes,
    both_versions_of_the_panel_are_told,
    a_cut_between_the_link_and_the_panel_is_made_good,
    a_panel_that_is_away_is_told_later,
    a_request_that_arrives_late_is_put_right,
    two_replicas_end_with_the_same,
    somebody_else_on_the_panel_is_left_alone,
    a_link_that_changes_meanwhile_stays_due,
);

/// Longest id that Telegram says it may have: 52 bits.
const BIG: i64 = (1 << 52) - 1;

async fn create(world: &World, name: &str) -> ClientId {
    let days = 30.try_into().unwrap();
    let by = person(1, Role::Owner);
    world.services.clients.create(&by, name.parse().unwrap(), days, None).await.unwrap().id
}

async fn link(services: &Services, id: ClientId, who: i64) {
    let invite = services.invites.create(&token(), id).await.unwrap();
    services.invites.redeem(&person(who, Role::Stranger), invite.token.expose()).await.unwrap();
}

async fn unlink(services: &Services, id: ClientId, key: &str) -> Unlinked {
    let key = Key { scope: "test".to_owned(), key: key.to_owned() };
    services.links.unlink(&person(1, Role::Owner), id, None, &key).await.unwrap()
}

fn theirs(world: &World, name: &str) -> Option<i64> {
    world.panel.user(name).unwrap().telegram_id
}

async fn due(world: &World) -> Vec<Due> {
    let far = orchestrator::domain::clock::Clock::now(&*world.clock) + TimeDelta::days(1);
    clients::to_follow(&world.opened.db, far, 100).await.unwrap()
}

fn is_patch(call: &Call) -> bool {
    call.method == "PATCH"
}

fn patches(world: &World) -> usize {
    world.panel.calls().iter().filter(|call| is_patch(call)).count()
}

async fn linked_and_unlinked_it_follows_and_nothing_else_changes(kind: Kind) {
    let world = World::new(kind).await;
    let id = create(&world, "alice_1").await;
    world.panel.edit_user("alice_1", |user| user.tag = Some("VIP".to_owned()));
    let before = world.panel.user("alice_1").unwrap();
    assert!(due(&world).await.is_empty(), "nothing to tell of a new client");
    link(&world.services, id, BIG).await;
    assert_eq!(theirs(&world, "alice_1"), None, "nobody waited for the panel");
    assert!(world.services.follow.run_once().await.unwrap());
    let with = |telegram_id, user: SimUser| SimUser { telegram_id, ..user };
    let now = world.panel.user("alice_1").unwrap();
    assert_eq!(SimUser { updated_at: before.updated_at, ..now }, with(Some(BIG), before.clone()));
    // One more look, a minute later, finds it right.
    world.clock.advance(TimeDelta::seconds(61));
    assert!(world.services.follow.run_once().await.unwrap());
    assert_eq!((due(&world).await.len(), patches(&world)), (0, 1));
    // A link replaced does not lose it, nor does a date.
    let (owner, services) = (person(1, Role::Owner), &world.services);
    services.clients.rotate(&owner, id, None).await.unwrap();
    services.clients.extend(&owner, id, 7.try_into().unwrap(), None).await.unwrap();
    services.clients.block(&owner, id, None).await.unwrap();
    assert_eq!(theirs(&world, "alice_1"), Some(BIG));
    assert!(matches!(unlink(services, id, "1").await, Unlinked::Done(_)));
    assert!(services.follow.run_once().await.unwrap());
    assert_eq!(theirs(&world, "alice_1"), None);
    world.assert_agreement().await;
}

async fn both_versions_of_the_panel_are_told(kind: Kind) {
    for version in [PanelVersion::V2, PanelVersion::V3] {
        let world = World::with(kind, version).await;
        let id = create(&world, "alice_1").await;
        link(&world.services, id, 50).await;
        assert!(world.services.follow.run_once().await.unwrap());
        assert_eq!(theirs(&world, "alice_1"), Some(50));
        unlink(&world.services, id, "1").await;
        assert!(world.services.follow.run_once().await.unwrap());
        assert_eq!(theirs(&world, "alice_1"), None);
    }
}

async fn a_cut_between_the_link_and_the_panel_is_made_good(kind: Kind) {
    let world = World::new(kind).await;
    let id = create(&world, "alice_1").await;
    link(&world.services, id, 50).await;
    // That process is gone; the next one looks at its start.
    let (tasks, shutdown) = (TaskTracker::new(), CancellationToken::new());
    let next = world.another();
    let every = jobs::Intervals { reconcile: Duration::from_secs(3600), deactivate: None, drift: None };
    jobs::start(&next, every, &tasks, &shutdown);
    world.panel.wait_for_call(|call| is_patch(call) && call.finished).await;
    assert_eq!(theirs(&world, "alice_1"), Some(50));
    // What this process does itself it tells at once, without waiting for its next round.
    unlink(&next, id, "1").await;
    world.panel.wait_for_call(|call| is_patch(call) && call.finished && is_null(call)).await;
    assert_eq!(theirs(&world, "alice_1"), None);
    shutdown.cancel();
    tasks.close();
    tasks.wait().await;
}

fn is_null(call: &Call) -> bool {
    call.body.as_ref().is_some_and(|body| body["telegramId"].is_null())
}

async fn a_panel_that_is_away_is_told_later(kind: Kind) {
    let world = World::new(kind).await;
    let (id, other) = (create(&world, "alice_1").await, create(&world, "bob-2").await);
    link(&world.services, id, 50).await;
    world.panel.fault(Fault::before(Matcher::any(), What::Status(503, None)).always());
    assert!(!world.services.follow.run_once().await.unwrap());
    assert_eq!(due(&world).await.len(), 1);
    world.panel.clear_faults();
    // It is not hammered: nothing is due before its pause is over.
    assert!(world.services.follow.run_once().await.unwrap());
    assert_eq!(theirs(&world, "alice_1"), None);
    world.clock.advance(TimeDelta::seconds(16));
    // One that cannot be told stops nobody else.
    link(&world.services, other, 60).await;
    let key = world.panel.user("alice_1").unwrap().id;
    let one = Matcher::new("GET", &format!("/api/users/{key}"));
    world.panel.fault(Fault::before(one, What::Truncated).always());
    assert!(!world.services.follow.run_once().await.unwrap());
    assert_eq!((theirs(&world, "alice_1"), theirs(&world, "bob-2")), (None, Some(60)));
    world.panel.clear_faults();
    world.clock.advance(TimeDelta::seconds(16));
    assert!(world.services.follow.run_once().await.unwrap());
    assert_eq!(theirs(&world, "alice_1"), Some(50));
}

async fn a_request_that_arrives_late_is_put_right(kind: Kind) {
    let world = World::new(kind).await;
    let id = create(&world, "alice_1").await;
    link(&world.services, id, 50).await;
    // The answer is lost; the request will arrive when everybody has forgotten it.
    let late = What::Delay(Duration::from_secs(4));
    world.panel.fault(Fault::before(Matcher::new("PATCH", "/api/users"), late));
    assert!(!world.services.follow.run_once().await.unwrap());
    unlink(&world.services, id, "1").await;
    assert!(world.services.follow.run_once().await.unwrap());
    world.panel.wait_for_call(|call| is_patch(call) && !is_null(call) && call.applied).await;
    assert_eq!(theirs(&world, "alice_1"), Some(50), "it came after all");
    world.clock.advance(TimeDelta::seconds(61));
    assert!(world.services.follow.run_once().await.unwrap());
    assert_eq!(theirs(&world, "alice_1"), None);
}

async fn two_replicas_end_with_the_same(kind: Kind) {
    let world = World::new(kind).await;
    let other = world.another();
    for round in 0..5 {
        let name = format!("alice_{round}");
        let id = create(&world, &name).await;
        link(&world.services, id, 50).await;
        let (one, two) = tokio::join!(world.services.follow.run_once(), other.follow.run_once());
        assert!(one.unwrap() && two.unwrap());
        assert_eq!(theirs(&world, &name), Some(50));
    }
    world.clock.advance(TimeDelta::seconds(61));
    let (one, two) = tokio::join!(world.services.follow.run_once(), other.follow.run_once());
    assert!(one.unwrap() && two.unwrap());
    assert!(due(&world).await.is_empty());
}

async fn somebody_else_on_the_panel_is_left_alone(kind: Kind) {
    let world = World::new(kind).await;
    let (id, gone) = (create(&world, "alice_1").await, create(&world, "bob-2").await);
    let seen =
        Seen { id: TelegramId(1), name: "Olga".to_owned(), telegram_username: None, language_code: None };
    world.services.people.seen(seen).await.unwrap();
    world.panel.edit_user("alice_1", |user| {
        user.short_uuid = "SomebodyElse0000".to_owned();
        user.description = None;
    });
    world.panel.remove_user("bob-2");
    link(&world.services, id, 50).await;
    link(&world.services, gone, 60).await;
    assert!(world.services.follow.run_once().await.unwrap());
    assert_eq!((theirs(&world, "alice_1"), patches(&world)), (None, 0));
    let told = world.services.outbox.claim(10, Duration::ZERO).await.unwrap();
    let alert =
        |notice: &Notice| matches!(notice, Notice::Owner(OwnerNotice::Matter(Matter::AnotherUser { .. })));
    assert_eq!(
        told.deliveries.iter().filter(|told| alert(&told.notice)).count(),
        1,
        "the owner hears of it: {told:?}"
    );
    // It is looked at again, but not all the time.
    world.panel.clear_calls();
    world.clock.advance(TimeDelta::minutes(30));
    assert!(world.services.follow.run_once().await.unwrap());
    assert!(world.panel.calls().is_empty());
    assert_eq!(due(&world).await.len(), 2);
}

async fn a_link_that_changes_meanwhile_stays_due(kind: Kind) {
    let world = World::new(kind).await;
    let id = create(&world, "alice_1").await;
    link(&world.services, id, 50).await;
    world
        .panel
        .fault(Fault::after(Matcher::new("PATCH", "/api/users"), What::Delay(Duration::from_millis(300))));
    let services = world.services.clone();
    let telling = tokio::spawn(async move { services.follow.run_once().await });
    world.panel.wait_for_call(|call| is_patch(call) && call.applied).await;
    unlink(&world.services, id, "1").await;
    assert!(telling.await.unwrap().unwrap());
    // No minute has passed, and it is due all the same.
    assert!(world.services.follow.run_once().await.unwrap());
    assert_eq!(theirs(&world, "alice_1"), None);
    let now = clients::find(&world.opened.db, id).await.unwrap().unwrap();
    assert_eq!(now.telegram_id, None::<TelegramId>);
}
