//! Changes of a client that exists, whatever the panel does: both sides agree, nothing is done twice, the log is true.

use std::time::Duration;

use chrono::TimeDelta;
use orchestrator::demo::panel::{Fault, Matcher, NewSimUser, PanelVersion, SimStatus, What, When};
use orchestrator::domain::actor::Actor;
use orchestrator::domain::change::Key;
use orchestrator::domain::client::{Access, Client};
use orchestrator::domain::days::Days;
use orchestrator::domain::ids::{ClientId, ClientRef, PanelUserId, TelegramId};
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
    every_kind_of_panel_failure_leaves_both_sides_as_they_were,
    a_failure_after_the_effect_is_found_to_have_worked,
    what_nobody_knows_is_put_back_later,
    a_deletion_that_had_reached_the_panel_goes_forward,
    a_retry_with_the_key_goes_on_with_what_is_being_put_back,
    what_arrives_late_is_put_back,
    a_second_look_leaves_later_changes_alone,
    what_a_power_cut_left_is_finished_at_the_next_start,
    a_client_left_by_a_power_cut_is_finished_by_whoever_wants_it,
    of_24_extensions_at_once_each_counts,
    on_two_replicas_too,
    a_panel_with_somebody_else_under_the_id_is_not_touched,
    a_client_gone_from_the_panel_can_be_deleted_and_nothing_else,
    a_client_without_a_panel_user_changes_only_here,
    a_later_date_opens_what_the_old_one_had_closed,
    an_expired_client_is_extended_from_now,
    a_long_date_taken_back_from_an_expired_client_gives_no_time,
    what_the_panel_has_already_is_success,
    no_calendar_ends_after_9999,
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

async fn every_kind_of_panel_failure_leaves_both_sides_as_they_were(kind: Kind) {
    let failures = [
        What::Status(500, Some("A018".to_owned())),
        What::Status(503, None),
        What::Status(400, None),
        What::Status(401, None),
        What::Status(403, None),
        What::RateLimited,
        What::Html,
        What::HtmlOk,
        What::Drop,
    ];
    for op in OPS {
        let (world, client) = ready(kind, PanelVersion::V3, op).await;
        let mut failed = 0;
        for what in &failures {
            for on in [op.request(), look()] {
                world.panel.fault(Fault::before(on.clone(), what.clone()).always());
                let error = op.run(&world.services, client.id, Some("k")).await.unwrap_err();
                assert!(matches!(error, Error::Panel(_)), "{op:?} {what:?}: {error}");
                world.panel.clear_faults();
                assert_eq!(known(&world, client.id).await.as_ref(), Some(&client), "{op:?} {what:?}");
                world.assert_agreement().await;
                failed += 1;
            }
        }
        let log = log_of(&world, op).await;
        assert_eq!(log, vec![(op.action(), Outcome::Fail); failed], "each was tried, each is told");
        let told = operations::list(&world.opened.db, Some(client.id)).await.unwrap();
        assert_eq!(told.iter().filter(|row| row.error.is_some()).count(), failed, "in the client's log too");
        op.run(&world.services, client.id, Some("k")).await.unwrap();
        world.assert_agreement().await;
    }
}

async fn a_failure_after_the_effect_is_found_to_have_worked(kind: Kind) {
    for op in OPS {
        for what in [What::Status(500, None), What::Html, What::HtmlOk, What::Truncated, What::Drop] {
            let (world, client) = ready(kind, PanelVersion::V3, op).await;
            world.panel.fault(Fault::after(op.request(), what.clone()));
            op.run(&world.services, client.id, None).await.unwrap();
            world.assert_agreement().await;
            assert_eq!(log_of(&world, op).await, [(op.action(), Outcome::Success)], "{op:?} {what:?}");
        }
    }
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

async fn what_nobody_knows_is_put_back_later(kind: Kind) {
    for version in [PanelVersion::V2, PanelVersion::V3] {
        for op in [Op::Extend, Op::Block, Op::Unblock, Op::Rotate] {
            let (world, client) = ready(kind, version, op).await;
            in_doubt(&world, op, client.id, None).await;
            assert_eq!(log_of(&world, op).await, [], "it is logged when it is known");
            world.another().reconciler.run_once().await.unwrap();
            assert_eq!(known(&world, client.id).await.unwrap(), client, "{op:?}: an error does not stand");
            world.assert_agreement().await;
            assert_eq!(log_of(&world, op).await, [(op.action(), Outcome::Fail)]);
            // The second look finds nothing more, and adds nothing to the log.
            world.clock.advance(TimeDelta::seconds(61));
            world.services.reconciler.run_once().await.unwrap();
            world.assert_agreement().await;
            assert_eq!(log_of(&world, op).await.len(), 1);
        }
    }
}

async fn a_deletion_that_had_reached_the_panel_goes_forward(kind: Kind) {
    let (world, client) = ready(kind, PanelVersion::V3, Op::Delete).await;
    in_doubt(&world, Op::Delete, client.id, None).await;
    world.services.reconciler.run_once().await.unwrap();
    assert_eq!(known(&world, client.id).await, None);
    world.assert_agreement().await;
    assert_eq!(log_of(&world, Op::Delete).await, [(Action::Delete, Outcome::Success)]);
}

async fn a_retry_with_the_key_goes_on_with_what_is_being_put_back(kind: Kind) {
    for op in OPS {
        let (world, client) = ready(kind, PanelVersion::V3, op).await;
        in_doubt(&world, op, client.id, Some("k")).await;
        let mine = world.panel.user("alice").map(|user| user.short_uuid);
        let after = op.run(&world.another(), client.id, Some("k")).await.unwrap();
        if op == Op::Extend {
            assert_eq!(after.expires_at, client.expires_at + TimeDelta::days(10), "once");
        }
        if op == Op::Rotate {
            assert_eq!(after.short_uuid.unwrap().expose(), mine.unwrap(), "the same link");
        }
        world.assert_agreement().await;
        assert_eq!(log_of(&world, op).await, [(op.action(), Outcome::Success)]);
    }
}

async fn what_arrives_late_is_put_back(kind: Kind) {
    for op in OPS {
        let (world, client) = ready(kind, PanelVersion::V3, op).await;
        world.panel.fault(Fault::before(op.request(), What::Delay(Duration::from_millis(3500))));
        let failed = op.run(&world.services, client.id, None).await.unwrap_err();
        assert!(matches!(failed, Error::Panel(_)), "{op:?}: {failed}");
        assert_eq!(log_of(&world, op).await, [(op.action(), Outcome::Fail)]);
        world.panel.wait_for_call(|call| call.method != "GET" && call.applied).await;
        world.clock.advance(TimeDelta::seconds(61));
        world.services.reconciler.run_once().await.unwrap();
        world.assert_agreement().await;
        let forward = op == Op::Delete;
        assert_eq!(known(&world, client.id).await, (!forward).then_some(client), "{op:?}");
        assert_eq!(log_of(&world, op).await.len(), if forward { 2 } else { 1 });
    }
}

async fn a_second_look_leaves_later_changes_alone(kind: Kind) {
    let (world, client) = ready(kind, PanelVersion::V3, Op::Block).await;
    world.panel.fault(Fault::before(Op::Block.request(), What::Delay(Duration::from_millis(3500))));
    Op::Block.run(&world.services, client.id, None).await.unwrap_err();
    world.panel.wait_for_call(|call| call.method == "POST" && call.applied).await;
    // Somebody blocks it after all: then what arrived late is what is wanted.
    Op::Block.run(&world.services, client.id, None).await.unwrap();
    world.clock.advance(TimeDelta::seconds(61));
    world.services.reconciler.run_once().await.unwrap();
    assert_eq!(known(&world, client.id).await.unwrap().access, Access::Blocked);
    world.assert_agreement().await;
}

/// Cuts a change in the middle of its request, before or after the panel's effect.
async fn cut(world: &World, op: Op, id: ClientId, key: Option<&'static str>, when: When) {
    world.panel.fault(Fault { on: op.request(), times: Some(1), when, what: What::Hang });
    let doomed = world.doomed().await;
    let process = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    process.spawn(async move { op.run(&doomed, id, key).await });
    let applied = when == When::AfterEffect;
    world.panel.wait_for_call(|call| call.method != "GET" && (!applied || call.applied)).await;
    process.shutdown_background();
    assert_eq!(intents::count_open(&world.opened.db).await.unwrap(), 1);
}

async fn what_a_power_cut_left_is_finished_at_the_next_start(kind: Kind) {
    for op in OPS {
        for when in [When::BeforeEffect, When::AfterEffect] {
            let (world, client) = ready(kind, PanelVersion::V3, op).await;
            cut(&world, op, client.id, Some("k"), when).await;
            world.clock.advance(TimeDelta::seconds(31));
            world.services.reconciler.take_over_leases().await.unwrap();
            world.services.reconciler.run_once().await.unwrap();
            world.assert_agreement().await;
            let after = known(&world, client.id).await;
            assert_ne!(
                after.as_ref().map(outline),
                Some(outline(&client)),
                "{op:?}: nobody was told: it is completed"
            );
            let again = op.run(&world.services, client.id, Some("k")).await.unwrap();
            if op == Op::Extend {
                assert_eq!(again.expires_at, client.expires_at + TimeDelta::days(10));
            }
            world.assert_agreement().await;
            assert_eq!(log_of(&world, op).await, [(op.action(), Outcome::Success)], "{op:?} {when:?}");
        }
    }
}

async fn a_client_left_by_a_power_cut_is_finished_by_whoever_wants_it(kind: Kind) {
    let (world, client) = ready(kind, PanelVersion::V3, Op::Extend).await;
    cut(&world, Op::Extend, client.id, None, When::AfterEffect).await;
    let early = Op::Extend.run(&world.services, client.id, None).await.unwrap_err();
    assert!(matches!(early, Error::Busy { .. }), "its lease still runs: {early}");
    world.clock.advance(TimeDelta::seconds(31));
    let after = Op::Extend.run(&world.services, client.id, None).await.unwrap();
    assert_eq!(after.expires_at, client.expires_at + TimeDelta::days(20), "both count");
    world.assert_agreement().await;
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

async fn a_panel_with_somebody_else_under_the_id_is_not_touched(kind: Kind) {
    for op in OPS {
        let (world, client) = ready(kind, PanelVersion::V3, op).await;
        world.panel.forget_users();
        let expire_at = client.expires_at + TimeDelta::days(400);
        let user = |username: &str| NewSimUser { username: username.to_owned(), short_uuid: None, expire_at };
        let theirs = world.panel.insert_user(user("mallory"));
        assert_eq!(
            Some(theirs.id.to_string()),
            client.remnawave_uuid.clone().map(|id| id.0),
            "the same number"
        );
        let failed = op.run(&world.services, client.id, None).await.unwrap_err();
        assert!(matches!(failed, Error::Panel(_)), "{op:?}: {failed}");
        assert_eq!(world.panel.user("mallory").unwrap().updated_at, theirs.updated_at, "{op:?}");
        assert_eq!(known(&world, client.id).await.unwrap(), client);
        assert_eq!(log_of(&world, op).await, [(op.action(), Outcome::Fail)]);
        // The same name is not enough.
        world.panel.forget_users();
        let namesake = world.panel.insert_user(user("alice"));
        op.run(&world.services, client.id, None).await.unwrap_err();
        assert_eq!(world.panel.user("alice").unwrap().updated_at, namesake.updated_at, "{op:?}");
    }
}

async fn a_client_gone_from_the_panel_can_be_deleted_and_nothing_else(kind: Kind) {
    for op in OPS {
        let (world, client) = ready(kind, PanelVersion::V3, op).await;
        world.panel.remove_user("alice");
        let done = op.run(&world.services, client.id, None).await;
        if op == Op::Delete {
            done.unwrap();
            assert_eq!(known(&world, client.id).await, None);
        } else {
            assert!(matches!(done, Err(Error::Panel(_))), "{op:?}");
            assert_eq!(known(&world, client.id).await.unwrap(), client);
        }
        assert_eq!(intents::count_open(&world.opened.db).await.unwrap(), 0);
    }
}

async fn unlinked(world: &World, client: &Client) -> Client {
    let client = Client { remnawave_uuid: None, short_uuid: None, subscription_url: None, ..client.clone() };
    put(world, &client).await;
    client
}

/// Writes a client as no request of ours makes it yet.
async fn put(world: &World, client: &Client) {
    let mut tx = world.opened.db.begin().await.unwrap();
    assert!(clients::update(&mut tx, client).await.unwrap());
    tx.commit().await.unwrap();
}

async fn a_client_without_a_panel_user_changes_only_here(kind: Kind) {
    for op in OPS {
        let (world, client) = ready(kind, PanelVersion::V3, op).await;
        let client = unlinked(&world, &client).await;
        let done = op.run(&world.services, client.id, None).await;
        assert!(world.panel.calls().is_empty(), "{op:?}");
        if op == Op::Rotate {
            assert!(matches!(done, Err(Error::NotLinked)), "{done:?}");
            assert_eq!(log_of(&world, op).await, []);
            continue;
        }
        done.unwrap();
        assert_ne!(known(&world, client.id).await.as_ref().map(outline), Some(outline(&client)), "{op:?}");
        assert_eq!(log_of(&world, op).await, [(op.action(), Outcome::Success)]);
    }
}

async fn a_later_date_opens_what_the_old_one_had_closed(kind: Kind) {
    let (world, client) = ready(kind, PanelVersion::V3, Op::Extend).await;
    world.clock.advance(TimeDelta::days(31));
    put(&world, &Client { access: Access::Lapsed, ..client.clone() }).await;
    world.panel.edit_user("alice", |user| user.status = SimStatus::Disabled);
    let after = Op::Extend.run(&world.services, client.id, None).await.unwrap();
    assert_eq!(after.access, Access::Open);
    assert_eq!(world.panel.user("alice").unwrap().status, SimStatus::Active);
    world.assert_agreement().await;
    let opened = [(Action::Extend, Outcome::Success), (Action::Unblock, Outcome::Success)];
    assert_eq!(log_of(&world, Op::Extend).await, opened);

    // What a person has closed stays closed.
    Op::Block.run(&world.services, client.id, None).await.unwrap();
    let after = Op::Extend.run(&world.services, client.id, None).await.unwrap();
    assert_eq!(after.access, Access::Blocked);
    assert_eq!(world.panel.user("alice").unwrap().status, SimStatus::Disabled);
    world.assert_agreement().await;

    // And when it fails, the client stays as the date had left it.
    put(&world, &Client { access: Access::Lapsed, ..after }).await;
    in_doubt(&world, Op::Extend, client.id, None).await;
    world.services.reconciler.run_once().await.unwrap();
    assert_eq!(known(&world, client.id).await.unwrap().access, Access::Lapsed);
    world.assert_agreement().await;
}

async fn an_expired_client_is_extended_from_now(kind: Kind) {
    let (world, client) = ready(kind, PanelVersion::V3, Op::Extend).await;
    world.clock.advance(TimeDelta::days(40));
    let before = orchestrator::domain::clock::Clock::now(&*world.clock);
    let after = Op::Extend.run(&world.services, client.id, None).await.unwrap();
    let added = after.expires_at - before;
    assert!(added <= TimeDelta::days(10) && added > TimeDelta::days(10) - TimeDelta::seconds(1), "{added}");
    assert_eq!(world.panel.user("alice").unwrap().status, SimStatus::Active);
    world.assert_agreement().await;
    let row = audit::newest(&world.opened.db, 1).await.unwrap().remove(0);
    let date = after.expires_at.format("%Y-%m-%dT%H:%M:%S%.6f+00:00");
    assert_eq!(row.payload.unwrap().to_string(), format!(r#"{{"days":10,"new_expires_at":"{date}"}}"#));
}

/// The panel takes no date in the past: what must not stand is cut to a few minutes, on both sides.
async fn a_long_date_taken_back_from_an_expired_client_gives_no_time(kind: Kind) {
    let (world, client) = ready(kind, PanelVersion::V3, Op::Extend).await;
    world.clock.advance(TimeDelta::days(40));
    in_doubt(&world, Op::Extend, client.id, None).await;
    world.services.reconciler.run_once().await.unwrap();
    world.assert_agreement().await;
    world.clock.advance(TimeDelta::seconds(181));
    world.panel.tick();
    assert_eq!(world.panel.user("alice").unwrap().status, SimStatus::Expired);
    let now = orchestrator::domain::clock::Clock::now(&*world.clock);
    assert!(known(&world, client.id).await.unwrap().expired(now));
    assert_eq!(log_of(&world, Op::Extend).await, [(Action::Extend, Outcome::Fail)]);
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

async fn no_calendar_ends_after_9999(kind: Kind) {
    let (world, client) = ready(kind, PanelVersion::V3, Op::Extend).await;
    let expires_at = "9999-12-01T00:00:00Z".parse().unwrap();
    put(&world, &Client { expires_at, ..client.clone() }).await;
    let extend = async |number| world.services.clients.extend(&token(), client.id, days(number), None).await;
    let refused = extend(31).await.unwrap_err();
    assert!(matches!(refused, Error::BeyondCalendar(beyond) if beyond.most == 30), "{refused}");
    let last = extend(30).await.unwrap();
    assert_eq!(last.expires_at.to_rfc3339(), "9999-12-31T00:00:00+00:00");
    world.assert_agreement().await;
    assert!(matches!(extend(1).await, Err(Error::BeyondCalendar(beyond)) if beyond.most == 0));
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
    let foreign = Some(PanelUserId(uuid::Uuid::from_u128(9).to_string()));
    put(&world, &Client { remnawave_uuid: foreign, ..client.clone() }).await;
    let failed = Op::Extend.run(&world.services, client.id, None).await.unwrap_err();
    assert!(matches!(failed, Error::Panel(_)), "{failed}");
    assert!(world.panel.calls().iter().all(|call| !call.path.starts_with("/api/users")));
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
