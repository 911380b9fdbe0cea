//! The one error type of the rules. Each door translates it once: `api` into the contract's bodies, `bot` into words.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::domain::client::BeyondCalendar;
use crate::domain::ids::ClientRef;
use crate::domain::matter::Pause;
use crate::domain::username::Username;

use super::pause;

/// Why a request was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such client, or none that this actor may know of.
    #[error("no client {0}")]
    ClientNotFound(ClientRef),
    /// The name is taken, in the database or in the panel.
    #[error("the username {0} is taken")]
    UsernameTaken(Username),
    /// Access was taken away already.
    #[error("the client is blocked already")]
    AlreadyBlocked,
    /// Access is on already.
    #[error("the client is not blocked")]
    NotBlocked,
    /// The new date would be beyond the year 9999.
    #[error(transparent)]
    BeyondCalendar(#[from] BeyondCalendar),
    /// The new date would be in the past, which the panel does not take.
    #[error("the date would be in the past")]
    DatePassed,
    /// The client has that date.
    #[error("the client has that date already")]
    SameDate,
    /// The extension cannot be taken back any more: the client has changed since, or five minutes are over.
    #[error("the extension cannot be taken back any more")]
    CannotUndo,
    /// More days than this role gives at a time.
    #[error("at most {most} days at a time")]
    TooManyDays {
        /// The most.
        most: i64,
    },
    /// The client has no link to the panel.
    #[error("the client has no link to the panel")]
    NotLinked,
    /// The client has a link, but its panel user was deleted there.
    #[error("the panel has no such user any more")]
    UserGone,
    /// This actor may not do this.
    #[error("{actor} may not {action}")]
    Forbidden {
        /// Who tried, as the log names actors.
        actor: String,
        /// What was tried.
        action: &'static str,
    },
    /// The invite cannot be used.
    #[error(transparent)]
    Invite(#[from] InviteError),
    /// The token cannot be made or revoked.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The role cannot be changed.
    #[error(transparent)]
    Role(#[from] RoleError),
    /// What a job wanted was not needed any more.
    #[error("not needed any more")]
    NotNeeded,
    /// Nothing is changed until an owner decides.
    #[error("changes pause: {}", pause::words(*.0))]
    Paused(Pause),
    /// The panel did not do it, or did not say.
    #[error("the panel: {0}")]
    Panel(String),
    /// Others are at it: other changes of the same client, or as many whole lists as may be read at once. Try again later.
    #[error("others are at it")]
    Busy {
        /// When it is worth trying again.
        retry_after: Duration,
    },
    /// The request of the same key is still under way; ask again later.
    #[error("the request with this key is still under way")]
    KeyInProgress {
        /// When it is worth asking again.
        retry_after: Duration,
    },
    /// The same key was used with another request.
    #[error("the idempotency key belongs to another request")]
    KeyReused,
    /// The database does not answer.
    #[error("the database: {0}")]
    Database(String),
    /// A mistake of ours; the text is for the log.
    #[error("internal: {0}")]
    Internal(String),
    /// This person replaced the link of this client of theirs not long ago.
    #[error("not again before {until}")]
    TooSoon {
        /// From when on it may be done again.
        until: DateTime<Utc>,
    },
}

/// Why an invite cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InviteError {
    /// No such token: forged, mistyped or long gone.
    #[error("no such invite")]
    Unknown,
    /// Somebody used it already.
    #[error("the invite was used already")]
    Used,
    /// Its seven days are over.
    #[error("the invite has expired")]
    Expired,
    /// The client has another Telegram account.
    #[error("the client is linked to another Telegram account")]
    AlreadyLinked,
}

/// Why a token of the REST API cannot be made or revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// There is a token of that name.
    #[error("there is a token of that name")]
    NameTaken,
    /// `API_TOKENS` has a token of that name: it is changed there.
    #[error("API_TOKENS has a token of that name")]
    InSettings,
    /// No such token.
    #[error("no such token")]
    Unknown,
    /// There are as many as there may be.
    #[error("there are too many tokens")]
    TooMany,
}

/// Why somebody's role cannot be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RoleError {
    /// It stands in `ADMIN_IDS`: it is changed there.
    #[error("the role stands in ADMIN_IDS")]
    Settings,
    /// It is one's own.
    #[error("nobody changes their own role")]
    Own,
    /// Nobody of that name wrote to the bot.
    #[error("nobody of that name is known")]
    Unknown,
}
