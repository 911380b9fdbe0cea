//! The log: who did what, from where, and how it ended; eight rows a page.

use crate::bot::callback::Tap;
use crate::bot::format::Eyes;
use crate::bot::locale::{Key, args};
use crate::bot::log_spot::LogSpot;
use crate::bot::screen::{Button, Screen};
use crate::bot::screens::card;
use crate::bot::spot::Spot;
use crate::domain::actor::Source;
use crate::domain::operation::{Action, AuditEntry, AuditFilter, Outcome};
use crate::services::views::{Log, LogColumns};

use super::matters;

/// How many rows a page has.
pub const PER_PAGE: u32 = 8;
/// Characters that a row shows of a name and of an error: eight rows fit into a message.
const SHOWN: usize = 120;

/// The page; `filter` is what it was asked by.
pub fn log(view: &Log, filter: &AuditFilter, eyes: &Eyes) -> Screen {
    let t = eyes.t;
    let mut lines = vec![t.html("log-title", &[]), String::new()];
    let shown = filter_name(view, filter, eyes);
    if !shown.is_empty() {
        lines.push(t.html("list-filter", args![filter = shown]));
    }
    lines.push(t.html("log-total", args![total = view.total]));
    if view.pages > 1 {
        lines.push(t.html("list-page", args![page = view.page.saturating_add(1), pages = view.pages]));
    }
    if view.items.is_empty() {
        lines.extend([String::new(), t.html("log-empty", &[])]);
    }
    lines.extend(view.items.iter().flat_map(|entry| row(entry, view, eyes)));
    let of_client = filter.client_id.is_some() || filter.username.is_some();
    let card = view.client.filter(|_| of_client);
    let card = card.map(|id| Button::Tap(t.plain("button-card", &[]), Tap::Card(id, Spot::default())));
    let home = Button::Tap(t.plain("button-home", &[]), Tap::Home);
    Screen::lines(lines)
        .row(matters::button(view.matters, eyes))
        .row(turning(view, columns(filter)))
        .row(card.into_iter().chain([home]))
}

/// Nobody of that `@name` wrote to the bot.
pub fn unknown_person(name: &str, eyes: &Eyes) -> Screen {
    Screen::new(eyes.t.html("log-unknown-person", args![name = cut(name)]))
}

fn columns(filter: &AuditFilter) -> LogColumns {
    LogColumns {
        client: filter.client_id.is_some(),
        username: filter.username.is_some(),
        actor: filter.actor.is_some(),
        action: filter.action.is_some(),
    }
}

fn filter_name(view: &Log, filter: &AuditFilter, eyes: &Eyes) -> String {
    let client = filter.client_id.map(|id| match view.items.first() {
        Some(entry) => entry.username.as_str().to_owned(),
        None => id.to_string(),
    });
    let actor = filter.actor.as_deref().map(|actor| who(actor, view));
    let action = filter.action.map(|action| eyes.t.plain(action_word(action), &[]));
    let parts = [client, filter.username.as_deref().map(cut), actor, action];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// An empty line, then two or three.
fn row(entry: &AuditEntry, view: &Log, eyes: &Eyes) -> Vec<String> {
    let t = eyes.t;
    let emoji = match entry.result {
        Outcome::Success => action_emoji(entry.action),
        Outcome::Fail => "❌",
    };
    let (client, what) = (entry.username.as_str(), what(entry, eyes));
    let (date, who) = (eyes.date(entry.created_at), who(&entry.actor, view));
    let source = t.plain(source_word(entry.source), &[]);
    let mut lines = vec![
        String::new(),
        t.html("log-row", args![emoji = emoji, client = client, what = what]),
        t.html("log-row-by", args![date = date, who = who, source = source]),
    ];
    if let Some(reason) = &entry.reason {
        lines.push(t.html("log-row-reason", args![reason = cut(reason.as_str())]));
    }
    if let Some(error) = &entry.error {
        lines.push(t.html("log-row-error", args![error = cut(error)]));
    }
    lines
}

/// What was done, with the days where it is about days.
fn what(entry: &AuditEntry, eyes: &Eyes) -> String {
    let action = eyes.t.plain(action_word(entry.action), &[]);
    let days = entry.payload.as_ref().and_then(|payload| payload.get("days")?.as_i64());
    let Some(days) = days else { return action };
    let sign = match entry.action {
        Action::Extend if days < 0 => "−",
        Action::Extend => "+",
        _ => "",
    };
    let number = i64::try_from(days.unsigned_abs()).unwrap_or(i64::MAX);
    format!("{action}, {sign}{}", eyes.t.plain("days", args![days = number]))
}

/// A person as staff recognise them, else the actor's label.
fn who(actor: &str, view: &Log) -> String {
    view.people.get(actor).map_or_else(|| cut(actor), |person| cut(&card::name(person)))
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// What was done, as a word.
pub fn action_word(action: Action) -> Key {
    match action {
        Action::Create => Key("action-create"),
        Action::Delete => Key("action-delete"),
        Action::Extend => Key("action-extend"),
        Action::Block => Key("action-block"),
        Action::Unblock => Key("action-unblock"),
        Action::GetConfig => Key("action-get-config"),
        Action::RotateConfig => Key("action-rotate-config"),
        Action::AutoDeactivate => Key("action-auto-deactivate"),
    }
}

/// As on the buttons that do it.
fn action_emoji(action: Action) -> &'static str {
    match action {
        Action::Create => "➕",
        Action::Delete => "🗑",
        Action::Extend => "⏳",
        Action::Block => "🚫",
        Action::Unblock => "✅",
        Action::GetConfig => "📲",
        Action::RotateConfig => "🔄",
        Action::AutoDeactivate => "⌛",
    }
}

fn source_word(source: Source) -> Key {
    match source {
        Source::Bot => Key("source-bot"),
        Source::Api => Key("source-api"),
        Source::Job => Key("source-job"),
        Source::Panel => Key("source-panel"),
    }
}

/// `⬅️ 2/7 ➡️`; nothing when there is one page. Page 1 is always the newest; the others keep to what was there then.
fn turning(view: &Log, columns: LogColumns) -> Vec<Button> {
    let Some(row) = view.newest.filter(|_| view.pages > 1) else { return vec![] };
    let here = view.page;
    let button = |label: String, page| Button::Tap(label, Tap::Log(LogSpot::Like { row, columns, page }));
    let back = here.checked_sub(1).map(|page| button("⬅️".to_owned(), page));
    let forward =
        here.checked_add(1).filter(|page| *page < view.pages).map(|page| button("➡️".to_owned(), page));
    let middle = button(format!("{}/{}", here.saturating_add(1), view.pages), here);
    back.into_iter().chain([middle]).chain(forward).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;
    use uuid::Uuid;

    use super::super::samples::{client, days, person, snapshot};
    use super::*;
    use crate::domain::ids::OperationId;
    use crate::domain::username::Username;

    fn entry(action: Action, actor: &str, source: Source) -> AuditEntry {
        AuditEntry {
            id: OperationId(Uuid::from_u128(7)),
            client_id: client("alice_1").id,
            username: Username::stored("alice_1"),
            actor: actor.to_owned(),
            source,
            action,
            payload: None,
            reason: None,
            result: Outcome::Success,
            error: None,
            created_at: days(-1),
        }
    }

    fn view() -> Log {
        let mut failed = entry(Action::Extend, "telegram:7000000001", Source::Bot);
        failed.payload = Some(json!({"days": 30}));
        failed.result = Outcome::Fail;
        failed.error = Some(format!("the panel: <html> {}", "x".repeat(200)));
        let mut undone = entry(Action::Extend, "telegram:5", Source::Bot);
        undone.payload = Some(json!({"days": -7, "new_expires_at": "2026-05-12T11:00:00+00:00"}));
        let mut created = entry(Action::Create, "token:shop", Source::Api);
        created.payload = Some(json!({"username": "alice_1", "days": 1}));
        let mut rotated = entry(Action::RotateConfig, "token:shop", Source::Api);
        rotated.payload = Some(json!({"new_short_uuid": "canary"}));
        let items = vec![
            failed,
            undone,
            rotated,
            entry(Action::GetConfig, "panel", Source::Panel),
            entry(Action::AutoDeactivate, "job:expire", Source::Job),
            entry(Action::Block, "job:expire", Source::Job),
            entry(Action::Unblock, "job:expire", Source::Job),
            entry(Action::Delete, "job:expire", Source::Job),
            created,
        ];
        let people = BTreeMap::from([("telegram:7000000001".to_owned(), person())]);
        let newest = Some(items[0].id);
        Log {
            items,
            total: 51,
            page: 1,
            pages: 7,
            newest,
            client: Some(client("alice_1").id),
            people,
            matters: 2,
        }
    }

    #[test]
    fn log_screens() {
        snapshot("log_all", |eyes| {
            let screen = log(&view(), &AuditFilter::default(), eyes);
            assert!(!screen.text.contains("canary"));
            screen
        });
        let filter = AuditFilter {
            username: Some("alice_1".to_owned()),
            actor: Some("telegram:7000000001".to_owned()),
            action: Some(Action::Extend),
            ..AuditFilter::default()
        };
        let mut few = view();
        few.items.truncate(1);
        snapshot("log_filtered", |eyes| log(&Log { page: 0, ..few.clone() }, &filter, eyes));
        let gone = AuditFilter { client_id: Some(client("x").id), ..AuditFilter::default() };
        let none = Log {
            items: vec![],
            total: 0,
            page: 0,
            pages: 1,
            newest: None,
            client: None,
            matters: 0,
            ..view()
        };
        snapshot("log_empty", |eyes| log(&none, &gone, eyes));
        snapshot("log_unknown_person", |eyes| unknown_person("<b>", eyes));
    }

    #[test]
    fn the_fullest_page_fits_into_a_message() {
        let mut widest = view();
        for entry in &mut widest.items {
            entry.username = Username::stored("w".repeat(36));
            entry.actor = "w".repeat(128);
            entry.error = Some("&".repeat(1000));
        }
        widest.items.truncate(PER_PAGE.try_into().unwrap());
        for lang in crate::domain::person::Lang::ALL {
            let eyes = Eyes { t: crate::bot::locale::Texts(lang), ..super::super::samples::eyes() };
            let text = log(&widest, &AuditFilter::default(), &eyes).text;
            assert_eq!(crate::bot::html::fit(&text, crate::bot::html::TEXT_LIMIT), text);
        }
    }
}
