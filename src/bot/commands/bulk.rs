//! The words of search, import, broadcast and numbers.

use super::Command;

/// Such a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BulkCommand {
    /// `/find [TEXT]`
    Find(Option<String>),
    /// `/import`; it asks first, whatever follows.
    Import,
    /// `/broadcast`; it asks for the text first, whatever follows.
    Broadcast,
    /// `/stats`
    Stats,
}

/// Reads it, if it is one of these. `rest` is what follows the name, trimmed.
pub(super) fn read(name: &str, rest: &str) -> Option<Command> {
    Some(Command::Bulk(match name {
        "find" => BulkCommand::Find((!rest.is_empty()).then(|| rest.to_owned())),
        "import" => BulkCommand::Import,
        "broadcast" => BulkCommand::Broadcast,
        "stats" => BulkCommand::Stats,
        _ => return None,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_find_is_looked_for_whole() {
        let find = |text| Command::read(text).unwrap();
        assert_eq!(find("/find"), Command::Bulk(BulkCommand::Find(None)));
        let text = Some("flat 12  a".to_owned());
        assert_eq!(find("/find@vpn_bot  flat 12  a "), Command::Bulk(BulkCommand::Find(text)));
        assert_eq!(find("/import now"), Command::Bulk(BulkCommand::Import));
        assert_eq!(find("/broadcast hello"), Command::Bulk(BulkCommand::Broadcast));
        assert_eq!(find("/stats"), Command::Bulk(BulkCommand::Stats));
    }
}
