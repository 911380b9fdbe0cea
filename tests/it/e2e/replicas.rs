//! Two built binaries on one PostgreSQL, and one that Telegram calls.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use orchestrator::demo::panel::PanelVersion;
use orchestrator::domain::clock::{Clock, SystemClock};
use orchestrator::domain::ids::TelegramId;
use orchestrator::domain::notice::{Notice, Post, Priority};
use orchestrator::repositories::{Db, outbox};
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};

use super::Stage;
use crate::support::chat::{Chat, LIMIT};
use crate::support::db::Kind;
use crate::support::seed;
use crate::support::service::Service;
use crate::support::world::LOCAL;

const PEOPLE: i64 = 60;
/// A lease, a look, and a busy machine.
const REPLACED: Duration = Duration::from_secs(60);

async fn stands_by(url: &str) -> bool {
    let ready: Value = reqwest::get(format!("{url}/health/ready")).await.unwrap().json().await.unwrap();
    ready["telegram"]["reason"].as_str().is_some_and(|reason| reason.contains("stands by"))
}

/// Kills that one of the two processes that polls; the other one is the stage's from now on.
pub async fn kill_who_polls(stage: &mut Stage, second: (String, Service)) {
    let first = stage.service.take().unwrap();
    let (dead, alive) = if stands_by(&stage.url).await {
        (second.1, first)
    } else {
        stage.url = second.0;
        (first, second.1)
    };
    stage.service = Some(alive);
    dead.kill();
    stage.telegram.wait(|telegram| (!telegram.polled()).then_some(())).await;
}

/// Waits until the process that is left has taken over polling.
pub async fn polled_again(stage: &Stage) {
    let polled = stage.telegram.wait(|telegram| telegram.polled().then_some(()));
    tokio::time::timeout(REPLACED, polled).await.expect("the other one polls");
}

async fn tell_everybody(db: &Db) {
    let now = SystemClock.now();
    let mut tx = db.begin().await.unwrap();
    for id in 1..=PEOPLE {
        let post = Post {
            to: TelegramId(id),
            notice: Notice::Broadcast { text: "a word to all".to_owned() },
            priority: Priority::Notice,
            dedupe: None,
            batch: None,
            not_before: now,
            drop_after: now + TimeDelta::hours(1),
        };
        outbox::insert(&mut tx, &post, now).await.unwrap();
    }
    tx.commit().await.unwrap();
}

fn heard(chat: &Chat) -> usize {
    chat.messages()
        .iter()
        .filter(|message| message.from_bot && message.text.contains("a word to all"))
        .count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_serve_one_bot_and_one_killed_is_replaced() {
    let mut stage = Stage::new(Kind::Postgres, PanelVersion::V3).await;
    let second = Service::spawn(stage.db.folder(), &stage.settings());
    let second_url = second.url().await;
    let people: Vec<Chat> = (1..=PEOPLE).map(|id| Chat::new(&stage.telegram, id, "Ann", "en")).collect();
    for person in &people {
        person.write("/start");
    }
    for person in &people {
        person.next().await;
    }
    let opened = stage.db.open().await;
    tell_everybody(&opened.db).await;
    for person in &people {
        person.until("a word", |person| heard(person) == 1).await;
    }
    let Db::Postgres(pool) = &opened.db else { panic!("PostgreSQL") };
    let taken: Vec<DateTime<Utc>> = sqlx::query_scalar("SELECT claimed_at FROM outbox ORDER BY claimed_at")
        .fetch_all(pool)
        .await
        .unwrap();
    assert_eq!(taken.len(), 60);
    for (at, moment) in taken.iter().enumerate().skip(30) {
        assert!(*moment - taken[at - 30] >= TimeDelta::seconds(1), "31 within a second");
    }

    let olga = stage.olga();
    assert!(olga.send("/new").await.text().contains("Пришлите имя"));
    while seed::count(&opened.db, "updates WHERE handled_at IS NULL").await > 0 {}
    kill_who_polls(&mut stage, (second_url, second)).await;
    olga.write("bob");
    polled_again(&stage).await;
    assert!(olga.next().await.text().contains("На сколько дней?"), "{}", olga.transcript());
    assert!(people.iter().all(|person| heard(person) == 1), "once each");
    stage.end().await;
}

/// An address that stays, in front of a process that may come and go.
pub async fn in_front(of: tokio::sync::watch::Receiver<String>) -> String {
    let listener = TcpListener::bind(LOCAL).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut outside, _)) = listener.accept().await {
            let address = of.borrow().trim_start_matches("http://").to_owned();
            tokio::spawn(async move {
                if let Ok(mut inside) = TcpStream::connect(address).await {
                    // Either side may go at any time.
                    let _ = tokio::io::copy_bidirectional(&mut outside, &mut inside).await;
                }
            });
        }
    });
    url
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn telegram_calls_the_built_service() {
    let stage = Stage::empty(Kind::Sqlite, PanelVersion::V3).await;
    stage.telegram.serve_locally();
    let (address, of) = tokio::sync::watch::channel(String::new());
    let mut settings = stage.settings();
    settings.extend([("TELEGRAM_MODE", "webhook".to_owned()), ("PUBLIC_URL", in_front(of).await)]);
    let service = Service::spawn(stage.db.folder(), &settings);
    address.send_replace(service.url().await);
    let olga = stage.olga();
    assert!(olga.send("/new").await.text().contains("Пришлите имя"));
    service.kill();
    // It is down for a while: Telegram tries again.
    olga.write("bob");
    let service = Service::spawn(stage.db.folder(), &settings);
    address.send_replace(service.url().await);
    let asked = |olga: &Chat| olga.messages().iter().any(|message| message.text.contains("На сколько дней?"));
    olga.until("the next question", asked).await;
    assert!(!stage.telegram.polled());
    let delivered = stage.telegram.wait(|telegram| (telegram.pending_updates() == 0).then_some(()));
    tokio::time::timeout(LIMIT, delivered).await.unwrap();
    Stage { service: Some(service), ..stage }.end().await;
}
