//! Looking at the simulated Telegram, waiting for it, and ordering faults.

use chrono::{DateTime, Utc};
use tokio::sync::watch;

use super::TelegramSim;
use super::faults::TgFault;
use super::view::{BotCall, Reaction, SimCallback, SimMessage, SimPerson, TapId, shown};

impl TelegramSim {
    /// What this chat shows now, oldest first, edits applied.
    pub fn chat(&self, chat: impl Into<i64>) -> Vec<SimMessage> {
        let chat = chat.into();
        self.shared()
            .lock()
            .messages
            .range((chat, i64::MIN)..=(chat, i64::MAX))
            .map(|(_, message)| shown(message))
            .collect()
    }

    /// The last so many messages of this chat, oldest first.
    pub fn latest(&self, chat: i64, count: usize) -> Vec<SimMessage> {
        let state = self.shared().lock();
        let whole = state.messages.range((chat, i64::MIN)..=(chat, i64::MAX));
        let mut latest: Vec<_> = whole.rev().take(count).map(|(_, message)| shown(message)).collect();
        latest.reverse();
        latest
    }

    /// One message as it is now.
    pub fn message(&self, chat: i64, id: i64) -> Option<SimMessage> {
        self.shared().lock().messages.get(&(chat, id)).map(shown)
    }

    /// The account of this number, if there is one.
    pub fn who(&self, id: i64) -> Option<SimPerson> {
        self.shared().lock().people.get(&id).map(|member| member.person.clone())
    }

    /// The bot's own account.
    pub fn bot(&self) -> SimPerson {
        self.shared().lock().bot.clone()
    }

    /// Told of every change from now on.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.shared().changes()
    }

    /// The taps that were answered after this moment, in order.
    pub fn answers(&self, after: u64) -> Vec<SimCallback> {
        let state = self.shared().lock();
        let fresh = state.answered.iter().filter(|(moment, _)| *moment > after);
        fresh.filter_map(|(_, tap)| state.callbacks.get(&tap.0)).cloned().collect()
    }

    /// What the bot showed itself to be doing in this chat (`typing`) after this moment, if it did.
    pub fn acting(&self, chat: i64, after: u64) -> Option<String> {
        let state = self.shared().lock();
        state.acting.get(&chat).filter(|(moment, _)| *moment > after).map(|(_, action)| action.clone())
    }

    /// Everything that Telegram would have refused though the bot could have known better.
    pub fn violations(&self) -> Vec<String> {
        self.shared().lock().violations.iter().cloned().collect()
    }

    /// The violations so far, forgotten with this: for tests that provoke them.
    pub fn take_violations(&self) -> Vec<String> {
        self.shared().lock().violations.drain(..).collect()
    }

    /// Taps that were never answered: the person's button still spins.
    pub fn unanswered_callbacks(&self) -> Vec<SimCallback> {
        let state = self.shared().lock();
        state.callbacks.values().filter(|callback| callback.answer.is_none()).cloned().collect()
    }

    /// A tap, and how it was answered.
    pub fn callback(&self, tap: &TapId) -> Option<SimCallback> {
        self.shared().lock().callbacks.get(&tap.0).cloned()
    }

    /// Answers the poll that is open, with what there is: as if its time were over.
    pub fn end_poll(&self) {
        self.shared().change(|state| state.queue.end_poll());
    }

    /// The calls that ended, in that order.
    pub fn calls(&self) -> Vec<BotCall> {
        self.shared().lock().calls.iter().cloned().collect()
    }

    /// What the bot did in this chat after this moment, in order.
    pub fn reactions(&self, chat: impl Into<i64>, after: u64) -> Vec<Reaction> {
        let chat = chat.into();
        let state = self.shared().lock();
        state
            .reactions
            .iter()
            .filter(|reaction| reaction.chat == chat && reaction.moment > after)
            .cloned()
            .collect()
    }

    /// The present in the order of all that happened; grows.
    pub fn moment(&self) -> u64 {
        self.shared().lock().moment
    }

    /// How many updates the bot has not confirmed yet.
    pub fn pending_updates(&self) -> usize {
        self.shared().lock().queue.len()
    }

    /// Whether a bot holds a `getUpdates` open at this moment.
    pub fn polled(&self) -> bool {
        self.shared().lock().queue.polled()
    }

    /// What `setMyCommands` stored: pairs of command and description. `scope`: `default`,
    /// `all_private_chats`, `chat:1001`, …; `language` empty for any.
    pub fn commands(&self, scope: &str, language: &str) -> Vec<(String, String)> {
        let key = (scope.to_owned(), language.to_owned());
        self.shared().lock().commands.get(&key).cloned().unwrap_or_default()
    }

    /// Orders a fault. Several that fit one call strike in the order they were ordered.
    pub fn fault(&self, fault: TgFault) {
        self.shared().change(|state| state.faults.push(fault));
    }

    /// Until then whatever would write into a chat is refused with 429 and the time that is left; `None` ends it.
    pub fn flood(&self, until: Option<DateTime<Utc>>) {
        self.shared().change(|state| state.flooded_until = until);
    }

    /// Until when it is so, if it is.
    pub fn flooded_until(&self) -> Option<DateTime<Utc>> {
        let state = self.shared().lock();
        state.flooded_until.filter(|until| *until > state.now)
    }

    /// Takes back every fault that has not struck yet.
    pub fn clear_faults(&self) {
        self.shared().change(|state| state.faults.clear());
    }

    /// Waits until `found` gives something; asked again after every change. Without a limit of its own: bound
    /// it with `tokio::time::timeout`.
    pub async fn wait<T>(&self, mut found: impl FnMut(&Self) -> Option<T>) -> T {
        let mut changes = self.shared().changes();
        loop {
            changes.mark_unchanged();
            if let Some(found) = found(self) {
                return found;
            }
            if changes.changed().await.is_err() {
                // The sender lives in `self`.
                return std::future::pending().await;
            }
        }
    }
}
