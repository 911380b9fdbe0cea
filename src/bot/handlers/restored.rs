//! After a restore from a backup an owner sees the differences to the panel and lets everything go on.

use std::sync::Arc;

use crate::bot::callback::Nonce;
use crate::bot::screens::restored as screen;
use crate::bot::turn::{Handled, Turn};
use crate::services::Error;
use crate::services::restored::Standing;

/// `/resume`, or its button: the differences, and the question.
pub async fn command(turn: Arc<Turn>) -> Handled {
    turn.door.services.matters.may_decide(turn.by())?;
    let restored = &turn.door.services.restored;
    let compared = match restored.standing().await? {
        Standing::UnderWay => return turn.show(&screen::under_way(&turn.eyes)).await,
        Standing::Usual => Ok(None),
        Standing::Waiting => restored.compare(turn.by()).await,
    };
    let shown = match compared {
        Ok(Some(comparison)) => {
            let nonce = Nonce::new(turn.eyes.now, turn.door.entropy.as_ref());
            screen::differences(&comparison, nonce, &turn.eyes)
        }
        Ok(None) => screen::nothing(&turn.eyes),
        Err(Error::Panel(why)) => screen::panel_away(&why, &turn.eyes),
        Err(error) => return Err(error.into()),
    };
    turn.show(&shown).await
}

/// "Go on." A second tap finds what the first one began.
pub async fn go_on(turn: &Turn) -> Handled {
    let restored = &turn.door.services.restored;
    restored.begin(turn.by()).await?;
    match restored.standing().await? {
        Standing::Usual => turn.show(&screen::nothing(&turn.eyes)).await,
        _ => turn.show(&screen::under_way(&turn.eyes)).await,
    }
}
