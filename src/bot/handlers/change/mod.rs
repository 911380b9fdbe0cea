//! What changes a client: at once, or after a question. Afterwards the card shows how the client is now.

mod ask;
mod carry_out;

use std::sync::Arc;

use crate::bot::callback::ChangeTap;
use crate::bot::commands::ChangeCommand;
use crate::bot::spot::{Purpose, Spot};
use crate::bot::turn::{Handled, Turn};
use crate::domain::actor::Role;
use crate::domain::client::Status;
use crate::domain::ids::{ClientId, ClientRef};
use crate::services::Error;

use super::clients;

pub use ask::{ask_date, ask_days, ask_note};
pub use carry_out::{date, extend, note};

/// Any of these commands; without a client the list asks for one.
pub async fn command(turn: Arc<Turn>, command: ChangeCommand) -> Handled {
    turn.require(least(&command), "change clients")?;
    let spot = Spot::default();
    match command {
        ChangeCommand::Extend { client: None, .. } => pick(turn, Purpose::Extend, None).await,
        ChangeCommand::Date(None) => pick(turn, Purpose::Date, None).await,
        ChangeCommand::Note(None) => pick(turn, Purpose::Note, None).await,
        ChangeCommand::Delete(None) => pick(turn, Purpose::Delete, None).await,
        ChangeCommand::Block(None) => pick(turn, Purpose::Block, Some(Status::Active)).await,
        ChangeCommand::Unblock(None) => pick(turn, Purpose::Unblock, Some(Status::Blocked)).await,
        ChangeCommand::Extend { client: Some(client), days: None, .. } => {
            ask_days(&turn, find(&turn, &client).await?, None, spot).await
        }
        ChangeCommand::Extend { client: Some(client), days: Some(days), reason } => {
            extend(&turn, find(&turn, &client).await?, days, (turn.key(), reason), spot).await
        }
        ChangeCommand::Date(Some((client, None))) => {
            ask_date(&turn, find(&turn, &client).await?, None, spot).await
        }
        ChangeCommand::Date(Some((client, Some(text)))) => {
            date(&turn, find(&turn, &client).await?, &text, spot).await
        }
        ChangeCommand::Note(Some((client, None))) => ask_note(&turn, find(&turn, &client).await?, spot).await,
        ChangeCommand::Note(Some((client, Some(text)))) => {
            note(&turn, find(&turn, &client).await?, Some(&text), spot).await
        }
        ChangeCommand::Block(Some((client, reason))) => {
            carry_out::block(&turn, find(&turn, &client).await?, (turn.key(), reason), spot).await
        }
        ChangeCommand::Unblock(Some(client)) => {
            carry_out::unblock(&turn, find(&turn, &client).await?, turn.key(), spot).await
        }
        ChangeCommand::Delete(Some(client)) => ask::delete(&turn, find(&turn, &client).await?, spot).await,
        ChangeCommand::Rotate(client) => ask::rotate(&turn, find(&turn, &client).await?, spot).await,
    }
}

/// Whom the services let do it: asked before the first question already.
fn least(command: &ChangeCommand) -> Role {
    match command {
        ChangeCommand::Date(_) | ChangeCommand::Delete(_) | ChangeCommand::Rotate(_) => Role::Admin,
        _ => Role::Operator,
    }
}

async fn find(turn: &Turn, client: &ClientRef) -> Result<ClientId, Error> {
    Ok(turn.door.services.clients.find(turn.by(), client).await?.id)
}

async fn pick(turn: Arc<Turn>, purpose: Purpose, status: Option<Status>) -> Handled {
    clients::list(turn, Spot { purpose, status, ..Spot::default() }).await
}

/// Any of these buttons.
pub async fn tapped(turn: Arc<Turn>, tap: ChangeTap) -> Handled {
    match tap {
        ChangeTap::Extend(id, spot) => {
            turn.require(Role::Operator, "extend clients")?;
            ask_days(&turn, id, None, spot).await
        }
        ChangeTap::Date(id, spot) => {
            turn.require(Role::Admin, "set dates")?;
            ask_date(&turn, id, None, spot).await
        }
        ChangeTap::Note(id, spot) => {
            turn.require(Role::Operator, "write notes")?;
            ask_note(&turn, id, spot).await
        }
        ChangeTap::Delete(id, spot) => {
            turn.require(Role::Admin, "delete clients")?;
            ask::delete(&turn, id, spot).await
        }
        ChangeTap::Rotate(id, spot) => {
            turn.require(Role::Admin, "replace links")?;
            ask::rotate(&turn, id, spot).await
        }
        ChangeTap::No(id, spot) => ask::no(turn, id, spot).await,
        _ => carry_out::tapped(&turn, tap).await,
    }
}
