//! Clients that are not as most: without a panel user, with somebody else's, expired, closed by their date.

use chrono::TimeDelta;
use orchestrator::demo::panel::{NewSimUser, PanelVersion, SimStatus};
use orchestrator::domain::client::{Access, Client};
use orchestrator::domain::operation::{Action, Outcome};
use orchestrator::repositories::{audit, intents};
use orchestrator::services::Error;

use super::{OPS, Op, days, in_doubt, known, log_of, outline, put, ready};
use crate::support::db::{Kind, on_both};
use crate::support::world::{World, token};

on_both!(
    a_panel_with_somebody_else_under_the_id_is_not_touched,
    a_client_gone_from_the_panel_can_be_deleted_and_nothing_else,
    a_client_without_a_panel_user_changes_only_here,
    a_later_date_opens_what_the_old_one_had_closed,
    an_expired_client_is_extended_from_now,
    a_long_date_taken_back_from_an_expired_client_gives_no_time,
    no_calendar_ends_after_9999,
);

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
            assert!(matches!(done, Err(Error::UserGone)), "{op:?}");
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
