//! What every rule needs: the database, the panel, time, randomness, and how errors of the outside are named inside.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use tokio::sync::Notify;

use crate::domain::alert_chat::AlertChat;
use crate::domain::clock::{Clock, Entropy};
use crate::domain::ids::TelegramId;
use crate::domain::person::Lang;
use crate::domain::token::SettingsToken;
use crate::panel::{Panel, PanelError};
use crate::repositories::{Db, is_away};

use super::error::Error;
use super::lookups::Lookups;
use super::vouched::Vouched;

/// What the rules are told by the settings.
#[derive(Debug, Clone)]
pub struct Rules {
    /// `ADMIN_IDS`: owners that cannot be revoked in the chat.
    pub admin_ids: Vec<TelegramId>,
    /// `DEFAULT_LOCALE`.
    pub default_lang: Lang,
    /// `API_TOKENS`, without their secrets: their names are taken.
    pub api_tokens: Vec<SettingsToken>,
    /// `INTENT_LEASE`: for how long an intent belongs to who works on it. Longer than the panel's timeout.
    pub intent_lease: Duration,
    /// `ROTATE_COOLDOWN_HOURS`: how long a person who replaced their own link waits before they may do so again.
    pub rotate_cooldown: TimeDelta,
    /// `OPERATOR_MAX_DAYS`: the most days that an operator gives at a time.
    pub operator_max_days: i64,
    /// `ALERT_CHAT`: where alerts go instead of to each owner.
    pub alert_chat: Option<AlertChat>,
    /// `TIMEZONE`: whose day and night people have.
    pub timezone: Tz,
    /// `NOTIFY_BEFORE_HOURS`: how many hours before the date people are told that it comes, the most first.
    pub notify_before: Vec<u32>,
    /// `DIGEST_AT`: when owners are told what expires today, in `TIMEZONE`; `None` for never.
    pub digest_at: Option<NaiveTime>,
    /// `OUTBOX_RATE`: the most messages that all replicas send by themselves within a second.
    pub outbox_rate: usize,
}

impl Default for Rules {
    /// As the settings are when nothing is set.
    fn default() -> Self {
        Self {
            admin_ids: vec![],
            default_lang: Lang::Ru,
            api_tokens: vec![],
            intent_lease: Duration::from_secs(30),
            rotate_cooldown: TimeDelta::hours(24),
            operator_max_days: 90,
            alert_chat: None,
            timezone: Tz::UTC,
            notify_before: vec![72, 24],
            digest_at: NaiveTime::from_hms_opt(9, 0, 0),
            outbox_rate: 30,
        }
    }
}

/// The shared inside of every service.
#[derive(Debug)]
pub struct Core {
    /// The database.
    pub db: Db,
    /// What many read at once.
    pub lookups: Lookups,
    /// The panel.
    pub panel: Panel,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// The settings.
    pub rules: Rules,
    /// Woken when something was put into the outbox.
    pub posted: Notify,
    /// Woken when a client was noted whose panel user is to be looked at.
    pub suspected: Notify,
    /// Woken when an id of the panel's other version was met: the panel was upgraded.
    pub upgraded: Notify,
    /// Whom the panel need not be asked about once more.
    pub vouched: Vouched,
    /// This process among its replicas.
    pub worker: String,
}

impl Core {
    /// When a lease taken now runs out.
    pub fn lease_until(&self) -> DateTime<Utc> {
        let lease = TimeDelta::from_std(self.rules.intent_lease).unwrap_or_else(|_| TimeDelta::seconds(30));
        self.clock.now() + lease
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        if is_away(&error) { Self::Database(error.to_string()) } else { Self::Internal(error.to_string()) }
    }
}

impl From<PanelError> for Error {
    fn from(error: PanelError) -> Self {
        Self::Panel(error.to_string())
    }
}
