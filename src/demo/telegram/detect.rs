//! The entities Telegram finds in a text by itself: commands, mentions, links.

use super::format::{SimEntity, units};

/// Commands (`/new`, `/new@bot`), mentions (`@name`) and `http(s)` links, word by word.
pub(super) fn entities(text: &str) -> Vec<SimEntity> {
    let mut found = Vec::new();
    let mut at = 0;
    for word in text.split_inclusive(char::is_whitespace) {
        let bare = word.trim_end();
        if let Some((kind, length)) = kind_of(bare) {
            found.push(SimEntity::new(kind, at, length));
        }
        at += units(word);
    }
    found
}

/// What a word is, and how many UTF-16 units of it.
fn kind_of(word: &str) -> Option<(&'static str, usize)> {
    let name = |char: char| char.is_ascii_alphanumeric() || char == '_';
    if let Some(rest) = word.strip_prefix('/') {
        let end = rest.find(|char| !name(char)).unwrap_or(rest.len());
        let after = rest.get(end..)?;
        let bot =
            after.strip_prefix('@').map_or(0, |bot| 1 + bot.find(|char| !name(char)).unwrap_or(bot.len()));
        let path = after.starts_with('/');
        return (1..=64).contains(&end).then_some(("bot_command", 1 + end + bot)).filter(|_| !path);
    }
    if let Some(rest) = word.strip_prefix('@') {
        let end = rest.find(|char| !name(char)).unwrap_or(rest.len());
        return (4..=32).contains(&end).then_some(("mention", 1 + end));
    }
    let rest = word.strip_prefix("https://").or_else(|| word.strip_prefix("http://"))?;
    let bare = word.trim_end_matches(['.', ',', ';', ':', '!', '?', ')', '"', '\'']);
    rest.contains('.').then(|| ("url", units(bare)))
}
