//! The page alone with the simulators: no bot polls, so that the test is the bot, and sends whatever a bot may.

use std::sync::Arc;

use axum::Router;
use orchestrator::api::edge::Limits;
use orchestrator::demo::clock::DemoClock;
use orchestrator::demo::page::{Page, Trouble};
use orchestrator::demo::people;
use orchestrator::demo::telegram::{TelegramSim, TelegramSimOptions};
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::browser::chromium::PATIENCE;
use crate::support::db::Kind;
use crate::support::world::{LOCAL, World};

pub const BOT: &str = "123456:AAtest_token_of_the_simulated_bot_01";

pub struct Alone {
    pub telegram: TelegramSim,
    pub port: u16,
    world: World,
    clock: Arc<DemoClock>,
    _folder: TempDir,
    serving: Option<(CancellationToken, JoinHandle<()>)>,
}

impl Alone {
    pub async fn new() -> Self {
        let world = World::new(Kind::Sqlite).await;
        let folder = TempDir::new().unwrap();
        let clock = Arc::new(DemoClock::kept_in(folder.path()));
        let options = TelegramSimOptions {
            addr: LOCAL,
            token: BOT.to_owned(),
            bot_username: "vpn_bot".to_owned(),
            clock: clock.clone(),
        };
        let telegram = TelegramSim::start(options).await.unwrap();
        people::introduce(&telegram);
        let mut alone = Self { telegram, port: 0, world, clock, _folder: folder, serving: None };
        alone.start().await;
        alone
    }

    /// Serves the page, on the port that it had.
    pub async fn start(&mut self) {
        let listener = TcpListener::bind(("127.0.0.1", self.port)).await.unwrap();
        self.port = listener.local_addr().unwrap().port();
        let shutdown = CancellationToken::new();
        let (panel, services) = (self.world.panel.clone(), self.world.services.clone());
        let trouble =
            Trouble::new(panel.clone(), self.telegram.clone(), services.clone(), self.clock.clone());
        let page = Page::new(self.telegram.clone(), panel, services, trouble, "run", shutdown.clone());
        let router = page.router(Router::new());
        let serving =
            orchestrator::api::serve(listener, router, Limits::default(), shutdown.clone(), PATIENCE);
        self.serving = Some((shutdown, tokio::spawn(serving)));
    }

    /// Stops serving it.
    pub async fn stop(&mut self) {
        let (shutdown, serving) = self.serving.take().unwrap();
        shutdown.cancel();
        serving.await.unwrap();
    }

    pub fn page(&self) -> String {
        format!("http://localhost:{}/demo", self.port)
    }

    /// A call of the bot; what comes of it.
    pub async fn call(&self, method: &str, parameters: Value) -> Value {
        let url = format!("{}/bot{BOT}/{method}", self.telegram.url());
        let answer = reqwest::Client::new().post(url).json(&parameters).send().await.unwrap();
        let answer: Value = answer.json().await.unwrap();
        assert_eq!(answer["ok"], true, "{answer}");
        answer["result"].clone()
    }
}
