//! Calls to Telegram: bounded in time, with errors that carry no secret and say whether trying again helps.

use std::time::Duration;

use teloxide::{ApiError, RequestError};
use tokio::time::timeout;

/// For calls with a small body. teloxide itself sleeps ten seconds on a 5xx: this bounds that too.
pub const SHORT: Duration = Duration::from_secs(10);
/// For uploads.
pub const UPLOAD: Duration = Duration::from_secs(25);

/// Why a call had no success. Never holds the token, nor what Telegram sent besides its own description.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CallError {
    /// Telegram asks to wait.
    #[error("Telegram asks to wait {} s", .0.as_secs())]
    Later(Duration),
    /// Telegram says no.
    #[error("Telegram refuses: {0}")]
    Refused(ApiError),
    /// The group has another number now.
    #[error("the group has become a supergroup, {0}")]
    Moved(i64),
    /// No answer, or none that can be read.
    #[error("no answer from Telegram: {0}")]
    NoAnswer(String),
}

impl CallError {
    /// What it is, in a word that stands for itself in a list of numbers.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Later(_) => "later",
            Self::Moved(_) => "moved",
            Self::Refused(_) => "refused",
            Self::NoAnswer(_) => "no_answer",
        }
    }
}

impl From<RequestError> for CallError {
    fn from(error: RequestError) -> Self {
        match error {
            RequestError::Api(error) => Self::Refused(error),
            RequestError::RetryAfter(seconds) => Self::Later(seconds.duration()),
            RequestError::MigrateToChatId(chat) => Self::Moved(chat.0),
            // reqwest's message without its address: that one holds the token.
            RequestError::Network(error) => Self::NoAnswer(network(&error)),
            // The raw body may hold what people wrote.
            RequestError::InvalidJson { source, raw } => {
                Self::NoAnswer(format!("not an answer of the Bot API ({} bytes, {source})", raw.len()))
            }
            RequestError::Io(error) => Self::NoAnswer(error.to_string()),
        }
    }
}

/// The innermost cause says what happened ("connection refused").
fn network(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

/// Makes a call within a time limit.
///
/// # Errors
/// See [`CallError`].
pub async fn call<T>(
    limit: Duration,
    request: impl IntoFuture<Output = Result<T, RequestError>>,
) -> Result<T, CallError> {
    match timeout(limit, request.into_future()).await {
        Ok(answer) => Ok(answer?),
        Err(_) => Err(CallError::NoAnswer(format!("none within {} s", limit.as_secs()))),
    }
}
