//! What can go wrong at the panel, in words that carry no secret and no body.

use serde_json::Value;

use super::status::PanelProblem;

/// Why a call did not give what was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PanelError {
    /// A setting that is needed is not there.
    #[error("{0}")]
    NotConfigured(PanelProblem),
    /// A setting cannot be used; the text names it, never its value.
    #[error("{0}")]
    Settings(String),
    /// There is no internal squad to put new users into.
    #[error("{}", PanelProblem::NoSquad)]
    NoSquad,
    /// 401: the token is malformed, expired or not the panel's.
    #[error("the panel refuses the token (401)")]
    Unauthorized,
    /// 403: a scope is missing, or the token was deleted (or, rarely, the panel's database is down).
    #[error("the panel forbids it (403): the token lacks a scope or was deleted")]
    Forbidden,
    /// A019: another user has this name.
    #[error("the panel has a user of this name already")]
    UsernameTaken,
    /// A020: another user has this short UUID.
    #[error("the panel has a user with this short UUID already")]
    ShortUuidTaken,
    /// A025, A063: there is no such user.
    #[error("the panel has no such user")]
    NotFound,
    /// A029.
    #[error("the user is disabled already")]
    AlreadyDisabled,
    /// A030.
    #[error("the user is enabled already")]
    AlreadyEnabled,
    /// The id is of the other panel version: link the client anew by its short UUID. Nothing was asked.
    #[error("the id belongs to another version of the panel; the client has to be linked anew")]
    ForeignId,
    /// Another 4xx of the panel's own: a definite no.
    #[error("the panel refuses it (status {status}, code {})", code_text(.code))]
    Refused {
        /// The HTTP status.
        status: u16,
        /// The panel's error code, such as `A040`.
        code: Option<String>,
    },
    /// 5xx, 429 or 408: not now.
    #[error("the panel fails (status {status}, code {})", code_text(.code))]
    Unavailable {
        /// The HTTP status.
        status: u16,
        /// The panel's error code, such as `A018`.
        code: Option<String>,
    },
    /// No answer came.
    #[error("the panel gives no answer: {kind}")]
    NoAnswer {
        /// In which way.
        kind: NoAnswer,
    },
    /// An answer came that the panel would not give: HTML, nothing, half of it, another shape, too much.
    #[error("the answer is not one of the panel's")]
    Nonsense,
    /// The panel has not answered for a while; the call was not made.
    #[error("not asked: the panel has not answered for a while, and only one request a second is sent to it")]
    BreakerOpen,
    /// What has to be known before the call could not be had, so the call was not made.
    #[error("not asked: {0}")]
    NotSent(Box<PanelError>),
}

/// In which way no answer came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoAnswer {
    /// The time was over.
    #[error("the time was over")]
    Timeout,
    /// The connection ended in the middle.
    #[error("the connection was dropped")]
    Dropped,
    /// No connection came about.
    #[error("no connection")]
    Connect,
}

/// What a failed call may have done on the panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Certainly nothing.
    None,
    /// Nobody knows: read the user back.
    Unknown,
}

impl PanelError {
    /// What the failed call may have done.
    pub fn effect(&self) -> Effect {
        match self {
            Self::Unavailable { status: 429, .. } | Self::NoAnswer { kind: NoAnswer::Connect } => {
                Effect::None
            }
            Self::Unavailable { .. } | Self::NoAnswer { .. } | Self::Nonsense => Effect::Unknown,
            _ => Effect::None,
        }
    }

    /// What it says about the panel as a whole; `None` when it speaks of one user only.
    pub fn problem(&self) -> Option<PanelProblem> {
        match self {
            Self::NotConfigured(problem) => Some(*problem),
            Self::NoSquad => Some(PanelProblem::NoSquad),
            Self::Unauthorized => Some(PanelProblem::TokenRefused),
            Self::Forbidden => Some(PanelProblem::ScopeMissing),
            Self::Unavailable { status: 429, .. } => None,
            Self::Unavailable { .. } | Self::NoAnswer { .. } | Self::BreakerOpen => {
                Some(PanelProblem::Unreachable)
            }
            // A path that the panel does not know: the address leads elsewhere.
            Self::Nonsense | Self::Refused { status: 404 | 405, code: None } => Some(PanelProblem::Nonsense),
            Self::NotSent(why) => why.problem(),
            _ => None,
        }
    }

    /// What it is, in a word that stands for itself in a list of numbers.
    pub(super) fn word(&self) -> &'static str {
        match self {
            Self::NoAnswer { .. } => "no_answer",
            Self::Unavailable { .. } => "unavailable",
            Self::Nonsense => "nonsense",
            Self::Unauthorized | Self::Forbidden => "denied",
            Self::BreakerOpen => "breaker_open",
            Self::NotSent(_) | Self::NotConfigured(_) | Self::Settings(_) => "not_sent",
            _ => "refused",
        }
    }

    /// Whether the same request may well succeed in a moment.
    pub(super) fn is_passing(&self) -> bool {
        match self {
            Self::Unavailable { status, .. } => *status >= 500,
            Self::NoAnswer { kind } => *kind != NoAnswer::Timeout,
            _ => false,
        }
    }

    /// The same failure, of a call that had to go before the one that was asked for.
    pub(super) fn before_sending(self) -> Self {
        match self.effect() {
            Effect::None => self,
            Effect::Unknown => Self::NotSent(Box::new(self)),
        }
    }

    /// The failure that an answer other than 2xx tells of.
    pub(super) fn of_answer(status: u16, body: &[u8]) -> Self {
        let own = OwnError::read(body);
        if status >= 500 || status == 429 || status == 408 {
            return Self::Unavailable { status, code: own.and_then(|own| own.code) };
        }
        // A proxy's page, a redirect: not a word of the panel's.
        let (400..=499, Some(own)) = (status, own) else { return Self::Nonsense };
        match (status, own.code.as_deref()) {
            (401, _) => Self::Unauthorized,
            (403, _) => Self::Forbidden,
            (_, Some("A019")) => Self::UsernameTaken,
            (_, Some("A020")) => Self::ShortUuidTaken,
            (_, Some("A025" | "A063")) => Self::NotFound,
            (_, Some("A029")) => Self::AlreadyDisabled,
            (_, Some("A030")) => Self::AlreadyEnabled,
            (404, None) if own.says_not_found => Self::NotFound,
            _ => Self::Refused { status, code: own.code },
        }
    }
}

/// The most characters of a message of the panel's that are shown.
const MESSAGE: usize = 120;

/// An error body in one of the panel's three shapes.
pub(super) struct OwnError {
    pub(super) code: Option<String>,
    /// What it says about it, cut short; may name a user.
    pub(super) message: Option<String>,
    /// `/api/sub` has no code: it says `"isFound": false`.
    says_not_found: bool,
}

impl OwnError {
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        let value: Value = serde_json::from_slice(body).ok()?;
        let code = value.get("errorCode").and_then(Value::as_str);
        if code.is_none() && !value.get("statusCode").is_some_and(Value::is_u64) {
            return None;
        }
        // Codes go into the log and the API's answers, so that only what looks like one is taken.
        let code = code
            .filter(|code| (1..=8).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_alphanumeric()));
        let message = value.get("message").and_then(Value::as_str);
        let readable =
            |text: &str| text.chars().filter(|letter| !letter.is_control()).take(MESSAGE).collect();
        Some(Self {
            code: code.map(str::to_owned),
            message: message.map(readable),
            says_not_found: value.get("isFound").and_then(Value::as_bool) == Some(false),
        })
    }
}

fn code_text(code: &Option<String>) -> &str {
    code.as_deref().unwrap_or("none")
}
