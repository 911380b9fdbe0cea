//! Doors for `fuzz/`: what the panel sends.

use crate::domain::ids::ShortUuid;

use super::client::Answer;
use super::models::{PanelUserStatus, RawUsers, read};
use super::{PanelSubscription, subscriptions, webhook};

/// The body of a webhook.
pub fn webhook(body: &[u8]) {
    let _ = webhook::read(body);
}

/// An answer with a list of users.
pub fn users(body: &[u8]) {
    let _ = read::<RawUsers>(body);
}

/// A configuration, in both forms that the panel has for it.
pub fn configurations(body: &[u8]) -> Vec<PanelSubscription> {
    let in_json = subscriptions::of_json(body, &ShortUuid::new("fuzzing")).ok().flatten();
    let answer = Answer { status: 200, body: body.to_vec() };
    let as_served = subscriptions::of_text(answer, PanelUserStatus::Active).ok();
    let read: Vec<_> = in_json.into_iter().chain(as_served).collect();
    for configuration in &read {
        let _ = (configuration.leads_nowhere(), format!("{configuration:?}"));
    }
    read
}
