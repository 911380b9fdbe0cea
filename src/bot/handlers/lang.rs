//! The language.

use std::sync::Arc;

use crate::bot::format::Eyes;
use crate::bot::locale::Texts;
use crate::bot::screens::lang as screen;
use crate::bot::turn::{Handled, Turn};
use crate::domain::person::Lang;
use crate::services::people::Visitor;

use super::home;

/// `/lang`
pub async fn choose(turn: Arc<Turn>) -> Handled {
    turn.show(&screen::choose(&turn.eyes)).await
}

/// Acts at once: home in the language that was chosen.
pub async fn set(turn: Arc<Turn>, lang: Lang) -> Handled {
    turn.door.services.people.choose_lang(turn.visitor.person.id, lang).await?;
    let turn = Turn {
        door: Arc::clone(&turn.door),
        visitor: Visitor { lang, ..turn.visitor.clone() },
        eyes: Eyes { t: Texts(lang), ..turn.eyes },
        chat: turn.chat.clone(),
        editable: turn.editable,
        captioned: turn.captioned,
        update_id: turn.update_id,
    };
    home::started(Arc::new(turn)).await
}
