//! Imports and broadcasts: work that outlives the tap that began it.

use serde::{Deserialize, Serialize};

use super::ids::{BulkTaskId, TelegramId};

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BulkKind {
    /// Panel users become clients.
    Import,
    /// A text goes to all linked people.
    Broadcast,
}

impl BulkKind {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Import, Self::Broadcast];

    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Import => "import",
            Self::Broadcast => "broadcast",
        }
    }
}

/// How it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BulkState {
    /// It goes on.
    Running,
    /// All is done.
    Done,
    /// A person has stopped it.
    Stopped,
    /// It cannot go on.
    Failed,
}

impl BulkState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Running, Self::Done, Self::Stopped, Self::Failed];

    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Done => "done",
            Self::Stopped => "stopped",
            Self::Failed => "failed",
        }
    }
}

/// An import or a broadcast.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkTask {
    /// Its id; a broadcast's messages have it as their batch.
    pub id: BulkTaskId,
    /// How it stands.
    pub state: BulkState,
    /// Who began it: the progress is shown to them.
    pub started_by: TelegramId,
    /// The same as the log names actors.
    pub actor: String,
    /// What makes a second tap the same request.
    pub key: String,
    /// How far it is.
    pub progress: Progress,
    /// The message that shows the progress, once there is one.
    pub message: Option<i32>,
    /// Whether its end was told there.
    pub told: bool,
}

/// How far it is, kept as JSON: fields are only added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Progress {
    /// An import.
    Import(ImportProgress),
    /// A broadcast.
    Broadcast(BroadcastProgress),
}

impl Progress {
    /// Of what.
    pub fn kind(&self) -> BulkKind {
        match self {
            Self::Import(_) => BulkKind::Import,
            Self::Broadcast(_) => BulkKind::Broadcast,
        }
    }
}

/// How far an import is. The panel's list moves while it is read, so it is read again until nothing new is found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ImportProgress {
    /// How often the list was read to its end.
    pub passes: u32,
    /// Where the next page begins.
    pub next: u64,
    /// How many users the panel says it has.
    pub total: u64,
    /// How many of them were looked at this time.
    pub seen: u64,
    /// How many became clients this time.
    pub adopted_now: u64,
    /// How many became clients.
    pub adopted: u64,
    /// Of those, how many have no access: the panel had them disabled.
    pub blocked: u64,
    /// Of those, whose date has passed.
    pub expired: u64,
    /// Of those, how many belong to a Telegram account.
    pub linked: u64,
    /// How many were left out this time because another client has their name.
    pub taken: u64,
    /// How many were left out this time because they do not fit.
    pub unfit: u64,
    /// Some names of those who were left out.
    pub left_out: Vec<String>,
    /// Whether the last page was not to be had.
    pub trouble: bool,
}

/// How far a broadcast is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BroadcastProgress {
    /// How many people were to get it when it began.
    pub recipients: i64,
    /// How many messages were put into the outbox.
    pub queued: i64,
    /// The last of them.
    pub last: Option<TelegramId>,
    /// Whether those were all.
    pub all: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows of an earlier version must be readable after an update.
    #[test]
    fn what_is_kept_stays_readable() {
        let import: Progress = serde_json::from_str(r#"{"kind":"import","passes":1,"adopted":7}"#).unwrap();
        let wanted = ImportProgress { passes: 1, adopted: 7, ..ImportProgress::default() };
        assert_eq!(import, Progress::Import(wanted));
        let sent: Progress = serde_json::from_str(r#"{"kind":"broadcast","recipients":3,"last":5}"#).unwrap();
        assert_eq!(sent.kind(), BulkKind::Broadcast);
    }
}
