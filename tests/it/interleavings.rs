//! Rare interleavings of changes: what is cut, overtaken, stuck or answered late. Each was wrong once.

use std::time::Duration;

use chrono::TimeDelta;
use orchestrator::demo::panel::{Fault, Matcher, PanelVersion, What, When};
use orchestrator::domain::actor::Role;
use orchestrator::domain::change::{Change, Intent, IntentState, Key, NewClient, hex};
use orchestrator::domain::client::{Client, ClientFilter};
use orchestrator::domain::clock::{Clock, Entropy, OsEntropy};
use orchestrator::domain::days::Days;
use orchestrator::domain::ids::{ClientId, ClientRef, IntentId, ShortUuid, TelegramId};
use orchestrator::domain::operation::{Action, Outcome};
use orchestrator::domain::person::{Invite, InvitePurpose};
use orchestrator::repositories::{Db, audit, clients, intents, invites, people};
use orchestrator::services::error::InviteError;
use orchestrator::services::people::Seen;
use orchestrator::services::{Error, Services};
use sha2::{Digest, Sha256};
use tokio::time::{Instant, timeout};

use crate::support::db::{Kind, TestDb, on_both};
use crate::support::world::{World, core, panel_sim, person, services, token};

on_both!(
    a_creation_that_a_retry_completed_is_a_success_in_the_log,
    a_name_being_undone_on_an_unreadable_panel_is_answered_in_time,
    a_user_of_another_installation_is_not_touched,
    a_client_that_the_database_refuses_is_taken_back,
    who_was_overtaken_answers_what_stands,
    what_was_answered_with_an_error_does_not_go_forward_by_an_old_list,
    a_key_that_waits_for_another_request_is_not_called_under_way,
    a_stuck_transaction_elsewhere_is_answered_in_time,
    a_name_that_no_database_takes_is_nobody,
    of_two_owner_links_one_makes_an_owner,
    a_cut_creation_is_looked_for_though_the_panel_refuses_the_second_try,
    a_cut_creation_is_looked_for_though_the_panel_is_down,
    a_request_that_arrives_after_its_undoing_is_taken_back,
);

/// `PANEL_TIMEOUT` is 3 s in these tests.
const IN_TIME: Duration = Duration::from_millis(3500);

async fn create(services: &Services, name: &str, key: Option<&str>) -> Result<Client, Error> {
    let key = key.map(|key| Key { scope: "token:shop POST /api/v1/clients".to_owned(), key: key.to_owned() });
    services.clients.create(&token(), name.parse().unwrap(), Days::default(), key).await
}

fn creation() -> Matcher {
    Matcher::new("POST", "/api/users")
}

fn look_up() -> Matcher {
    Matcher::path("/api/users/by-username/*")
}

fn unreadable() -> Fault {
    Fault::before(look_up(), What::Status(500, None)).always()
}

/// No panel user without its client and the reverse, and nothing left open.
async fn assert_both_sides_have(world: &World, names: &[&str]) {
    let (db, everyone) = (&world.opened.db, ClientFilter::default());
    let ours = clients::list(db, everyone, chrono::DateTime::UNIX_EPOCH, 1000, 0).await.unwrap();
    let mut ours: Vec<String> = ours.iter().map(|client| client.username.to_string()).collect();
    let mut theirs: Vec<String> = world.panel.users().into_iter().map(|user| user.username).collect();
    ours.sort();
    theirs.sort();
    assert_eq!(ours, names, "the database");
    assert_eq!(theirs, names, "the panel");
    assert_eq!(intents::count_open(db).await.unwrap(), 0);
}

async fn log(db: &Db) -> Vec<(Action, Outcome)> {
    let rows = audit::newest(db, 100).await.unwrap();
    rows.into_iter().rev().map(|row| (row.action, row.result)).collect()
}

const MADE: (Action, Outcome) = (Action::Create, Outcome::Success);
const NOT_MADE: (Action, Outcome) = (Action::Create, Outcome::Fail);

/// Kills a process in the middle of its creation, after the panel's effect.
async fn cut(world: &World, key: Option<&'static str>) {
    world.panel.fault(Fault::after(creation(), What::Hang));
    let doomed = world.doomed().await;
    let process = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    process.spawn(async move { create(&doomed, "alice", key).await });
    panel_has(world, 1).await;
    process.shutdown_background();
    world.panel.clear_faults();
}

/// Waits until the panel has so many users: what it was asked for is done.
async fn panel_has(world: &World, users: usize) {
    let there = async {
        while world.panel.users().len() != users {
            tokio::task::yield_now().await;
        }
    };
    timeout(3 * IN_TIME, there).await.expect("the panel gets there");
}

async fn a_creation_that_a_retry_completed_is_a_success_in_the_log(kind: Kind) {
    let world = World::new(kind).await;
    world.panel.fault(Fault::after(creation(), What::Drop));
    world.panel.fault(unreadable());
    create(&world.services, "alice", Some("k")).await.unwrap_err();
    world.panel.clear_faults();
    create(&world.services, "alice", Some("k")).await.unwrap();
    assert_both_sides_have(&world, &["alice"]).await;
    assert_eq!(log(&world.opened.db).await, [MADE]);
}

async fn a_name_being_undone_on_an_unreadable_panel_is_answered_in_time(kind: Kind) {
    let world = World::new(kind).await;
    world.panel.fault(Fault::after(creation(), What::Drop));
    world.panel.fault(unreadable());
    create(&world.services, "alice", None).await.unwrap_err();
    let refused = timeout(IN_TIME, create(&world.services, "alice", None)).await.expect("an answer in time");
    assert!(matches!(refused, Err(Error::Panel(_))), "{refused:?}");

    world.panel.clear_faults();
    world.services.reconciler.run_once().await.unwrap();
    world.clock.advance(TimeDelta::seconds(1));
    create(&world.services, "alice", None).await.unwrap();
    assert_both_sides_have(&world, &["alice"]).await;
    assert_eq!(log(&world.opened.db).await, [NOT_MADE, NOT_MADE, MADE], "each that was refused is told");
}

async fn a_user_of_another_installation_is_not_touched(kind: Kind) {
    let theirs = World::new(kind).await;
    let made = create(&theirs.services, "alice", None).await.unwrap();
    let our_db = TestDb::new(kind).await;
    let opened = our_db.open().await;
    let ours = services(&opened, &theirs.panel, &theirs.clock);
    let refused = create(&ours, "alice", None).await.unwrap_err();
    assert!(matches!(refused, Error::UsernameTaken(_)), "{refused}");
    assert_both_sides_have(&theirs, &["alice"]).await;
    assert_eq!(theirs.panel.user("alice").unwrap().short_uuid, made.short_uuid.unwrap().expose());
}

/// The numbers of a panel that was installed anew begin at 1 again.
async fn a_client_that_the_database_refuses_is_taken_back(kind: Kind) {
    let mut world = World::new(kind).await;
    create(&world.services, "alice", None).await.unwrap();
    world.clock.advance(TimeDelta::seconds(1));
    world.panel = panel_sim(PanelVersion::V3, world.clock.clone()).await;
    let failed = create(&world.another(), "bob", Some("k")).await.unwrap_err();
    assert!(matches!(failed, Error::Panel(_)), "{failed}");
    // A process that knows nothing of the first one brings the panel back.
    world.another().reconciler.run_once().await.unwrap();
    assert!(world.panel.users().is_empty());
    assert_eq!(intents::count_open(&world.opened.db).await.unwrap(), 0);
    assert_eq!(log(&world.opened.db).await, [MADE, NOT_MADE]);
}

async fn who_was_overtaken_answers_what_stands(kind: Kind) {
    let world = World::new(kind).await;
    world.panel.fault(Fault::after(creation(), What::Delay(Duration::from_secs(1))));
    let slow = world.services.clone();
    let slow = tokio::spawn(async move { create(&slow, "alice", None).await });
    world.panel.wait_for_call(|call| call.method == "POST").await;
    world.clock.advance(TimeDelta::seconds(31));
    world.another().reconciler.run_once().await.unwrap();
    assert_both_sides_have(&world, &["alice"]).await;
    assert_eq!(slow.await.unwrap().unwrap().username.as_str(), "alice", "it stands, so it is not an error");
    assert_eq!(log(&world.opened.db).await, [MADE]);
}

async fn what_was_answered_with_an_error_does_not_go_forward_by_an_old_list(kind: Kind) {
    let world = World::new(kind).await;
    cut(&world, Some("k")).await;
    world.clock.advance(TimeDelta::seconds(31));
    world.panel.clear_calls();
    // The retry has no answer in its time, and each of its three looks fails.
    world.panel.fault(Fault::after(creation(), What::Delay(Duration::from_secs(4))));
    let times = Some(3);
    world.panel.fault(Fault { times, ..unreadable() });
    let services = world.another();
    let retry = services.clone();
    let retry = tokio::spawn(async move { create(&retry, "alice", Some("k")).await });
    world.panel.wait_for_call(|call| call.method == "POST").await;
    // Its lease runs out, and the reconciler lists the intent while it is still open.
    world.clock.advance(TimeDelta::seconds(31));
    services.reconciler.run_once().await.unwrap();
    let failed = retry.await.unwrap().unwrap_err();
    assert!(matches!(failed, Error::Panel(_)), "{failed}");
    services.reconciler.run_once().await.unwrap();
    assert_both_sides_have(&world, &[]).await;
    assert_eq!(log(&world.opened.db).await, [NOT_MADE]);
}

async fn a_key_that_waits_for_another_request_is_not_called_under_way(kind: Kind) {
    let world = World::new(kind).await;
    cut(&world, Some("first")).await;
    let other = world.another();
    let (same, another) = tokio::join!(
        create(&world.services, "alice", Some("first")),
        create(&other, "alice", Some("second"))
    );
    assert!(matches!(same, Err(Error::KeyInProgress { .. })), "{same:?}");
    assert!(matches!(another, Err(Error::Busy { .. })), "{another:?}");
}

fn open_intent(world: &World, name: &str) -> Intent {
    let now = world.clock.now();
    let new = NewClient {
        username: name.parse().unwrap(),
        days: Days::default(),
        expires_at: now,
        short_uuid: ShortUuid::new(OsEntropy.token(24)),
    };
    Intent {
        id: IntentId(OsEntropy.uuid()),
        key: None,
        request_hash: "0".repeat(64),
        actor: "token:shop".to_owned(),
        source: token().source(),
        client_id: ClientId(OsEntropy.uuid()),
        username: new.username.clone(),
        reason: None,
        before: None,
        wanted: Change::Create(new),
        state: IntentState::Open,
        error: None,
        answer: None,
        lease_owner: "elsewhere".to_owned(),
        lease_until: now + TimeDelta::seconds(30),
        created_at: now,
        verify_at: None,
        ended_at: None,
    }
}

/// A replica whose machine lost its power leaves its transaction to the database, which notices much later.
async fn a_stuck_transaction_elsewhere_is_answered_in_time(kind: Kind) {
    let world = World::new(kind).await;
    let mut stuck = world.opened.db.begin().await.unwrap();
    assert!(intents::insert(&mut stuck, &open_intent(&world, "alice")).await.unwrap());
    let begun = Instant::now();
    let refused = timeout(2 * IN_TIME, create(&world.services, "alice", None)).await.expect("an answer");
    assert!(matches!(refused, Err(Error::Database(_))), "{refused:?}");
    assert!(begun.elapsed() < IN_TIME, "{:?}", begun.elapsed());
    drop(stuck);
    create(&world.services, "alice", None).await.unwrap();
    assert_both_sides_have(&world, &["alice"]).await;
}

async fn a_name_that_no_database_takes_is_nobody(kind: Kind) {
    let world = World::new(kind).await;
    let long = "x".repeat(10_000);
    for name in ["alice\0", "\0", "", "алиса", &long] {
        let found = world.services.clients.find(&token(), &ClientRef::Name(name.to_owned())).await;
        assert!(matches!(found, Err(Error::ClientNotFound(_))), "{found:?}");
    }
}

async fn of_two_owner_links_one_makes_an_owner(kind: Kind) {
    let world = World::new(kind).await;
    let mut without_owners = core(&world.opened, &world.panel, &world.clock);
    without_owners.rules.admin_ids.clear();
    let services = Services::new(without_owners);
    // Two replicas that start at the same moment write one each.
    for link in ["one", "two", "three"] {
        let now = world.clock.now();
        let invite = Invite {
            token_hash: hex(&Sha256::digest(link)),
            purpose: InvitePurpose::Owner,
            created_by: "job:start".to_owned(),
            created_at: now,
            expires_at: now + TimeDelta::days(7),
            used_by: None,
            used_at: None,
        };
        let mut tx = world.opened.db.begin().await.unwrap();
        invites::insert(&mut tx, &invite).await.unwrap();
        tx.commit().await.unwrap();
    }
    let stranger = |id| person(id, Role::Stranger);
    let nobody = services.invites.redeem(&stranger(4), "three").await;
    assert!(nobody.is_err(), "nobody knows this account, so it cannot be given a role: {nobody:?}");
    for id in [5, 6] {
        let (id, name) = (TelegramId(id), "Somebody".to_owned());
        services.people.seen(Seen { id, name, telegram_username: None, language_code: None }).await.unwrap();
    }
    services.invites.redeem(&stranger(5), "one").await.unwrap();
    let second = services.invites.redeem(&stranger(6), "two").await;
    assert!(matches!(second, Err(Error::Invite(InviteError::Used | InviteError::Unknown))), "{second:?}");
    let other = people::find(&world.opened.db, TelegramId(6)).await.unwrap().unwrap();
    assert_eq!(other.role, None);
    assert!(services.invites.redeem(&stranger(5), "one").await.is_ok(), "the same person opens it again");
}

async fn a_cut_creation_is_looked_for_though_the_panel_refuses_the_second_try(kind: Kind) {
    let refusals = [
        (creation(), What::RateLimited),
        (creation(), What::Status(401, None)),
        (creation(), What::Status(400, None)),
        (Matcher::path("/api/internal-squads"), What::Status(500, None)),
    ];
    for (on, what) in refusals {
        let world = World::new(kind).await;
        cut(&world, Some("k")).await;
        world.clock.advance(TimeDelta::seconds(31));
        world.panel.fault(Fault { on, times: None, when: When::BeforeEffect, what });
        world.another().reconciler.run_once().await.unwrap();
        assert_both_sides_have(&world, &["alice"]).await;
        assert_eq!(log(&world.opened.db).await, [MADE]);
    }
}

async fn a_cut_creation_is_looked_for_though_the_panel_is_down(kind: Kind) {
    let world = World::new(kind).await;
    cut(&world, Some("k")).await;
    world.clock.advance(TimeDelta::seconds(31));
    world.panel.stop().await;
    let services = world.another();
    services.reconciler.run_once().await.unwrap();
    world.panel.restart().await.unwrap();
    services.reconciler.run_once().await.unwrap();
    assert_eq!(intents::count_open(&world.opened.db).await.unwrap(), 0);
    let known = clients::find_by_username(&world.opened.db, "alice").await.unwrap();
    assert_eq!(known.is_some(), world.panel.user("alice").is_some(), "both have it or neither");
}

async fn a_request_that_arrives_after_its_undoing_is_taken_back(kind: Kind) {
    let world = World::new(kind).await;
    world.panel.fault(Fault::before(creation(), What::Delay(Duration::from_millis(3500))));
    world.panel.fault(unreadable());
    create(&world.services, "alice", Some("k")).await.unwrap_err();
    world.panel.fault(Fault::after(creation(), What::Drop));
    create(&world.services, "alice", Some("k")).await.unwrap_err();
    world.panel.clear_faults();
    world.services.reconciler.run_once().await.unwrap();
    assert_both_sides_have(&world, &[]).await;
    // Only now the panel comes to the first request.
    panel_has(&world, 1).await;
    world.clock.advance(TimeDelta::seconds(61));
    world.services.reconciler.run_once().await.unwrap();
    assert_both_sides_have(&world, &[]).await;
    assert_eq!(log(&world.opened.db).await, [NOT_MADE]);
}

/// Whose the panel user is cannot be read: that is no word on the name.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_does_not_answer_is_not_called_a_taken_name() {
    let theirs = World::new(Kind::Sqlite).await;
    create(&theirs.services, "alice", None).await.unwrap();
    let our_db = TestDb::new(Kind::Sqlite).await;
    let opened = our_db.open().await;
    let ours = services(&opened, &theirs.panel, &theirs.clock);
    let Db::Sqlite { read, .. } = &opened.db else { panic!("asked for SQLite") };
    let mut held = Vec::new();
    for _ in 0..read.options().get_max_connections() {
        held.push(read.acquire().await.unwrap());
    }
    let failed = create(&ours, "alice", Some("k")).await.unwrap_err();
    assert!(!matches!(failed, Error::UsernameTaken(_)), "{failed}");
    drop(held);
    ours.reconciler.run_once().await.unwrap();
    let refused = create(&ours, "alice", Some("k")).await.unwrap_err();
    assert!(matches!(refused, Error::UsernameTaken(_)), "{refused}");
    assert_both_sides_have(&theirs, &["alice"]).await;
}

/// The panel has the user; that the database was away for a moment is no reason to take it back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_is_away_for_a_moment_does_not_cost_the_client() {
    let world = World::new(Kind::Postgres).await;
    let Db::Postgres(pool) = &world.opened.db else { panic!("asked for PostgreSQL") };
    let once = "CREATE SEQUENCE tries;
        CREATE FUNCTION go_away() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF nextval('tries') < 3 THEN
                RAISE EXCEPTION 'terminating connection' USING ERRCODE = '57P01';
            END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER go_away BEFORE INSERT ON clients FOR EACH ROW EXECUTE FUNCTION go_away();";
    sqlx::raw_sql(once).execute(pool).await.unwrap();
    create(&world.services, "alice", None).await.unwrap();
    assert_both_sides_have(&world, &["alice"]).await;
    assert_eq!(log(&world.opened.db).await, [MADE]);
}
