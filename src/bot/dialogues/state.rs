//! Where a person is in a dialogue, as it is kept.

use serde::{Deserialize, Serialize};

use crate::bot::errors::Failure;
use crate::bot::turn::{Handled, Turn};

use super::bulk::BulkStep;
use super::change::ChangeStep;
use super::new::NewStep;
use super::people::PeopleStep;

/// The version of what is kept.
const VERSION: u32 = 2;

/// A question that waits for its answer; each dialogue has its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "dialogue", content = "step", rename_all = "snake_case")]
pub enum Step {
    /// A new client.
    New(NewStep),
    /// A change of a client.
    Change(ChangeStep),
    /// Roles and links.
    People(PeopleStep),
    /// Search, broadcast.
    Bulk(BulkStep),
}

/// As it stands in the database.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    version: u32,
    /// The update that led here: handled again after a crash, it must not answer the next question.
    update_id: i64,
    #[serde(flatten)]
    step: Step,
}

/// The question that waits, and whether this very update has asked it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The question.
    pub step: Step,
    /// This update led to it: it was handled before.
    pub asked_now: bool,
}

/// The state of this person; what cannot be read is none.
///
/// # Errors
/// `Service`.
pub async fn load(turn: &Turn) -> Result<Option<Waiting>, Failure> {
    let kept = turn.door.services.dialogues.get(turn.visitor.person.id).await?;
    Ok(kept
        .as_deref()
        .and_then(read)
        .map(|kept| Waiting { step: kept.step, asked_now: kept.update_id == turn.update_id }))
}

fn read(text: &str) -> Option<Kept> {
    serde_json::from_str::<Kept>(text).ok().filter(|kept| kept.version == VERSION)
}

/// Keeps the question that is asked next.
///
/// # Errors
/// `Service`.
pub async fn save(turn: &Turn, step: Step) -> Handled {
    let kept = Kept { version: VERSION, update_id: turn.update_id, step };
    let text = serde_json::to_string(&kept).map_err(|error| Failure::Broken(error.to_string()))?;
    turn.door.services.dialogues.set(turn.visitor.person.id, &text).await?;
    Ok(())
}

/// Forgets it; whether there was one.
///
/// # Errors
/// `Service`.
pub async fn end(turn: &Turn) -> Result<bool, Failure> {
    Ok(turn.door.services.dialogues.remove(turn.visitor.person.id).await?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::username::Username;

    #[test]
    fn what_is_kept_is_read_back_and_anything_else_is_no_dialogue() {
        let step = Step::New(NewStep::Days { username: Username::stored("alice_1") });
        let text =
            serde_json::to_string(&Kept { version: VERSION, update_id: 5, step: step.clone() }).unwrap();
        assert_eq!(
            text,
            r#"{"version":2,"update_id":5,"dialogue":"new","step":{"ask":"days","username":"alice_1"}}"#
        );
        assert_eq!(read(&text).map(|kept| kept.step), Some(step));
        for bad in [
            "",
            "{}",
            "[]",
            r#"{"version":1,"update_id":5,"step":"new_username"}"#,
            r#"{"version":2,"update_id":5,"dialogue":"new","step":{"ask":"unheard_of"}}"#,
            r#"{"version":2,"update_id":5,"dialogue":"unheard_of","step":{}}"#,
        ] {
            assert!(read(bad).is_none(), "{bad}");
        }
    }
}
