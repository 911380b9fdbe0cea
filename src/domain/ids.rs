//! Identifiers and secrets as types of their own, so that none is taken for another and none is printed by accident.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

uuid_id!(
    /// A client's id: ours, stable over rotations and panel upgrades. Also written into the panel user's description.
    ClientId
);
uuid_id!(
    /// A row of the operation log.
    OperationId
);
uuid_id!(
    /// A change that was decided and may not be finished.
    IntentId
);
uuid_id!(
    /// A token of the REST API.
    TokenId
);
uuid_id!(
    /// An import or a broadcast.
    BulkTaskId
);
uuid_id!(
    /// Messages of the outbox that are counted together, such as one broadcast.
    BatchId
);

/// A Telegram account's id (positive; the id of its private chat too).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TelegramId(pub i64);

impl TelegramId {
    /// How the log names this person: `telegram:1001`.
    pub fn label(self) -> String {
        format!("telegram:{self}")
    }

    /// The person whom the log names so.
    pub fn from_label(label: &str) -> Option<Self> {
        label.strip_prefix("telegram:")?.parse().ok().map(Self)
    }
}

impl fmt::Display for TelegramId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The key of a panel user as the panel's dialect has it: a UUID in version 2, a number in version 3.
/// Kept as text in `clients.remnawave_uuid`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PanelUserId(pub String);

impl fmt::Display for PanelUserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

macro_rules! secret_text {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Takes the text as it is.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The text itself, for the places that hand it to who owns it.
            pub fn expose(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    };
}

secret_text!(
    /// The short UUID in a subscription link. Whoever knows it has the VPN, so it is a secret: `Debug` hides it.
    ShortUuid
);
secret_text!(
    /// The link that a VPN app imports. A secret for the same reason.
    SubscriptionUrl
);
secret_text!(
    /// The key of one server, such as `vless://…`. A secret for the same reason.
    ServerKey
);
secret_text!(
    /// The token in an invite link; only its hash is stored.
    InviteToken
);

/// How a person names a client in a command: by username or by id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientRef {
    /// By id.
    Id(ClientId),
    /// By username, exactly as written.
    Name(String),
}

impl FromStr for ClientRef {
    type Err = std::convert::Infallible;

    /// A text that reads as a UUID is an id, everything else a username.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Uuid::try_parse(text).map_or_else(|_| Self::Name(text.to_owned()), |id| Self::Id(ClientId(id))))
    }
}

impl fmt::Display for ClientRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => id.fmt(f),
            Self::Name(name) => f.write_str(name),
        }
    }
}
