//! Faults to order: what Telegram, or the way to it, does wrong.

use std::time::Duration;

use super::params::Params;
use super::refusal::Refusal;
use super::state::State;

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TgFaultKind {
    /// 429 with this `retry_after`, seconds.
    TooManyRequests(u32),
    /// 403 "Forbidden: bot was blocked by the user".
    Blocked,
    /// 400 with this description, after "Bad Request: ".
    BadRequest(String),
    /// 502 with a page of HTML, as the front servers answer.
    BadGateway,
    /// The connection ends without an answer.
    Drop,
    /// No answer ever comes.
    Hang,
    /// 400: the group has become a supergroup with this id.
    Migrated(i64),
    /// 401 "Unauthorized", as for a token that was revoked.
    Unauthorized,
    /// The answer comes this much later, and is the right one.
    Slow(Duration),
}

/// Before or after the call had its effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TgFaultMoment {
    /// Nothing happened.
    BeforeEffect,
    /// The message is in the chat, yet the bot is not told so.
    AfterEffect,
}

/// A fault that waits for its call. Without `on`, `to` and `after_effect`: any call, before its effect, once.
#[derive(Debug, Clone)]
pub struct TgFault {
    pub(super) kind: TgFaultKind,
    pub(super) moment: TgFaultMoment,
    method: Option<String>,
    chat: Option<i64>,
    skip: u32,
    times: u32,
}

impl TgFault {
    /// A fault of this kind.
    #[must_use]
    pub fn new(kind: TgFaultKind) -> Self {
        Self { kind, moment: TgFaultMoment::BeforeEffect, method: None, chat: None, skip: 0, times: 1 }
    }

    /// Only for this method.
    #[must_use]
    pub fn on(mut self, method: &str) -> Self {
        self.method = Some(method.to_owned());
        self
    }

    /// Only for calls about this chat.
    #[must_use]
    pub fn to(mut self, chat: i64) -> Self {
        self.chat = Some(chat);
        self
    }

    /// How many calls it meets.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = times;
        self
    }

    /// Lets this many fitting calls pass first.
    #[must_use]
    pub fn skip(mut self, calls: u32) -> Self {
        self.skip = calls;
        self
    }

    /// Strikes when the call has had its effect.
    #[must_use]
    pub fn after_effect(mut self) -> Self {
        self.moment = TgFaultMoment::AfterEffect;
        self
    }

    fn fits(&self, method: &str, params: &Params) -> bool {
        let method_fits = self.method.as_ref().is_none_or(|own| own.eq_ignore_ascii_case(method));
        method_fits && self.chat.is_none_or(|chat| params.chat_id().is_ok_and(|id| id == chat))
    }
}

impl TgFaultKind {
    /// The error answer it gives, where it gives one.
    pub(super) fn refusal(&self) -> Option<Refusal> {
        let refusal = match self {
            Self::TooManyRequests(seconds) => Refusal::too_many(*seconds),
            Self::Blocked => Refusal::forbidden("bot was blocked by the user"),
            Self::BadRequest(reason) => Refusal::bad(reason),
            Self::Migrated(to) => Refusal::migrated(*to),
            Self::Unauthorized => Refusal::new(401, "Unauthorized"),
            Self::BadGateway | Self::Drop | Self::Hang | Self::Slow(_) => return None,
        };
        Some(refusal.circumstance())
    }
}

/// While there is a flood, whatever would write into a chat is refused, with the time until its end: a bot that waits so
/// long is listened to again.
pub(super) fn flood(state: &State, method: &str) -> Result<(), Refusal> {
    let writes = ["send", "edit"].iter().any(|kind| method.starts_with(kind));
    let left = state.flooded_until.map_or(0, |until| (until - state.now).num_milliseconds());
    match u32::try_from((left + 999) / 1000) {
        Ok(seconds) if writes && seconds > 0 => Err(Refusal::too_many(seconds).circumstance()),
        _ => Ok(()),
    }
}

/// The fault that meets this call, if one does; it is used up by that.
pub(super) fn take(faults: &mut Vec<TgFault>, method: &str, params: &Params) -> Option<TgFault> {
    let at = faults.iter().position(|fault| fault.fits(method, params))?;
    let fault = faults.get_mut(at)?;
    if fault.skip > 0 {
        fault.skip -= 1;
        return None;
    }
    fault.times = fault.times.saturating_sub(1);
    let taken = fault.clone();
    if fault.times == 0 {
        faults.remove(at);
    }
    Some(taken)
}
