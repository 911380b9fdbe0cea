//! The words about one's own clients.

use crate::domain::ids::ClientRef;

use super::{Command, Usage};

/// Such a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MineCommand {
    /// `/status [CLIENT]`
    Status(Option<ClientRef>),
    /// `/rotate` without a client.
    Rotate,
}

/// Reads it, if it is one of these. `rest` is what follows the name, trimmed.
pub(super) fn read(name: &str, rest: &str) -> Option<Command> {
    match (name, rest) {
        ("status", "") => Some(Command::Mine(MineCommand::Status(None))),
        ("status", rest) if rest.contains(char::is_whitespace) => Some(Command::Misused(Usage::OneClient)),
        ("status", rest) => match rest.parse() {
            Ok(client) => Some(Command::Mine(MineCommand::Status(Some(client)))),
            Err(never) => match never {},
        },
        ("rotate", "") => Some(Command::Mine(MineCommand::Rotate)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_about_ones_own() {
        let status = |client| Some(Command::Mine(MineCommand::Status(client)));
        assert_eq!(read("status", ""), status(None));
        assert_eq!(read("status", "alice"), status(Some(ClientRef::Name("alice".to_owned()))));
        assert_eq!(read("status", "alice bob"), Some(Command::Misused(Usage::OneClient)));
        assert_eq!(read("rotate", ""), Some(Command::Mine(MineCommand::Rotate)));
        assert_eq!(read("rotate", "alice"), None);
    }
}
