//! Many changes at once are written together; each ends as it would by itself.

use futures::future::join_all;

use super::*;

on_both!(
    many_at_once_all_stand_and_are_told_once,
    refusals_within_a_group_are_their_own,
    what_the_database_refuses_does_not_cost_the_others,
    two_replicas_do_the_same_to_the_same_clients_once,
);

/// So many clients are changed at once.
const CLIENTS: usize = 30;

async fn many(world: &World) -> Vec<Client> {
    let made =
        join_all((0..CLIENTS).map(async |number| made(world, &format!("client_{number}")).await)).await;
    world.panel.clear_calls();
    made
}

/// What the log has of a client, oldest first.
async fn told(world: &World, client: &Client) -> Vec<(Action, Outcome)> {
    let rows = audit::newest(&world.opened.db, 10_000).await.unwrap();
    let own = rows.into_iter().rev().filter(|row| row.client_id == client.id);
    own.map(|row| (row.action, row.result)).collect()
}

fn was_done(result: Result<Client, Error>) {
    result.unwrap();
}

async fn many_at_once_all_stand_and_are_told_once(kind: Kind) {
    let world = World::new(kind).await;
    let made = many(&world).await;
    let op = |number: usize| [Op::Extend, Op::Block, Op::Rotate, Op::Delete][number % 4];
    let run = async |(number, client): (usize, &Client)| {
        op(number).run(&world.services, client.id, Some(&number.to_string())).await.map(drop)
    };
    let results = join_all(made.iter().enumerate().map(run)).await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    for (number, client) in made.iter().enumerate() {
        let now = known(&world, client.id).await;
        let there = world.panel.user(client.username.as_str());
        match (op(number), now, there) {
            (Op::Delete, None, None) => {}
            (Op::Extend, Some(now), Some(user)) => {
                assert_eq!(now.expires_at, client.expires_at + TimeDelta::days(10));
                assert_eq!(user.expire_at, now.expires_at);
            }
            (Op::Block, Some(now), Some(user)) => {
                assert_eq!((now.access, user.status), (Access::Blocked, SimStatus::Disabled));
            }
            (Op::Rotate, Some(now), Some(user)) => {
                assert_ne!(now.short_uuid.as_ref().unwrap(), client.short_uuid.as_ref().unwrap());
                assert_eq!(user.short_uuid, now.short_uuid.unwrap().expose());
            }
            (op, now, there) => panic!("{op:?}: {now:?}, and on the panel {there:?}"),
        }
        let both = [(Action::Create, Outcome::Success), (op(number).action(), Outcome::Success)];
        assert_eq!(told(&world, client).await, both);
    }
    // The same keys again: nothing is asked and nothing is done.
    world.panel.clear_calls();
    let again = join_all(made.iter().enumerate().map(run)).await;
    assert!(again.iter().all(Result::is_ok), "{again:?}");
    assert!(world.panel.calls().is_empty());
    assert_eq!(intents::count_open(&world.opened.db).await.unwrap(), 0);
}

async fn refusals_within_a_group_are_their_own(kind: Kind) {
    let world = World::new(kind).await;
    let made = many(&world).await;
    let blocked = made.first().unwrap();
    was_done(Op::Block.run(&world.services, blocked.id, Some("before")).await);
    let nobody = ClientId(uuid::Uuid::from_u128(7));
    let (by, clients) = (&token(), &world.services.clients);
    let others = made.iter().skip(1).map(|client| Op::Extend.run(&world.services, client.id, None));
    let refused = async {
        tokio::join!(
            Op::Block.run(&world.services, blocked.id, None),
            Op::Block.run(&world.services, nobody, None),
            // The key of another request.
            Op::Block.run(&world.services, made.last().unwrap().id, Some("before")),
            // The same request as before.
            Op::Block.run(&world.services, blocked.id, Some("before")),
            clients.create(by, "client_1".parse().unwrap(), days(30), None),
            clients.create(by, "somebody_new".parse().unwrap(), days(30), None),
        )
    };
    let (extended, refused) = tokio::join!(join_all(others), refused);
    extended.into_iter().for_each(was_done);
    let (already, nobody, reused, again, taken, new) = refused;
    assert!(matches!(already, Err(Error::AlreadyBlocked)), "{already:?}");
    assert!(matches!(nobody, Err(Error::ClientNotFound(_))), "{nobody:?}");
    assert!(matches!(reused, Err(Error::KeyReused)), "{reused:?}");
    was_done(again);
    assert!(matches!(taken, Err(Error::UsernameTaken(_))), "{taken:?}");
    was_done(new);
    for client in made.iter().skip(1) {
        let now = known(&world, client.id).await.unwrap();
        assert_eq!(now.expires_at, client.expires_at + TimeDelta::days(10));
    }
    assert_eq!(intents::count_open(&world.opened.db).await.unwrap(), 0);
}

/// The panel gives a new user the number of a client that is known already: that one client cannot be kept.
async fn what_the_database_refuses_does_not_cost_the_others(kind: Kind) {
    let world = World::new(kind).await;
    let made = many(&world).await;
    let next = world.panel.users().iter().map(|user| user.id).max().unwrap() + 1;
    let holder = made.first().unwrap();
    put(&world, &Client { remnawave_uuid: Some(PanelUserId(next.to_string())), ..holder.clone() }).await;
    let others = made.iter().skip(1).map(|client| Op::Extend.run(&world.services, client.id, None));
    let (by, clients) = (&token(), &world.services.clients);
    let new = clients.create(by, "somebody_new".parse().unwrap(), days(30), None);
    let (extended, new) = tokio::join!(join_all(others), new);
    extended.into_iter().for_each(was_done);
    assert!(matches!(new, Err(Error::Panel(_))), "{new:?}");
    world.another().reconciler.run_once().await.unwrap();
    assert!(world.panel.user("somebody_new").is_none(), "nobody is left without a client");
    assert_eq!(intents::count_open(&world.opened.db).await.unwrap(), 0);
}

async fn two_replicas_do_the_same_to_the_same_clients_once(kind: Kind) {
    let world = World::new(kind).await;
    let made = many(&world).await;
    let replicas = [world.services.clone(), world.another()];
    let run = async |number: usize| {
        let client = made.get(number % CLIENTS).unwrap();
        let replica = replicas.get(number / CLIENTS).unwrap();
        Op::Extend.run(replica, client.id, Some(&format!("once {}", number % CLIENTS))).await
    };
    let results = join_all((0..2 * CLIENTS).map(run)).await;
    for (number, result) in results.into_iter().enumerate() {
        let before = made.get(number % CLIENTS).unwrap();
        assert_eq!(result.unwrap().expires_at, before.expires_at + TimeDelta::days(10));
    }
    let asked = world.panel.calls().into_iter().filter(|call| call.method == "PATCH").count();
    assert_eq!(asked, CLIENTS);
    assert_eq!(intents::count_open(&world.opened.db).await.unwrap(), 0);
}
