//! Changes of a client while the panel fails or the power is cut.

use std::time::Duration;

use chrono::TimeDelta;
use orchestrator::demo::panel::{Fault, PanelVersion, What, When};
use orchestrator::domain::client::Access;
use orchestrator::domain::ids::ClientId;
use orchestrator::domain::operation::{Action, Outcome};
use orchestrator::repositories::{intents, operations};
use orchestrator::services::Error;

use super::{OPS, Op, in_doubt, known, log_of, look, outline, ready};
use crate::support::db::{Kind, on_both};
use crate::support::world::World;

on_both!(
    every_kind_of_panel_failure_leaves_both_sides_as_they_were,
    a_failure_after_the_effect_is_found_to_have_worked,
    what_nobody_knows_is_put_back_later,
    a_deletion_that_had_reached_the_panel_goes_forward,
    a_retry_with_the_key_goes_on_with_what_is_being_put_back,
    what_arrives_late_is_put_back,
    a_second_look_leaves_later_changes_alone,
    what_a_power_cut_left_is_finished_at_the_next_start,
    a_client_left_by_a_power_cut_is_finished_by_whoever_wants_it,
);

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
