//! Where alerts go instead of to each owner.

use std::str::FromStr;

use super::ids::TelegramId;

/// A chat, perhaps one topic of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AlertChat {
    /// Its id: that of a group or channel is negative.
    pub chat: TelegramId,
    /// The topic of a group that has topics, by the number of its first message.
    pub topic: Option<i32>,
}

/// Not a chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is no chat's number, and no number with a topic's behind a colon")]
pub struct NoChat;

impl FromStr for AlertChat {
    type Err = NoChat;

    fn from_str(text: &str) -> Result<Self, NoChat> {
        let (chat, topic) = match text.split_once(':') {
            Some((chat, topic)) => (chat, Some(topic.parse().ok().filter(|topic| *topic > 0).ok_or(NoChat)?)),
            None => (text, None),
        };
        let chat = chat.parse().ok().filter(|chat| *chat != 0).ok_or(NoChat)?;
        Ok(Self { chat: TelegramId(chat), topic })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chat_and_perhaps_a_topic() {
        let chat = |chat, topic| Ok(AlertChat { chat: TelegramId(chat), topic });
        assert_eq!("-1001234567890".parse(), chat(-1_001_234_567_890, None));
        assert_eq!("-1001234567890:42".parse(), chat(-1_001_234_567_890, Some(42)));
        assert_eq!("5".parse(), chat(5, None));
        for text in ["", "0", "@name", "5:", "5:0", "5:-1", ":5", "5:6:7"] {
            assert_eq!(text.parse::<AlertChat>(), Err(NoChat), "{text}");
        }
    }
}
