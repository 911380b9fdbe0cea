//! The words that change a client.

use crate::domain::days::Days;
use crate::domain::ids::ClientRef;
use crate::domain::reason::Reason;

use super::{Command, Usage};

/// Such a command; without a client the list asks for one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangeCommand {
    /// `/extend [CLIENT [DAYS [REASON]]]`
    Extend {
        /// Whom.
        client: Option<ClientRef>,
        /// By how much.
        days: Option<Days>,
        /// Why.
        reason: Option<Reason>,
    },
    /// `/date [CLIENT [YYYY-MM-DD]]`, the date as typed.
    Date(Option<(ClientRef, Option<String>)>),
    /// `/block [CLIENT [REASON]]`
    Block(Option<(ClientRef, Option<Reason>)>),
    /// `/unblock [CLIENT]`
    Unblock(Option<ClientRef>),
    /// `/delete [CLIENT]`
    Delete(Option<ClientRef>),
    /// `/rotate CLIENT`; without one it is about one's own.
    Rotate(ClientRef),
    /// `/note [CLIENT [TEXT]]`
    Note(Option<(ClientRef, Option<Reason>)>),
}

/// Reads it, if it is one of these. `rest` is what follows the name, trimmed.
pub(super) fn read(name: &str, rest: &str) -> Option<Command> {
    let (client, rest) = first(rest);
    let alone = || if rest.is_empty() { Ok(client.clone()) } else { Err(Usage::OneClient) };
    let with_text = || client.clone().map(|client| (client, Reason::of(rest)));
    let command = match name {
        "extend" => extend(client, rest),
        "date" => Ok(ChangeCommand::Date(client.map(|client| (client, typed(rest))))),
        "block" => Ok(ChangeCommand::Block(with_text())),
        "unblock" => alone().map(ChangeCommand::Unblock),
        "delete" => alone().map(ChangeCommand::Delete),
        "rotate" => match alone() {
            Ok(None) => return None,
            Ok(Some(client)) => Ok(ChangeCommand::Rotate(client)),
            Err(usage) => Err(usage),
        },
        "note" => Ok(ChangeCommand::Note(with_text())),
        _ => return None,
    };
    Some(command.map_or_else(Command::Misused, Command::Change))
}

fn extend(client: Option<ClientRef>, rest: &str) -> Result<ChangeCommand, Usage> {
    let (days, reason) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let days = match days {
        "" => None,
        days => Some(days.parse().map_err(|_| Usage::Extend)?),
    };
    Ok(ChangeCommand::Extend { client, days, reason: Reason::of(reason) })
}

fn typed(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// The first word as a client, and what follows it.
fn first(text: &str) -> (Option<ClientRef>, &str) {
    let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    if word.is_empty() {
        return (None, "");
    }
    match word.parse() {
        Ok(client) => (Some(client), rest.trim()),
        Err(never) => match never {},
    }
}
