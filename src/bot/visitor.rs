//! From an arrival to a turn: who is at the door.

use std::sync::Arc;

use crate::domain::person::Lang;

use super::arrival::Arrival;
use super::door::Door;
use super::errors::Failure;
use super::format::Eyes;
use super::render::Chat;
use super::turn::Turn;

/// Asks the services who this is.
///
/// # Errors
/// `Service`.
pub async fn enter(
    door: &Arc<Door>,
    chat: &Chat,
    arrival: &Arrival,
    update_id: i64,
) -> Result<Arc<Turn>, Failure> {
    let visitor = door.services.people.seen(arrival.seen.clone()).await?;
    Ok(Arc::new(Turn {
        eyes: door.eyes(visitor.lang),
        door: Arc::clone(door),
        visitor,
        chat: chat.clone(),
        editable: arrival.editable,
        captioned: arrival.captioned,
        update_id,
    }))
}

/// How someone sees things of whom only Telegram's word is known yet.
pub fn guess(door: &Door, arrival: &Arrival) -> Eyes {
    let spoken = arrival.seen.language_code.as_deref().and_then(Lang::from_code);
    door.eyes(spoken.unwrap_or(door.settings.default_lang))
}
