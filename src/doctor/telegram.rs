//! Telegram: whether it is reached, knows the token, and whether updates come here and nowhere else.

use url::Url;

use crate::bot::{
    Account, HttpError, Poller, TelegramInspection, TelegramProblem, WebhookSeen, WebhookSettings,
};
use crate::config::{Settings, TelegramMode, TelegramSettings};
use crate::domain::unreached::{How, Unreached};

use super::finding::Finding;
use super::{Beside, plain};

const CHECK: &str = "Telegram";
const TOKEN: &str = "Telegram token";
const UPDATES: &str = "Telegram updates";
/// What is to be done about another program that has the bot's token.
const OURS_ALONE: &str =
    "stop the other program, or give this service a token of its own: /revoke at @BotFather, or another bot";

/// What there is to say when nothing could be asked.
pub fn unasked(why: &str) -> Vec<Finding> {
    [CHECK, TOKEN, UPDATES].map(|check| Finding::unchecked(check, why)).into()
}

/// Without a token there is no bot.
pub fn no_bot() -> Vec<Finding> {
    let problem = TelegramProblem::NoToken;
    let mut all = unasked("there is no token");
    all.splice(
        ..1,
        [Finding::warning(CHECK, format!("{}: no bot, REST only", problem.what()))
            .so(problem.remedy())
            .told()],
    );
    all
}

/// What there is to say of what was seen.
pub fn findings(
    settings: &Settings,
    seen: &Result<TelegramInspection, HttpError>,
    beside: Beside<'_>,
) -> Vec<Finding> {
    let telegram = &settings.telegram;
    let seen = match seen {
        Ok(seen) => seen,
        Err(error) => {
            return first(Finding::broken(CHECK, error.to_string()).told(), "there is no connection");
        }
    };
    let reached = match (&seen.proxy, &seen.account) {
        (Some(why), _) => return first(no_proxy(why), "the proxy has to be reached first"),
        (None, Account::Nothing(why)) => {
            return first(unreached(telegram, why), "Telegram has to answer first");
        }
        (None, Account::Foreign(status)) => {
            return first(foreign(telegram, *status), "the Bot API has to answer first");
        }
        (None, _) => Finding::well(CHECK, format!("{} answers{}", plain(&telegram.api_url), way(telegram))),
    };
    let (token, is_known) = match &seen.account {
        Account::Known { username } => {
            let name = username.as_ref().map_or_else(|| "accepted".to_owned(), |name| format!("of @{name}"));
            (Finding::well(TOKEN, name), true)
        }
        Account::Later => (Finding::warning(TOKEN, TelegramProblem::AsksToWait.what()).told(), false),
        _ => (
            Finding::broken(TOKEN, "refused (401)")
                .because("it is not a bot's token any more: another one was made, or the bot was deleted")
                .so(TelegramProblem::TokenRefused.remedy())
                .told(),
            false,
        ),
    };
    let updates = match is_known {
        true => updates(settings, seen, beside),
        false => Finding::unchecked(UPDATES, "the token has to be accepted first"),
    };
    vec![reached, token, updates]
}

/// Only the first could be looked at.
fn first(finding: Finding, why: &str) -> Vec<Finding> {
    let mut all = unasked(why);
    all.splice(..1, [finding]);
    all
}

fn way(telegram: &TelegramSettings) -> &'static str {
    if telegram.proxy.is_some() { " through TELEGRAM_PROXY" } else { "" }
}

fn no_proxy(why: &Unreached) -> Finding {
    Finding::broken(CHECK, "TELEGRAM_PROXY cannot be reached")
        .because(why.to_string())
        .so("check host and port in TELEGRAM_PROXY, and that the proxy runs")
        .told()
}

fn unreached(telegram: &TelegramSettings, why: &Unreached) -> Finding {
    let url = plain(&telegram.api_url);
    let is_telegrams = telegram.api_url.host_str() == Some("api.telegram.org");
    let remedy = match (&telegram.proxy, is_telegrams) {
        (Some(_), _) if why.how == How::Proxy => {
            "check user and password in TELEGRAM_PROXY, and that the proxy lets connections to Telegram through"
        }
        (Some(_), _) => {
            "the proxy itself is reached: see whether it reaches Telegram, or take another one for TELEGRAM_PROXY"
        }
        (None, true) => {
            "check that this machine reaches the internet; where Telegram is blocked, set TELEGRAM_PROXY, such as \
             socks5h://host:1080"
        }
        (None, false) => "check TELEGRAM_API_URL, and that the Bot API server there runs",
    };
    let detail = format!("{url} does not answer{}", way(telegram));
    Finding::broken(CHECK, detail).because(why.to_string()).so(remedy).told()
}

fn foreign(telegram: &TelegramSettings, status: u16) -> Finding {
    let url = plain(&telegram.api_url);
    let finding = Finding::broken(CHECK, format!("{url} answers, but not as the Bot API does ({status})"));
    match (status, &telegram.proxy) {
        (500.., _) => {
            finding.because("Telegram has trouble of its own").so("try again in a few minutes").told()
        }
        (_, Some(_)) => finding
            .because("the proxy answers by itself, or TELEGRAM_API_URL leads elsewhere")
            .so("check TELEGRAM_PROXY and TELEGRAM_API_URL")
            .told(),
        (_, None) => finding
            .because("something else listens there")
            .so("leave TELEGRAM_API_URL out, unless there is a Bot API server of your own")
            .told(),
    }
}

fn updates(settings: &Settings, seen: &TelegramInspection, beside: Beside<'_>) -> Finding {
    let webhook = match &seen.webhook {
        Some(Ok(webhook)) => webhook,
        Some(Err(error)) => return Finding::unchecked(UPDATES, error),
        None => return Finding::unchecked(UPDATES, "Telegram was not asked"),
    };
    let ours = settings.public_url.as_ref().map(|url| WebhookSettings::new(url, None).url);
    match (&settings.telegram.mode, &webhook.url) {
        (TelegramMode::Polling, None) => polled(seen.poller.as_ref(), beside),
        (TelegramMode::Polling, Some(url)) if ours.as_ref() == Some(url) => {
            Finding::warning(UPDATES, "Telegram still sends them to this service's webhook")
                .because("it was started with TELEGRAM_MODE=webhook before")
                .so("start the service: it takes the webhook off, and nothing that waits is lost")
                .told()
        }
        (TelegramMode::Polling, Some(url)) => taken(url),
        (TelegramMode::Webhook { .. }, None) => match beside.is_served {
            Some(true) => Finding::broken(UPDATES, "no webhook is set, though the service runs")
                .because("another program has taken it off")
                .so(OURS_ALONE)
                .told(),
            _ => Finding::well(UPDATES, "no webhook is set yet: the service sets it when it starts"),
        },
        (TelegramMode::Webhook { .. }, Some(url)) if ours.as_ref() == Some(url) => delivered(webhook, url),
        (TelegramMode::Webhook { .. }, Some(url)) => taken(url),
    }
}

/// Somebody else's webhook. Of its address only the host is shown: the rest is a secret, often.
fn taken(url: &Url) -> Finding {
    let host = url.host_str().unwrap_or("an address without a host");
    Finding::broken(UPDATES, format!("Telegram sends them to {host}"))
        .because("another program has set a webhook for this bot, so people's messages go there")
        .so(format!("{OURS_ALONE}. (This service takes the webhook over when it starts, but the other may set it again)"))
        .told()
}

fn delivered(webhook: &WebhookSeen, url: &Url) -> Finding {
    match &webhook.undelivered {
        Some(problem) => Finding::warning(UPDATES, format!("sent to {url}, but not taken"))
            .because(problem.what())
            .so(problem.remedy())
            .told(),
        None => Finding::well(UPDATES, format!("sent to {url}")),
    }
}

fn polled(poller: Option<&Poller>, beside: Beside<'_>) -> Finding {
    match poller {
        Some(Poller::None) => Finding::well(UPDATES, "they wait for this service: nobody else fetches them"),
        Some(Poller::Another) => another(),
        Some(Poller::Unheard) => Finding::well(
            UPDATES,
            "some wait for this service (so it could not be heard whether another program fetches them)",
        ),
        Some(Poller::Failed(error)) => Finding::unchecked(UPDATES, error),
        None => fetched(beside),
    }
}

/// By a service of ours, which alone knows whether somebody else fetches them too: a look would disturb it.
fn fetched(beside: Beside<'_>) -> Finding {
    let another_poller = TelegramProblem::AnotherPoller.to_string();
    match (beside.told.map(|told| told.telegram.trouble()), beside.is_served) {
        (Some(None), _) => Finding::well(UPDATES, "fetched by the running service, and by nobody else"),
        (Some(Some(trouble)), _) if trouble == another_poller => another(),
        (Some(Some(trouble)), _) => {
            Finding::warning(UPDATES, "the running service has trouble fetching them").because(trouble)
        }
        (None, Some(true)) => {
            Finding::unchecked(UPDATES, "the running service fetches them, and cannot be asked how that goes")
        }
        (None, _) => Finding::unchecked(
            UPDATES,
            "listening for another program would disturb a service of ours, and whether one runs is not known",
        ),
    }
}

fn another() -> Finding {
    Finding::broken(UPDATES, "another program fetches them, too")
        .because("it polls with the same token, so people's messages go now here, now there")
        .so(OURS_ALONE)
        .told()
}
