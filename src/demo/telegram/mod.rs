//! The simulated Telegram Bot API: a real HTTP server, as strict as Telegram is, and the people who chat with
//! the bot.
//!
//! What Telegram would refuse is refused in Telegram's own words, and kept in [`TelegramSim::violations`] when
//! the bot could have known better. Unlike Telegram, an unknown parameter is refused too. Webhooks are
//! called in order; text with a `parse_mode` other than HTML is refused.

mod attributes;
mod call;
mod callbacks;
mod detect;
mod edit;
mod faults;
mod format;
mod html;
mod inspect;
mod keyboard;
mod media;
mod methods;
mod params;
mod people;
mod polling;
mod profile;
mod refusal;
mod request;
mod send;
mod server;
mod shared;
mod state;
mod view;
mod webhook;

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::domain::clock::Clock;

pub use self::faults::{TgFault, TgFaultKind, TgFaultMoment};
pub use self::format::SimEntity;
pub use self::keyboard::SimButton;
pub use self::people::SimOther;
pub use self::view::{
    BotCall, CallbackAnswer, Reaction, ReactionKind, SimCallback, SimDocument, SimMessage, SimPerson, TapId,
};

use self::shared::Shared;
use self::state::State;

/// How a simulated Telegram is started.
#[derive(Debug, Clone)]
pub struct TelegramSimOptions {
    /// Where it listens; port 0 for any free one.
    pub addr: SocketAddr,
    /// The only token it takes, such as `123456:demo`; the number before the colon is the bot's id.
    pub token: String,
    /// The bot's `@name`, without the `@`.
    pub bot_username: String,
    /// The present: dates, the age of messages and of taps.
    pub clock: Arc<dyn Clock>,
}

/// A running server. Its clones share it; it stops with the last of them.
#[derive(Debug, Clone)]
pub struct TelegramSim {
    handle: Arc<Handle>,
}

#[derive(Debug)]
struct Handle {
    shared: Arc<Shared>,
    addr: SocketAddr,
    bot_id: i64,
    running: Mutex<Option<Running>>,
}

#[derive(Debug)]
struct Running {
    stop: CancellationToken,
    server: JoinHandle<()>,
}

impl Drop for Handle {
    fn drop(&mut self) {
        if let Some(running) = self.take() {
            running.stop.cancel();
        }
    }
}

impl Handle {
    fn take(&self) -> Option<Running> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn run(&self, listener: TcpListener) {
        let stop = CancellationToken::new();
        let server = server::serve(listener, Arc::clone(&self.shared), stop.clone());
        let webhook = webhook::deliver(Arc::clone(&self.shared), stop.clone());
        let server = tokio::spawn(async move {
            tokio::join!(server, webhook);
        });
        *self.running.lock().unwrap_or_else(PoisonError::into_inner) = Some(Running { stop, server });
    }
}

impl TelegramSim {
    /// Listens and serves.
    ///
    /// # Errors
    /// The address cannot be listened on, or the token does not begin with a number and a colon.
    pub async fn start(options: TelegramSimOptions) -> io::Result<Self> {
        let bot_id = options.token.split(':').next().and_then(|id| id.parse::<i64>().ok());
        let bot_id = bot_id.ok_or(io::ErrorKind::InvalidInput)?;
        let listener = TcpListener::bind(options.addr).await?;
        let addr = listener.local_addr()?;
        let bot = SimPerson::new(bot_id, "Orchestrator", Some(&options.bot_username), None);
        let state = State::new(bot, options.clock.now());
        let shared = Arc::new(Shared::new(state, options.clock, options.token));
        let handle = Arc::new(Handle { shared, addr, bot_id, running: Mutex::new(None) });
        handle.run(listener);
        Ok(Self { handle })
    }

    /// The base URL, to be set as `TELEGRAM_API_URL`.
    pub fn url(&self) -> String {
        format!("http://{}", self.handle.addr)
    }

    /// The bot's token.
    pub fn token(&self) -> &str {
        &self.handle.shared.token
    }

    /// The bot's own id.
    pub fn bot_id(&self) -> i64 {
        self.handle.bot_id
    }

    /// Stops listening and ends every connection, also those in the middle of a call. The state stays.
    pub async fn stop(&self) {
        if let Some(running) = self.handle.take() {
            running.stop.cancel();
            // The task can only end; a panic in it has been printed already.
            let _ended = running.server.await;
        }
    }

    /// Stops and starts again on the same port, with the same state.
    ///
    /// # Errors
    /// The port was taken meanwhile.
    pub async fn restart(&self) -> io::Result<()> {
        self.stop().await;
        let listener = TcpListener::bind(self.handle.addr).await?;
        self.handle.run(listener);
        Ok(())
    }

    /// From here on as a Bot API server of one's own is: it calls webhooks at any address, also by `http`.
    pub fn serve_locally(&self) {
        self.shared().change(|state| state.local = true);
    }

    fn shared(&self) -> &Shared {
        &self.handle.shared
    }
}
