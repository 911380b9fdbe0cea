//! What many read at once is read together; each gets its own, as it is now.

use futures::future::join_all;
use orchestrator::domain::actor::{Actor, Role};
use orchestrator::domain::client::Client;
use orchestrator::domain::clock::Clock as _;
use orchestrator::domain::ids::{ClientId, ClientRef, TelegramId};
use orchestrator::repositories::clients;
use orchestrator::services::Error;
use orchestrator::services::people::Seen;

use crate::support::db::{Kind, on_both};
use crate::support::world::{World, person, token};

on_both!(each_gets_its_own, whoever_has_just_written_sees_it, whoever_writes_at_once_is_known_at_once);

/// So many clients there are, and a third as many people with three each.
const CLIENTS: usize = 30;

fn owner(number: usize) -> i64 {
    1_000 + i64::try_from(number / 3).unwrap()
}

async fn owned(world: &World) -> Vec<Client> {
    let by = token();
    let make = async |number: usize| {
        let name = format!("client_{number}").parse().unwrap();
        world.services.clients.create(&by, name, "30".parse().unwrap(), None).await.unwrap()
    };
    let mut made = join_all((0..CLIENTS).map(make)).await;
    let mut tx = world.opened.db.begin().await.unwrap();
    for (number, client) in made.iter_mut().enumerate() {
        client.telegram_id = Some(TelegramId(owner(number)));
        assert!(
            clients::link(&mut tx, client.id, TelegramId(owner(number)), world.clock.now()).await.unwrap()
        );
    }
    tx.commit().await.unwrap();
    made
}

fn seen(id: i64) -> Seen {
    Seen { id: TelegramId(id), name: format!("P {id}"), telegram_username: None, language_code: None }
}

async fn each_gets_its_own(kind: Kind) {
    let world = World::new(kind).await;
    let made = owned(&world).await;
    let (by, services) = (token(), &world.services.clients);
    // More than once: the first time nobody knows of the crowd.
    for _ in 0..3 {
        let asked = made.iter().chain(&made).map(async |client| {
            let found = services.find(&by, &ClientRef::Id(client.id)).await.unwrap();
            assert_eq!((found.id, &found.username), (client.id, &client.username));
        });
        let nobody = (0..5).map(async |number| {
            let id = ClientRef::Id(ClientId(uuid::Uuid::from_u128(number)));
            assert!(matches!(services.find(&by, &id).await, Err(Error::ClientNotFound(_))));
        });
        let mine = (0..CLIENTS / 3).map(async |number| {
            let by = person(owner(number * 3), Role::User);
            let found: Vec<String> =
                services.mine(&by).await.unwrap().iter().map(|client| client.username.to_string()).collect();
            let mut own: Vec<&Client> = made[number * 3..number * 3 + 3].iter().collect();
            own.sort_by_key(|client| std::cmp::Reverse((client.created_at, client.id.0)));
            assert_eq!(found, own.iter().map(|client| client.username.to_string()).collect::<Vec<_>>());
        });
        let somebody = async {
            assert!(services.mine(&person(9, Role::User)).await.unwrap().is_empty());
            let theirs = services.find(&person(9, Role::User), &ClientRef::Id(made[0].id)).await;
            assert!(matches!(theirs, Err(Error::ClientNotFound(_))), "nor is another's theirs");
        };
        tokio::join!(join_all(asked), join_all(nobody), join_all(mine), somebody);
    }
}

async fn whoever_has_just_written_sees_it(kind: Kind) {
    let world = World::new(kind).await;
    let made = owned(&world).await;
    let (by, services) = (token(), &world.services.clients);
    let changed = made.iter().map(async |client| {
        for _ in 0..3 {
            let now = services.extend(&by, client.id, "10".parse().unwrap(), None).await.unwrap();
            let found = services.find(&by, &ClientRef::Id(client.id)).await.unwrap();
            assert_eq!(found.expires_at, now.expires_at);
        }
    });
    join_all(changed).await;
}

async fn whoever_writes_at_once_is_known_at_once(kind: Kind) {
    let world = World::new(kind).await;
    owned(&world).await;
    for round in 0..3 {
        let people = (990..1_012).map(async |id| {
            let visitor = world.services.people.seen(seen(id)).await.unwrap();
            let role = if (1_000..1_010).contains(&id) { Role::User } else { Role::Stranger };
            assert_eq!(
                (visitor.actor, visitor.role),
                (Actor::Person { id: TelegramId(id), role }, role),
                "{round}"
            );
            assert_eq!(visitor.person.name, format!("P {id}"));
        });
        join_all(people).await;
    }
}
