//! What those who look after the service are told.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::Dated;
use crate::domain::actor::{Role, TokenScope};
use crate::domain::ids::{ClientId, TelegramId};
use crate::domain::matter::Matter;
use crate::domain::username::Username;

/// What owners are told. `by` is who did it, as [`crate::domain::actor::Actor::label`] writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum OwnerNotice {
    /// A client was deleted.
    Deleted {
        /// Which it was.
        client: ClientId,
        /// Its name.
        username: Username,
        /// Who did it.
        by: String,
    },
    /// Somebody was given a role.
    Granted {
        /// Who got it.
        person: TelegramId,
        /// Which.
        role: Role,
        /// Who gave it.
        by: String,
    },
    /// Somebody lost a role.
    Revoked {
        /// Who had it.
        person: TelegramId,
        /// Which.
        role: Role,
        /// Who took it.
        by: String,
    },
    /// A token of the REST API was made.
    TokenMade {
        /// Its name.
        name: String,
        /// Whether it may change things.
        write: bool,
        /// Who made it.
        by: String,
    },
    /// A token of the REST API was revoked.
    TokenRevoked {
        /// Its name.
        name: String,
        /// Who did it.
        by: String,
    },
    /// A client got more days at once than is usual.
    LongExtension {
        /// The client.
        client: ClientId,
        /// Its name.
        username: Username,
        /// How many.
        days: i64,
        /// The new date.
        expires_at: DateTime<Utc>,
        /// Who did it.
        by: String,
    },
    /// The service runs another bot than before, which may not write to people who have not pressed Start in it.
    AnotherBot {
        /// How many could be written to until then.
        people: i64,
    },
    /// Something needs a person.
    Matter(Matter),
    /// What an owner decided about clients that the panel does not know was carried out; changes go on.
    Resettled {
        /// Whether they were made there again (else they are without a link now).
        made: bool,
        /// How many.
        done: u64,
        /// How many could not be.
        failed: u64,
    },
    /// After a restore from a backup an owner has let everything go on, and the panel's state is taken over.
    Resumed {
        /// What that was.
        taken: TakenOver,
    },
    /// The panel was upgraded, and every client is linked to it anew.
    Relinked {
        /// How many.
        linked: u64,
    },
    /// The panel works again.
    PanelBack {
        /// Since when it did not.
        since: DateTime<Utc>,
        /// When it was seen to work.
        back_at: DateTime<Utc>,
    },
    /// In the morning: whose date is on that day. Who they are is looked up when it is sent.
    Digest {
        /// The day, where people are.
        day: NaiveDate,
        /// How many there are.
        #[serde(default)]
        total: u64,
        /// The first of them.
        #[serde(default)]
        clients: Vec<Dated>,
    },
    /// Clients lost access because their date has passed.
    Deactivated {
        /// How many.
        count: u64,
        /// The first of their names.
        names: Vec<Username>,
        /// How many more should have, but it failed.
        failed: u64,
    },
    /// The panel has somebody else under this client's id. Earlier versions wrote this.
    AnotherUser {
        /// The client.
        client: ClientId,
        /// Its name.
        username: Username,
    },
}

/// How much of the panel's state was taken over after a restore.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakenOver {
    /// Dates.
    pub dates: u64,
    /// Clients that were opened or closed.
    pub access: u64,
    /// Links.
    pub links: u64,
    /// Clients whose panel user is gone.
    pub gone: u64,
    /// All that needs a person now.
    pub matters: u64,
}

impl OwnerNotice {
    /// A token of that scope was made.
    pub fn token_made(name: &str, scope: TokenScope, by: String) -> Self {
        Self::TokenMade { name: name.to_owned(), write: scope == TokenScope::Write, by }
    }

    /// Who did it.
    pub fn by(&self) -> Option<&str> {
        match self {
            Self::Deleted { by, .. }
            | Self::Granted { by, .. }
            | Self::Revoked { by, .. }
            | Self::TokenMade { by, .. }
            | Self::TokenRevoked { by, .. }
            | Self::LongExtension { by, .. } => Some(by),
            Self::AnotherBot { .. }
            | Self::Matter(_)
            | Self::Resettled { .. }
            | Self::Resumed { .. }
            | Self::Relinked { .. }
            | Self::PanelBack { .. }
            | Self::Digest { .. }
            | Self::Deactivated { .. }
            | Self::AnotherUser { .. } => None,
        }
    }
}
