//! What the bot must be told before it can start.

use chrono_tz::Tz;
use secrecy::SecretString;
use url::Url;

use crate::domain::contact::Contact;
use crate::domain::person::Lang;

use super::limits::Limits;

/// The bot's part of the settings.
#[derive(Debug, Clone)]
pub struct BotSettings {
    /// `TELEGRAM_BOT_TOKEN`, as @BotFather gives it.
    pub token: Option<SecretString>,
    /// `TELEGRAM_API_URL`: Telegram itself, a Bot API server of one's own, or the simulator.
    pub api_url: Url,
    /// `TELEGRAM_MODE`: where Telegram sends updates; none: they are asked for.
    pub webhook: Option<WebhookSettings>,
    /// `TELEGRAM_PROXY`: `http://…` or `socks5h://…`, perhaps with a password.
    pub proxy: Option<SecretString>,
    /// `DEFAULT_LOCALE`: for people whose language the bot does not speak.
    pub default_lang: Lang,
    /// `TIMEZONE`: in which dates are shown.
    pub timezone: Tz,
    /// `PUBLIC_URL`: where this service is reachable from outside, if it is.
    pub public_url: Option<Url>,
    /// `SUPPORT_CONTACT`: whom people turn to.
    pub support_contact: Option<Contact>,
    /// `PAY_URL`: where people pay for another month.
    pub pay_url: Option<Url>,
    /// `PROTECT_CONTENT`: configurations cannot be forwarded or saved.
    pub protect_content: bool,
    /// Whether `ADMIN_IDS` names nobody: then a one-time owner link is written into the log.
    pub admin_ids_empty: bool,
    /// What the bot allows itself and others; no setting.
    pub limits: Limits,
}

/// Where Telegram sends updates.
#[derive(Debug, Clone)]
pub struct WebhookSettings {
    /// The API's route as it is reached from outside.
    pub url: Url,
    /// `TELEGRAM_WEBHOOK_SECRET`: what Telegram sends along; without one it is made of the bot's token.
    pub secret: Option<SecretString>,
}

impl WebhookSettings {
    /// Of a service that is reached at `PUBLIC_URL`.
    pub fn new(public_url: &Url, secret: Option<SecretString>) -> Self {
        let mut url = public_url.clone();
        url.set_path(&format!("{}/webhooks/telegram", public_url.path().trim_end_matches('/')));
        url.set_query(None);
        Self { url, secret }
    }
}
