//! Looking at the simulated Telegram, waiting for it, and ordering faults.

use super::TelegramSim;
use super::faults::TgFault;
use super::view::{BotCall, Reaction, SimCallback, SimMessage, TapId, shown};

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
