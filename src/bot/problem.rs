//! What can be wrong with Telegram, each with its own remedy: the same words on `/health/ready`, in the log and from
//! `orchestrator doctor`.

use std::fmt;

/// What is wrong with Telegram.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TelegramProblem {
    /// `TELEGRAM_BOT_TOKEN` is not set.
    NoToken,
    /// Telegram refuses the token.
    TokenRefused,
    /// No answer, or none of Telegram's; what was met.
    NoAnswer(String),
    /// Too many requests.
    AsksToWait,
    /// Another program polls.
    AnotherPoller,
    /// A webhook is set while we poll.
    WebhookSet,
    /// Telegram does not take the webhook; what it says.
    WebhookRefused(String),
    /// Telegram could not deliver an update lately.
    Undelivered {
        /// What it says.
        error: String,
        /// How many wait there.
        waiting: u32,
    },
}

impl TelegramProblem {
    /// What is wrong.
    pub fn what(&self) -> String {
        match self {
            Self::NoToken => "TELEGRAM_BOT_TOKEN is not set".to_owned(),
            Self::TokenRefused => "Telegram refuses TELEGRAM_BOT_TOKEN".to_owned(),
            Self::NoAnswer(met) => met.clone(),
            Self::AsksToWait => "Telegram asks to wait (too many requests)".to_owned(),
            Self::AnotherPoller => {
                "another program polls with this token (409), so messages go now here, now there".to_owned()
            }
            Self::WebhookSet => "a webhook is set for this bot".to_owned(),
            Self::WebhookRefused(error) => format!("Telegram does not take the webhook: {error}"),
            Self::Undelivered { error, waiting } => format!(
                "Telegram could not deliver to PUBLIC_URL/webhooks/telegram: {error} (waiting there: {waiting})"
            ),
        }
    }

    /// What to do about it; empty where time helps.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::NoToken => "make a bot with @BotFather (/newbot), set its token and restart the service",
            Self::TokenRefused => {
                "take the present one from @BotFather (/mybots, the bot, API Token) and restart the service"
            }
            Self::NoAnswer(_) => "check TELEGRAM_API_URL, TELEGRAM_PROXY and the network",
            Self::AsksToWait => "",
            Self::AnotherPoller => {
                "stop it, or give this service a token of its own: /revoke at @BotFather, or another bot"
            }
            Self::WebhookSet => "it is being taken off, because this service polls",
            Self::WebhookRefused(_) => "check PUBLIC_URL",
            Self::Undelivered { .. } => {
                "check that PUBLIC_URL leads here from outside, with a certificate that Telegram believes"
            }
        }
    }
}

impl fmt::Display for TelegramProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what())?;
        match self.remedy() {
            "" => Ok(()),
            remedy => write!(f, "; {remedy}"),
        }
    }
}
