//! Requests that reach the panel after others have moved on: both sides agree again within the next look.

use std::time::Duration;

use chrono::TimeDelta;
use orchestrator::demo::panel::{Call, Fault, Matcher, PanelVersion, SimStatus, What};
use orchestrator::domain::change::Key;
use orchestrator::domain::client::{Access, Client};
use orchestrator::domain::days::Days;
use orchestrator::domain::ids::ClientId;
use orchestrator::repositories::{audit, clients};
use orchestrator::services::{Error, Services};

use crate::support::db::{Kind, on_both};
use crate::support::world::{World, token};

on_both!(
    a_date_put_back_late_does_not_undo_the_retry,
    a_block_put_back_late_does_not_undo_the_retry,
    a_link_put_back_late_does_not_undo_the_retry,
    a_creation_taken_back_late_is_made_again,
    what_was_completed_after_a_cut_does_not_come_back_later,
    a_creation_completed_after_a_cut_leaves_no_orphan,
    a_late_date_closes_nobody_who_was_opened,
    the_nearest_date_is_known_though_its_answer_was_lost,
    a_link_that_arrived_late_is_still_the_clients,
    a_creation_is_answered_the_same_after_its_deletion,
    a_correction_that_arrives_late_is_corrected,
    a_user_made_again_without_an_answer_is_the_clients,
);

/// Longer than `PANEL_TIMEOUT`, which is 3 s in these tests.
const TOO_LATE: What = What::Delay(Duration::from_millis(3500));

fn days(number: i64) -> Days {
    number.try_into().unwrap()
}

fn key(key: &str) -> Option<Key> {
    Some(Key { scope: "token:shop".to_owned(), key: key.to_owned() })
}

fn look() -> Matcher {
    Matcher::new("GET", "/api/users/*")
}

fn patch() -> Matcher {
    Matcher::new("PATCH", "/api/users")
}

fn action(name: &str) -> Matcher {
    Matcher::new("POST", &format!("/api/users/*/actions/{name}"))
}

async fn ready(kind: Kind) -> (World, Client) {
    let world = World::with(kind, PanelVersion::V3).await;
    let made = world.services.clients.create(&token(), "alice".parse().unwrap(), days(30), None).await;
    let client = made.unwrap();
    world.panel.clear_calls();
    (world, client)
}

async fn known(world: &World, id: ClientId) -> Client {
    clients::find(&world.opened.db, id).await.unwrap().unwrap()
}

/// The panel does the next request of this kind, and neither it nor a look afterwards is answered.
fn doubt(world: &World, on: Matcher) {
    world.panel.fault(Fault::after(on, What::Drop));
    world.panel.fault(Fault::before(look(), What::Delay(Duration::from_millis(1))));
    world.panel.fault(Fault::before(look(), What::Status(500, None)).always());
}

/// The reconciler's next request of this kind reaches the panel long after it was given up.
async fn put_back_late(world: &World, on: Matcher) {
    world.panel.clear_faults();
    world.panel.clear_calls();
    world.panel.fault(Fault::before(on, TOO_LATE));
    world.services.reconciler.run_once().await.unwrap();
}

/// The first request that changes something is done.
async fn it_lands(world: &World) {
    let first = world.panel.wait_for_call(|call: &Call| call.method != "GET").await.number;
    world.panel.wait_for_call(|call| call.number == first && call.applied).await;
}

/// The time after which nothing can be under way any more, and the look that is had then.
async fn next_look(world: &World) {
    world.clock.advance(TimeDelta::seconds(61));
    world.services.reconciler.run_once().await.unwrap();
    world.assert_agreement().await;
}

async fn a_date_put_back_late_does_not_undo_the_retry(kind: Kind) {
    let (world, client) = ready(kind).await;
    let extend = async || world.services.clients.extend(&token(), client.id, days(10), key("k")).await;
    doubt(&world, patch());
    extend().await.unwrap_err();
    put_back_late(&world, patch()).await;
    let stands = extend().await.unwrap();
    it_lands(&world).await;
    assert_eq!(world.panel.user("alice").unwrap().expire_at, client.expires_at, "it has arrived");
    next_look(&world).await;
    assert_eq!(known(&world, client.id).await.expires_at, stands.expires_at);
    assert_eq!(extend().await.unwrap(), stands, "and the key still has its answer");
    assert_eq!(audit::newest(&world.opened.db, 100).await.unwrap().len(), 2, "a look is no operation");
}

async fn a_block_put_back_late_does_not_undo_the_retry(kind: Kind) {
    let (world, client) = ready(kind).await;
    let block = async || world.services.clients.block(&token(), client.id, key("k")).await;
    doubt(&world, action("disable"));
    block().await.unwrap_err();
    put_back_late(&world, action("enable")).await;
    block().await.unwrap();
    it_lands(&world).await;
    assert_eq!(world.panel.user("alice").unwrap().status, SimStatus::Active, "it has arrived");
    next_look(&world).await;
    assert_eq!(known(&world, client.id).await.access, Access::Blocked);
}

async fn a_link_put_back_late_does_not_undo_the_retry(kind: Kind) {
    let (world, client) = ready(kind).await;
    let rotate = async || world.services.clients.rotate(&token(), client.id, key("k")).await;
    doubt(&world, action("revoke"));
    rotate().await.unwrap_err();
    put_back_late(&world, action("revoke")).await;
    let stands = rotate().await.unwrap();
    it_lands(&world).await;
    assert_eq!(world.panel.user("alice").unwrap().short_uuid, client.short_uuid.unwrap().expose());
    next_look(&world).await;
    assert_eq!(known(&world, client.id).await.short_uuid, stands.short_uuid);
}

async fn a_creation_taken_back_late_is_made_again(kind: Kind) {
    let (world, _) = ready(kind).await;
    let create =
        async || world.services.clients.create(&token(), "bob".parse().unwrap(), days(30), key("k")).await;
    world.panel.fault(Fault::after(Matcher::new("POST", "/api/users"), What::Drop));
    let by_name = Matcher::path("/api/users/by-username/*");
    world.panel.fault(Fault::before(by_name, What::Status(500, None)).always());
    create().await.unwrap_err();
    put_back_late(&world, Matcher::new("DELETE", "/api/users/*")).await;
    let made = create().await.unwrap();
    world.panel.wait_for_call(|call| call.method == "DELETE" && call.applied).await;
    assert!(world.panel.user("bob").is_none(), "it has arrived");
    next_look(&world).await;
    let now = known(&world, made.id).await;
    assert_eq!((now.short_uuid, now.expires_at), (made.short_uuid, made.expires_at));
}

/// Cuts a process whose request is only done by the panel after it is dead and others have moved on.
async fn cut_late<F: Future<Output = ()> + Send>(
    world: &World,
    on: Matcher,
    work: impl FnOnce(Services) -> F + Send + 'static,
) {
    world.panel.clear_calls();
    world.panel.fault(Fault::before(on, TOO_LATE));
    let doomed = world.doomed().await;
    let process = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    process.spawn(async move { work(doomed).await });
    world.panel.wait_for_call(|call| call.method != "GET").await;
    process.shutdown_background();
    world.clock.advance(TimeDelta::seconds(31));
    world.services.reconciler.run_once().await.unwrap();
    world.assert_agreement().await;
}

async fn what_was_completed_after_a_cut_does_not_come_back_later(kind: Kind) {
    let (world, client) = ready(kind).await;
    let id = client.id;
    let clients = &world.services.clients;
    cut_late(&world, patch(), move |doomed| async move {
        doomed.clients.extend(&token(), id, days(10), None).await.ok();
    })
    .await;
    clients.extend(&token(), id, days(10), None).await.unwrap();
    it_lands(&world).await;
    assert_eq!(world.panel.user("alice").unwrap().expire_at, client.expires_at + TimeDelta::days(10));
    next_look(&world).await;
    assert_eq!(known(&world, id).await.expires_at, client.expires_at + TimeDelta::days(20));

    cut_late(&world, action("disable"), move |doomed| async move {
        doomed.clients.block(&token(), id, None).await.ok();
    })
    .await;
    clients.unblock(&token(), id, None).await.unwrap();
    it_lands(&world).await;
    assert_eq!(world.panel.user("alice").unwrap().status, SimStatus::Disabled);
    next_look(&world).await;
    assert_eq!(known(&world, id).await.access, Access::Open);

    cut_late(&world, action("revoke"), move |doomed| async move {
        doomed.clients.rotate(&token(), id, None).await.ok();
    })
    .await;
    let second = clients.rotate(&token(), id, None).await.unwrap();
    it_lands(&world).await;
    next_look(&world).await;
    assert_eq!(known(&world, id).await.short_uuid, second.short_uuid);
}

async fn a_creation_completed_after_a_cut_leaves_no_orphan(kind: Kind) {
    let (world, _) = ready(kind).await;
    let creation = || Matcher::new("POST", "/api/users");
    cut_late(&world, creation(), |doomed| async move {
        doomed.clients.create(&token(), "bob".parse().unwrap(), days(30), key("k")).await.ok();
    })
    .await;
    let clients = &world.services.clients;
    let bob = clients.create(&token(), "bob".parse().unwrap(), days(30), key("k")).await.unwrap();
    clients.delete(&token(), bob.id, None).await.unwrap();
    it_lands(&world).await;
    assert!(world.panel.user("bob").is_some(), "it has arrived");
    next_look(&world).await;
    assert!(world.panel.user("bob").is_none());
}

async fn a_late_date_closes_nobody_who_was_opened(kind: Kind) {
    let (world, client) = ready(kind).await;
    world.clock.advance(TimeDelta::days(31));
    let mut tx = world.opened.db.begin().await.unwrap();
    clients::update(&mut tx, &Client { access: Access::Lapsed, ..client.clone() }).await.unwrap();
    tx.commit().await.unwrap();
    world.panel.edit_user("alice", |user| user.status = SimStatus::Disabled);
    world.panel.fault(Fault::before(patch(), TOO_LATE));
    let clients = &world.services.clients;
    clients.extend(&token(), client.id, days(10), None).await.unwrap_err();
    it_lands(&world).await;
    assert_eq!(world.panel.user("alice").unwrap().status, SimStatus::Active, "it has arrived");
    clients.unblock(&token(), client.id, None).await.unwrap();
    next_look(&world).await;
    assert_ne!(world.panel.user("alice").unwrap().status, SimStatus::Disabled);
}

async fn the_nearest_date_is_known_though_its_answer_was_lost(kind: Kind) {
    let (world, client) = ready(kind).await;
    world.clock.advance(TimeDelta::days(31));
    doubt(&world, patch());
    world.services.clients.extend(&token(), client.id, days(10), None).await.unwrap_err();
    world.panel.clear_faults();
    world.panel.fault(Fault::after(patch(), What::Drop));
    world.services.reconciler.run_once().await.unwrap();
    world.services.reconciler.run_once().await.unwrap();
    world.assert_agreement().await;
    let now = orchestrator::domain::clock::Clock::now(&*world.clock);
    assert!(known(&world, client.id).await.expires_at < now + TimeDelta::minutes(3));
}

async fn a_link_that_arrived_late_is_still_the_clients(kind: Kind) {
    let (world, client) = ready(kind).await;
    world.panel.fault(Fault::before(action("revoke"), TOO_LATE));
    let clients = &world.services.clients;
    clients.rotate(&token(), client.id, None).await.unwrap_err();
    it_lands(&world).await;
    assert_ne!(world.panel.user("alice").unwrap().short_uuid, client.short_uuid.unwrap().expose());
    clients.extend(&token(), client.id, days(10), None).await.unwrap();
    let rotated = clients.rotate(&token(), client.id, None).await.unwrap();
    world.assert_agreement().await;
    next_look(&world).await;
    assert_eq!(known(&world, client.id).await.short_uuid, rotated.short_uuid);
}

async fn a_creation_is_answered_the_same_after_its_deletion(kind: Kind) {
    let (world, _) = ready(kind).await;
    let clients = &world.services.clients;
    let create = async || clients.create(&token(), "bob".parse().unwrap(), days(30), key("k")).await;
    let made = create().await.unwrap();
    clients.delete(&token(), made.id, None).await.unwrap();
    assert_eq!(create().await.unwrap(), made);
    let other = clients.create(&token(), "bob".parse().unwrap(), days(30), key("l")).await;
    assert!(other.is_ok(), "the name is free again: {other:?}");
    let taken = clients.create(&token(), "bob".parse().unwrap(), days(30), key("m")).await;
    assert!(matches!(taken, Err(Error::UsernameTaken(_))), "{taken:?}");
}

async fn a_correction_that_arrives_late_is_corrected(kind: Kind) {
    let (world, client) = ready(kind).await;
    let extend = async |number| world.services.clients.extend(&token(), client.id, days(number), None).await;
    world.panel.fault(Fault::before(patch(), TOO_LATE));
    extend(3).await.unwrap_err();
    extend(2).await.unwrap();
    it_lands(&world).await;
    // The look sends the right date; it is held up, and the next round sends it again.
    world.clock.advance(TimeDelta::seconds(61));
    put_back_late(&world, patch()).await;
    world.services.reconciler.run_once().await.unwrap();
    let last = extend(5).await.unwrap();
    it_lands(&world).await;
    assert_eq!(world.panel.user("alice").unwrap().expire_at, client.expires_at + TimeDelta::days(2));
    next_look(&world).await;
    assert_eq!(known(&world, client.id).await.expires_at, last.expires_at);
}

async fn a_user_made_again_without_an_answer_is_the_clients(kind: Kind) {
    let (world, _) = ready(kind).await;
    let create =
        async || world.services.clients.create(&token(), "bob".parse().unwrap(), days(30), key("k")).await;
    let creation = || Matcher::new("POST", "/api/users");
    world.panel.fault(Fault::after(creation(), What::Drop));
    let by_name = Matcher::path("/api/users/by-username/*");
    world.panel.fault(Fault::before(by_name, What::Status(500, None)).always());
    create().await.unwrap_err();
    put_back_late(&world, Matcher::new("DELETE", "/api/users/*")).await;
    let made = create().await.unwrap();
    world.services.clients.block(&token(), made.id, None).await.unwrap();
    world.panel.wait_for_call(|call| call.method == "DELETE" && call.applied).await;
    world.panel.fault(Fault::after(creation(), What::Drop));
    world.clock.advance(TimeDelta::seconds(61));
    world.services.reconciler.run_once().await.unwrap();
    world.services.reconciler.run_once().await.unwrap();
    world.assert_agreement().await;
    let now = known(&world, made.id).await;
    assert_ne!(now.remnawave_uuid, made.remnawave_uuid, "another user");
    world.services.clients.delete(&token(), made.id, None).await.unwrap();
    assert!(world.panel.user("bob").is_none());
}
