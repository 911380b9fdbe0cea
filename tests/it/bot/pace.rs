//! Several processes that send what waits in one database.

use std::time::Duration;

use chrono::TimeDelta;
use orchestrator::domain::clock::Clock;
use orchestrator::domain::ids::TelegramId;
use orchestrator::domain::notice::{Ended, Notice};
use orchestrator::repositories::people;
use orchestrator::services::core::Core;
use orchestrator::services::outbox;

use crate::support::db::{Kind, on_both};
use crate::support::seed;
use crate::support::world::{World, core};

on_both!(two_processes_on_one_database_send_nothing_twice, two_processes_keep_to_the_rate_together);

async fn two_processes_on_one_database_send_nothing_twice(kind: Kind) {
    const PEOPLE: i64 = 30;
    let world = World::new(kind).await;
    let core = core(&world.opened, &world.panel, &world.clock);
    to_many(&core, PEOPLE, &["one", "two"]).await;
    let workers: Vec<_> = (0..2)
        .map(|_| {
            let services = world.another();
            tokio::spawn(async move {
                let mut sent = vec![];
                loop {
                    let due = services.outbox.claim(4, Duration::ZERO).await.unwrap().deliveries;
                    if due.is_empty() {
                        return sent;
                    }
                    for delivery in due {
                        sent.push((delivery.to, delivery.id));
                        services.outbox.end(delivery.id, Ended::Sent, None).await.unwrap();
                    }
                }
            })
        })
        .collect();
    let mut sent = vec![];
    for worker in workers {
        sent.extend(worker.await.unwrap());
    }
    // One that found nothing while the other held all may have stopped early: the rest is still there, once.
    while let [delivery, ..] =
        world.services.outbox.claim(1, Duration::ZERO).await.unwrap().deliveries.as_slice()
    {
        sent.push((delivery.to, delivery.id));
        world.services.outbox.end(delivery.id, Ended::Sent, None).await.unwrap();
    }
    let total = sent.len();
    sent.sort_unstable();
    sent.dedup();
    assert_eq!((total, sent.len()), (60, 60));
}

/// Everybody from 1 to that number, who has started the bot, is to be told these words.
async fn to_many(core: &Core, people: i64, words: &[&str]) {
    let mut tx = core.db.begin().await.unwrap();
    for id in 1..=people {
        let somebody = seed::somebody(id);
        people::put(&mut tx, &somebody, core.clock.now()).await.unwrap();
        for words in words {
            let notice = Notice::Broadcast { text: (*words).to_owned() };
            outbox::notify(core, &mut tx, TelegramId(id), notice, None).await.unwrap();
        }
    }
    tx.commit().await.unwrap();
}

async fn two_processes_keep_to_the_rate_together(kind: Kind) {
    let mut world = World::new(kind).await;
    world.rules.outbox_rate = 30;
    to_many(&core(&world.opened, &world.panel, &world.clock), 90, &["one"]).await;
    let both = [world.another(), world.another()];
    let (mut taken, mut paused, started) = (vec![], 0, world.clock.now());
    for services in both.iter().cycle() {
        let now = world.clock.now();
        let due = services.outbox.claim(7, Duration::ZERO).await.unwrap();
        if let Some(pause) = due.pause {
            paused += 1;
            assert!(pause <= Duration::from_secs(1), "{pause:?}");
        }
        for delivery in due.deliveries {
            services.outbox.end(delivery.id, Ended::Sent, None).await.unwrap();
            taken.push(now);
        }
        if taken.len() == 90 {
            break;
        }
        world.clock.advance(TimeDelta::milliseconds(40));
    }
    for (at, moment) in taken.iter().enumerate().skip(30) {
        assert!(*moment - taken[at - 30] >= TimeDelta::milliseconds(999), "31 within a second");
    }
    assert!(world.clock.now() - started < TimeDelta::milliseconds(2700), "and not much less");
    assert!(paused > 0);
}
