//! Several processes that serve one bot from one PostgreSQL.

use std::sync::Arc;

use chrono::TimeDelta;
use orchestrator::bot;
use orchestrator::demo::telegram::{TelegramSim, TgFault, TgFaultKind};
use orchestrator::domain::clock::OsEntropy;
use orchestrator::services::Services;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::stage::{TOKEN, settings, telegram};
use crate::support::chat::{Chat, LIMIT};
use crate::support::db::Kind;
use crate::support::seed;
use crate::support::world::World;

struct Replica {
    services: Services,
    shutdown: CancellationToken,
    task: JoinHandle<()>,
}

struct Several {
    world: World,
    telegram: TelegramSim,
    replicas: Vec<Replica>,
}

impl Several {
    /// Two; the first one polls.
    async fn new() -> Self {
        let world = World::new(Kind::Postgres).await;
        let telegram = telegram(world.clock.clone(), TOKEN).await;
        let mut several = Self { world, telegram, replicas: vec![] };
        several.start().await;
        several.polls().await;
        several.start().await;
        several.says(1, "stands by").await;
        several
    }

    async fn start(&mut self) {
        let (services, shutdown) = (self.world.another(), CancellationToken::new());
        let (clock, entropy) = (self.world.clock.clone(), Arc::new(OsEntropy));
        let bot = bot::run(services.clone(), settings(&self.telegram), clock, entropy, shutdown.clone());
        self.replicas.push(Replica { services, shutdown, task: tokio::spawn(bot) });
    }

    async fn polls(&self) {
        let polled = self.telegram.wait(|telegram| telegram.polled().then_some(()));
        tokio::time::timeout(LIMIT, polled).await.expect("somebody polls");
    }

    async fn says(&self, replica: usize, words: &str) {
        let said = async {
            loop {
                let telegram = self.replicas[replica].services.health.readiness().await.telegram;
                if telegram.reason.is_some_and(|reason| reason.contains(words)) {
                    return;
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(LIMIT, said).await.unwrap_or_else(|_| panic!("never says \"{words}\""));
    }

    /// Until nothing of this person waits: what was answered may not be noted yet.
    async fn handled(&self, sender: i64) {
        let waiting = format!("updates WHERE handled_at IS NULL AND sender = {sender}");
        let handled = async { while seed::count(&self.world.opened.db, &waiting).await > 0 {} };
        tokio::time::timeout(LIMIT, handled).await.expect("it is handled");
    }

    /// As `kill -9` does to the first one, whose connection to Telegram ends with it.
    async fn power_cut(&mut self) {
        let first = self.replicas.remove(0);
        first.task.abort();
        assert!(first.task.await.unwrap_err().is_cancelled());
        let ended = self.telegram.wait(|telegram| (!telegram.polled()).then_some(()));
        tokio::time::timeout(LIMIT, ended).await.expect("nobody polls");
    }

    /// As SIGTERM does to the first one.
    async fn stop(&mut self) {
        let first = self.replicas.remove(0);
        first.shutdown.cancel();
        first.task.await.unwrap();
    }

    fn chat(&self, id: i64) -> Chat {
        Chat::new(&self.telegram, id, "Olga", "ru")
    }

    async fn end(mut self) {
        while !self.replicas.is_empty() {
            self.stop().await;
        }
        assert_eq!(self.telegram.violations(), Vec::<String>::new());
        assert!(self.telegram.unanswered_callbacks().is_empty());
    }
}

fn said(chat: &Chat) -> Vec<String> {
    chat.messages().into_iter().filter(|message| message.from_bot).map(|message| message.text).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_update_is_handled_once_and_in_order() {
    const EACH: usize = 40;
    let several = Several::new().await;
    let olga = several.chat(1);
    olga.send("/start").await;
    let people: Vec<Chat> = (100..110).map(|id| several.chat(id)).collect();
    for number in 0..EACH {
        olga.write(&format!("/client c-{number:03}"));
        for person in &people {
            person.write("hello");
        }
    }
    olga.until("all answers", |olga| said(olga).len() == EACH + 1).await;
    for (number, text) in said(&olga)[1..].iter().enumerate() {
        assert!(text.contains(&format!("c-{number:03}")), "{number}: {text}");
    }
    for person in &people {
        person.until("all answers", |person| said(person).len() == EACH).await;
    }
    several.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_is_killed_is_replaced_with_all_it_had_begun() {
    let mut several = Several::new().await;
    let (olga, eve) = (several.chat(1), several.chat(2));
    assert!(olga.send("/new").await.text().contains("Пришлите имя"));
    several.handled(1).await;
    // It is cut in the middle of an answer.
    several.telegram.fault(TgFault::new(TgFaultKind::Hang).on("sendMessage").to(2));
    eve.write("hello");
    several.telegram.wait(|telegram| (telegram.pending_updates() == 0).then_some(())).await;
    several.power_cut().await;
    olga.write("bob");
    assert!(said(&olga).len() == 1 && several.telegram.pending_updates() == 1, "{}", olga.transcript());
    several.world.clock.advance(TimeDelta::seconds(21));
    assert!(olga.next().await.text().contains("На сколько дней?"), "{}", olga.transcript());
    assert!(eve.next().await.text().contains("приглашениям"), "{}", eve.transcript());
    assert!(olga.send("45").await.text().contains("bob"));
    assert!(olga.tap("Да").await.text().contains("bob создан"));
    assert_eq!(seed::count(&several.world.opened.db, "clients").await, 1);
    several.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_stops_leaves_polling_to_another_at_once() {
    let mut several = Several::new().await;
    let olga = several.chat(1);
    olga.send("/start").await;
    several.stop().await;
    // The clock stands still: no lease has run out.
    assert!(olga.send("/help").await.text().contains("/clients"));
    several.end().await;
}

/// What one has stored another one handles, without being told of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_stands_by_handles_updates_too() {
    let mut several = Several::new().await;
    let olga = several.chat(1);
    olga.send("/start").await;
    several.handled(1).await;
    several.power_cut().await;
    let message = serde_json::json!({"message_id": 1, "date": 1, "text": "/help",
        "chat": {"id": 1, "type": "private"}, "from": {"id": 1, "is_bot": false, "first_name": "Olga"}});
    let payload = serde_json::json!({"update_id": 5, "message": message}).to_string();
    let update = orchestrator::services::updates::IncomingUpdate { update_id: 5, sender: 1, payload };
    several.world.services.updates.store(several.telegram.bot_id(), &[update]).await.unwrap();
    olga.until("help", |olga| said(olga).iter().any(|text| text.contains("/clients"))).await;
    several.says(0, "stands by").await;
    several.end().await;
}
