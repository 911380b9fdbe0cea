//! Access that ends with its date: once for each date, never many at once unasked, never by a wrong clock.

use std::collections::HashSet;
use std::sync::Mutex;
use std::time::Duration;

use chrono::TimeDelta;
use orchestrator::demo::panel::{Call, Fault, Matcher, SimStatus, What};
use orchestrator::domain::actor::Role;
use orchestrator::domain::client::{Access, Client};
use orchestrator::domain::clock::Clock as _;
use orchestrator::domain::matter::Matter;
use orchestrator::repositories::{clients, leases, matters};
use orchestrator::services::deactivation::{Counts, JOB, Round};

use crate::support::db::{Kind, on_both};
use crate::support::seed;
use crate::support::world::{World, person, token};

on_both!(
    access_ends_once_for_each_date,
    whoever_the_panel_has_a_later_date_for_keeps_access,
    many_at_once_wait_for_an_owner,
    without_the_panel_nobody_loses_access,
    two_replicas_do_it_once,
    of_many_the_panels_list_is_read,
    whom_the_list_does_not_show_is_looked_at,
    whoever_finds_no_place_at_the_panel_is_left_for_the_next_round,
    at_a_stop_only_those_at_the_panel_are_waited_for,
);

async fn make(world: &World, name: &str, days: i64) -> Client {
    let days = days.try_into().unwrap();
    world.services.clients.create(&token(), name.parse().unwrap(), days, None).await.unwrap()
}

async fn access(world: &World, client: &Client) -> Access {
    clients::find(&world.opened.db, client.id).await.unwrap().unwrap().access
}

fn done(round: &Round) -> &Counts {
    match round {
        Round::Done(counts) => counts,
        other => panic!("{other:?}"),
    }
}

async fn round(world: &World) -> Round {
    let memory = leases::memory(&world.opened.db, JOB).await.unwrap();
    world.services.deactivation.run_once(memory.as_deref(), false).await.unwrap()
}

async fn access_ends_once_for_each_date(kind: Kind) {
    let world = World::new(kind).await;
    let (alice, bob) = (make(&world, "alice_1", 10).await, make(&world, "bob_2", 30).await);
    assert_eq!(*done(&round(&world).await), Counts::default());
    world.clock.advance(TimeDelta::days(11));
    let counts = done(&round(&world).await).clone();
    assert_eq!((counts.expired, counts.deactivated, counts.failed), (1, 1, 0));
    assert_eq!((access(&world, &alice).await, access(&world, &bob).await), (Access::Lapsed, Access::Open));
    assert_eq!(world.panel.user("alice_1").unwrap().status, SimStatus::Disabled);
    let lapsed = "audit WHERE action = 'auto_deactivate' AND source = 'job' AND result = 'success'";
    assert_eq!(seed::count(&world.opened.db, lapsed).await, 1);
    assert_eq!(done(&round(&world).await).expired, 0);
    // A person opens it although the date has passed: it stays so.
    world.services.clients.unblock(&token(), alice.id, None).await.unwrap();
    assert_eq!(done(&round(&world).await).expired, 0);
    // Another date, another time.
    world.services.clients.extend(&token(), alice.id, 1.try_into().unwrap(), None).await.unwrap();
    world.clock.advance(TimeDelta::days(2));
    assert_eq!(done(&round(&world).await).deactivated, 1);
    assert_eq!(seed::count(&world.opened.db, lapsed).await, 2);
    // A later date opens what only the old one had closed.
    world.services.clients.extend(&token(), alice.id, 30.try_into().unwrap(), None).await.unwrap();
    assert_eq!(access(&world, &alice).await, Access::Open);
    world.assert_agreement().await;
}

async fn whoever_the_panel_has_a_later_date_for_keeps_access(kind: Kind) {
    let world = World::new(kind).await;
    let alice = make(&world, "alice_1", 10).await;
    let date = world.clock.now_millis() + TimeDelta::days(60);
    world.panel.edit_user("alice_1", |user| user.expire_at = date);
    world.clock.advance(TimeDelta::days(11));
    let counts = done(&round(&world).await).clone();
    assert_eq!((counts.deactivated, counts.unneeded, counts.failed), (0, 1, 0));
    assert_eq!(seed::count(&world.opened.db, "audit WHERE action = 'auto_deactivate'").await, 0, "not tried");
    while world.services.sync.run_once().await.unwrap() {}
    let here = clients::find(&world.opened.db, alice.id).await.unwrap().unwrap();
    assert_eq!((here.access, here.expires_at), (Access::Open, date));
    world.assert_agreement().await;
}

async fn many_at_once_wait_for_an_owner(kind: Kind) {
    let world = World::new(kind).await;
    for number in 0..22 {
        make(&world, &format!("client_{number}"), 10).await;
    }
    world.clock.advance(TimeDelta::days(11));
    assert_eq!(round(&world).await, Round::TooMany { expired: 22, most: 20 });
    assert_eq!(round(&world).await, Round::TooMany { expired: 22, most: 20 });
    assert!(world.panel.users().iter().all(|user| user.status != SimStatus::Disabled));
    assert!(matters::is_open(&world.opened.db, Matter::MANY_EXPIRED).await.unwrap());
    world.services.deactivation.allow(&person(7, Role::Admin)).await.unwrap_err();
    world.services.deactivation.allow(&person(1, Role::Owner)).await.unwrap();
    let counts = done(&round(&world).await).clone();
    assert_eq!((counts.deactivated, counts.names.len()), (22, 10));
    assert!(!matters::is_open(&world.opened.db, Matter::MANY_EXPIRED).await.unwrap());
    world.assert_agreement().await;
}

async fn without_the_panel_nobody_loses_access(kind: Kind) {
    let world = World::new(kind).await;
    let alice = make(&world, "alice_1", 10).await;
    world.clock.advance(TimeDelta::days(11));
    world.panel.stop().await;
    assert!(matches!(round(&world).await, Round::NoPanel(_)));
    assert_eq!(access(&world, &alice).await, Access::Open);
    world.panel.restart().await.unwrap();
    assert_eq!(done(&round(&world).await).deactivated, 1);
    assert_eq!(seed::count(&world.opened.db, "audit WHERE action = 'auto_deactivate'").await, 1);
}

async fn two_replicas_do_it_once(kind: Kind) {
    let world = World::new(kind).await;
    for number in 0..10 {
        make(&world, &format!("client_{number}"), 10).await;
    }
    world.clock.advance(TimeDelta::days(11));
    let other = world.doomed().await;
    let (one, two) = tokio::join!(
        world.services.deactivation.run_once(None, false),
        other.deactivation.run_once(None, false)
    );
    let (one, two) = (one.unwrap(), two.unwrap());
    assert_eq!(done(&one).failed + done(&two).failed, 0);
    let lapsed = "audit WHERE action = 'auto_deactivate'";
    assert_eq!(seed::count(&world.opened.db, lapsed).await, 10);
    world.assert_agreement().await;
}

async fn of_many_the_panels_list_is_read(kind: Kind) {
    let world = World::new(kind).await;
    for number in 0..60 {
        make(&world, &format!("client_{number}"), 10).await;
    }
    world.clock.advance(TimeDelta::days(11));
    // One was given more time in the panel itself.
    let later = world.clock.now_millis() + TimeDelta::days(5);
    world.panel.edit_user("client_7", |user| {
        (user.expire_at, user.status) = (later, SimStatus::Active);
    });
    world.panel.clear_calls();
    let counts = done(&world.services.deactivation.run_once(None, true).await.unwrap()).clone();
    assert_eq!((counts.deactivated, counts.unneeded, counts.failed), (59, 1, 0));
    assert_eq!(world.panel.user("client_7").unwrap().status, SimStatus::Active);
    let looks = Matcher::new("GET", "/api/users/*");
    let looks = world.panel.calls().iter().filter(|call| looks.matches(&call.method, &call.path)).count();
    assert_eq!(looks, 0, "one list instead of sixty looks");
}

async fn whom_the_list_does_not_show_is_looked_at(kind: Kind) {
    let world = World::new(kind).await;
    for number in 0..60 {
        make(&world, &format!("client_{number}"), 10).await;
    }
    world.clock.advance(TimeDelta::days(11));
    let list = || Matcher::new("GET", "/api/users");
    world.panel.fault(Fault { times: None, ..Fault::before(list(), What::Status(500, None)) });
    let counts = done(&world.services.deactivation.run_once(None, true).await.unwrap()).clone();
    assert_eq!((counts.deactivated, counts.unneeded, counts.failed), (60, 0, 0));
    world.assert_agreement().await;
}

async fn whoever_finds_no_place_at_the_panel_is_left_for_the_next_round(kind: Kind) {
    let mut world = World::new(kind).await;
    for number in 0..40 {
        make(&world, &format!("client_{number}"), 10).await;
    }
    world.clock.advance(TimeDelta::days(11));
    // No time to wait for a place beside the panel's own.
    world.rules.intent_lease = Duration::from_secs(3);
    let impatient = world.another();
    let disable = Matcher::new("POST", "/api/users/*/actions/disable");
    world.panel.fault(Fault { times: None, ..Fault::after(disable, What::Hang) });
    world.panel.clear_calls();
    let stuck = async {
        until_all_places_are_taken(&world).await;
        // Those that found none say so while the others still have theirs.
        while seed::count(&world.opened.db, "intents WHERE state = 'failed'").await < 8 {
            tokio::task::yield_now().await;
        }
        world.panel.clear_faults();
    };
    let (first, ()) = tokio::join!(impatient.deactivation.run_once(None, true), stuck);
    let first = done(&first.unwrap()).clone();
    assert_eq!((first.deactivated, first.unneeded, first.failed), (32, 8, 0));
    let second = done(&impatient.deactivation.run_once(None, true).await.unwrap()).clone();
    assert_eq!((second.deactivated, second.unneeded), (8, 0));
    let lapsed = "audit WHERE action = 'auto_deactivate' AND result = 'success'";
    assert_eq!(seed::count(&world.opened.db, lapsed).await, 40);
    world.assert_agreement().await;
}

async fn until_all_places_are_taken(world: &World) {
    const PLACES: usize = 32;
    let disable = Matcher::new("POST", "/api/users/*/actions/disable");
    let asked = Mutex::new(HashSet::new());
    let last = |call: &Call| {
        let mut asked = asked.lock().unwrap();
        if disable.matches(&call.method, &call.path) {
            asked.insert(call.path.clone());
        }
        asked.len() == PLACES
    };
    world.panel.wait_for_call(last).await;
}

async fn at_a_stop_only_those_at_the_panel_are_waited_for(kind: Kind) {
    let world = World::new(kind).await;
    for number in 0..40 {
        make(&world, &format!("client_{number}"), 10).await;
    }
    world.clock.advance(TimeDelta::days(11));
    let disable = Matcher::new("POST", "/api/users/*/actions/disable");
    world.panel.fault(Fault { times: None, ..Fault::after(disable, What::Hang) });
    world.panel.clear_calls();
    let stopping = world.another();
    let stop = async {
        until_all_places_are_taken(&world).await;
        tokio::join!(stopping.close(), async { world.panel.clear_faults() });
    };
    let (round, ()) = tokio::join!(stopping.deactivation.run_once(None, true), stop);
    let counts = done(&round.unwrap()).clone();
    assert_eq!((counts.deactivated, counts.unneeded, counts.failed), (32, 8, 0));
    assert_eq!(done(&world.services.deactivation.run_once(None, true).await.unwrap()).deactivated, 8);
    world.assert_agreement().await;
}
