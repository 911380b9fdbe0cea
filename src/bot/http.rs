//! The connection to Telegram. The one file of the bot that names `reqwest`: teloxide takes a client of it, and
//! neither its proxy type nor its builder has another name.

use std::time::Duration;

use reqwest::Proxy;
use reqwest::header::{CONTENT_TYPE, DATE};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use teloxide::Bot;
use teloxide::net::default_reqwest_settings;
use teloxide::types::Me;
use url::Url;

use crate::domain::unreached::Unreached;

/// How long Telegram may hold a `getUpdates` open, in seconds.
pub const LONG_POLL_SECONDS: u32 = 30;

/// The ceiling of any request: longer than the long poll. Shorter limits are set where the request is made.
const REQUEST_LIMIT: Duration = Duration::from_secs(LONG_POLL_SECONDS as u64 + 15);

/// How the Bot API marks its answers.
const JSON: &[u8] = b"application/json";

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

/// A bot that talks to this address, through this proxy.
///
/// # Errors
/// A proxy that is none, or a client that cannot be made.
pub fn bot(token: &SecretString, api_url: &Url, proxy: Option<&SecretString>) -> Result<Bot, HttpError> {
    let mut client = default_reqwest_settings().timeout(REQUEST_LIMIT);
    if let Some(proxy) = proxy {
        client = client.proxy(Proxy::all(proxy.expose_secret()).map_err(|_| HttpError::Proxy)?);
    }
    let client = client.build().map_err(|error| HttpError::Client(error.without_url().to_string()))?;
    Ok(Bot::with_client(token.expose_secret(), client).set_api_url(api_url.clone()))
}

/// What the Bot API says around every answer.
#[derive(Debug, Deserialize)]
pub struct Envelope {
    /// Who the bot is; none where it is refused.
    pub result: Option<Me>,
    /// 401 for a token that is not known.
    pub error_code: Option<u16>,
}

/// An answer to `getMe`, with what teloxide keeps to itself.
#[derive(Debug)]
pub struct RawMe {
    /// The HTTP status.
    pub status: u16,
    /// The `Date` of the answer.
    pub date: Option<String>,
    /// The answer, if it is one of the Bot API's.
    pub said: Option<Envelope>,
}

/// Asks who the bot is.
///
/// # Errors
/// No answer; why says nothing of the address, which holds the token.
pub async fn get_me(bot: &Bot) -> Result<RawMe, Unreached> {
    let mut url = bot.api_url();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().push(&format!("bot{}", bot.token())).push("getMe");
    }
    let answer = bot.client().get(url).send().await.map_err(|error| Unreached::of(&error))?;
    let date = answer.headers().get(DATE).and_then(|date| date.to_str().ok()).map(str::to_owned);
    let status = answer.status().as_u16();
    // A page of any length may answer at a wrong address: what is no Bot API's answer is read no further.
    let is_json = answer.headers().get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(JSON));
    let said = if is_json { answer.json().await.ok() } else { None };
    Ok(RawMe { status, date, said })
}
