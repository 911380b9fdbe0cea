//! What people do to their own clients, by the rules: whose they are, and how often.

use std::time::Duration;

use chrono::TimeDelta;
use futures::future::join_all;
use orchestrator::demo::panel::{Fault, Matcher, What};
use orchestrator::domain::actor::{Actor, Role};
use orchestrator::domain::change::Key;
use orchestrator::domain::client::Client;
use orchestrator::domain::clock::Clock as _;
use orchestrator::domain::ids::{ClientId, TelegramId};
use orchestrator::domain::operation::{Action, AuditFilter, Outcome};
use orchestrator::repositories::{audit, clients};
use orchestrator::services::{Error, Services};

use crate::support::db::{Kind, on_both};
use crate::support::world::{World, core, person, token};

on_both!(
    of_ten_at_once_one_counts,
    on_two_replicas_too,
    the_same_request_again_has_the_same_answer,
    what_failed_does_not_count,
    after_the_pause_the_same_button_works,
    no_hours_are_no_pause,
    admins_need_not_wait_and_others_with_a_role_do,
    somebody_elses_is_as_one_that_is_not_there,
);

/// Ann's client.
async fn owned(world: &World, username: &str, owner: i64) -> Client {
    let days = "30".parse().unwrap();
    let made = world.services.clients.create(&token(), username.parse().unwrap(), days, None).await.unwrap();
    let mut tx = world.opened.db.begin().await.unwrap();
    assert!(clients::link(&mut tx, made.id, TelegramId(owner), world.clock.now()).await.unwrap());
    tx.commit().await.unwrap();
    made
}

fn ann() -> Actor {
    person(50, Role::User)
}

fn key(text: &str) -> Option<Key> {
    Some(Key::button(7000, text))
}

async fn rotate(services: &Services, by: &Actor, id: ClientId, text: &str) -> Result<Client, Error> {
    services.clients.rotate_own(by, id, key(text)).await
}

fn is_too_soon(result: &Result<Client, Error>) -> bool {
    matches!(result, Err(Error::TooSoon { .. }))
}

async fn replaced(world: &World) -> i64 {
    let filter = AuditFilter {
        action: Some(Action::RotateConfig),
        result: Some(Outcome::Success),
        ..AuditFilter::default()
    };
    audit::count(&world.opened.db, &filter).await.unwrap()
}

async fn of_ten_at_once_one_counts(kind: Kind) {
    let world = World::new(kind).await;
    let alice = owned(&world, "alice_1", 50).await;
    let by = ann();
    let keys: Vec<String> = (0..10).map(|n| n.to_string()).collect();
    let results = join_all(keys.iter().map(|key| rotate(&world.services, &by, alice.id, key))).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1, "{results:?}");
    assert_eq!(results.iter().filter(|result| is_too_soon(result)).count(), 9, "{results:?}");
    assert_eq!(replaced(&world).await, 1);
    world.assert_agreement().await;
}

async fn on_two_replicas_too(kind: Kind) {
    let world = World::new(kind).await;
    // One process owns a SQLite file.
    let other = if kind == Kind::Sqlite { world.services.clone() } else { world.another() };
    let alice = owned(&world, "alice_1", 50).await;
    let by = ann();
    let keys: Vec<String> = (0..6).map(|n| n.to_string()).collect();
    let taps = keys.iter().enumerate().map(|(n, key)| {
        let services = if n % 2 == 0 { &world.services } else { &other };
        rotate(services, &by, alice.id, key)
    });
    let results = join_all(taps).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1, "{results:?}");
    assert_eq!(replaced(&world).await, 1);
    world.assert_agreement().await;
}

async fn the_same_request_again_has_the_same_answer(kind: Kind) {
    let world = World::new(kind).await;
    let alice = owned(&world, "alice_1", 50).await;
    let by = ann();
    let first = rotate(&world.services, &by, alice.id, "a").await.unwrap();
    assert_ne!(first.short_uuid, alice.short_uuid);
    assert_eq!(rotate(&world.services, &by, alice.id, "a").await.unwrap(), first);
    let until = match rotate(&world.services, &by, alice.id, "b").await {
        Err(Error::TooSoon { until }) => until,
        other => panic!("{other:?}"),
    };
    let wait = until - world.clock.now();
    assert!(wait > TimeDelta::hours(23) && wait <= TimeDelta::hours(24), "{wait}");
    let asked = world.services.clients.replaceable(&by, alice.id).await.unwrap_err();
    assert!(matches!(asked, Error::TooSoon { until: told } if told == until), "{asked:?}");
}

async fn what_failed_does_not_count(kind: Kind) {
    let world = World::new(kind).await;
    let alice = owned(&world, "alice_1", 50).await;
    let by = ann();
    let revoke = || Matcher::new("POST", "/api/users/*/actions/revoke");
    world.panel.fault(Fault::before(revoke(), What::Status(500, None)));
    assert!(matches!(rotate(&world.services, &by, alice.id, "a").await, Err(Error::Panel(_))));
    // Done, but nobody heard of it, nor can anybody look: it does not stand, and does not count.
    world.panel.fault(Fault::after(revoke(), What::Drop));
    world.panel.fault(Fault::before(Matcher::new("GET", "/api/users/*"), What::Drop).always());
    let unclear = rotate(&world.services, &by, alice.id, "b").await;
    assert!(matches!(unclear, Err(Error::Panel(_))), "{unclear:?}");
    world.panel.clear_faults();
    rotate(&world.services, &by, alice.id, "c").await.unwrap();
    assert_eq!(replaced(&world).await, 1);
    world.assert_agreement().await;
}

async fn after_the_pause_the_same_button_works(kind: Kind) {
    let world = World::new(kind).await;
    let alice = owned(&world, "alice_1", 50).await;
    let by = ann();
    rotate(&world.services, &by, alice.id, "a").await.unwrap();
    world.clock.advance(TimeDelta::hours(24) - TimeDelta::seconds(1));
    assert!(is_too_soon(&rotate(&world.services, &by, alice.id, "b").await));
    world.clock.advance(TimeDelta::seconds(2));
    rotate(&world.services, &by, alice.id, "b").await.unwrap();
    assert_eq!(replaced(&world).await, 2);
}

async fn no_hours_are_no_pause(kind: Kind) {
    let world = World::new(kind).await;
    let mut core = core(&world.opened, &world.panel, &world.clock);
    core.rules.rotate_cooldown = TimeDelta::zero();
    let services = Services::new(core);
    let alice = owned(&world, "alice_1", 50).await;
    for key in ["a", "b", "c"] {
        services.clients.replaceable(&ann(), alice.id).await.unwrap();
        rotate(&services, &ann(), alice.id, key).await.unwrap();
    }
    assert_eq!(replaced(&world).await, 3);
}

async fn admins_need_not_wait_and_others_with_a_role_do(kind: Kind) {
    let world = World::new(kind).await;
    for (id, role, waits) in [
        (60, Role::Viewer, true),
        (61, Role::Operator, true),
        (62, Role::Admin, false),
        (63, Role::Owner, false),
    ] {
        let client = owned(&world, &format!("client-{id}"), id).await;
        let by = person(id, role);
        rotate(&world.services, &by, client.id, &format!("{id} a")).await.unwrap();
        let again = rotate(&world.services, &by, client.id, &format!("{id} b")).await;
        assert_eq!(is_too_soon(&again), waits, "{role:?}: {again:?}");
        assert_eq!(again.is_ok(), !waits);
    }
    // What an admin did for somebody does not count for them.
    let alice = owned(&world, "alice_1", 50).await;
    world.services.clients.rotate(&person(62, Role::Admin), alice.id, key("c")).await.unwrap();
    rotate(&world.services, &ann(), alice.id, "d").await.unwrap();
}

async fn somebody_elses_is_as_one_that_is_not_there(kind: Kind) {
    let world = World::new(kind).await;
    let bob = owned(&world, "bob-2", 51).await;
    let nobody = ClientId(uuid::Uuid::from_u128(7));
    let words = |error: Error| error.to_string().replace(&bob.id.to_string(), &nobody.to_string());
    let ann = ann();
    let there = rotate(&world.services, &ann, bob.id, "a").await.unwrap_err();
    let nowhere = rotate(&world.services, &ann, nobody, "b").await.unwrap_err();
    assert_eq!(words(there), words(nowhere));
    let asked = [
        world.services.clients.replaceable(&ann, bob.id).await.unwrap_err(),
        world.services.clients.diagnose(&ann, bob.id).await.unwrap_err(),
        world.services.configs.keys(&ann, bob.id).await.unwrap_err(),
        world.services.configs.key(&ann, bob.id, 0, "00000000").await.unwrap_err(),
    ];
    for error in asked {
        assert!(matches!(error, Error::ClientNotFound(_)), "{error:?}");
    }
    for role in [Role::Viewer, Role::Operator] {
        let refused = rotate(&world.services, &person(60, role), bob.id, "c").await;
        assert!(matches!(refused, Err(Error::Forbidden { .. })), "{refused:?}");
    }
    let vera = person(60, Role::Viewer);
    assert!(matches!(world.services.configs.keys(&vera, bob.id).await, Err(Error::Forbidden { .. })));
    assert!(world.services.clients.diagnose_mine(&ann).await.unwrap().is_empty());
    // Unlinked meanwhile, it is nobody's any more.
    assert_eq!(replaced(&world).await, 0);
    let limit = tokio::time::timeout(Duration::from_secs(20), world.assert_agreement());
    limit.await.unwrap();
}
