//! Who does something, through which door, and what that person may do.

use serde::{Deserialize, Serialize};

use super::ids::TelegramId;

/// Through which door a change came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "lowercase")]
#[sqlx(type_name = "change_source", rename_all = "lowercase")]
pub enum Source {
    /// The Telegram bot.
    Bot,
    /// The REST API.
    Api,
    /// A background job of ours.
    Job,
    /// Somebody changed it in the panel.
    Panel,
}

impl Source {
    /// Every door.
    pub const ALL: [Self; 4] = [Self::Bot, Self::Api, Self::Job, Self::Panel];

    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bot => "bot",
            Self::Api => "api",
            Self::Job => "job",
            Self::Panel => "panel",
        }
    }
}

/// What a person is to this service, from the least to the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Anyone: learns nothing.
    Stranger,
    /// Linked to one or more clients: their own only.
    User,
    /// Sees everything but links and keys.
    Viewer,
    /// Changes clients.
    Operator,
    /// Changes everything but roles.
    Admin,
    /// Everything.
    Owner,
}

impl Role {
    /// Whether this person belongs to those who run the VPN.
    pub fn is_staff(self) -> bool {
        self >= Self::Viewer
    }

    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stranger => "stranger",
            Self::User => "user",
            Self::Viewer => "viewer",
            Self::Operator => "operator",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }

    /// The role of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Stranger, Self::User, Self::Viewer, Self::Operator, Self::Admin, Self::Owner]
            .into_iter()
            .find(|role| role.as_str() == word)
    }
}

/// A role that an owner can give in the chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GivenRole {
    /// Sees everything but links and keys.
    Viewer,
    /// Changes clients.
    Operator,
    /// Changes everything but roles.
    Admin,
}

impl GivenRole {
    /// From the least to the most.
    pub const ALL: [Self; 3] = [Self::Viewer, Self::Operator, Self::Admin];

    /// As one of all roles.
    pub fn role(self) -> Role {
        match self {
            Self::Viewer => Role::Viewer,
            Self::Operator => Role::Operator,
            Self::Admin => Role::Admin,
        }
    }

    /// The role of that word, in any case.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|given| given.role().as_str().eq_ignore_ascii_case(word))
    }
}

/// What a REST token may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TokenScope {
    /// Read only.
    Read,
    /// Read and change.
    Write,
}

impl TokenScope {
    /// The word in the database, in `API_TOKENS` and in `/token new`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
        }
    }

    /// The scope of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Read, Self::Write].into_iter().find(|scope| scope.as_str() == word)
    }
}

/// Who does something. The services decide by this and by nothing else: never by the button that arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// A Telegram account with the role it has now.
    Person {
        /// The account.
        id: TelegramId,
        /// Its role at this moment.
        role: Role,
    },
    /// An integration.
    Token {
        /// The token's name (not its secret).
        name: String,
        /// What it may do.
        scope: TokenScope,
    },
    /// Anyone who reaches the REST API while `API_AUTH=off`.
    Anyone,
    /// The service itself.
    Job(&'static str),
}

impl Actor {
    /// How the log names this actor: `telegram:1001`, `token:shop`, `anyone`, `job:reconcile`.
    pub fn label(&self) -> String {
        match self {
            Self::Person { id, .. } => format!("telegram:{id}"),
            Self::Token { name, .. } => format!("token:{name}"),
            Self::Anyone => "anyone".to_owned(),
            Self::Job(name) => format!("job:{name}"),
        }
    }

    /// The door this actor comes through.
    pub fn source(&self) -> Source {
        match self {
            Self::Person { .. } => Source::Bot,
            Self::Token { .. } | Self::Anyone => Source::Api,
            Self::Job(_) => Source::Job,
        }
    }

    /// The Telegram account, where there is one.
    pub fn telegram_id(&self) -> Option<TelegramId> {
        match self {
            Self::Person { id, .. } => Some(*id),
            Self::Token { .. } | Self::Anyone | Self::Job(_) => None,
        }
    }
}
