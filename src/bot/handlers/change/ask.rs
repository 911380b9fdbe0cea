//! The questions before a change.

use std::sync::Arc;

use crate::bot::callback::Nonce;
use crate::bot::dialogues::change::ChangeStep;
use crate::bot::dialogues::state::{self, Step};
use crate::bot::handlers::clients;
use crate::bot::screen::Screen;
use crate::bot::screens::change as screen;
use crate::bot::spot::Spot;
use crate::bot::turn::{Handled, Turn};
use crate::domain::client::Client;
use crate::domain::ids::{ClientId, ClientRef};
use crate::services::Error;

/// How many days more? `wrong`: why the last answer will not do.
pub async fn ask_days(turn: &Turn, id: ClientId, wrong: Option<&str>, spot: Spot) -> Handled {
    let client = look(turn, id).await?;
    state::save(turn, Step::Change(ChangeStep::days(id, spot))).await?;
    let most = turn.door.services.clients.most_days(turn.by());
    turn.show(&under(wrong, screen::ask_days(&client, most, nonce(turn), spot, &turn.eyes))).await
}

/// Until which date? `wrong`: why the last answer will not do.
pub async fn ask_date(turn: &Turn, id: ClientId, wrong: Option<&str>, spot: Spot) -> Handled {
    let client = look(turn, id).await?;
    state::save(turn, Step::Change(ChangeStep::date(id, spot))).await?;
    turn.show(&under(wrong, screen::ask_date(&client, spot, &turn.eyes))).await
}

/// What is there to note?
pub async fn ask_note(turn: &Turn, id: ClientId, spot: Spot) -> Handled {
    let client = look(turn, id).await?;
    let note = turn.door.services.clients.note(turn.by(), id).await?;
    state::save(turn, Step::Change(ChangeStep::note(id, spot))).await?;
    turn.show(&screen::ask_note(&client, note.as_deref(), spot, &turn.eyes)).await
}

/// Really delete it?
pub async fn delete(turn: &Turn, id: ClientId, spot: Spot) -> Handled {
    let client = look(turn, id).await?;
    turn.show(&screen::ask_delete(&client, nonce(turn), spot, &turn.eyes)).await
}

/// Really replace the link?
pub async fn rotate(turn: &Turn, id: ClientId, spot: Spot) -> Handled {
    let client = look(turn, id).await?;
    turn.show(&screen::ask_rotate(&client, nonce(turn), spot, &turn.eyes)).await
}

/// "No": the card as it was.
pub async fn no(turn: Arc<Turn>, id: ClientId, spot: Spot) -> Handled {
    state::end(&turn).await?;
    clients::card(turn, (id, spot)).await
}

fn under(wrong: Option<&str>, question: Screen) -> Screen {
    match wrong {
        Some(wrong) => question.under(wrong),
        None => question,
    }
}

async fn look(turn: &Turn, id: ClientId) -> Result<Client, Error> {
    turn.door.services.clients.find(turn.by(), &ClientRef::Id(id)).await
}

fn nonce(turn: &Turn) -> Nonce {
    Nonce::new(turn.eyes.now, turn.door.entropy.as_ref())
}
