//! Doors for `fuzz/`: what people and Telegram send.

use super::arrival::Arrival;
use super::callback::Tap;
use super::commands::Command;
use super::intake;

/// A text that somebody typed.
pub fn command(text: &str) {
    let _ = Command::read(text);
}

/// What stood in a button. What is read must be what would be written.
pub fn tap(data: &str) {
    if let Ok(tap) = data.parse::<Tap>() {
        assert_eq!(tap.to_string(), data);
    }
}

/// An update, from the wire to what a handler gets.
pub fn update(body: &[u8]) {
    let Ok(update) = serde_json::from_slice(body) else { return };
    if let Some(kept) = intake::incoming(&update) {
        let _ = Arrival::read(&kept.payload);
    }
}
