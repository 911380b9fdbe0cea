//! What the bot says of itself and asks about others: commands, descriptions, chats, files.

use serde_json::{Value, json};

use super::format::units;
use super::params::Params;
use super::refusal::Refusal;
use super::state::State;

const MAX_COMMANDS: usize = 100;
const MAX_COMMAND: usize = 32;
const MAX_COMMAND_DESCRIPTION: usize = 256;

pub(super) fn me(state: &State) -> Value {
    let mut me = state.bot.json(true);
    if let Some(fields) = me.as_object_mut() {
        let more = json!({
            "can_join_groups": true,
            "can_read_all_group_messages": false,
            "supports_inline_queries": false,
            "can_connect_to_business": false,
            "has_main_web_app": false,
        });
        fields.extend(more.as_object().cloned().unwrap_or_default());
    }
    me
}

/// The scope's key: `default`, `all_private_chats`, `chat:1001`, `chat_member:-5:1001`.
fn scope(params: &Params) -> Result<String, Refusal> {
    let Some(scope) = params.json("scope") else { return Ok("default".to_owned()) };
    let kind = scope.get("type").and_then(Value::as_str).unwrap_or_default();
    let id = |name: &str| scope.get(name).and_then(Value::as_i64);
    let wrong = || Refusal::bad("can't parse BotCommandScope: invalid scope");
    match kind {
        "default" | "all_private_chats" | "all_group_chats" | "all_chat_administrators" => {
            Ok(kind.to_owned())
        }
        "chat" | "chat_administrators" => Ok(format!("{kind}:{}", id("chat_id").ok_or_else(wrong)?)),
        "chat_member" => {
            let (chat, user) = (id("chat_id").ok_or_else(wrong)?, id("user_id").ok_or_else(wrong)?);
            Ok(format!("{kind}:{chat}:{user}"))
        }
        _ => Err(wrong()),
    }
}

/// The key of a list of commands: scope and language (empty: any).
fn key(state: &State, params: &Params) -> Result<(String, String), Refusal> {
    let scope = scope(params)?;
    if let Some(chat) = scope.strip_prefix("chat:").and_then(|chat| chat.parse().ok()) {
        let known = state.people.contains_key(&chat) || state.groups.contains_key(&chat);
        if !known {
            return Err(Refusal::bad("chat not found").circumstance());
        }
    }
    Ok((scope, language(params)?))
}

fn language(params: &Params) -> Result<String, Refusal> {
    let code = params.text("language_code").unwrap_or_default();
    let valid = code.is_empty() || (code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_lowercase()));
    if valid { Ok(code.to_owned()) } else { Err(Refusal::bad("invalid language code specified")) }
}

pub(super) fn set_commands(state: &mut State, params: &Params) -> Result<Value, Refusal> {
    let key = key(state, params)?;
    let wrong = || Refusal::bad("can't parse commands: expected an Array of BotCommand");
    let commands = params.json("commands").and_then(Value::as_array).ok_or_else(wrong)?;
    if commands.len() > MAX_COMMANDS {
        return Err(Refusal::bad("BOT_COMMANDS_TOO_MUCH"));
    }
    let read = |command: &Value| {
        let text = |name: &str| command.get(name).and_then(Value::as_str).ok_or_else(wrong);
        command_of(text("command")?, text("description")?)
    };
    let list = commands.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    state.commands.insert(key, list);
    Ok(json!(true))
}

fn command_of(command: &str, description: &str) -> Result<(String, String), Refusal> {
    let name = command.strip_prefix('/').unwrap_or(command);
    let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if !(1..=MAX_COMMAND).contains(&name.len()) || !name.bytes().all(letter) {
        return Err(Refusal::bad("BOT_COMMAND_INVALID"));
    }
    match units(description.trim()) {
        0 => Err(Refusal::bad("command description must be non-empty")),
        length if length > MAX_COMMAND_DESCRIPTION => Err(Refusal::bad("BOT_COMMAND_DESCRIPTION_INVALID")),
        _ => Ok((name.to_owned(), description.to_owned())),
    }
}

pub(super) fn get_commands(state: &State, params: &Params) -> Result<Value, Refusal> {
    let commands = state.commands.get(&key(state, params)?).cloned().unwrap_or_default();
    let one = |(command, description)| json!({ "command": command, "description": description });
    Ok(commands.into_iter().map(one).collect())
}

pub(super) fn delete_commands(state: &mut State, params: &Params) -> Result<Value, Refusal> {
    let key = key(state, params)?;
    state.commands.remove(&key);
    Ok(json!(true))
}

/// `setMyDescription` (up to 512 units) and `setMyShortDescription` (up to 120).
pub(super) fn set_description(
    state: &mut State,
    params: &Params,
    field: &'static str,
    longest: usize,
) -> Result<Value, Refusal> {
    let text = params.text(field).unwrap_or_default();
    if units(text) > longest {
        return Err(Refusal::bad(format!("{field} is too long")));
    }
    state.descriptions.insert((field, language(params)?), text.to_owned());
    Ok(json!(true))
}

pub(super) fn get_description(state: &State, params: &Params, field: &'static str) -> Result<Value, Refusal> {
    let text = state.descriptions.get(&(field, language(params)?)).cloned().unwrap_or_default();
    Ok(json!({ field: text }))
}

pub(super) fn chat(state: &State, params: &Params) -> Result<Value, Refusal> {
    let id = params.chat_id()?;
    let started = state.people.get(&id).is_some_and(|member| member.started);
    if !started && !state.groups.contains_key(&id) {
        return Err(Refusal::bad("chat not found").circumstance());
    }
    let mut chat = state.chat_json(id);
    if let Some(fields) = chat.as_object_mut() {
        let more = json!({
            "accent_color_id": 0,
            "max_reaction_count": 11,
            "accepted_gift_types": {
                "unlimited_gifts": true,
                "limited_gifts": true,
                "unique_gifts": true,
                "premium_subscription": true,
            },
        });
        fields.extend(more.as_object().cloned().unwrap_or_default());
    }
    Ok(chat)
}

pub(super) fn file(state: &State, params: &Params) -> Result<Value, Refusal> {
    let file = state.file(params.text("file_id").unwrap_or_default());
    file.map(|file| file.file()).ok_or_else(|| Refusal::bad("invalid file_id"))
}
