//! A person's private chat with the bot: something is done, and what the bot answers is waited for.

use std::str::FromStr as _;
use std::time::Duration;

use orchestrator::bot::callback::Tap;
use orchestrator::demo::telegram::{Reaction, ReactionKind, SimMessage, TelegramSim};
use tokio::time::timeout;

use crate::ledger::End;

/// Longer than an answer may take: Telegram may be silent to several calls, 25 s to each, and the process be cut meanwhile.
const PATIENCE: Duration = Duration::from_secs(120);

/// A chat.
#[derive(Debug, Clone)]
pub struct Talk {
    pub telegram: TelegramSim,
    pub person: i64,
}

impl Talk {
    pub fn new(telegram: &TelegramSim, person: i64, name: &str) -> Self {
        telegram.person(person, name, None, Some("en"));
        Self { telegram: telegram.clone(), person }
    }

    /// Writes; gives the first answer that `read` can make something of, and the update's number.
    pub async fn say<T>(&self, text: &str, read: impl Fn(&SimMessage) -> Option<T>) -> (Option<T>, i64) {
        let before = self.telegram.moment();
        let update = self.telegram.send_text(self.person, text);
        (self.hear(before, 0, read).await, update)
    }

    /// Taps a button, twice at once if wanted; gives what the answer says of the change, and the answer. A second tap tries
    /// again what has failed: then its answer is the one that counts.
    pub async fn tap(
        &self,
        (message, data): (i64, &str),
        twice: bool,
        done: &str,
    ) -> Option<(End, SimMessage)> {
        let read = |message: &SimMessage| Some((verdict(words(message), done)?, message.clone()));
        let before = self.telegram.moment();
        for _ in 0..=usize::from(twice) {
            self.telegram.tap(self.person, message, data);
        }
        let first = self.hear(before, 0, read).await?;
        match first.0 {
            End::Failed | End::Busy if twice => Some(self.hear(before, 1, read).await.unwrap_or(first)),
            _ => Some(first),
        }
    }

    /// What can be read out of the answers since then; so many of those are passed over.
    async fn hear<T>(&self, after: u64, passed: usize, read: impl Fn(&SimMessage) -> Option<T>) -> Option<T> {
        let shown = |reaction: &Reaction| {
            matches!(reaction.kind, ReactionKind::Sent | ReactionKind::Edited | ReactionKind::NotModified)
        };
        let heard = self.telegram.wait(|telegram| {
            let reactions = telegram.reactions(self.person, after);
            reactions
                .iter()
                .filter(|reaction| shown(reaction))
                .filter_map(|reaction| read(reaction.message.as_ref()?))
                .nth(passed)
        });
        timeout(PATIENCE, heard).await.ok()
    }

    /// What the bot has said since then, for whoever has to find out why nothing of it was the answer.
    pub fn since(&self, moment: u64) -> String {
        let reactions = self.telegram.reactions(self.person, moment);
        let texts = reactions.iter().filter_map(|reaction| reaction.message.as_ref()).map(words);
        texts.map(|text| text.chars().take(90).collect::<String>()).collect::<Vec<_>>().join(" | ")
    }
}

/// The text of a message, or what stands under its picture.
pub fn words(message: &SimMessage) -> &str {
    message.caption.as_deref().unwrap_or(&message.text)
}

/// The button of a message that asks for this: the message and the button's data.
pub fn button(message: &SimMessage, wanted: impl Fn(&Tap) -> bool) -> Option<(i64, String)> {
    let mut data = message.keyboard.iter().flatten().filter_map(|button| button.callback_data.as_ref());
    let found = data.find(|data| Tap::from_str(data).is_ok_and(|tap| wanted(&tap)))?;
    Some((message.id, found.clone()))
}

/// Whether the bot says this by itself, or that it still works: no answer to anything.
pub fn is_by_itself(text: &str) -> bool {
    // What somebody is told who asks how their access stands.
    const ASKED: [&str; 2] = ["Your access is closed", "Your access has expired"];
    const TOLD: [&str; 7] = [
        "Your access ",
        "The date of your access ",
        "The link of your access ",
        " deleted the client ",
        " extended the client ",
        "Still working on it",
        "Your message is not lost",
    ];
    let has = |parts: &[&str]| parts.iter().any(|part| text.contains(part));
    has(&TOLD) && !has(&ASKED)
}

/// What an answer says of a change; `done` as it would say that it is done. Nothing, where it says something else.
pub fn verdict(text: &str, done: &str) -> Option<End> {
    const REFUSED: [&str; 9] = [
        "is blocked already",
        "is not blocked",
        "cannot be undone any more",
        "There is no client",
        "You have no client",
        "is taken. Send another one",
        "You may not do this",
        "no panel user",
        "out of date",
    ];
    const FAILED: [&str; 3] =
        ["The panel could not do it", "the panel could not do it", "The link was not replaced"];
    const PUZZLING: [&str; 3] =
        ["Something broke on my side", "This took too long", "has already done something else"];
    let has = |parts: &[&str]| parts.iter().any(|part| text.contains(part));
    if is_by_itself(text) {
        None
    } else if text.contains(done) {
        Some(End::Done(None))
    } else if has(&FAILED) {
        Some(End::Failed)
    } else if text.contains("Someone else is working on this client") {
        Some(End::Busy)
    } else if has(&REFUSED) {
        Some(End::Refused(text.chars().take(60).collect()))
    } else if has(&PUZZLING) {
        Some(End::Silent(text.chars().take(60).collect()))
    } else {
        None
    }
}
