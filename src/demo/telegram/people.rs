//! The people's side: what they write, tap and do.

use serde_json::{Value, json};

use super::TelegramSim;
use super::format::{Formatted, units};
use super::send::MAX_TEXT;
use super::state::{Content, State, Stored};
use super::view::{SimCallback, SimPerson, TapId};

/// What a person may do besides writing text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SimOther {
    /// A photo with a caption.
    Photo(String),
    /// A file: name and bytes.
    Document(String, bytes::Bytes),
    /// A sticker.
    Sticker,
    /// A voice message.
    Voice,
    /// Their own phone number.
    Contact,
    /// A message of their own changed: its id and the new text.
    EditedMessage(i64, String),
    /// A message in a group, under the group's (negative) id.
    GroupMessage(i64, String),
    /// The person blocked the bot.
    Blocked,
    /// The person unblocked the bot.
    Unblocked,
    /// A message removed from the chat, for both: the bot is not told, so there is no update.
    RemovedMessage(i64),
}

impl TelegramSim {
    /// A person with a private chat with the bot. The bot may not write there before the person did.
    pub fn person(
        &self,
        id: i64,
        first_name: &str,
        username: Option<&str>,
        language_code: Option<&str>,
    ) -> SimPerson {
        let person = SimPerson::new(id, first_name, username, language_code);
        self.shared().change(|state| state.member(id).person.clone_from(&person));
        person
    }

    /// From now on this person's app is in that language: the bot hears of it with what they do next.
    pub fn speaks(&self, id: i64, language_code: &str) {
        self.shared().change(|state| state.member(id).person.language_code = Some(language_code.to_owned()));
    }

    /// A group that the bot is a member of; `id` is negative.
    pub fn group(&self, id: i64, title: &str) {
        self.shared().change(|state| state.groups.insert(id, title.to_owned()));
    }

    /// A message of this person. Longer than 4,096 UTF-16 units it goes as several, as the apps do; the id of
    /// the last update is given. A person who had blocked the bot unblocks it by this.
    pub fn send_text(&self, person: impl Into<i64>, text: &str) -> i64 {
        let person = person.into();
        self.shared().change(|state| {
            if state.member(person).blocked {
                membership(state, person, false);
            }
            pieces(text)
                .into_iter()
                .fold(0, |_, piece| message(state, person, person, Content::Text(Formatted::typed(&piece))))
        })
    }

    /// A tap on a button of this message. The data may be any: forged data reach a bot just so.
    pub fn tap(&self, person: impl Into<i64>, message_id: i64, callback_data: &str) -> TapId {
        let person = person.into();
        self.shared().change(|state| tap(state, person, message_id, callback_data))
    }

    /// Anything else that a person does; gives the update's id, 0 where Telegram tells the bot nothing.
    pub fn send_other(&self, person: impl Into<i64>, other: SimOther) -> i64 {
        let person = person.into();
        self.shared().change(|state| act(state, person, other))
    }

    /// Any update as Telegram would write it, numbered unless it has an `update_id`; gives its id.
    pub fn send_update(&self, update: Value) -> i64 {
        self.shared().change(|state| push(state, update))
    }

    /// The same update once more, under its id; false when there never was one.
    pub fn redeliver(&self, update_id: i64) -> bool {
        self.shared().change(|state| {
            let now = state.now;
            state.queue.again(update_id, now)
        })
    }
}

fn push(state: &mut State, update: Value) -> i64 {
    state.next_moment();
    let now = state.now;
    state.queue.push(update, now)
}

fn message(state: &mut State, person: i64, chat: i64, content: Content) -> i64 {
    let member = state.member(person);
    if chat == person {
        member.started = true;
    }
    let message = state.new_message(chat, Some(person), content);
    let json = state.keep(message);
    push(state, json!({ "message": json }))
}

/// Cuts a text where Telegram's apps cut it: at its limit.
fn pieces(text: &str) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let mut length = 0;
    for char in text.chars() {
        if length + char.len_utf16() > MAX_TEXT {
            pieces.push(String::new());
            length = 0;
        }
        length += char.len_utf16();
        if let Some(piece) = pieces.last_mut() {
            piece.push(char);
        }
    }
    pieces.retain(|piece| units(piece.trim()) > 0);
    pieces
}

fn tap(state: &mut State, person: i64, message_id: i64, data: &str) -> TapId {
    state.member(person).started = true;
    let id = TapId((4_000_000_000_000_000 + state.callbacks.len() + 1).to_string());
    let message = match state.messages.get(&(person, message_id)) {
        Some(message) => state.message_json(message),
        // What Telegram no longer has is told by its id and the date 0.
        None => json!({ "message_id": message_id, "chat": state.chat_json(person), "date": 0 }),
    };
    let query = json!({
        "id": id.0,
        "from": state.user_json(Some(person)),
        "message": message,
        "chat_instance": format!("{}", person.wrapping_mul(31)),
        "data": data,
    });
    let callback = SimCallback {
        id: id.clone(),
        person,
        message_id,
        data: data.to_owned(),
        at: state.now,
        answer: None,
    };
    state.callbacks.insert(id.0.clone(), callback);
    push(state, json!({ "callback_query": query }));
    id
}

fn act(state: &mut State, person: i64, other: SimOther) -> i64 {
    state.member(person);
    match other {
        SimOther::Photo(caption) => {
            let photo = state.keep_file(None, super::media::sample_photo(), Some((64, 64)));
            message(state, person, person, Content::Photo(photo, Formatted::typed(&caption)))
        }
        SimOther::Document(name, bytes) => {
            let file = state.keep_file(Some(name), bytes, None);
            message(state, person, person, Content::Document(file, Formatted::default()))
        }
        SimOther::Sticker => message(state, person, person, Content::Other(sticker())),
        SimOther::Voice => message(state, person, person, Content::Other(voice())),
        SimOther::Contact => {
            let name = state.member(person).person.first_name.clone();
            let contact = json!({ "phone_number": "+70000000000", "first_name": name, "user_id": person });
            message(state, person, person, Content::Other(json!({ "contact": contact })))
        }
        SimOther::EditedMessage(id, text) => edited(state, person, id, &text),
        SimOther::GroupMessage(group, text) => {
            state.groups.entry(group).or_insert_with(|| format!("Group {group}"));
            message(state, person, group, Content::Text(Formatted::typed(&text)))
        }
        SimOther::Blocked => membership(state, person, true),
        SimOther::Unblocked => membership(state, person, false),
        SimOther::RemovedMessage(id) => {
            state.messages.remove(&(person, id));
            state.removed.insert((person, id));
            0
        }
    }
}

fn edited(state: &mut State, person: i64, id: i64, text: &str) -> i64 {
    let content = Content::Text(Formatted::typed(text));
    let original = state.messages.get(&(person, id)).cloned();
    let original = original.unwrap_or_else(|| state.new_message(person, Some(person), content.clone()));
    let message = Stored { content, edit_date: Some(state.now), edits: original.edits + 1, ..original };
    let json = state.keep(message);
    push(state, json!({ "edited_message": json }))
}

fn membership(state: &mut State, person: i64, blocked: bool) -> i64 {
    let was = state.member(person).blocked;
    state.member(person).blocked = blocked;
    let status = |blocked: bool| {
        let user = state.bot.json(true);
        if blocked {
            json!({ "user": user, "status": "kicked", "until_date": 0 })
        } else {
            json!({ "user": user, "status": "member" })
        }
    };
    let update = json!({ "my_chat_member": {
        "chat": state.chat_json(person),
        "from": state.user_json(Some(person)),
        "date": state.now.timestamp(),
        "old_chat_member": status(was),
        "new_chat_member": status(blocked),
    }});
    push(state, update)
}

fn sticker() -> Value {
    json!({ "sticker": {
        "file_id": "CAACAgIAAxkBAAI000001", "file_unique_id": "AgAD000001", "file_size": 10_000,
        "type": "regular", "width": 512, "height": 512, "is_animated": false, "is_video": false, "emoji": "👍",
    }})
}

fn voice() -> Value {
    json!({ "voice": {
        "file_id": "AwACAgIAAxkBAAI000001", "file_unique_id": "AgAD000002", "file_size": 4_000,
        "duration": 2, "mime_type": "audio/ogg",
    }})
}
