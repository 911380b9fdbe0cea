//! What the panel keeps: users, internal squads, their inbounds and hosts.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::domain::clock::Entropy;

/// A user's state, as the panel names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SimStatus {
    /// May connect.
    Active,
    /// Switched off by hand.
    Disabled,
    /// Out of traffic.
    Limited,
    /// Past its date, as found by the scheduler.
    Expired,
}

impl SimStatus {
    /// The panel's word: `ACTIVE`, `DISABLED`, `LIMITED`, `EXPIRED`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Disabled => "DISABLED",
            Self::Limited => "LIMITED",
            Self::Expired => "EXPIRED",
        }
    }

    /// The state of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Active, Self::Disabled, Self::Limited, Self::Expired]
            .into_iter()
            .find(|state| state.name() == name)
    }
}

/// One user of the panel. Dates are kept to the millisecond.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SimUser {
    /// The number, the key of version 3. Never used twice, not even after a creation that failed.
    pub id: u64,
    /// The key of version 2; version 3 does not show it.
    pub uuid: Uuid,
    /// The last part of the subscription URL.
    pub short_uuid: String,
    /// Unique, case-sensitive.
    pub username: String,
    /// The state.
    pub status: SimStatus,
    /// 0 = no limit.
    pub traffic_limit_bytes: u64,
    /// `NO_RESET`, `DAY`, `WEEK`, `MONTH`, …
    pub traffic_limit_strategy: String,
    /// Used since the last reset.
    pub used_traffic_bytes: u64,
    /// When access ends.
    pub expire_at: DateTime<Utc>,
    /// Not unique.
    pub telegram_id: Option<i64>,
    /// Unused here.
    pub email: Option<String>,
    /// Free text.
    pub description: Option<String>,
    /// Capital letters, digits and underscores.
    pub tag: Option<String>,
    /// How many devices.
    pub hwid_device_limit: Option<u64>,
    /// The Trojan key.
    pub trojan_password: String,
    /// The VLESS key.
    pub vless_uuid: Uuid,
    /// The Shadowsocks key.
    pub ss_password: String,
    /// When keys were last changed.
    pub sub_revoked_at: Option<DateTime<Utc>>,
    /// When traffic was last set to nothing.
    pub last_traffic_reset_at: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Changes of state and squads alone do not touch it.
    pub updated_at: DateTime<Utc>,
    /// The internal squads it is in.
    pub squads: Vec<Uuid>,
    /// When it was last connected; `None` for never.
    pub online_at: Option<DateTime<Utc>>,
    /// When it last became ACTIVE: the scheduler takes an overdue one back up to 30 s after that.
    pub active_since: DateTime<Utc>,
}

/// A date as the panel writes it: UTC, three digits of a second, `Z`.
pub(super) fn date(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

impl SimUser {
    /// A new ACTIVE user with keys of its own, in no squad; a short UUID is drawn if none is given.
    pub(super) fn new(
        id: u64,
        username: String,
        short_uuid: Option<String>,
        expire_at: DateTime<Utc>,
        now: DateTime<Utc>,
        entropy: &dyn Entropy,
    ) -> Self {
        Self {
            id,
            uuid: entropy.uuid(),
            short_uuid: short_uuid.unwrap_or_else(|| entropy.token(16)),
            username,
            status: SimStatus::Active,
            traffic_limit_bytes: 0,
            traffic_limit_strategy: "NO_RESET".to_owned(),
            used_traffic_bytes: 0,
            expire_at,
            telegram_id: None,
            email: None,
            description: None,
            tag: None,
            hwid_device_limit: None,
            trojan_password: entropy.token(32),
            vless_uuid: entropy.uuid(),
            ss_password: entropy.token(32),
            sub_revoked_at: None,
            last_traffic_reset_at: None,
            created_at: now,
            updated_at: now,
            squads: Vec::new(),
            online_at: None,
            active_since: now,
        }
    }

    /// The user's object in answers; keys in the recorded order.
    pub(super) fn to_json(&self, with_uuid: bool, subscription_url: &str, squads: &[SimSquad]) -> Value {
        let mut object = serde_json::Map::new();
        if with_uuid {
            object.insert("uuid".to_owned(), json!(self.uuid));
        }
        let squads: Vec<Value> = squads
            .iter()
            .filter(|squad| self.squads.contains(&squad.uuid))
            .map(|squad| json!({"uuid": squad.uuid, "name": squad.name}))
            .collect();
        let rest = json!({
            "id": self.id,
            "shortUuid": self.short_uuid,
            "username": self.username,
            "status": self.status.name(),
            "trafficLimitBytes": self.traffic_limit_bytes,
            "trafficLimitStrategy": self.traffic_limit_strategy,
            "expireAt": date(self.expire_at),
            "telegramId": self.telegram_id,
            "email": self.email,
            "description": self.description,
            "tag": self.tag,
            "hwidDeviceLimit": self.hwid_device_limit,
            "externalSquadUuid": null,
            "trojanPassword": self.trojan_password,
            "vlessUuid": self.vless_uuid,
            "ssPassword": self.ss_password,
            "lastTriggeredThreshold": 0,
            "subRevokedAt": self.sub_revoked_at.map(date),
            "lastTrafficResetAt": self.last_traffic_reset_at.map(date),
            "createdAt": date(self.created_at),
            "updatedAt": date(self.updated_at),
            "subscriptionUrl": subscription_url,
            "activeInternalSquads": squads,
            "userTraffic": {
                "usedTrafficBytes": self.used_traffic_bytes,
                "lifetimeUsedTrafficBytes": self.used_traffic_bytes,
                "onlineAt": self.online_at.map(date),
                "lastConnectedNodeUuid": null,
                "firstConnectedAt": null,
            },
        });
        if let Value::Object(rest) = rest {
            object.extend(rest);
        }
        Value::Object(object)
    }
}

/// An internal squad: the inbounds its members may use.
#[derive(Debug, Clone)]
pub struct SimSquad {
    /// The key.
    pub uuid: Uuid,
    /// `Default-Squad` in a fresh panel.
    pub name: String,
    /// What members may use.
    pub inbounds: Vec<SimInbound>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// One inbound of a configuration profile.
#[derive(Debug, Clone)]
pub struct SimInbound {
    /// The key.
    pub uuid: Uuid,
    /// The configuration profile it belongs to.
    pub profile_uuid: Uuid,
    /// Its name in the profile.
    pub tag: String,
    /// `vless`, `shadowsocks`, …
    pub kind: String,
    /// `raw`, `ws`, …
    pub network: Option<String>,
    /// `reality`, `tls`, …
    pub security: Option<String>,
    /// The port it listens on.
    pub port: u16,
    /// The inbound as written in the profile.
    pub raw: Value,
    /// What clients are told to connect to; an inbound without a host gives no keys.
    pub host: Option<SimHost>,
}

/// What clients are told to connect to.
#[derive(Debug, Clone)]
pub struct SimHost {
    /// The name clients show.
    pub remark: String,
    /// The address.
    pub address: String,
    /// The port.
    pub port: u16,
    /// The server name in TLS.
    pub sni: String,
    /// How the connection is wrapped.
    pub transport: SimTransport,
}

/// How a VLESS connection is wrapped.
#[derive(Debug, Clone)]
pub enum SimTransport {
    /// TCP with REALITY.
    Reality {
        /// The server's public key.
        public_key: String,
        /// One of the server's short ids.
        short_id: String,
    },
    /// A web socket in TLS.
    WebSocket {
        /// The path asked for.
        path: String,
        /// The `Host` header.
        host: String,
    },
}

impl SimSquad {
    /// The squad's object in answers.
    pub(super) fn to_json(&self, position: usize, members: usize) -> Value {
        let inbounds: Vec<Value> = self
            .inbounds
            .iter()
            .map(|inbound| {
                json!({
                    "uuid": inbound.uuid,
                    "profileUuid": inbound.profile_uuid,
                    "tag": inbound.tag,
                    "type": inbound.kind,
                    "network": inbound.network,
                    "security": inbound.security,
                    "port": inbound.port,
                    "rawInbound": inbound.raw,
                })
            })
            .collect();
        json!({
            "uuid": self.uuid,
            "viewPosition": position,
            "name": self.name,
            "info": {"membersCount": members, "inboundsCount": inbounds.len()},
            "inbounds": inbounds,
            "createdAt": date(self.created_at),
            "updatedAt": date(self.created_at),
        })
    }
}
