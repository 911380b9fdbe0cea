//! Tests that read like a conversation:
//!
//! ```ignore
//! let olga = Chat::new(&telegram, 1001, "Olga", "ru");
//! let screen = olga.send("/new alice_1 30").await;
//! olga.tap("QR").await;
//! assert_eq!(qr_of(&olga.last_photo().await), link);
//! ```
//!
//! Nothing sleeps: every wait ends with the change it waits for, or after [`LIMIT`] with a panic that shows the
//! conversation.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use orchestrator::demo::telegram::{
    CallbackAnswer, ReactionKind, SimButton, SimDocument, SimMessage, SimOther, SimPerson, TapId, TelegramSim,
};

/// How long anything may take.
pub const LIMIT: Duration = Duration::from_secs(20);

/// A person in their private chat with the bot.
#[derive(Clone)]
pub struct Chat {
    pub telegram: TelegramSim,
    pub person: SimPerson,
    /// When this person last did something.
    acted: Arc<AtomicU64>,
    /// The newest reaction of the bot that a test has seen.
    seen: Arc<AtomicU64>,
}

impl Chat {
    pub fn new(telegram: &TelegramSim, id: i64, name: &str, language: &str) -> Self {
        Self::of(telegram, telegram.person(id, name, None, Some(language)))
    }

    /// The chat of a person who was introduced already.
    pub fn of(telegram: &TelegramSim, person: SimPerson) -> Self {
        Self { telegram: telegram.clone(), person, acted: Arc::default(), seen: Arc::default() }
    }

    /// Writes, and gives the first thing the bot does about it: a message sent, edited, or found to be so already.
    pub async fn send(&self, text: &str) -> Screen {
        self.write(text);
        self.next().await
    }

    /// Writes, and gives the first `n` things the bot does about it, in order.
    pub async fn send_n(&self, text: &str, n: usize) -> Vec<Screen> {
        self.write(text);
        self.next_n(n).await
    }

    /// Writes without waiting for anything; gives the update's id.
    pub fn write(&self, text: &str) -> i64 {
        self.act();
        self.telegram.send_text(&self.person, text)
    }

    /// Does something else (a sticker, blocking the bot …) without waiting; gives the update's id.
    pub fn act_other(&self, other: SimOther) -> i64 {
        self.act();
        self.telegram.send_other(&self.person, other)
    }

    /// Taps the button with this text, or with this in its text, in the newest message that has one; waits for
    /// the tap to be answered and gives the first message that the bot sends or edits.
    pub async fn tap(&self, label: &str) -> Screen {
        let tap = self.press(label).await;
        self.answered(&tap).await;
        self.next().await
    }

    /// As `tap`, for a tap that brings several messages.
    pub async fn tap_n(&self, label: &str, n: usize) -> Vec<Screen> {
        let tap = self.press(label).await;
        self.answered(&tap).await;
        self.next_n(n).await
    }

    /// Taps, and gives what the answer itself said (a toast or an alert).
    pub async fn tap_toast(&self, label: &str) -> CallbackAnswer {
        let tap = self.press(label).await;
        self.answered(&tap).await
    }

    /// Sends any callback data as if a button of this message had carried it; gives what the answer said.
    pub async fn forge(&self, message_id: i64, data: &str) -> CallbackAnswer {
        self.act();
        let tap = self.telegram.tap(&self.person, message_id, data);
        self.answered(&tap).await
    }

    /// Taps without waiting for an answer. Waits for the button, if it is not there yet.
    pub async fn press(&self, label: &str) -> TapId {
        let what = format!("a button \"{label}\"");
        let (id, button) = self.wait(&what, |chat| chat.find(label)).await;
        let Some(data) = &button.callback_data else {
            panic!("\"{}\" sends nothing to the bot: {button:?}\n{}", button.text, self.transcript());
        };
        self.act();
        self.telegram.tap(&self.person, id, data)
    }

    /// The next thing the bot does in this chat after what was seen last.
    pub async fn next(&self) -> Screen {
        self.wait("an answer", |chat| {
            let seen = chat.seen.load(Ordering::SeqCst);
            let shows =
                |kind| matches!(kind, ReactionKind::Sent | ReactionKind::Edited | ReactionKind::NotModified);
            let reactions = chat.telegram.reactions(&chat.person, seen);
            let reaction = reactions.into_iter().find(|reaction| shows(reaction.kind))?;
            chat.seen.store(reaction.moment, Ordering::SeqCst);
            reaction.message.map(|message| Screen { message })
        })
        .await
    }

    /// The next `n` things the bot does.
    pub async fn next_n(&self, n: usize) -> Vec<Screen> {
        let mut screens = Vec::new();
        for _ in 0..n {
            screens.push(self.next().await);
        }
        screens
    }

    /// Waits until the chat is so; all that the bot did until then counts as seen.
    pub async fn until(&self, what: &str, mut so: impl FnMut(&Self) -> bool) {
        self.wait(what, |chat| so(chat).then_some(())).await;
        self.seen.store(self.telegram.moment(), Ordering::SeqCst);
    }

    /// The newest photo since this person last did something; waits for it.
    pub async fn last_photo(&self) -> Vec<u8> {
        self.wait("a photo", |chat| chat.since_acting(|message| message.photo.map(|bytes| bytes.to_vec())))
            .await
    }

    /// The newest document since this person last did something; waits for it.
    pub async fn last_document(&self) -> SimDocument {
        self.wait("a document", |chat| chat.since_acting(|message| message.document)).await
    }

    /// The bot's newest message as it stands now.
    pub fn last(&self) -> Screen {
        let newest = self.messages().into_iter().rev().find(|message| message.from_bot);
        let message = newest.unwrap_or_else(|| panic!("the bot wrote nothing\n{}", self.transcript()));
        Screen { message }
    }

    /// The plain text, or caption, of the bot's newest message.
    pub fn text(&self) -> String {
        self.last().text()
    }

    /// The button with this, or with this in, its text in the newest message that has one.
    pub fn button(&self, label: &str) -> SimButton {
        let found = self.find(label);
        found.unwrap_or_else(|| panic!("no button \"{label}\"\n{}", self.transcript())).1
    }

    pub fn has_button(&self, label: &str) -> bool {
        self.find(label).is_some()
    }

    /// Everything in the chat now.
    pub fn messages(&self) -> Vec<SimMessage> {
        self.telegram.chat(&self.person)
    }

    /// The conversation as people read it, and what went wrong behind it.
    pub fn transcript(&self) -> String {
        let mut text = format!("--- chat of {} ({}) ---\n", self.person.first_name, self.person.id);
        for message in self.messages() {
            let (id, edits) = (message.id, message.edited);
            let who = if message.from_bot { "bot" } else { "person" };
            let edited = if edits > 0 { format!(", edited {edits}×") } else { String::new() };
            text += &format!("#{id} {who}{edited}:\n{}\n\n", Screen { message });
        }
        let failed = self.telegram.calls().into_iter().filter(|call| !call.ok);
        for call in failed {
            text += &format!("refused: {} {}\n", call.method, call.error.unwrap_or_default());
        }
        for violation in self.telegram.violations() {
            text += &format!("violation: {violation}\n");
        }
        for callback in self.telegram.unanswered_callbacks() {
            text += &format!("not answered: {} by {}\n", callback.data, callback.person);
        }
        text
    }

    /// Waits until `found` gives something.
    pub async fn wait<T>(&self, what: &str, mut found: impl FnMut(&Self) -> Option<T>) -> T {
        let waiting = self.telegram.wait(|_| found(self));
        match tokio::time::timeout(LIMIT, waiting).await {
            Ok(found) => found,
            Err(_) => panic!("waited {LIMIT:?} for {what}\n{}", self.transcript()),
        }
    }

    async fn answered(&self, tap: &TapId) -> CallbackAnswer {
        self.wait("the answer to a tap", |chat| chat.telegram.callback(tap)?.answer).await
    }

    fn act(&self) {
        let moment = self.telegram.moment();
        self.acted.store(moment, Ordering::SeqCst);
        self.seen.store(moment, Ordering::SeqCst);
    }

    fn find(&self, label: &str) -> Option<(i64, SimButton)> {
        self.messages().into_iter().rev().find_map(|message| {
            let buttons: Vec<SimButton> = message.keyboard.into_iter().flatten().collect();
            let exact = buttons.iter().find(|button| button.text == label);
            let found = exact.or_else(|| buttons.iter().find(|button| button.text.contains(label)))?;
            Some((message.id, found.clone()))
        })
    }

    fn since_acting<T>(&self, pick: impl Fn(SimMessage) -> Option<T>) -> Option<T> {
        let acted = self.acted.load(Ordering::SeqCst);
        let reactions = self.telegram.reactions(&self.person, acted);
        reactions.into_iter().rev().find_map(|reaction| pick(reaction.message?))
    }
}

/// A message of the bot as it stood when it was seen. Its text form is for snapshots.
#[derive(Debug, Clone, PartialEq)]
pub struct Screen {
    pub message: SimMessage,
}

impl Screen {
    /// The plain text, or the caption.
    pub fn text(&self) -> String {
        self.message.caption.clone().unwrap_or_else(|| self.message.text.clone())
    }

    /// The labels of all buttons.
    pub fn labels(&self) -> Vec<String> {
        self.message.keyboard.iter().flatten().map(|button| button.text.clone()).collect()
    }
}

impl fmt::Display for Screen {
    /// What was sent, markup and all; above it what is not text; below it the buttons, a row a line: `↗` opens
    /// a URL, `⧉` copies.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let message = &self.message;
        if message.photo.is_some() {
            writeln!(f, "(photo)")?;
        }
        if let Some(document) = &message.document {
            writeln!(f, "(document {}, {} bytes)", document.name, document.bytes.len())?;
        }
        if let Some(kind) = message.other.as_ref().and_then(|other| other.as_object()?.keys().next()) {
            writeln!(f, "({kind})")?;
        }
        write!(f, "{}", message.html)?;
        for row in &message.keyboard {
            let shown = |button: &SimButton| {
                let mark = match (&button.url, &button.copy_text) {
                    (Some(_), _) => " ↗",
                    (_, Some(_)) => " ⧉",
                    _ => "",
                };
                format!("[ {}{mark} ]", button.text)
            };
            write!(f, "\n{}", row.iter().map(shown).collect::<Vec<_>>().join(" "))?;
        }
        Ok(())
    }
}

/// What the only QR code in a PNG says.
pub fn qr_of(png: &[u8]) -> String {
    let picture = image::load_from_memory(png).expect("not a picture").to_luma8();
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let pixel = |x: usize, y: usize| picture.get_pixel(x as u32, y as u32).0[0];
    let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(width, height, pixel);
    let codes = prepared.detect_grids();
    assert_eq!(codes.len(), 1, "QR codes in the picture");
    codes[0].decode().expect("an unreadable QR code").1
}
