//! One call from its parameters to its result, with what it leaves in the log of calls.

use serde_json::{Value, json};

use super::faults::{self, TgFault, TgFaultKind, TgFaultMoment};
use super::methods::Method;
use super::params::Params;
use super::refusal::{Blame, Refusal};
use super::shared::Shared;
use super::state::State;
use super::{callbacks, edit, polling, profile, send, webhook};

/// How a call is answered.
#[derive(Debug)]
pub(super) enum Reply {
    Result(Value),
    Refused(Refusal),
    /// 502 with HTML.
    BadGateway,
    /// The connection ends.
    Drop,
    /// Nothing, ever.
    Hang,
}

/// Takes the fault that meets this call, has the effect, and answers.
pub(super) async fn answer(shared: &Shared, name: &str, mut params: Params) -> Reply {
    let method = match known(name, &mut params) {
        Ok(method) => method,
        Err(refusal) => return refuse(shared, name, &params, refusal),
    };
    let fault = faults::take(&mut shared.lock().faults, method.name, &params);
    match fault {
        Some(TgFault { kind: TgFaultKind::Slow(delay), .. }) => tokio::time::sleep(delay).await,
        Some(fault) if fault.moment == TgFaultMoment::BeforeEffect => {
            return strike(shared, method.name, &params, &fault.kind);
        }
        Some(fault) => {
            if let Err(refusal) = effect(shared, method, &params).await {
                return refuse(shared, method.name, &params, refusal);
            }
            return strike(shared, method.name, &params, &fault.kind);
        }
        None => {}
    }
    match effect(shared, method, &params).await {
        Ok(result) => {
            shared.change(|state| state.note_call(method.name, &params, None, false));
            Reply::Result(result)
        }
        Err(refusal) => refuse(shared, method.name, &params, refusal),
    }
}

/// The method, its parameters checked.
fn known(name: &str, params: &mut Params) -> Result<&'static Method, Refusal> {
    let method = Method::find(name).ok_or_else(|| Refusal::new(404, "Not Found: method not found"))?;
    method.check(params)?;
    Ok(method)
}

fn refuse(shared: &Shared, method: &str, params: &Params, refusal: Refusal) -> Reply {
    shared.change(|state| {
        if refusal.blame == Blame::Bot {
            state.violation(format!("{method}: {} {}", refusal.description, params.logged()));
        }
        state.note_call(method, params, Some(&refusal), false);
    });
    Reply::Refused(refusal)
}

fn strike(shared: &Shared, method: &str, params: &Params, kind: &TgFaultKind) -> Reply {
    let refusal = kind.refusal();
    let unanswered = Refusal::new(502, format!("{kind:?}"));
    let noted = refusal.as_ref().unwrap_or(&unanswered);
    shared.change(|state| state.note_call(method, params, Some(noted), true));
    match (refusal, kind) {
        (Some(refusal), _) => Reply::Refused(refusal),
        (None, TgFaultKind::Drop) => Reply::Drop,
        (None, TgFaultKind::Hang) => Reply::Hang,
        (None, _) => Reply::BadGateway,
    }
}

async fn effect(shared: &Shared, method: &Method, params: &Params) -> Result<Value, Refusal> {
    if method.name == "getUpdates" {
        return polling::get_updates(shared, params).await;
    }
    shared.change(|state| run(state, method.name, params))
}

fn run(state: &mut State, method: &str, params: &Params) -> Result<Value, Refusal> {
    faults::flood(state, method)?;
    match method {
        "getMe" => Ok(profile::me(state)),
        "logOut" | "close" => Ok(json!(true)),
        "sendMessage" => send::message(state, params),
        "sendPhoto" => send::photo(state, params),
        "sendDocument" => send::document(state, params),
        "sendChatAction" => send::chat_action(state, params),
        "editMessageText" => edit::text(state, params),
        "editMessageCaption" => edit::caption(state, params),
        "editMessageMedia" => edit::media(state, params),
        "editMessageReplyMarkup" => edit::reply_markup(state, params),
        "deleteMessage" => edit::delete(state, params),
        "answerCallbackQuery" => callbacks::answer(state, params),
        "setMyCommands" => profile::set_commands(state, params),
        "getMyCommands" => profile::get_commands(state, params),
        "deleteMyCommands" => profile::delete_commands(state, params),
        "setMyDescription" => profile::set_description(state, params, "description", 512),
        "getMyDescription" => profile::get_description(state, params, "description"),
        "setMyShortDescription" => profile::set_description(state, params, "short_description", 120),
        "getMyShortDescription" => profile::get_description(state, params, "short_description"),
        "getChat" => profile::chat(state, params),
        "getFile" => profile::file(state, params),
        "setWebhook" => webhook::set(state, params),
        "deleteWebhook" => Ok(webhook::delete(state, params)),
        "getWebhookInfo" => Ok(webhook::info(state)),
        _ => Err(Refusal::new(404, "Not Found: method not found")),
    }
}
