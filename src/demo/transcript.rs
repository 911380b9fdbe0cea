//! A chat as text, for a terminal.

use std::fmt::Write as _;

use super::telegram::{SimButton, SimMessage};

/// Messages in order, each with what can be tapped under it.
pub fn transcript(messages: &[SimMessage]) -> String {
    let mut text = String::new();
    for message in messages {
        let who = if message.from_bot { "bot" } else { "you" };
        // Writing into a String cannot fail.
        let _ = writeln!(
            text,
            "── {who} (message {}{})",
            message.id,
            if message.edited > 0 { ", edited" } else { "" }
        );
        if let Some(photo) = &message.photo {
            let _ = writeln!(text, "   (photo, PNG, {} bytes)", photo.len());
        }
        if let Some(document) = &message.document {
            let _ = writeln!(text, "   (document {})", document.name);
        }
        for line in message.caption.as_deref().unwrap_or(&message.text).lines() {
            let _ = writeln!(text, "   {line}");
        }
        for row in &message.keyboard {
            let _ = writeln!(text, "   {}", row.iter().map(button).collect::<Vec<_>>().join(" "));
        }
    }
    text
}

fn button(button: &SimButton) -> String {
    let kind = match (&button.url, &button.copy_text) {
        (Some(_), _) => " ↗",
        (_, Some(_)) => " ⧉",
        _ => "",
    };
    format!("[ {}{kind} ]", button.text)
}
