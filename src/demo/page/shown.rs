//! What the page is told of things, as JSON.

use serde_json::{Value, json};

use super::Page;
use crate::demo::panel::{PanelSim, SimUser};
use crate::demo::people::{DemoPerson, PEOPLE, person};
use crate::demo::telegram::{SimCallback, SimMessage, TelegramSim};
use crate::domain::actor::Actor;
use crate::domain::ids::TelegramId;
use crate::domain::operation::{AuditEntry, AuditFilter, Outcome};
use crate::domain::page::Window;

/// So many users of the panel are shown, the newest.
const USERS: usize = 200;
/// So many rows of the log are shown, the newest.
const ROWS: u32 = 50;
/// So many characters of a link tell it from another, and open nothing.
const END: usize = 5;

/// What does not change while the demo runs.
pub fn hello(page: &Page) -> Value {
    let bot = page.telegram.bot();
    json!({
        "run": *page.run,
        "now": page.trouble.time(),
        "bot": { "name": bot.first_name, "username": bot.username },
        "public_url": super::PUBLIC_URL,
    })
}

/// Who is there.
pub fn people(telegram: &TelegramSim) -> Value {
    let language = |id| telegram.who(id).and_then(|known| known.language_code);
    let one = |DemoPerson { id, name, part, .. }| json!({ "id": id, "name": name, "part": part, "language": language(id) });
    PEOPLE.into_iter().map(one).collect()
}

/// The commands of a person's menu. Telegram takes the first list there is: of the chat, of private chats, of everyone,
/// each in the person's language and then in any.
pub fn menu(telegram: &TelegramSim, id: i64) -> Value {
    let language = telegram.who(id).and_then(|known| known.language_code).unwrap_or_default();
    let scopes = [format!("chat:{id}"), "all_private_chats".to_owned(), "default".to_owned()];
    let mut lists =
        scopes.iter().flat_map(|scope| [&*language, ""].map(|language| telegram.commands(scope, language)));
    let commands = lists.find(|list| !list.is_empty()).unwrap_or_default();
    let one = |(command, description)| json!({ "command": command, "description": description });
    json!({ "chat": id, "commands": commands.into_iter().map(one).collect::<Vec<_>>() })
}

/// A message as it is now. Its file is asked for by itself.
pub fn message(message: &SimMessage) -> Value {
    let other = message.other.as_ref().and_then(Value::as_object).and_then(|fields| fields.keys().next());
    json!({
        "id": message.id,
        "bot": message.from_bot,
        "date": message.date,
        "text": message.caption.as_ref().unwrap_or(&message.text),
        "entities": message.entities,
        "photo": message.photo_size.filter(|_| message.photo.is_some()),
        "document": message.document.as_ref().map(|file| json!({ "name": file.name, "size": file.bytes.len() })),
        "keyboard": message.keyboard,
        "edited": message.edited,
        "silent": message.silent,
        "other": other,
    })
}

/// How a tap was answered.
pub fn answer(tap: &SimCallback) -> Value {
    json!({ "tap": tap.id, "chat": tap.person, "message": tap.message_id, "answer": tap.answer })
}

/// The panel's users, the newest first.
pub fn panel(panel: &PanelSim) -> Value {
    let users = panel.users();
    let newest = users.iter().rev().take(USERS).map(user);
    json!({ "version": panel.version().number(), "total": users.len(), "users": newest.collect::<Vec<_>>() })
}

fn user(user: &SimUser) -> Value {
    let from = user.short_uuid.chars().count().saturating_sub(END);
    json!({
        "id": user.id,
        "username": user.username,
        "status": user.status.name(),
        "expires_at": user.expire_at,
        "link": user.short_uuid.chars().skip(from).collect::<String>(),
        "telegram": user.telegram_id,
    })
}

/// The log, the newest first; none when it cannot be read now.
pub async fn log(page: &Page) -> Option<Value> {
    let window = Window { limit: ROWS, after: None };
    let read = page.services.audit.page(&Actor::Job("demo"), AuditFilter::default(), window).await;
    let read = read.inspect_err(|error| tracing::debug!(%error, "the log could not be read")).ok()?;
    Some(read.items.iter().map(row).collect())
}

fn row(row: &AuditEntry) -> Value {
    let who = TelegramId::from_label(&row.actor).and_then(|id| person(id.0));
    json!({
        "id": row.id.0,
        "at": row.created_at,
        "actor": row.actor,
        "person": who.map(|person| person.id),
        "source": row.source,
        "action": row.action,
        "client": row.username,
        "days": row.payload.as_ref().and_then(|payload| payload.get("days")),
        "reason": row.reason.as_ref().map(|reason| reason.as_str()),
        "done": row.result == Outcome::Success,
        "error": row.error,
    })
}
