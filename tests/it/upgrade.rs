//! The panel is upgraded from version 2 to 3 and gives every user another id, while requests run.

use std::sync::Arc;
use std::time::Duration;

use futures::stream::{self, StreamExt as _};
use orchestrator::demo::panel::PanelVersion;
use orchestrator::domain::client::{Client, ClientFilter};
use orchestrator::domain::clock::Clock as _;
use orchestrator::domain::ids::TelegramId;
use orchestrator::domain::matter::Matter;
use orchestrator::domain::notice::{Notice, OwnerNotice};
use orchestrator::repositories::{clients, matters};
use orchestrator::services::people::Seen;

use crate::support::db::{Kind, on_both};
use crate::support::seed;
use crate::support::world::{World, token};

on_both!(
    a_thousand_clients_are_linked_anew_while_requests_run,
    whom_the_upgraded_panel_does_not_have_needs_a_person,
);

async fn many(world: &World, count: usize) -> Vec<Client> {
    seed::on_both_sides(&world.opened.db, &world.panel, count, world.clock.as_ref()).await;
    clients::list(&world.opened.db, ClientFilter::default(), world.clock.now(), 5000, 0).await.unwrap()
}

/// The owner, who has started the bot.
fn olga() -> Seen {
    Seen { id: TelegramId(1), name: "Olga".to_owned(), telegram_username: None, language_code: None }
}

async fn a_thousand_clients_are_linked_anew_while_requests_run(kind: Kind) {
    let world = Arc::new(World::with(kind, PanelVersion::V2).await);
    let all = many(&world, 1000).await;
    world.services.people.seen(olga()).await.unwrap();
    // The panel's version is known before.
    world.services.clients.extend(&token(), all[0].id, 1.try_into().unwrap(), None).await.unwrap();
    world.panel.set_version(PanelVersion::V3);
    let requests =
        stream::iter(all.iter().take(60).cloned().collect::<Vec<_>>()).for_each_concurrent(8, |client| {
            let world = Arc::clone(&world);
            async move {
                let change = &world.services.clients;
                change.extend(&token(), client.id, 2.try_into().unwrap(), None).await.unwrap();
                change.block(&token(), client.id, None).await.unwrap();
            }
        });
    let ((), passed) = tokio::join!(requests, world.services.drift.run_once());
    let passed = passed.unwrap();
    let again = world.services.drift.run_once().await.unwrap();
    assert_eq!(again.relinked, 0, "the first pass found all: {passed:?}");
    let foreign = "clients WHERE remnawave_uuid LIKE '%-%'";
    assert_eq!(seed::count(&world.opened.db, foreign).await, 0);
    assert_eq!(matters::count(&world.opened.db).await.unwrap(), 0);
    while world.services.sync.run_once().await.unwrap() {}
    for client in all.iter().take(70) {
        let here = clients::find(&world.opened.db, client.id).await.unwrap().unwrap();
        let user = world.panel.user(client.username.as_str()).unwrap();
        assert_eq!(here.remnawave_uuid.unwrap().0, user.id.to_string());
        assert_eq!(here.expires_at, user.expire_at);
    }
    let told = world.services.outbox.claim(10, Duration::ZERO).await.unwrap().deliveries;
    let [told] = told.as_slice() else { panic!("one message to the owner: {told:?}") };
    assert_eq!(told.notice, Notice::Owner(OwnerNotice::Relinked { linked: passed.relinked }));
    assert!(passed.relinked >= 900, "{passed:?}");
}

async fn whom_the_upgraded_panel_does_not_have_needs_a_person(kind: Kind) {
    let world = World::with(kind, PanelVersion::V2).await;
    let all = many(&world, 50).await;
    world.services.clients.extend(&token(), all[0].id, 1.try_into().unwrap(), None).await.unwrap();
    world.panel.set_version(PanelVersion::V3);
    world.panel.remove_user("client_7");
    world.panel.edit_user("client_9", |user| user.short_uuid = "AnotherLinkThereIs00".to_owned());
    world.panel.user("client_1").unwrap();
    world.services.clients.extend(&token(), all[0].id, 1.try_into().unwrap(), None).await.unwrap();
    let passed = world.services.drift.run_once().await.unwrap();
    assert_eq!(passed.relinked + 1, 48);
    let open = matters::open(&world.opened.db, 10).await.unwrap();
    let Matter::NotRelinked { left, names, .. } = &open[0].matter else { panic!("{open:?}") };
    let mut names: Vec<&str> = names.iter().map(|name| name.as_str()).collect();
    names.sort_unstable();
    assert_eq!((*left, names), (2, vec!["client_7", "client_9"]));
    // Never by the name alone.
    let nine = clients::find_by_username(&world.opened.db, "client_9").await.unwrap().unwrap();
    assert!(nine.remnawave_uuid.unwrap().0.contains('-'));
}
