//! The connection to Telegram. The one file of the bot that names `reqwest`: teloxide takes a client of it, and
//! neither its proxy type nor its builder has another name.

use std::time::Duration;

use reqwest::Proxy;
use secrecy::ExposeSecret;
use teloxide::Bot;
use teloxide::net::default_reqwest_settings;

use super::settings::BotSettings;

/// How long Telegram may hold a `getUpdates` open, in seconds.
pub const LONG_POLL_SECONDS: u32 = 30;

/// The ceiling of any request: longer than the long poll. Shorter limits are set where the request is made.
const REQUEST_LIMIT: Duration = Duration::from_secs(LONG_POLL_SECONDS as u64 + 15);

/// Why no connection can be made with these settings.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The text has no secret: the proxy's address is not repeated.
    #[error("TELEGRAM_PROXY is not a proxy address such as socks5h://host:1080 or http://host:3128")]
    Proxy,
    /// The HTTP client could not be made.
    #[error("no HTTP client could be made for Telegram: {0}")]
    Client(String),
}

/// A bot that talks to the address of the settings, through their proxy.
///
/// # Errors
/// A proxy that is none, or a client that cannot be made.
pub fn bot(token: &str, settings: &BotSettings) -> Result<Bot, HttpError> {
    let mut client = default_reqwest_settings().timeout(REQUEST_LIMIT);
    if let Some(proxy) = &settings.proxy {
        client = client.proxy(Proxy::all(proxy.expose_secret()).map_err(|_| HttpError::Proxy)?);
    }
    let client = client.build().map_err(|error| HttpError::Client(error.without_url().to_string()))?;
    Ok(Bot::with_client(token, client).set_api_url(settings.api_url.clone()))
}
