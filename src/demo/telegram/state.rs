//! All that the simulated Telegram knows.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::faults::TgFault;
use super::format::Formatted;
use super::keyboard::SimButton;
use super::media::StoredFile;
use super::params::Params;
use super::polling::Queue;
use super::refusal::Refusal;
use super::view::{BotCall, Reaction, ReactionKind, SimCallback, SimPerson, TapId};
use super::webhook::Webhook;

/// How many calls, reactions and violations are remembered: enough for any test, bounded for a long demo.
const REMEMBERED: usize = 20_000;

/// A person and what stands between them and the bot.
#[derive(Debug, Clone)]
pub(super) struct Member {
    pub person: SimPerson,
    /// Wrote to the bot at least once: before that it may not write to them.
    pub started: bool,
    pub blocked: bool,
}

/// What a message holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Content {
    Text(Formatted),
    Photo(Arc<StoredFile>, Formatted),
    Document(Arc<StoredFile>, Formatted),
    /// Anything a person sends that the bot only passes over: fields of the message.
    Other(Value),
}

/// A message as it stands now.
#[derive(Debug, Clone)]
pub(super) struct Stored {
    pub chat: i64,
    pub id: i64,
    /// None: the bot.
    pub author: Option<i64>,
    pub date: DateTime<Utc>,
    pub edit_date: Option<DateTime<Utc>>,
    pub edits: u32,
    pub content: Content,
    pub keyboard: Vec<Vec<SimButton>>,
    pub protected: bool,
    pub silent: bool,
    /// The message this one answers.
    pub reply_to: Option<i64>,
}

#[derive(Debug)]
pub(super) struct State {
    /// The present, read anew at each lock.
    pub now: DateTime<Utc>,
    pub bot: SimPerson,
    pub people: BTreeMap<i64, Member>,
    /// Groups by their (negative) id, with their titles.
    pub groups: BTreeMap<i64, String>,
    pub messages: BTreeMap<(i64, i64), Stored>,
    /// Messages that a person removed: the bot could not know.
    pub removed: BTreeSet<(i64, i64)>,
    pub files: HashMap<String, Arc<StoredFile>>,
    pub queue: Queue,
    pub webhook: Option<Webhook>,
    /// A Bot API server of one's own: it calls webhooks at any address.
    pub local: bool,
    pub callbacks: BTreeMap<String, SimCallback>,
    pub commands: BTreeMap<(String, String), Vec<(String, String)>>,
    /// Descriptions by method suffix and language.
    pub descriptions: BTreeMap<(&'static str, String), String>,
    pub calls: VecDeque<BotCall>,
    pub reactions: VecDeque<Reaction>,
    pub violations: VecDeque<String>,
    pub faults: Vec<TgFault>,
    /// Until when Telegram takes no message: "too many requests".
    pub flooded_until: Option<DateTime<Utc>>,
    /// Which taps were answered, and when in the order of all that happened.
    pub answered: VecDeque<(u64, TapId)>,
    /// What the bot was last seen doing in each chat (`typing`), and when.
    pub acting: BTreeMap<i64, (u64, String)>,
    /// Grows with everything that happens.
    pub moment: u64,
    next_message: i64,
    next_file: u64,
}

impl State {
    pub(super) fn new(bot: SimPerson, now: DateTime<Utc>) -> Self {
        Self {
            now,
            bot,
            people: BTreeMap::new(),
            groups: BTreeMap::new(),
            messages: BTreeMap::new(),
            removed: BTreeSet::new(),
            files: HashMap::new(),
            queue: Queue::new(now),
            webhook: None,
            local: false,
            callbacks: BTreeMap::new(),
            commands: BTreeMap::new(),
            descriptions: BTreeMap::new(),
            calls: VecDeque::new(),
            reactions: VecDeque::new(),
            violations: VecDeque::new(),
            faults: Vec::new(),
            flooded_until: None,
            answered: VecDeque::new(),
            acting: BTreeMap::new(),
            moment: 0,
            next_message: 1,
            next_file: 1,
        }
    }

    pub(super) fn next_moment(&mut self) -> u64 {
        self.moment += 1;
        self.moment
    }

    /// The person with this id, made up when nobody was introduced under it.
    pub(super) fn member(&mut self, id: i64) -> &mut Member {
        self.people.entry(id).or_insert_with(|| Member {
            person: SimPerson::new(id, &format!("Person {id}"), None, None),
            started: false,
            blocked: false,
        })
    }

    pub(super) fn violation(&mut self, what: String) {
        remember(&mut self.violations, what);
    }

    /// Notes a call, and what is wrong with it.
    pub(super) fn note_call(
        &mut self,
        method: &str,
        params: &Params,
        refusal: Option<&Refusal>,
        fault: bool,
    ) {
        let call = BotCall {
            moment: self.next_moment(),
            method: method.to_owned(),
            parameters: params.logged(),
            ok: refusal.is_none(),
            error: refusal.map(|refusal| refusal.description.clone()),
            fault,
        };
        remember(&mut self.calls, call);
    }

    /// Notes what the bot did in a chat, with the message as it stands at this moment.
    pub(super) fn react(&mut self, chat: i64, message: i64, kind: ReactionKind) {
        let moment = self.next_moment();
        let shown = self.messages.get(&(chat, message)).map(super::view::shown);
        remember(&mut self.reactions, Reaction { moment, chat, message_id: message, kind, message: shown });
    }

    /// Notes that a tap was answered.
    pub(super) fn answered(&mut self, tap: TapId) {
        remember(&mut self.answered, (self.moment, tap));
    }

    /// Notes what the bot shows itself to be doing.
    pub(super) fn acts(&mut self, chat: i64, action: &str) {
        let moment = self.next_moment();
        self.acting.insert(chat, (moment, action.to_owned()));
    }

    /// Whether the bot may write to this chat.
    pub(super) fn reachable(&self, chat: i64) -> Result<(), Refusal> {
        if self.groups.contains_key(&chat) {
            return Ok(());
        }
        match self.people.get(&chat) {
            None => Err(Refusal::bad("chat not found")),
            Some(member) if member.blocked => {
                Err(Refusal::forbidden("bot was blocked by the user").circumstance())
            }
            Some(member) if !member.started => {
                Err(Refusal::forbidden("bot can't initiate conversation with a user").circumstance())
            }
            Some(_) => Ok(()),
        }
    }

    pub(super) fn new_message(&mut self, chat: i64, author: Option<i64>, content: Content) -> Stored {
        let id = self.next_message;
        self.next_message += 1;
        Stored {
            chat,
            id,
            author,
            date: self.now,
            edit_date: None,
            edits: 0,
            content,
            keyboard: Vec::new(),
            protected: false,
            silent: false,
            reply_to: None,
        }
    }

    /// Keeps a message; gives its `Message` object.
    pub(super) fn keep(&mut self, message: Stored) -> Value {
        let json = self.message_json(&message);
        self.messages.insert((message.chat, message.id), message);
        json
    }

    pub(super) fn keep_file(
        &mut self,
        name: Option<String>,
        bytes: bytes::Bytes,
        picture: Option<(u32, u32)>,
    ) -> Arc<StoredFile> {
        let kind = if picture.is_some() { "AgACAgIAAxkBAAI" } else { "BQACAgIAAxkBAAI" };
        let id = format!("{kind}{:06}", self.next_file);
        self.next_file += 1;
        let file = Arc::new(StoredFile { id: id.clone(), name, bytes, picture });
        self.files.insert(id, Arc::clone(&file));
        file
    }

    /// The file with this id; each size of a photo has an id of its own.
    pub(super) fn file(&self, id: &str) -> Option<Arc<StoredFile>> {
        let whole = id.split('-').next().unwrap_or_default();
        self.files.get(whole).cloned()
    }

    /// The Bot API's `Chat`.
    pub(super) fn chat_json(&self, chat: i64) -> Value {
        if let Some(title) = self.groups.get(&chat) {
            return json!({ "id": chat, "type": "group", "title": title });
        }
        let mut json = json!({ "id": chat, "type": "private" });
        if let (Some(fields), Some(member)) = (json.as_object_mut(), self.people.get(&chat)) {
            fields.insert("first_name".to_owned(), json!(member.person.first_name));
            if let Some(username) = &member.person.username {
                fields.insert("username".to_owned(), json!(username));
            }
        }
        json
    }

    /// The Bot API's `User` of a message's author; none: the bot.
    pub(super) fn user_json(&self, id: Option<i64>) -> Value {
        match id.and_then(|id| self.people.get(&id)) {
            Some(member) => member.person.json(false),
            None => self.bot.json(true),
        }
    }

    /// The Bot API's `Message`.
    pub(super) fn message_json(&self, message: &Stored) -> Value {
        let mut json = json!({
            "message_id": message.id,
            "from": self.user_json(message.author),
            "chat": self.chat_json(message.chat),
            "date": message.date.timestamp(),
        });
        let Some(fields) = json.as_object_mut() else { return json };
        if let Some(date) = message.edit_date {
            fields.insert("edit_date".to_owned(), json!(date.timestamp()));
        }
        if message.protected {
            fields.insert("has_protected_content".to_owned(), json!(true));
        }
        if let Some(original) = message.reply_to.and_then(|id| self.messages.get(&(message.chat, id))) {
            fields.insert("reply_to_message".to_owned(), self.message_json(original));
        }
        if let Value::Object(content) = message.content.json() {
            fields.extend(content);
        }
        if !message.keyboard.is_empty() {
            fields.insert("reply_markup".to_owned(), super::keyboard::Markup::json(&message.keyboard));
        }
        json
    }
}

impl Content {
    /// The fields of a `Message` that this content makes.
    fn json(&self) -> Value {
        let (mut json, text, names) = match self {
            Self::Text(text) => (json!({}), text, ("text", "entities")),
            Self::Photo(file, caption) => {
                (json!({ "photo": file.photo_sizes() }), caption, ("caption", "caption_entities"))
            }
            Self::Document(file, caption) => {
                (json!({ "document": file.document() }), caption, ("caption", "caption_entities"))
            }
            Self::Other(fields) => return fields.clone(),
        };
        if let Some(fields) = json.as_object_mut().filter(|_| !text.text.is_empty()) {
            fields.insert(names.0.to_owned(), json!(text.text));
            if !text.entities.is_empty() {
                fields.insert(names.1.to_owned(), json!(text.entities));
            }
        }
        json
    }
}

fn remember<T>(list: &mut VecDeque<T>, item: T) {
    if list.len() >= REMEMBERED {
        list.pop_front();
    }
    list.push_back(item);
}
