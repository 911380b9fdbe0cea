//! What the panel says, read from its JSON: only the fields that are used, so that a newer panel can be read too.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::de::{DeserializeOwned, Visitor};
use serde::{Deserialize, Deserializer};
use uuid::Uuid;

use crate::domain::ids::{ClientId, PanelUserId, ShortUuid, SubscriptionUrl, TelegramId};
use crate::domain::username::Username;

use super::errors::PanelError;

/// Goes before the client's id in a panel user's description.
const MARKER: &str = "orchestrator:";
/// The length of a UUID with hyphens.
const UUID: usize = 36;

/// A user to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPanelUser {
    /// The name.
    pub username: Username,
    /// When access ends; cut to milliseconds.
    pub expire_at: DateTime<Utc>,
    /// Our own choice, 16 to 48 of `A-Za-z0-9_-`, so that it is known before the panel answers.
    pub short_uuid: ShortUuid,
    /// Whose panel user it is: goes into the description.
    pub client_id: ClientId,
    /// The Telegram account, if there is one.
    pub telegram_id: Option<TelegramId>,
}

/// What to change about a user; what is `None` stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PanelPatch {
    /// When access ends; the panel refuses a past date. Cut to milliseconds.
    pub expire_at: Option<DateTime<Utc>>,
    /// On or off.
    pub status: Option<PanelPatchStatus>,
    /// The Telegram account; `Some(None)` takes it away.
    pub telegram_id: Option<Option<TelegramId>>,
    /// The whole description.
    pub description: Option<String>,
    /// All internal squads.
    pub squads: Option<Vec<Uuid>>,
}

/// The two states that can be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PanelPatchStatus {
    /// `ACTIVE`
    Active,
    /// `DISABLED`
    Disabled,
}

/// A user as the panel has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PanelUser {
    /// Its key in this panel's dialect.
    pub id: PanelUserId,
    /// The name.
    pub username: String,
    /// The secret part of the link.
    pub short_uuid: ShortUuid,
    /// The link.
    pub subscription_url: SubscriptionUrl,
    /// How it stands.
    pub status: PanelUserStatus,
    /// When access ends.
    pub expire_at: DateTime<Utc>,
    /// Free text; ours holds [`PanelUser::marked_client`].
    pub description: Option<String>,
    /// The Telegram account.
    pub telegram_id: Option<TelegramId>,
    /// The internal squads it is in.
    pub squads: Vec<Uuid>,
    /// Bytes used in the current period.
    pub used_traffic: u64,
    /// The limit in bytes; `None` means unlimited.
    pub traffic_limit: Option<u64>,
    /// When it was made.
    pub created_at: Option<DateTime<Utc>>,
    /// When it was last online.
    pub online_at: Option<DateTime<Utc>>,
}

impl PanelUser {
    /// The client whose panel user this is, found anywhere in the description, whatever people wrote around it.
    pub fn marked_client(&self) -> Option<ClientId> {
        let description = self.description.as_deref()?;
        description.match_indices(MARKER).find_map(|(at, marker)| {
            let from = at + marker.len();
            Uuid::try_parse(description.get(from..from + UUID)?).ok().map(ClientId)
        })
    }
}

/// The description that marks a user as this client's.
pub(super) fn marker(client: ClientId) -> String {
    format!("{MARKER}{client}")
}

/// How a panel user stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PanelUserStatus {
    /// It has access.
    Active,
    /// Access was taken away.
    Disabled,
    /// The traffic limit is reached.
    Limited,
    /// The date has passed.
    Expired,
    /// A word that this version does not know, or none was told.
    Other,
}

impl PanelUserStatus {
    pub(super) fn of(word: &str) -> Self {
        match word {
            "ACTIVE" => Self::Active,
            "DISABLED" => Self::Disabled,
            "LIMITED" => Self::Limited,
            "EXPIRED" => Self::Expired,
            _ => Self::Other,
        }
    }
}

/// Around every answer of success.
#[derive(Deserialize)]
pub(super) struct Envelope<T> {
    pub(super) response: T,
}

/// Reads `{"response": …}`. The log learns where it does not fit, never what stood there.
pub(super) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, PanelError> {
    match serde_json::from_slice::<Envelope<T>>(body) {
        Ok(envelope) => Ok(envelope.response),
        Err(_) => Err(where_it_does_not_fit::<T>(body)),
    }
}

/// Reads once more and minds where: twice the work, for what is rare.
fn where_it_does_not_fit<T: DeserializeOwned>(body: &[u8]) -> PanelError {
    let mut json = serde_json::Deserializer::from_slice(body);
    let at = match serde_path_to_error::deserialize::<_, Envelope<T>>(&mut json) {
        Err(error) => error.path().to_string(),
        Ok(_) => "behind its end".to_owned(),
    };
    tracing::warn!(at, bytes = body.len(), "the panel's answer does not fit");
    PanelError::Nonsense
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RawUser {
    pub(super) uuid: Option<Uuid>,
    pub(super) id: Option<Whole>,
    short_uuid: ShortUuid,
    username: String,
    status: String,
    expire_at: DateTime<Utc>,
    created_at: Option<DateTime<Utc>>,
    telegram_id: Option<Whole>,
    description: Option<String>,
    subscription_url: SubscriptionUrl,
    #[serde(default)]
    active_internal_squads: Vec<RawSquad>,
    traffic_limit_bytes: Option<Whole>,
    #[serde(default)]
    user_traffic: RawTraffic,
}

#[derive(Deserialize)]
pub(super) struct RawSquad {
    pub(super) uuid: Uuid,
    #[serde(default)]
    pub(super) name: String,
    /// What its members may use; in the list of squads only.
    #[serde(default)]
    pub(super) inbounds: Vec<RawInbound>,
}

#[derive(Deserialize)]
pub(super) struct RawInbound {
    pub(super) uuid: Uuid,
}

/// What clients are told to connect to.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RawHost {
    #[serde(default)]
    is_disabled: bool,
    #[serde(default)]
    is_hidden: bool,
    /// To 3.3.
    #[serde(default)]
    excluded_internal_squads: Vec<Uuid>,
    /// Since 3.4.
    internal_squads: Option<RawHostSquads>,
    inbound: RawHostInbound,
}

/// `EXCLUDE` these, or `ALLOW_ONLY` them.
#[derive(Deserialize)]
struct RawHostSquads {
    mode: String,
    squads: Vec<Uuid>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawHostInbound {
    config_profile_inbound_uuid: Option<Uuid>,
}

impl RawHost {
    /// Whether members of the squad get a key for it.
    pub(super) fn serves(&self, squad: &RawSquad) -> bool {
        let its = |inbound: &RawInbound| Some(inbound.uuid) == self.inbound.config_profile_inbound_uuid;
        let shut = self
            .internal_squads
            .as_ref()
            .is_some_and(|these| these.squads.contains(&squad.uuid) != (these.mode == "ALLOW_ONLY"));
        let shut = shut || self.excluded_internal_squads.contains(&squad.uuid);
        !self.is_disabled && !self.is_hidden && !shut && squad.inbounds.iter().any(its)
    }
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct RawTraffic {
    used_traffic_bytes: Option<Whole>,
    online_at: Option<DateTime<Utc>>,
}

#[derive(Deserialize)]
pub(super) struct RawUsers {
    pub(super) users: Vec<RawUser>,
    pub(super) total: Whole,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RawSquads {
    pub(super) internal_squads: Vec<RawSquad>,
}

#[derive(Deserialize)]
pub(super) struct RawMetadata {
    pub(super) version: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RawDeletion {
    pub(super) is_deleted: bool,
}

impl RawUser {
    pub(super) fn named(self, id: PanelUserId) -> PanelUser {
        PanelUser {
            id,
            username: self.username,
            short_uuid: self.short_uuid,
            subscription_url: self.subscription_url,
            status: PanelUserStatus::of(&self.status),
            expire_at: self.expire_at,
            description: self.description,
            telegram_id: self.telegram_id.map(|id| TelegramId(id.0)),
            squads: self.active_internal_squads.into_iter().map(|squad| squad.uuid).collect(),
            used_traffic: self.user_traffic.used_traffic_bytes.map_or(0, Whole::count),
            traffic_limit: self.traffic_limit_bytes.map(Whole::count).filter(|limit| *limit > 0),
            created_at: self.created_at,
            online_at: self.user_traffic.online_at,
        }
    }
}

/// A whole number: the panel writes a `BigInt` as a number in some places and as text in others.
#[derive(Clone, Copy)]
pub(super) struct Whole(pub(super) i64);

impl Whole {
    /// As a count, which is never below zero.
    pub(super) fn count(self) -> u64 {
        self.0.max(0).unsigned_abs()
    }
}

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;

        impl Visitor<'_> for Reader {
            type Value = Whole;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number")
            }

            fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Whole, E> {
                Ok(Whole(number))
            }

            fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Whole, E> {
                i64::try_from(number).map(Whole).map_err(E::custom)
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Whole, E> {
                text.parse().map(Whole).map_err(E::custom)
            }
        }

        deserializer.deserialize_any(Reader)
    }
}
