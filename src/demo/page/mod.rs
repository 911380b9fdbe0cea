//! `/demo`: the people's chats as they know them, and the panel and the log beside them, live.
//!
//! The chats go through the simulated Telegram alone: the bot cannot tell the page from real people. The panel's users are
//! the simulator's, the log is the service's.

mod acts;
mod assets;
mod guard;
mod live;
mod shown;
mod trouble;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn;
use axum::response::Redirect;
use axum::routing::{get, post};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::panel::PanelSim;
use super::telegram::TelegramSim;
use crate::app::Services;

pub(in crate::demo) use guard::own_pages_only;
pub use trouble::Trouble;

/// Where the service is told it is reached from outside: Telegram takes no button to this machine. The page makes its own
/// address of it.
pub const PUBLIC_URL: &str = "https://vpn.demo.example";
/// The most bytes of what is sent: a message of Telegram's longest, and its JSON.
const MOST_BYTES: usize = 32 * 1024;
/// How many pages may be open at once.
const PAGES: usize = 16;

/// What the handlers need.
#[derive(Debug, Clone)]
pub struct Page {
    telegram: TelegramSim,
    panel: PanelSim,
    services: Services,
    trouble: Trouble,
    /// Tells one run of the demo from another.
    run: Arc<str>,
    seats: Arc<Semaphore>,
    shutdown: CancellationToken,
}

impl Page {
    /// Of a running demo; `run` is a word that no other run has.
    pub fn new(
        telegram: TelegramSim,
        panel: PanelSim,
        services: Services,
        trouble: Trouble,
        run: &str,
        shutdown: CancellationToken,
    ) -> Self {
        let seats = Arc::new(Semaphore::new(PAGES));
        Self { telegram, panel, services, trouble, run: run.into(), seats, shutdown }
    }

    /// Around what else is answered on the port.
    pub fn router(self, rest: Router) -> Router {
        let page = Router::new()
            .route("/", get(async || Redirect::temporary("/demo")))
            .route("/demo", get(assets::index))
            .route("/demo/", get(assets::index))
            .route("/demo/{file}", get(assets::file))
            .route("/demo/events", get(live::events))
            .route("/demo/people/{id}/send", post(acts::send))
            .route("/demo/people/{id}/tap", post(acts::tap))
            .route("/demo/people/{id}/language", post(acts::language))
            .route("/demo/people/{id}/files/{message}", get(acts::file))
            .route("/demo/trouble/panel", post(acts::panel))
            .route("/demo/trouble/telegram", post(acts::telegram))
            .route("/demo/trouble/days", post(acts::days))
            .layer(DefaultBodyLimit::max(MOST_BYTES))
            .layer(from_fn(assets::headers))
            .layer(from_fn(own_pages_only))
            .with_state(self);
        page.fallback_service(rest)
    }
}
