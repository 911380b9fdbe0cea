//! `answerCallbackQuery`.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::format::units;
use super::params::Params;
use super::refusal::Refusal;
use super::state::State;
use super::view::{CallbackAnswer, ReactionKind};

/// How long a tap may wait for its answer. Telegram names no number; answers work for some minutes.
const ANSWERABLE: TimeDelta = TimeDelta::minutes(15);
const MAX_TEXT: usize = 200;

pub(super) fn answer(state: &mut State, params: &Params) -> Result<Value, Refusal> {
    let too_old = || Refusal::bad("query is too old and response timeout expired or query ID is invalid");
    let id = params.text("callback_query_id").unwrap_or_default();
    let text = params.text("text").filter(|text| !text.is_empty());
    if text.is_some_and(|text| units(text) > MAX_TEXT) {
        return Err(Refusal::bad("MESSAGE_TOO_LONG"));
    }
    let now = state.now;
    let Some(callback) = state.callbacks.get_mut(id) else { return Err(too_old()) };
    // A crash between the answer and its note makes the bot answer again: refused, no fault of the bot.
    if callback.answer.is_some() || now - callback.at > ANSWERABLE {
        return Err(too_old().circumstance());
    }
    callback.answer = Some(CallbackAnswer {
        text: text.map(str::to_owned),
        alert: params.flag("show_alert"),
        url: params.text("url").map(str::to_owned),
    });
    let (chat, message) = (callback.person, callback.message_id);
    let tap = callback.id.clone();
    state.react(chat, message, ReactionKind::Answered);
    state.answered(tap);
    Ok(json!(true))
}
