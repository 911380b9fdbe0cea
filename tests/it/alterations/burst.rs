//! Many changes at once: the panel is not asked about each user again, and a stranger under an id is noticed all the same.

use chrono::TimeDelta;
use orchestrator::demo::panel::{NewSimUser, PanelVersion, SimStatus};
use orchestrator::domain::client::Client;
use orchestrator::domain::operation::{Action, Outcome};
use orchestrator::repositories::audit;
use orchestrator::services::Error;

use super::{Op, known, look, made};
use crate::support::db::{Kind, on_both};
use crate::support::world::{World, token};

on_both!(
    in_a_burst_one_look_vouches_for_many,
    a_stranger_in_a_burst_gets_back_what_was_taken,
    what_is_deleted_is_looked_at_in_a_burst_too,
);

const MANY: usize = 30;

async fn clients(kind: Kind, version: PanelVersion) -> (World, Vec<Client>) {
    let world = World::with(kind, version).await;
    let mut clients = vec![];
    for number in 0..MANY {
        clients.push(made(&world, &format!("client_{number}")).await);
    }
    (world, clients)
}

fn looks(world: &World) -> usize {
    world.panel.calls().iter().filter(|call| look().matches(&call.method, &call.path)).count()
}

async fn in_a_burst_one_look_vouches_for_many(kind: Kind) {
    for version in [PanelVersion::V2, PanelVersion::V3] {
        let (world, clients) = clients(kind, version).await;
        world.panel.clear_calls();
        for client in &clients {
            Op::Extend.run(&world.services, client.id, None).await.unwrap();
        }
        assert!(looks(&world) < MANY, "{} looks", looks(&world));
        for client in &clients {
            let (ours, theirs) = (
                known(&world, client.id).await.unwrap(),
                world.panel.user(client.username.as_str()).unwrap(),
            );
            assert_eq!(ours.expires_at, client.expires_at + TimeDelta::days(10));
            assert_eq!(ours.expires_at, theirs.expire_at);
        }
    }
}

async fn a_stranger_in_a_burst_gets_back_what_was_taken(kind: Kind) {
    let (world, clients) = clients(kind, PanelVersion::V3).await;
    let (swapped, others) = clients.split_first().unwrap();
    for client in others {
        Op::Extend.run(&world.services, client.id, None).await.unwrap();
    }
    // The panel gives the client's number to somebody else.
    let id = swapped.remnawave_uuid.clone().unwrap().0;
    world.panel.remove_user("client_0");
    let expire_at = swapped.expires_at + TimeDelta::days(400);
    let mallory = NewSimUser { username: "mallory".to_owned(), short_uuid: None, expire_at };
    world.panel.restore_user(&id, mallory, String::new());
    let failed = world.services.clients.block(&token(), swapped.id, None).await.unwrap_err();
    assert!(matches!(failed, Error::Panel(_)), "{failed}");
    assert_eq!(world.panel.user("mallory").unwrap().status, SimStatus::Active);
    assert_eq!(known(&world, swapped.id).await.as_ref(), Some(swapped));
    let last = audit::newest(&world.opened.db, 1).await.unwrap().remove(0);
    assert_eq!((last.action, last.result), (Action::Block, Outcome::Fail));
}

async fn what_is_deleted_is_looked_at_in_a_burst_too(kind: Kind) {
    let (world, clients) = clients(kind, PanelVersion::V3).await;
    world.panel.clear_calls();
    for client in &clients {
        Op::Delete.run(&world.services, client.id, None).await.unwrap();
    }
    assert!(looks(&world) >= MANY, "{} looks", looks(&world));
}
