//! Panel users that become clients: how many there are, how far it is, how it ended.

use crate::bot::callback::{BulkTap, Nonce, Tap};
use crate::bot::format::Eyes;
use crate::bot::locale::{Key, args};
use crate::bot::screen::{Button, Screen};
use crate::bot::spot::Spot;
use crate::domain::bulk::{BulkState, BulkTask, ImportProgress, Progress};
use crate::services::imports::ImportCounts;

use super::progress::bar;

/// What there is, and the question; no question where there is nothing to import.
pub fn ask(counts: &ImportCounts, nonce: Nonce, eyes: &Eyes) -> Screen {
    let t = eyes.t;
    let mut lines = vec![
        t.html("import-title", &[]),
        String::new(),
        fact(Key("import-total"), counts.total, eyes),
        fact(Key("import-clients"), counts.clients, eyes),
    ];
    let fresh = counts.fresh();
    if fresh > 0 {
        lines.push(fact(Key("import-fresh"), fresh, eyes));
        let kinds = args![
            active = number(counts.active),
            blocked = number(counts.disabled),
            expired = number(counts.expired)
        ];
        lines.push(t.html("import-kinds", kinds));
    }
    lines.extend(left_out(counts.taken, counts.unfit, &counts.left_out, eyes));
    lines.push(String::new());
    if fresh == 0 {
        lines.push(t.html("import-nothing", &[]));
        return ways_on(Screen::lines(lines), eyes);
    }
    lines.push(t.html("import-how", &[]));
    Screen::lines(lines).row([
        Button::Tap(
            t.plain("import-yes", args![count = number(fresh)]),
            Tap::Bulk(BulkTap::YesImport(nonce)),
        ),
        Button::Tap(t.plain("import-no", &[]), Tap::Bulk(BulkTap::NoImport)),
    ])
}

/// How far it is, or how it ended.
pub fn progress(task: &BulkTask, eyes: &Eyes) -> Screen {
    let Progress::Import(import) = &task.progress else { return Screen::new(String::new()) };
    let t = eyes.t;
    let mut lines = vec![t.html(heading(task.state), &[]), String::new()];
    if task.state == BulkState::Running {
        lines.push(bar(import.seen, import.total));
        lines.push(t.html("import-seen", args![seen = number(import.seen), total = number(import.total)]));
        lines.extend((import.passes > 0).then(|| t.html("import-again", &[])));
    }
    lines.push(fact(Key("import-adopted"), import.adopted, eyes));
    if import.adopted > 0 {
        lines.push(kinds(import, eyes));
    }
    lines.extend(left_out(import.taken, import.unfit, &import.left_out, eyes));
    if task.state == BulkState::Running {
        lines.extend(import.trouble.then(|| format!("\n{}", t.html("import-trouble", &[]))));
        let stop = Tap::Bulk(BulkTap::Stop(task.id));
        return Screen::lines(lines).row([Button::Tap(t.plain("bulk-stop", &[]), stop)]);
    }
    lines.extend((task.state == BulkState::Stopped).then(|| format!("\n{}", t.html("import-go-on", &[]))));
    ways_on(Screen::lines(lines), eyes)
}

fn kinds(import: &ImportProgress, eyes: &Eyes) -> String {
    let (blocked, expired) = (number(import.blocked), number(import.expired));
    let linked = number(import.linked);
    eyes.t.html("import-adopted-kinds", args![blocked = blocked, expired = expired, linked = linked])
}

fn heading(state: BulkState) -> Key {
    match state {
        BulkState::Running => Key("import-running"),
        BulkState::Done => Key("import-done"),
        BulkState::Stopped => Key("import-stopped"),
        BulkState::Failed => Key("import-failed"),
    }
}

fn left_out(taken: u64, unfit: u64, names: &[String], eyes: &Eyes) -> Vec<String> {
    let mut lines = Vec::new();
    lines.extend((taken > 0).then(|| fact(Key("import-taken"), taken, eyes)));
    lines.extend((unfit > 0).then(|| fact(Key("import-unfit"), unfit, eyes)));
    if !names.is_empty() {
        let more = taken.saturating_add(unfit) > u64::try_from(names.len()).unwrap_or(u64::MAX);
        let names = format!("{}{}", names.join(", "), if more { "…" } else { "" });
        lines.push(eyes.t.html("import-left-out", args![names = names]));
    }
    lines
}

fn fact(key: Key, count: u64, eyes: &Eyes) -> String {
    eyes.t.html(key, args![count = number(count)])
}

fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn ways_on(screen: Screen, eyes: &Eyes) -> Screen {
    screen.row([
        Button::Tap(eyes.t.plain("find-all", &[]), Tap::List(Spot::default())),
        Button::Tap(eyes.t.plain("button-home", &[]), Tap::Home),
    ])
}

#[cfg(test)]
mod tests {
    use super::super::samples::{entropy, now, snapshot};
    use super::*;
    use crate::domain::ids::{BulkTaskId, TelegramId};

    fn task(state: BulkState, import: ImportProgress) -> BulkTask {
        BulkTask {
            id: BulkTaskId(uuid::Uuid::from_u128(7)),
            state,
            started_by: TelegramId(1),
            actor: "telegram:1".to_owned(),
            key: String::new(),
            progress: Progress::Import(import),
            message: None,
            told: false,
        }
    }

    #[test]
    fn import_screens() {
        let nonce = Nonce::new(now(), &entropy());
        let counts = ImportCounts {
            total: 1520,
            clients: 20,
            active: 1200,
            disabled: 100,
            expired: 195,
            taken: 4,
            unfit: 1,
            left_out: vec!["alice_1".to_owned(), "<b>".to_owned()],
        };
        snapshot("import_ask", |eyes| ask(&counts, nonce, eyes));
        let none = ImportCounts { total: 20, clients: 20, ..ImportCounts::default() };
        snapshot("import_nothing", |eyes| ask(&none, nonce, eyes));
        let begun = ImportProgress::default();
        snapshot("import_begun", |eyes| progress(&task(BulkState::Running, begun.clone()), eyes));
        let half = ImportProgress {
            passes: 1,
            total: 1520,
            seen: 1000,
            adopted: 1495,
            blocked: 100,
            expired: 195,
            linked: 700,
            trouble: true,
            ..begun
        };
        snapshot("import_running", |eyes| progress(&task(BulkState::Running, half.clone()), eyes));
        snapshot("import_stopped", |eyes| progress(&task(BulkState::Stopped, half.clone()), eyes));
        let over = ImportProgress { taken: 1, left_out: vec!["alice_1".to_owned()], ..half };
        snapshot("import_done", |eyes| progress(&task(BulkState::Done, over.clone()), eyes));
    }
}
