//! Changes of a client that exists: both sides agree, nothing is done twice, the log is true. `trouble` is what the
//! panel and the power do to them, `odd` are clients that are not as most.

mod burst;
mod groups;
mod odd;
mod trouble;

use std::time::Duration;

use chrono::TimeDelta;
use orchestrator::demo::panel::{Fault, Matcher, PanelVersion, SimStatus, What};
use orchestrator::domain::actor::Actor;
use orchestrator::domain::change::Key;
use orchestrator::domain::client::{Access, Client};
use orchestrator::domain::days::Days;
use orchestrator::domain::ids::{ClientId, ClientRef, PanelUserId, ShortUuid, TelegramId};
use orchestrator::domain::operation::{Action, Outcome};
use orchestrator::repositories::{audit, clients, intents, operations};
use orchestrator::services::{Error, Services};

use crate::support::db::{Kind, on_both};
use crate::support::world::{World, token};

on_both!(
    every_change_reaches_both_sides,
    what_makes_no_sense_is_refused_without_asking_the_panel,
    the_same_key_does_it_once_and_answers_the_same,
    refusals_are_kept_for_their_key,
    a_key_belongs_to_one_request,
    of_24_extensions_at_once_each_counts,
    on_two_replicas_too,
    what_the_panel_has_already_is_success,
    an_account_linked_meanwhile_stays_linked,
    of_a_block_and_a_deletion_at_once_both_end,
);

/// What can be done to a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Op {
    Extend,
    Block,
    Unblock,
    Rotate,
    Delete,
}

const OPS: [Op; 5] = [Op::Extend, Op::Block, Op::Unblock, Op::Rotate, Op::Delete];

impl Op {
    async fn run(self, services: &Services, id: ClientId, key: Option<&str>) -> Result<Client, Error> {
        let (by, clients) = (&token(), &services.clients);
        let key = key.map(|key| Key { scope: format!("token:shop {self:?}"), key: key.to_owned() });
        match self {
            Self::Extend => clients.extend(by, id, days(10), key).await,
            Self::Block => clients.block(by, id, key).await,
            Self::Unblock => clients.unblock(by, id, key).await,
            Self::Rotate => clients.rotate(by, id, key).await,
            Self::Delete => clients.delete(by, id, key).await,
        }
    }

    /// The request that does it on the panel.
    fn request(self) -> Matcher {
        match self {
            Self::Extend => Matcher::new("PATCH", "/api/users"),
            Self::Block => Matcher::new("POST", "/api/users/*/actions/disable"),
            Self::Unblock => Matcher::new("POST", "/api/users/*/actions/enable"),
            Self::Rotate => Matcher::new("POST", "/api/users/*/actions/revoke"),
            Self::Delete => Matcher::new("DELETE", "/api/users/*"),
        }
    }

    fn action(self) -> Action {
        match self {
            Self::Extend => Action::Extend,
            Self::Block => Action::Block,
            Self::Unblock => Action::Unblock,
            Self::Rotate => Action::RotateConfig,
            Self::Delete => Action::Delete,
        }
    }
}

fn days(number: i64) -> Days {
    number.try_into().unwrap()
}

/// Looking at one user.
fn look() -> Matcher {
    Matcher::new("GET", "/api/users/*")
}

/// A world with a client that this can be done to, and an empty log of calls.
async fn ready(kind: Kind, version: PanelVersion, op: Op) -> (World, Client) {
    let world = World::with(kind, version).await;
    let client = made(&world, "alice").await;
    if op == Op::Unblock {
        world.services.clients.block(&token(), client.id, None).await.unwrap();
    }
    world.panel.clear_calls();
    let client = known(&world, client.id).await.unwrap();
    (world, client)
}

async fn made(world: &World, name: &str) -> Client {
    world.services.clients.create(&token(), name.parse().unwrap(), days(30), None).await.unwrap()
}

async fn known(world: &World, id: ClientId) -> Option<Client> {
    clients::find(&world.opened.db, id).await.unwrap()
}

/// Everything of a client that a change may alter.
fn outline(client: &Client) -> (Access, chrono::DateTime<chrono::Utc>, Option<String>) {
    (client.access, client.expires_at, client.short_uuid.as_ref().map(|short| short.expose().to_owned()))
}

/// How the log goes on after what `ready` wrote, oldest first.
async fn log_of(world: &World, op: Op) -> Vec<(Action, Outcome)> {
    let rows = audit::newest(&world.opened.db, 1000).await.unwrap();
    let before = if op == Op::Unblock { 2 } else { 1 };
    rows.into_iter().rev().skip(before).map(|row| (row.action, row.result)).collect()
}

async fn every_change_reaches_both_sides(kind: Kind) {
    for version in [PanelVersion::V2, PanelVersion::V3] {
        for op in OPS {
            let (world, before) = ready(kind, version, op).await;
            let after = op.run(&world.services, before.id, None).await.unwrap();
            match op {
                Op::Extend => assert_eq!(after.expires_at, before.expires_at + TimeDelta::days(10)),
                Op::Block => assert_eq!(after.access, Access::Blocked),
                Op::Unblock => assert_eq!(after.access, Access::Open),
                Op::Rotate => {
                    assert_ne!(after.short_uuid, before.short_uuid);
                    let url = after.subscription_url.clone().unwrap();
                    assert!(url.expose().ends_with(after.short_uuid.clone().unwrap().expose()));
                }
                Op::Delete => assert_eq!(after, before),
            }
            let stored = known(&world, before.id).await;
            assert_eq!(stored, (op != Op::Delete).then_some(after), "the answer is what is kept");
            world.assert_agreement().await;
            assert_eq!(log_of(&world, op).await, [(op.action(), Outcome::Success)], "{op:?}");
            let rows = operations::list(&world.opened.db, Some(before.id)).await.unwrap();
            assert_eq!(rows.is_empty(), op == Op::Delete, "the client's own log goes with it");
        }
    }
}

async fn what_makes_no_sense_is_refused_without_asking_the_panel(kind: Kind) {
    let (world, client) = ready(kind, PanelVersion::V3, Op::Unblock).await;
    let refused = Op::Block.run(&world.services, client.id, None).await.unwrap_err();
    assert!(matches!(refused, Error::AlreadyBlocked), "{refused}");
    let active = made(&world, "bob").await;
    world.panel.clear_calls();
    let refused = Op::Unblock.run(&world.services, active.id, None).await.unwrap_err();
    assert!(matches!(refused, Error::NotBlocked), "{refused}");
    let nobody = ClientId(uuid::Uuid::from_u128(7));
    for op in OPS {
        let refused = op.run(&world.services, nobody, None).await.unwrap_err();
        assert!(matches!(refused, Error::ClientNotFound(ClientRef::Id(id)) if id == nobody), "{refused}");
    }
    assert!(world.panel.calls().is_empty());
    assert_eq!(audit::newest(&world.opened.db, 100).await.unwrap().len(), 3, "a refusal is no operation");
}

async fn the_same_key_does_it_once_and_answers_the_same(kind: Kind) {
    for op in OPS {
        let (world, client) = ready(kind, PanelVersion::V3, op).await;
        let first = op.run(&world.services, client.id, Some("k")).await.unwrap();
        // What others do later does not change what this request was answered.
        if op != Op::Delete {
            world.services.clients.extend(&token(), client.id, days(100), None).await.unwrap();
        }
        world.panel.clear_calls();
        let again = op.run(&world.another(), client.id, Some("k")).await.unwrap();
        assert_eq!(first, again, "{op:?}");
        assert!(world.panel.calls().is_empty(), "{op:?}");
        world.assert_agreement().await;
    }
}

async fn refusals_are_kept_for_their_key(kind: Kind) {
    let (world, client) = ready(kind, PanelVersion::V3, Op::Unblock).await;
    for _ in 0..2 {
        let refused = Op::Block.run(&world.services, client.id, Some("k")).await.unwrap_err();
        assert!(matches!(refused, Error::AlreadyBlocked), "{refused}");
        world.services.clients.unblock(&token(), client.id, None).await.ok();
    }
    let nobody = ClientId(uuid::Uuid::from_u128(7));
    for _ in 0..2 {
        let refused = Op::Delete.run(&world.services, nobody, Some("k")).await.unwrap_err();
        assert!(matches!(refused, Error::ClientNotFound(ClientRef::Id(id)) if id == nobody), "{refused}");
    }
    assert!(!intents::was_to_be_made(&world.opened.db, nobody).await.unwrap());
}

async fn a_key_belongs_to_one_request(kind: Kind) {
    let (world, client) = ready(kind, PanelVersion::V3, Op::Extend).await;
    let key = || Some(Key { scope: "bot:1".to_owned(), key: "update:1".to_owned() });
    let clients = &world.services.clients;
    clients.extend(&token(), client.id, days(1), key()).await.unwrap();
    let other = made(&world, "bob").await;
    for refused in [
        clients.extend(&token(), client.id, days(2), key()).await,
        clients.extend(&token(), other.id, days(1), key()).await,
        clients.block(&token(), client.id, key()).await,
        clients.create(&token(), "carol".parse().unwrap(), days(1), key()).await,
    ] {
        assert!(matches!(refused, Err(Error::KeyReused)), "{refused:?}");
    }
    world.assert_agreement().await;
}

/// Done on the panel, its answer lost, and the panel unreadable afterwards.
async fn in_doubt(world: &World, op: Op, id: ClientId, key: Option<&str>) {
    world.panel.fault(Fault::after(op.request(), What::Drop));
    // The first look is answered, those after the request are not.
    world.panel.fault(Fault::before(look(), What::Delay(Duration::from_millis(1))));
    world.panel.fault(Fault::before(look(), What::Status(500, None)).always());
    let failed = op.run(&world.services, id, key).await.unwrap_err();
    assert!(matches!(failed, Error::Panel(_)), "{op:?}: {failed}");
    world.panel.clear_faults();
}

async fn storm(world: &World, all: Vec<Services>, id: ClientId) {
    let before = known(world, id).await.unwrap().expires_at;
    let count = i64::try_from(all.len()).unwrap();
    let tasks: Vec<_> = all
        .into_iter()
        .map(|services| {
            tokio::spawn(async move { services.clients.extend(&token(), id, days(1), None).await })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    let after = known(world, id).await.unwrap().expires_at;
    assert_eq!(after - before, TimeDelta::days(count));
    world.assert_agreement().await;
}

async fn of_24_extensions_at_once_each_counts(kind: Kind) {
    let (world, client) = ready(kind, PanelVersion::V3, Op::Extend).await;
    storm(&world, vec![world.services.clone(); 24], client.id).await;
    assert_eq!(log_of(&world, Op::Extend).await, vec![(Action::Extend, Outcome::Success); 24]);
}

async fn on_two_replicas_too(kind: Kind) {
    let (world, client) = ready(kind, PanelVersion::V3, Op::Extend).await;
    let (one, two) = (world.services.clone(), world.another());
    let all = (0..24).map(|index| if index % 2 == 0 { one.clone() } else { two.clone() }).collect();
    storm(&world, all, client.id).await;
}

/// Writes a client as no request of ours makes it yet.
async fn put(world: &World, client: &Client) {
    let mut tx = world.opened.db.begin().await.unwrap();
    assert!(clients::update(&mut tx, client).await.unwrap().is_some());
    tx.commit().await.unwrap();
}

async fn what_the_panel_has_already_is_success(kind: Kind) {
    for (op, status) in [(Op::Block, SimStatus::Disabled), (Op::Unblock, SimStatus::Active)] {
        let (world, client) = ready(kind, PanelVersion::V3, op).await;
        world.panel.edit_user("alice", |user| user.status = status);
        op.run(&world.services, client.id, None).await.unwrap();
        world.assert_agreement().await;
        // Switched in the panel between our look and our request.
        let (world, client) = ready(kind, PanelVersion::V3, op).await;
        let (services, panel) = (world.services.clone(), world.panel.clone());
        panel.fault(Fault::before(op.request(), What::Delay(Duration::from_millis(100))));
        let done = tokio::spawn(async move { op.run(&services, client.id, None).await });
        panel.wait_for_call(|call| call.method == "POST").await;
        panel.edit_user("alice", |user| user.status = status);
        done.await.unwrap().unwrap();
        world.assert_agreement().await;
    }
}

async fn an_account_linked_meanwhile_stays_linked(kind: Kind) {
    let (world, client) = ready(kind, PanelVersion::V3, Op::Extend).await;
    world.panel.fault(Fault::before(Op::Extend.request(), What::Delay(Duration::from_millis(300))));
    let services = world.services.clone();
    let slow = tokio::spawn(async move { Op::Extend.run(&services, client.id, None).await });
    world.panel.wait_for_call(|call| call.method == "PATCH").await;
    let mut tx = world.opened.db.begin().await.unwrap();
    let now = orchestrator::domain::clock::Clock::now(&*world.clock);
    assert!(clients::link(&mut tx, client.id, TelegramId(55), now).await.unwrap());
    tx.commit().await.unwrap();
    slow.await.unwrap().unwrap();
    assert_eq!(known(&world, client.id).await.unwrap().telegram_id, Some(TelegramId(55)));
}

async fn of_a_block_and_a_deletion_at_once_both_end(kind: Kind) {
    let (world, client) = ready(kind, PanelVersion::V3, Op::Block).await;
    let other = world.another();
    let (block, delete) = tokio::join!(
        Op::Block.run(&world.services, client.id, None),
        Op::Delete.run(&other, client.id, None)
    );
    delete.unwrap();
    assert!(matches!(block, Ok(_) | Err(Error::ClientNotFound(_))), "{block:?}");
    world.assert_agreement().await;
    assert_eq!(known(&world, client.id).await, None);
}

/// Ids of the other version belong to nobody here.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_id_of_another_version_is_not_sent() {
    let (world, client) = ready(Kind::Sqlite, PanelVersion::V3, Op::Extend).await;
    let foreign = PanelUserId(uuid::Uuid::from_u128(9).to_string());
    put(&world, &Client { remnawave_uuid: Some(foreign.clone()), ..client.clone() }).await;
    // The user is found by the link, and its new id is kept.
    Op::Extend.run(&world.services, client.id, None).await.unwrap();
    assert!(world.panel.calls().iter().all(|call| !call.path.contains(&foreign.0)));
    let here = clients::find(&world.opened.db, client.id).await.unwrap().unwrap();
    assert_eq!(here.remnawave_uuid, client.remnawave_uuid);
    // One that no link leads to is nobody's.
    let lost = ShortUuid::new("NoSuchLinkAnywhere00");
    let nowhere = Client { remnawave_uuid: Some(foreign.clone()), short_uuid: Some(lost), ..client.clone() };
    put(&world, &nowhere).await;
    let failed = Op::Extend.run(&world.services, client.id, None).await.unwrap_err();
    assert!(matches!(failed, Error::UserGone), "{failed}");
    assert!(world.panel.calls().iter().all(|call| !call.path.contains(&foreign.0)));
}

/// Whoever may only look changes nothing, and learns nothing of who is there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_those_who_may_change_it() {
    use orchestrator::domain::actor::{Role, TokenScope};
    let (world, client) = ready(Kind::Sqlite, PanelVersion::V3, Op::Extend).await;
    let nobody = ClientId(uuid::Uuid::from_u128(7));
    let person = |role| Actor::Person { id: TelegramId(3), role };
    let reader = Actor::Token { name: "eye".to_owned(), scope: TokenScope::Read };
    let clients = &world.services.clients;
    for by in [person(Role::Stranger), person(Role::User), person(Role::Viewer), reader] {
        for id in [client.id, nobody] {
            for refused in [
                clients.extend(&by, id, days(1), None).await,
                clients.block(&by, id, None).await,
                clients.unblock(&by, id, None).await,
                clients.rotate(&by, id, None).await,
                clients.delete(&by, id, None).await,
            ] {
                assert!(matches!(refused, Err(Error::Forbidden { .. })), "{by:?} {refused:?}");
            }
        }
    }
    for refused in [
        clients.rotate(&person(Role::Operator), client.id, None).await,
        clients.delete(&person(Role::Operator), client.id, None).await,
    ] {
        assert!(matches!(refused, Err(Error::Forbidden { .. })), "{refused:?}");
    }
    clients.extend(&person(Role::Operator), client.id, days(1), None).await.unwrap();
    clients.delete(&person(Role::Admin), client.id, None).await.unwrap();
    assert_eq!(known(&world, client.id).await, None);
}
