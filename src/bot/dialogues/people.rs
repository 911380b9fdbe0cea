//! Who shall have a role?

use serde::{Deserialize, Serialize};

use crate::bot::commands::PersonRef;
use crate::bot::errors::Failure;
use crate::bot::handlers::roles;
use crate::bot::screens::roles as screen;
use crate::bot::turn::{Handled, Turn};
use crate::domain::actor::Role;
use crate::services::Error;

use super::state;

/// A question that waits for its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum PeopleStep {
    /// Who shall have a role?
    Whom,
}

/// A text: the answer to the question that waits. `asked_now`: this very update has asked it before.
pub async fn typed(turn: &Turn, step: PeopleStep, asked_now: bool, text: &str) -> Handled {
    turn.require(Role::Owner, "manage roles")?;
    let PeopleStep::Whom = step;
    if asked_now {
        return turn.show(&screen::whom(false, &turn.eyes)).await;
    }
    let Some(who) = PersonRef::read(text.trim()) else {
        return turn.show(&screen::whom(true, &turn.eyes)).await;
    };
    match roles::find(turn, &who).await {
        Err(Failure::Service(Error::Role(_))) => turn.show(&screen::whom(true, &turn.eyes)).await,
        Err(other) => Err(other),
        // The screen first: handled again after a crash it is shown twice rather than never.
        Ok(id) => {
            roles::person(turn, id).await?;
            state::end(turn).await.map(drop)
        }
    }
}

/// Something that is no text: the question once more.
pub async fn not_text(turn: &Turn, step: &PeopleStep) -> Handled {
    turn.require(Role::Owner, "manage roles")?;
    let PeopleStep::Whom = step;
    turn.show(&screen::whom(true, &turn.eyes)).await
}
