//! One text to all linked people: the questions, the message itself, how far it is.

use crate::bot::callback::{BulkTap, Tap};
use crate::bot::format::Eyes;
use crate::bot::locale::{Key, args};
use crate::bot::screen::{Button, Screen};
use crate::domain::bulk::{BulkState, BulkTask, Progress};
use crate::domain::notice::BatchCounts;

use super::notice::with_home;
use super::progress::bar;

/// Which text?
pub fn ask(people: i64, eyes: &Eyes) -> Screen {
    cancellable(eyes.t.html("broadcast-ask", args![people = people]), eyes)
}

/// A photo is no text.
pub fn not_text(eyes: &Eyes) -> Screen {
    cancellable(eyes.t.html("broadcast-not-text", &[]), eyes)
}

/// The text does not fit.
pub fn too_long(length: usize, most: usize, eyes: &Eyes) -> Screen {
    let (length, most) = (i64::try_from(length).unwrap_or(i64::MAX), i64::try_from(most).unwrap_or(i64::MAX));
    cancellable(eyes.t.html("broadcast-too-long", args![length = length, most = most]), eyes)
}

/// Nobody would get it.
pub fn nobody(eyes: &Eyes) -> Screen {
    with_home(eyes.t.html("broadcast-nobody", &[]), eyes)
}

/// Send it? `nonce` makes two taps one.
pub fn confirm(people: i64, nonce: &str, eyes: &Eyes) -> Screen {
    let t = eyes.t;
    let yes = format!("yes:1:broadcast:{nonce}").parse::<Tap>().ok();
    let yes = yes.map(|tap| Button::Tap(t.plain("broadcast-yes", args![people = people]), tap));
    let no = Button::Tap(t.plain("broadcast-no", &[]), Tap::Bulk(BulkTap::NoBroadcast));
    Screen::new(t.html("broadcast-confirm", args![people = people])).row(yes.into_iter().chain([no]))
}

/// How far it is, or how it ended.
pub fn progress(task: &BulkTask, counts: BatchCounts, eyes: &Eyes) -> Screen {
    let Progress::Broadcast(broadcast) = &task.progress else { return Screen::new(String::new()) };
    let t = eyes.t;
    let BatchCounts { sent, unreachable, failed, .. } = counts;
    let ended = sent + unreachable + failed;
    // People may have been linked, or have left, since they were counted.
    let all = if broadcast.all { broadcast.queued } else { broadcast.recipients.max(ended) };
    let running = task.state == BulkState::Running;
    let mut lines = vec![t.html(heading(task.state), &[]), String::new()];
    let whole = |count: i64| u64::try_from(count).unwrap_or_default();
    lines.extend(running.then(|| bar(whole(ended), whole(all))));
    lines.push(t.html("broadcast-sent", args![count = sent]));
    let rest = [
        (Key("broadcast-unreachable"), unreachable),
        (Key("broadcast-failed"), failed),
        (if running { Key("broadcast-waiting") } else { Key("broadcast-unsent") }, all - ended),
    ];
    lines.extend(
        rest.into_iter()
            .filter(|(_, count)| *count > 0)
            .map(|(key, count)| t.html(key, args![count = count])),
    );
    if running {
        let stop = Tap::Bulk(BulkTap::Stop(task.id));
        return Screen::lines(lines).row([Button::Tap(t.plain("bulk-stop", &[]), stop)]);
    }
    Screen::lines(lines).row([Button::Tap(t.plain("button-home", &[]), Tap::Home)])
}

fn heading(state: BulkState) -> Key {
    match state {
        BulkState::Running => Key("broadcast-running"),
        BulkState::Done => Key("broadcast-done"),
        BulkState::Stopped => Key("broadcast-stopped"),
        BulkState::Failed => Key("broadcast-broken"),
    }
}

fn cancellable(text: String, eyes: &Eyes) -> Screen {
    let cancel = Tap::Bulk(BulkTap::NoBroadcast);
    Screen::new(text).row([Button::Tap(eyes.t.plain("button-cancel", &[]), cancel)])
}

#[cfg(test)]
mod tests {
    use super::super::samples::{entropy, now, snapshot};
    use super::*;
    use crate::bot::callback::Nonce;
    use crate::domain::bulk::BroadcastProgress;
    use crate::domain::ids::{BulkTaskId, TelegramId};

    #[test]
    fn broadcast_screens() {
        snapshot("broadcast_questions", |eyes| {
            let screens =
                [ask(21, eyes), ask(1, eyes), not_text(eyes), too_long(3777, 3500, eyes), nobody(eyes)];
            Screen::lines(screens.map(|screen| screen.to_string()))
        });
        let nonce = Nonce::new(now(), &entropy()).text();
        snapshot("broadcast_confirm", |eyes| confirm(21, &nonce, eyes));
        let task = |state, progress| BulkTask {
            id: BulkTaskId(uuid::Uuid::from_u128(7)),
            state,
            started_by: TelegramId(1),
            actor: "telegram:1".to_owned(),
            key: String::new(),
            progress: Progress::Broadcast(progress),
            message: None,
            told: false,
        };
        let begun = BroadcastProgress { recipients: 250, ..BroadcastProgress::default() };
        let none = BatchCounts::default();
        snapshot("broadcast_begun", |eyes| progress(&task(BulkState::Running, begun.clone()), none, eyes));
        let queued = BroadcastProgress { queued: 251, all: true, ..begun };
        let counts = BatchCounts { waiting: 100, sent: 140, unreachable: 9, failed: 2 };
        snapshot("broadcast_running", |eyes| {
            progress(&task(BulkState::Running, queued.clone()), counts, eyes)
        });
        snapshot("broadcast_stopped", |eyes| {
            progress(&task(BulkState::Stopped, queued.clone()), counts, eyes)
        });
        let over = BatchCounts { waiting: 0, sent: 251, unreachable: 0, failed: 0 };
        snapshot("broadcast_done", |eyes| progress(&task(BulkState::Done, queued.clone()), over, eyes));
    }
}
