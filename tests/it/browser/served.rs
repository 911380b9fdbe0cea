//! The service's router on a socket, with a list of what was asked of it.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::Request;
use orchestrator::api::edge::Limits;
use orchestrator::api::settings::ApiSettings;
use orchestrator::domain::clock::OsEntropy;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower::ServiceBuilder;

use super::chromium::PATIENCE;
use crate::support::db::Kind;
use crate::support::world::World;

pub struct Served {
    pub port: u16,
    asked: Arc<Mutex<Vec<String>>>,
    _world: World,
}

impl Served {
    pub async fn start() -> Self {
        let world = World::new(Kind::Sqlite).await;
        let router =
            orchestrator::api::router(world.services.clone(), ApiSettings::default(), Arc::new(OsEntropy));
        let asked = Arc::new(Mutex::new(vec![]));
        let list = Arc::clone(&asked);
        let note = move |request: Request| {
            list.lock().unwrap().push(format!("{} {}", request.method(), request.uri()));
            request
        };
        let noting = Router::new().fallback_service(ServiceBuilder::new().map_request(note).service(router));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(orchestrator::api::serve(
            listener,
            noting,
            Limits::default(),
            CancellationToken::new(),
            PATIENCE,
        ));
        Self { port, asked, _world: world }
    }

    /// Method and address of each request since the last time.
    pub fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }

    /// The page on this machine, which browsers trust as they trust https.
    pub fn page(&self, fragment: &str) -> String {
        format!("http://127.0.0.1:{}/connect{fragment}", self.port)
    }

    /// The page under a name, by plain http.
    pub fn plain_page(&self, fragment: &str) -> String {
        format!("http://vpn.test:{}/connect{fragment}", self.port)
    }
}
