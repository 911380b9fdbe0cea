//! A close look at Telegram, for whoever asks what is wrong. It sends no message and confirms no update.

use std::time::Duration;

use chrono::TimeDelta;
use secrecy::{ExposeSecret as _, SecretString};
use teloxide::payloads::setters::*;
use teloxide::prelude::Requester as _;
use teloxide::{ApiError, Bot};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use url::Url;

use crate::domain::clock::Clock;
use crate::domain::skew::measured;
use crate::domain::unreached::Unreached;

use super::http::{self, HttpError};
use super::problem::TelegramProblem;
use super::telegram::{CallError, SHORT, call};
use super::webhook::undelivered;

/// How long a proxy may take to let a connection come about.
const PROXY: Duration = Duration::from_secs(4);
/// How long it is listened whether another program polls, in seconds: one that was cut off by it comes back within a few.
const LISTEN: u32 = 6;
/// What an answer may take beside that.
const MARGIN: Duration = Duration::from_secs(2);

/// What is to be looked at.
#[derive(Debug)]
pub struct Asked<'a> {
    /// `TELEGRAM_BOT_TOKEN`
    pub token: &'a SecretString,
    /// `TELEGRAM_API_URL`
    pub api_url: &'a Url,
    /// `TELEGRAM_PROXY`
    pub proxy: Option<&'a SecretString>,
    /// How far it goes.
    pub depth: Depth,
}

/// How far a look goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// Who the bot is.
    Account,
    /// And where Telegram sends updates.
    Webhook,
    /// And whether another program polls.
    Pollers,
}

/// What Telegram says to the token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Account {
    /// It is this bot's.
    Known {
        /// The bot's `@name`, without the `@`.
        username: Option<String>,
    },
    /// It is nobody's.
    Refused,
    /// Not now: too many requests.
    Later,
    /// Something answers that is not the Bot API, with this status.
    Foreign(u16),
    /// No answer.
    Nothing(Unreached),
}

/// Where Telegram sends updates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookSeen {
    /// None: they are fetched.
    pub url: Option<Url>,
    /// How many updates wait there.
    pub waiting: u32,
    /// What could not be delivered lately.
    pub undelivered: Option<TelegramProblem>,
}

/// Whether another program polls with the same token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Poller {
    /// Nobody came while it was listened.
    None,
    /// One came.
    Another,
    /// Something waits to be fetched, so that listening was over at once.
    Unheard,
    /// Telegram says no; what.
    Failed(String),
}

/// What a close look saw.
#[derive(Debug, Clone)]
pub struct TelegramInspection {
    /// Why the proxy cannot be reached, if it cannot.
    pub proxy: Option<Unreached>,
    /// What Telegram says to the token.
    pub account: Account,
    /// Telegram's clock minus ours, if it told the time.
    pub skew: Option<TimeDelta>,
    /// Where updates go, or why that cannot be known; `None` when it was not asked.
    pub webhook: Option<Result<WebhookSeen, String>>,
    /// Whether another program polls; `None` when it was not asked.
    pub poller: Option<Poller>,
}

impl TelegramInspection {
    fn nothing(proxy: Option<Unreached>, why: Unreached) -> Self {
        Self { proxy, account: Account::Nothing(why), skew: None, webhook: None, poller: None }
    }
}

/// Looks at Telegram, within this time.
///
/// # Errors
/// The proxy's address is none, or no client can be made.
pub async fn inspect(
    asked: &Asked<'_>,
    clock: &dyn Clock,
    within: Duration,
) -> Result<TelegramInspection, HttpError> {
    let until = Instant::now() + within;
    let bot = http::bot(asked.token, asked.api_url, asked.proxy)?;
    if let Some(why) = unreached_proxy(asked.proxy).await {
        return Ok(TelegramInspection::nothing(Some(why.clone()), why));
    }
    let sent = clock.now();
    let me = timeout(left(until), http::get_me(&bot)).await.unwrap_or_else(|_| Err(Unreached::late()));
    let me = match me {
        Ok(me) => me,
        Err(why) => return Ok(TelegramInspection::nothing(None, why)),
    };
    let date = me.date.as_ref().filter(|_| me.said.is_some());
    let skew = date.and_then(|date| measured(date, sent, clock.now()));
    let account = account(me);
    let is_known = matches!(account, Account::Known { .. });
    let (mut webhook, mut poller) = (None, None);
    if is_known && asked.depth >= Depth::Webhook {
        let seen = seen_webhook(&bot, clock, until).await;
        let is_polled = matches!(&seen, Ok(WebhookSeen { url: None, .. }));
        if is_polled && asked.depth == Depth::Pollers {
            poller = Some(listen(&bot, until).await);
        }
        webhook = Some(seen);
    }
    Ok(TelegramInspection { proxy: None, account, skew, webhook, poller })
}

/// No step takes longer than a usual call may.
fn left(until: Instant) -> Duration {
    until.saturating_duration_since(Instant::now()).min(SHORT)
}

/// Why no connection to the proxy comes about, if none does.
async fn unreached_proxy(proxy: Option<&SecretString>) -> Option<Unreached> {
    let url = Url::parse(proxy?.expose_secret()).ok()?;
    let host = url.host_str()?.trim_matches(['[', ']']);
    let port = url.port_or_known_default().unwrap_or(1080);
    match timeout(PROXY, TcpStream::connect((host, port))).await {
        Ok(Ok(_)) => None,
        Ok(Err(error)) => Some(Unreached::of_io(&error)),
        Err(_) => Some(Unreached::late()),
    }
}

fn account(me: http::RawMe) -> Account {
    match me.said {
        Some(http::Envelope { result: Some(me), .. }) => Account::Known { username: me.user.username },
        Some(http::Envelope { error_code: Some(401 | 404), .. }) => Account::Refused,
        Some(http::Envelope { error_code: Some(429), .. }) => Account::Later,
        _ => Account::Foreign(me.status),
    }
}

async fn seen_webhook(bot: &Bot, clock: &dyn Clock, until: Instant) -> Result<WebhookSeen, String> {
    let info = call(left(until), bot.get_webhook_info()).await.map_err(|error| error.to_string())?;
    let undelivered = undelivered(&info, clock.now());
    Ok(WebhookSeen { waiting: info.pending_update_count, url: info.url, undelivered })
}

/// Polls once, for longer than nothing: Telegram never refuses the newest poll, but ends one that is open when another
/// comes. So one that polls elsewhere is cut off by ours, comes back and cuts off ours. Without an offset nothing is
/// confirmed, and without a list of kinds that of the last poll stays.
async fn listen(bot: &Bot, until: Instant) -> Poller {
    let limit = left(until).min(Duration::from_secs(LISTEN.into()) + MARGIN);
    let poll = bot.get_updates().limit(1).timeout(LISTEN);
    match call(limit, poll).await {
        Ok(updates) if updates.is_empty() => Poller::None,
        Ok(_) => Poller::Unheard,
        Err(CallError::Refused(ApiError::TerminatedByOtherGetUpdates)) => Poller::Another,
        Err(error) => Poller::Failed(error.to_string()),
    }
}
