//! Roles and links that ask for something.

use serde::{Deserialize, Serialize};

use crate::bot::turn::{Handled, Turn};

/// A question that waits for its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum PeopleStep {}

/// A text: the answer to the question that waits. `asked_now`: this very update has asked it before.
pub async fn typed(_turn: &Turn, step: PeopleStep, _asked_now: bool, _text: &str) -> Handled {
    match step {}
}

/// Something that is no text: the question once more.
pub async fn not_text(_turn: &Turn, step: &PeopleStep) -> Handled {
    match *step {}
}
