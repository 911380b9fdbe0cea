//! What the service cannot settle by itself: it needs a person.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::ids::{ClientId, IntentId};
use super::operation::Action;
use super::panel_problem::PanelProblem;
use super::username::Username;

/// Something that needs a person. Kept as JSON: variants and fields are only added, never renamed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "matter", rename_all = "snake_case")]
pub enum Matter {
    /// A change could be neither finished nor taken back for a long time.
    Stuck {
        /// Which.
        intent: IntentId,
        /// The client it is about.
        client: ClientId,
        /// The client's name.
        username: Username,
        /// What was wanted.
        action: Action,
        /// Since when.
        since: DateTime<Utc>,
    },
    /// The panel has somebody else under this client's id.
    AnotherUser {
        /// The client.
        client: ClientId,
        /// Its name.
        username: Username,
    },
    /// This client's user was deleted in the panel; the client stays here, without a link.
    UserGone {
        /// The client.
        client: ClientId,
        /// Its name.
        username: Username,
    },
    /// The panel knows hardly any of the clients: it was replaced. Changes pause until an owner decides.
    PanelReplaced {
        /// How many clients were not found.
        missing: u64,
        /// Of how many that were looked for.
        looked_for: u64,
    },
    /// More clients than usual would lose access because their date has passed. None does until an owner decides.
    ManyExpired {
        /// How many.
        expired: u64,
        /// The most that is done without asking.
        most: u64,
    },
    /// The panel's clock and ours differ: nobody loses access by date until they agree.
    ClocksDiffer {
        /// By how much the panel's is ahead, in seconds; negative when it is behind.
        seconds: i64,
    },
    /// After an upgrade of the panel these clients were not found there under their link.
    NotRelinked {
        /// How many clients were.
        linked: u64,
        /// How many were not.
        left: u64,
        /// The first of their names.
        names: Vec<Username>,
    },
    /// The database was restored from a backup. Nothing is changed and nobody is written to until an owner says `/resume`.
    Restored {
        /// When the backup was made.
        made_at: DateTime<Utc>,
    },
    /// The panel does not do its work.
    PanelDown {
        /// Since when.
        since: DateTime<Utc>,
        /// What is wrong with it.
        problem: PanelProblem,
    },
}

/// Why nothing is changed until an owner has decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pause {
    /// [`Matter::Restored`]: also no job runs, and no message leaves.
    Restored,
    /// [`Matter::PanelReplaced`].
    PanelReplaced,
}

impl Pause {
    /// Both, the one that holds up more first.
    pub const ALL: [Self; 2] = [Self::Restored, Self::PanelReplaced];

    /// The key of the matter that has to be decided.
    pub fn key(self) -> &'static str {
        match self {
            Self::Restored => Matter::RESTORED,
            Self::PanelReplaced => Matter::PANEL_REPLACED,
        }
    }
}

/// A matter that is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenMatter {
    /// [`Matter::key`].
    pub key: String,
    /// What it is.
    pub matter: Matter,
    /// Since when.
    pub raised_at: DateTime<Utc>,
}

impl Matter {
    /// The key of [`Matter::PanelReplaced`].
    pub const PANEL_REPLACED: &'static str = "panel_replaced";
    /// The key of [`Matter::ManyExpired`].
    pub const MANY_EXPIRED: &'static str = "many_expired";
    /// The key of [`Matter::ClocksDiffer`].
    pub const CLOCKS_DIFFER: &'static str = "clocks_differ";
    /// The key of [`Matter::NotRelinked`].
    pub const NOT_RELINKED: &'static str = "not_relinked";
    /// The key of [`Matter::Restored`].
    pub const RESTORED: &'static str = "restored";
    /// The key of [`Matter::PanelDown`].
    pub const PANEL_DOWN: &'static str = "panel_down";

    /// What makes it the same matter: of two with one key only one is open. At most 128 characters.
    pub fn key(&self) -> String {
        match self {
            Self::Stuck { intent, .. } => Self::stuck(*intent),
            Self::AnotherUser { client, .. } => Self::another_user(*client),
            Self::UserGone { client, .. } => Self::user_gone(*client),
            Self::PanelReplaced { .. } => Self::PANEL_REPLACED.to_owned(),
            Self::ManyExpired { .. } => Self::MANY_EXPIRED.to_owned(),
            Self::ClocksDiffer { .. } => Self::CLOCKS_DIFFER.to_owned(),
            Self::NotRelinked { .. } => Self::NOT_RELINKED.to_owned(),
            Self::Restored { .. } => Self::RESTORED.to_owned(),
            Self::PanelDown { .. } => Self::PANEL_DOWN.to_owned(),
        }
    }

    /// The key of [`Matter::Stuck`] for a change.
    pub fn stuck(intent: IntentId) -> String {
        format!("stuck:{intent}")
    }

    /// The key of [`Matter::AnotherUser`] for a client.
    pub fn another_user(client: ClientId) -> String {
        format!("another_user:{client}")
    }

    /// The key of [`Matter::UserGone`] for a client.
    pub fn user_gone(client: ClientId) -> String {
        format!("user_gone:{client}")
    }

    /// The client it is about, where it is about one.
    pub fn client(&self) -> Option<ClientId> {
        match self {
            Self::Stuck { client, .. } | Self::AnotherUser { client, .. } | Self::UserGone { client, .. } => {
                Some(*client)
            }
            _ => None,
        }
    }
}
