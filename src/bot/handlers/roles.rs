//! Who may do what: seen and changed by owners.

use std::sync::Arc;

use crate::bot::callback::Nonce;
use crate::bot::commands::PersonRef;
use crate::bot::dialogues::people::PeopleStep;
use crate::bot::dialogues::state::{self, Step};
use crate::bot::errors::Failure;
use crate::bot::menu;
use crate::bot::screens::roles as screen;
use crate::bot::turn::{Handled, Turn};
use crate::domain::actor::{GivenRole, Role};
use crate::domain::change::Key;
use crate::domain::ids::TelegramId;

use super::home;

/// A page of those who have a role.
pub async fn page(turn: &Turn, page: u32) -> Handled {
    let view = turn.door.services.roles.page(turn.by(), page, screen::PER_PAGE).await?;
    turn.show(&screen::list(&view, &turn.eyes)).await
}

/// One person.
pub async fn person(turn: &Turn, id: TelegramId) -> Handled {
    let holder = turn.door.services.roles.of(turn.by(), id).await?;
    turn.show(&screen::person(&holder, &turn.eyes)).await
}

/// `/grant ID`: which role?
pub async fn named(turn: &Turn, who: &PersonRef) -> Handled {
    let id = find(turn, who).await?;
    person(turn, id).await
}

/// `/grant ID ROLE` and `/revoke ID` act at once.
pub async fn set(turn: &Turn, who: &PersonRef, role: Option<GivenRole>) -> Handled {
    let id = find(turn, who).await?;
    change(turn, id, role, turn.key()).await
}

/// Other words than those.
pub async fn misused(turn: &Turn) -> Handled {
    turn.require(Role::Owner, "manage roles")?;
    turn.say(&screen::usage(&turn.eyes)).await
}

/// Who shall have a role? The answer is typed.
pub async fn whom(turn: &Turn) -> Handled {
    turn.require(Role::Owner, "manage roles")?;
    state::save(turn, Step::People(PeopleStep::Whom)).await?;
    turn.show(&screen::whom(false, &turn.eyes)).await
}

/// Nobody: back to the list.
pub async fn not_now(turn: &Turn) -> Handled {
    state::end(turn).await?;
    page(turn, 0).await
}

/// A role, or none: really?
pub async fn ask(turn: &Turn, id: TelegramId, role: Option<GivenRole>) -> Handled {
    let holder = turn.door.services.roles.of(turn.by(), id).await?;
    let nonce = Nonce::new(turn.eyes.now, turn.door.entropy.as_ref());
    turn.show(&screen::ask(&holder, role, nonce, &turn.eyes)).await
}

/// "Yes": a second tap finds what the first one did.
pub async fn yes(turn: Arc<Turn>, id: TelegramId, role: Option<GivenRole>, nonce: Nonce) -> Handled {
    if nonce.stale(turn.eyes.now) {
        return home::outdated(turn).await;
    }
    let key = Key::button(turn.door.bot_id(), &nonce.text());
    change(&turn, id, role, key).await
}

async fn change(turn: &Turn, id: TelegramId, role: Option<GivenRole>, key: Key) -> Handled {
    let change = turn.door.services.roles.change(turn.by(), id, role, key).await?;
    if change.person.blocked_bot_at.is_none() {
        menu::for_person(&turn.door, id, change.now);
    }
    turn.show(&screen::changed(&change, &turn.eyes)).await
}

/// Who is meant.
///
/// # Errors
/// `Service`: `Forbidden`, `Role(Unknown)`.
pub async fn find(turn: &Turn, who: &PersonRef) -> Result<TelegramId, Failure> {
    Ok(match who {
        PersonRef::Id(id) => *id,
        PersonRef::At(name) => turn.door.services.roles.named(turn.by(), name).await?,
    })
}
