//! What the bot says by itself: values, put into words only when they are sent, in the language of that moment.

mod owner;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::actor::Role;
use super::ids::{BatchId, ClientId, TelegramId};
use super::username::Username;

pub use owner::{OwnerNotice, TakenOver};

/// Something to tell a person who has not asked. Kept as JSON: variants and fields are only added, never renamed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "notice", rename_all = "snake_case")]
pub enum Notice {
    /// To the linked person: somebody moved the date.
    Extended {
        /// The client.
        client: ClientId,
        /// Its name.
        username: Username,
        /// By how many days; negative or 0 when a date was taken back or corrected.
        days: i64,
        /// The new date.
        expires_at: DateTime<Utc>,
        /// Whether access is on.
        open: bool,
    },
    /// To the linked person: somebody took access away.
    Blocked {
        /// The client.
        client: ClientId,
        /// Its name.
        username: Username,
    },
    /// To the linked person: somebody gave access back.
    Unblocked {
        /// The client.
        client: ClientId,
        /// Its name.
        username: Username,
        /// The date it has.
        expires_at: DateTime<Utc>,
    },
    /// To the linked person: somebody replaced the link.
    Rotated {
        /// The client.
        client: ClientId,
        /// Its name.
        username: Username,
    },
    /// To whoever invited.
    InviteAccepted {
        /// The client.
        client: ClientId,
        /// Its name.
        username: Username,
        /// Who is linked now.
        who: TelegramId,
    },
    /// To whoever was linked: somebody took their Telegram account off the client.
    Unlinked {
        /// The client.
        client: ClientId,
        /// Its name.
        username: Username,
    },
    /// To whoever got another role, or lost theirs.
    YourRole {
        /// The role now, if there is one.
        role: Option<Role>,
    },
    /// To the linked person: these dates come soon.
    Expiring {
        /// Whose.
        clients: Vec<Dated>,
    },
    /// To the linked person: these dates have passed.
    Expired {
        /// Whose.
        clients: Vec<Dated>,
    },
    /// To an owner.
    Owner(OwnerNotice),
    /// To everybody who is linked.
    Broadcast {
        /// Plain text, as the admin wrote it; escaped when it is sent.
        text: String,
    },
}

/// A client and the date it has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dated {
    /// The client.
    pub client: ClientId,
    /// Its name.
    pub username: Username,
    /// The date.
    pub expires_at: DateTime<Utc>,
}

impl Notice {
    /// The people it names, to be called by their present names: at most one who was acted upon and one who acted.
    pub fn people(&self) -> Vec<TelegramId> {
        let acted = match self {
            Self::Owner(notice) => notice.by().and_then(TelegramId::from_label),
            _ => None,
        };
        let other = match self {
            Self::InviteAccepted { who, .. } => Some(*who),
            Self::Owner(OwnerNotice::Granted { person, .. } | OwnerNotice::Revoked { person, .. }) => {
                Some(*person)
            }
            _ => None,
        };
        acted.into_iter().chain(other).collect()
    }
}

/// What goes first to one person: the lower number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Priority {
    /// About the person's own clients, or what owners must know.
    Notice,
    /// To everybody.
    Broadcast,
}

impl Priority {
    /// The number in the database.
    pub fn number(self) -> i32 {
        match self {
            Self::Notice => 1,
            Self::Broadcast => 2,
        }
    }
}

/// A message that has to go out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Post {
    /// To whom.
    pub to: TelegramId,
    /// What.
    pub notice: Notice,
    /// Before or after others.
    pub priority: Priority,
    /// Of two with the same text only the first is kept. Up to 255 characters.
    pub dedupe: Option<String>,
    /// What is counted together, such as one broadcast.
    pub batch: Option<BatchId>,
    /// Not before this moment.
    pub not_before: DateTime<Utc>,
    /// Later than this nobody wants to read it.
    pub drop_after: DateTime<Utc>,
}

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ended {
    /// Telegram has it.
    Sent,
    /// The person never started the bot, has blocked it, or is gone.
    Unreachable,
    /// Telegram does not take it.
    Refused,
    /// It was too late.
    Dropped,
}

impl Ended {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Sent, Self::Unreachable, Self::Refused, Self::Dropped];

    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Unreachable => "unreachable",
            Self::Refused => "refused",
            Self::Dropped => "dropped",
        }
    }
}

/// How far a batch is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BatchCounts {
    /// Still to go.
    pub waiting: i64,
    /// With Telegram.
    pub sent: i64,
    /// To people who cannot be reached.
    pub unreachable: i64,
    /// Refused by Telegram, or too late.
    pub failed: i64,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::actor::TokenScope;
    use crate::domain::matter::Matter;
    use crate::domain::panel_problem::PanelProblem;

    /// Rows written by an earlier version must be readable after an update.
    #[test]
    fn the_json_stays_as_it_is() {
        let client = ClientId(uuid::Uuid::nil());
        let username = Username::stored("alice_1");
        let notices = [
            (
                Notice::Extended {
                    client,
                    username: username.clone(),
                    days: -7,
                    expires_at: DateTime::UNIX_EPOCH,
                    open: true,
                },
                json!({"notice": "extended", "client": client, "username": "alice_1", "days": -7,
                       "expires_at": "1970-01-01T00:00:00Z", "open": true}),
            ),
            (
                Notice::Owner(OwnerNotice::Granted {
                    person: TelegramId(5),
                    role: Role::Viewer,
                    by: "telegram:1".to_owned(),
                }),
                json!({"notice": "owner", "event": "granted", "person": 5, "role": "viewer", "by": "telegram:1"}),
            ),
            (
                Notice::InviteAccepted { client, username: username.clone(), who: TelegramId(9) },
                json!({"notice": "invite_accepted", "client": client, "username": "alice_1", "who": 9}),
            ),
            (Notice::Broadcast { text: "<b>".to_owned() }, json!({"notice": "broadcast", "text": "<b>"})),
            (
                Notice::Expiring {
                    clients: vec![Dated { client, username, expires_at: DateTime::UNIX_EPOCH }],
                },
                json!({"notice": "expiring", "clients": [
                    {"client": client, "username": "alice_1", "expires_at": "1970-01-01T00:00:00Z"}]}),
            ),
            (
                Notice::Owner(OwnerNotice::Matter(Matter::PanelDown {
                    since: DateTime::UNIX_EPOCH,
                    problem: PanelProblem::TokenRefused,
                })),
                json!({"notice": "owner", "event": "matter", "matter": "panel_down",
                       "since": "1970-01-01T00:00:00Z", "problem": "token_refused"}),
            ),
        ];
        for (notice, written) in notices {
            assert_eq!(serde_json::to_value(&notice).unwrap(), written);
            assert_eq!(serde_json::from_value::<Notice>(written).unwrap(), notice);
        }
        let digest = json!({"notice": "owner", "event": "digest", "day": "2026-05-12"});
        let day = "2026-05-12".parse().unwrap();
        let read = Notice::Owner(OwnerNotice::Digest { day, total: 0, clients: vec![] });
        assert_eq!(serde_json::from_value::<Notice>(digest).unwrap(), read);
    }

    #[test]
    fn people_are_named_by_their_present_names() {
        let granted =
            OwnerNotice::Granted { person: TelegramId(5), role: Role::Viewer, by: "telegram:1".to_owned() };
        assert_eq!(Notice::Owner(granted).people(), [TelegramId(1), TelegramId(5)]);
        let made = OwnerNotice::token_made("shop", TokenScope::Read, "token:x".to_owned());
        assert_eq!(Notice::Owner(made).people(), []);
    }
}
