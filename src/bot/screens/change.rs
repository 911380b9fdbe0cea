//! Changing a client: the questions, and what is said of the result above the card.

use crate::bot::callback::{ChangeTap, Nonce, Tap};
use crate::bot::format::Eyes;
use crate::bot::locale::{Key, args};
use crate::bot::screen::{Button, Screen};
use crate::bot::spot::Spot;
use crate::domain::actor::Role;
use crate::domain::client::{Access, Client};
use crate::domain::days::Days;
use crate::domain::ids::ClientId;
use crate::domain::reason::Reason;

/// What is offered when somebody is asked for how long.
const PRESETS: [i64; 4] = [7, 30, 90, 365];
/// What the card itself offers.
const QUICK: [i64; 2] = [7, 30];

/// Access off, or on.
pub fn access(client: &Client, spot: Spot, role: Role, nonce: Nonce, eyes: &Eyes) -> Option<Button> {
    let (key, tap) = match client.access {
        Access::Open => (Key("button-block"), ChangeTap::Block(client.id, nonce, spot)),
        Access::Blocked | Access::Lapsed => {
            (Key("button-unblock"), ChangeTap::Unblock(client.id, nonce, spot))
        }
    };
    (role >= Role::Operator).then(|| button(key, tap, eyes))
}

/// What is there to note?
pub fn note(client: &Client, spot: Spot, role: Role, eyes: &Eyes) -> Option<Button> {
    let tap = ChangeTap::Note(client.id, spot);
    (role >= Role::Operator).then(|| button(Key("button-note"), tap, eyes))
}

/// Another date; only for admins.
pub fn date(client: &Client, spot: Spot, role: Role, eyes: &Eyes) -> Option<Button> {
    let tap = ChangeTap::Date(client.id, spot);
    (role >= Role::Admin).then(|| button(Key("button-date"), tap, eyes))
}

/// Another link, an end of the client; only for admins.
pub fn replacing(client: &Client, spot: Spot, role: Role, eyes: &Eyes) -> Vec<Button> {
    if role < Role::Admin {
        return vec![];
    }
    let id = client.id;
    let linked = client.remnawave_uuid.is_some();
    let rotate = linked.then(|| button(Key("button-rotate"), ChangeTap::Rotate(id, spot), eyes));
    let delete = button(Key("button-delete"), ChangeTap::Delete(id, spot), eyes);
    rotate.into_iter().chain([delete]).collect()
}

fn button(key: Key, tap: ChangeTap, eyes: &Eyes) -> Button {
    Button::Tap(eyes.t.plain(key, &[]), Tap::Change(tap))
}

/// The card's first row: a week, a month, another time.
pub fn extending(client: &Client, spot: Spot, role: Role, nonce: Nonce, eyes: &Eyes) -> Vec<Button> {
    if role < Role::Operator {
        return vec![];
    }
    let quick = QUICK.into_iter().filter_map(|number| {
        let days = number.try_into().ok()?;
        Some(Button::Tap(
            format!("+{number}"),
            Tap::Change(ChangeTap::ExtendBy(client.id, days, nonce, spot)),
        ))
    });
    let other = Button::Tap(
        eyes.t.plain("button-extend-other", &[]),
        Tap::Change(ChangeTap::Extend(client.id, spot)),
    );
    quick.chain([other]).collect()
}

/// For how many days more? `most`: an operator's limit.
pub fn ask_days(client: &Client, most: Option<i64>, nonce: Nonce, spot: Spot, eyes: &Eyes) -> Screen {
    let t = eyes.t;
    let offered = PRESETS.into_iter().filter(|number| most.is_none_or(|most| *number <= most));
    let presets = offered.filter_map(|number| {
        let days = number.try_into().ok()?;
        let label = t.plain("days", args![days = number]);
        Some(Button::Tap(label, Tap::Change(ChangeTap::ExtendBy(client.id, days, nonce, spot))))
    });
    let question = t.html(
        "change-ask-days",
        args![
            username = client.username.as_str(),
            date = eyes.date(client.expires_at),
            most = most.unwrap_or(Days::MAX)
        ],
    );
    back(Screen::new(question).pairs(presets), client.id, spot, eyes)
}

/// Until which date?
pub fn ask_date(client: &Client, spot: Spot, eyes: &Eyes) -> Screen {
    let date = eyes.date(client.expires_at);
    let example = eyes.day(client.expires_at);
    let username = client.username.as_str();
    let question = eyes.t.html("change-ask-date", args![username = username, date = date, example = example]);
    back(Screen::new(question), client.id, spot, eyes)
}

/// What is there to note? With what stands there now, and a way to be rid of it.
pub fn ask_note(client: &Client, note: Option<&str>, spot: Spot, eyes: &Eyes) -> Screen {
    let t = eyes.t;
    let question = t.html("change-ask-note", args![username = client.username.as_str()]);
    let screen = match note {
        Some(note) => Screen::lines([question, String::new(), t.html("card-note", args![note = note])]),
        None => Screen::new(question),
    };
    let remove = note.map(|_| {
        Button::Tap(t.plain("button-unnote", &[]), Tap::Change(ChangeTap::YesUnnote(client.id, spot)))
    });
    back(screen.row(remove), client.id, spot, eyes)
}

/// Really delete it? What is lost.
pub fn ask_delete(client: &Client, nonce: Nonce, spot: Spot, eyes: &Eyes) -> Screen {
    let date = eyes.date(client.expires_at);
    let relative = eyes.relative(client.expires_at);
    let words = eyes.t.html(
        "change-ask-delete",
        args![username = client.username.as_str(), date = date, relative = relative],
    );
    let yes = ChangeTap::YesDelete(client.id, nonce, spot);
    question(words, (Key("change-yes-delete"), yes), client.id, spot, eyes)
}

/// Really replace the link?
pub fn ask_rotate(client: &Client, nonce: Nonce, spot: Spot, eyes: &Eyes) -> Screen {
    let words = eyes.t.html("change-ask-rotate", args![username = client.username.as_str()]);
    let yes = ChangeTap::YesRotate(client.id, nonce, spot);
    question(words, (Key("change-yes-rotate"), yes), client.id, spot, eyes)
}

fn question(text: String, (label, yes): (Key, ChangeTap), id: ClientId, spot: Spot, eyes: &Eyes) -> Screen {
    Screen::new(text)
        .row([Button::Tap(eyes.t.plain(label, &[]), Tap::Change(yes))])
        .row([Button::Tap(eyes.t.plain("change-no", &[]), Tap::Change(ChangeTap::No(id, spot)))])
}

/// Back to the card; it ends the question, too.
fn back(screen: Screen, id: ClientId, spot: Spot, eyes: &Eyes) -> Screen {
    screen.row([Button::Tap(eyes.t.plain("button-back", &[]), Tap::Change(ChangeTap::No(id, spot)))])
}

/// So many days more, and until when; that it opens nothing where a person has closed it.
pub fn extended(client: &Client, days: Days, eyes: &Eyes) -> String {
    let t = eyes.t;
    let length = t.plain("days", args![days = days.get()]);
    let line = t.html("change-extended", args![days = length, date = eyes.date(client.expires_at)]);
    match client.access {
        Access::Blocked => format!("{line}\n{}", t.html("change-still-blocked", &[])),
        Access::Open | Access::Lapsed => line,
    }
}

/// Takes the extension back, where that leaves a date to come.
pub fn undo(client: &Client, days: Days, spot: Spot, eyes: &Eyes) -> Vec<Button> {
    let possible = client.without(days, eyes.now).is_some();
    let tap = ChangeTap::Undo(client.id, days, client.updated_at, spot);
    possible.then(|| Button::Tap(eyes.t.plain("button-undo", &[]), Tap::Change(tap))).into_iter().collect()
}

/// The extension was taken back.
pub fn undone(client: &Client, days: Days, eyes: &Eyes) -> String {
    let length = eyes.t.plain("days", args![days = days.get()]);
    eyes.t.html("change-undone", args![days = length, date = eyes.date(client.expires_at)])
}

/// Another date.
pub fn dated(client: &Client, eyes: &Eyes) -> String {
    eyes.t.html("change-dated", args![date = eyes.date(client.expires_at)])
}

/// Access is off.
pub fn blocked(client: &Client, eyes: &Eyes) -> String {
    eyes.t.html("change-blocked", args![username = client.username.as_str()])
}

/// Access is on; where the date has passed, that is of no use yet.
pub fn unblocked(client: &Client, eyes: &Eyes) -> String {
    let key =
        if client.expired(eyes.now) { Key("change-unblocked-expired") } else { Key("change-unblocked") };
    eyes.t.html(key, args![username = client.username.as_str()])
}

/// The link is another.
pub fn rotated(client: &Client, eyes: &Eyes) -> String {
    eyes.t.html("change-rotated", args![username = client.username.as_str()])
}

/// There is a note, or none any more.
pub fn noted(_client: &Client, note: Option<&Reason>, eyes: &Eyes) -> String {
    eyes.t.html(if note.is_some() { Key("change-noted") } else { Key("change-unnoted") }, &[])
}

/// The client is gone.
pub fn deleted(client: &Client, spot: Spot, eyes: &Eyes) -> Screen {
    let t = eyes.t;
    Screen::new(t.html("change-deleted", args![username = client.username.as_str()])).row([
        Button::Tap(t.plain("button-list", &[]), Tap::List(spot)),
        Button::Tap(t.plain("button-home", &[]), Tap::Home),
    ])
}

#[cfg(test)]
mod tests {
    use super::super::samples::{client, days, entropy, now, snapshot};
    use super::*;

    fn nonce() -> Nonce {
        Nonce::new(now(), &entropy())
    }

    #[test]
    fn questions() {
        let (alice, spot) = (client("alice_1"), Spot::default());
        snapshot("change_days", |eyes| ask_days(&alice, None, nonce(), spot, eyes));
        snapshot("change_days_operator", |eyes| ask_days(&alice, Some(90), nonce(), spot, eyes));
        snapshot("change_date", |eyes| ask_date(&alice, spot, eyes));
        snapshot("change_date_wrong", |eyes| {
            ask_date(&alice, spot, eyes).under(&eyes.t.html("change-date-wrong", &[]))
        });
        snapshot("change_days_wrong", |eyes| {
            let question = ask_days(&alice, Some(90), nonce(), spot, eyes);
            question.under(&eyes.t.html("change-days-wrong", &[]))
        });
        snapshot("change_note", |eyes| ask_note(&alice, Some("flat <b>12</b> & pays in cash"), spot, eyes));
        snapshot("change_delete", |eyes| ask_delete(&alice, nonce(), spot, eyes));
        snapshot("change_rotate", |eyes| ask_rotate(&alice, nonce(), spot, eyes));
    }

    #[test]
    fn results() {
        let alice = client("alice_1");
        let mut closed = client("alice_1");
        (closed.access, closed.expires_at) = (Access::Blocked, days(-1));
        let week = || "7".parse::<Days>().unwrap();
        let note = Reason::of("x");
        snapshot("change_results", |eyes| {
            Screen::lines([
                extended(&alice, week(), eyes),
                extended(&closed, week(), eyes),
                undone(&alice, week(), eyes),
                dated(&alice, eyes),
                blocked(&alice, eyes),
                unblocked(&alice, eyes),
                unblocked(&closed, eyes),
                rotated(&alice, eyes),
                noted(&alice, note.as_ref(), eyes),
                noted(&alice, None, eyes),
                deleted(&alice, Spot::default(), eyes).to_string(),
            ])
            .row(undo(&alice, week(), Spot::default(), eyes))
            .row(undo(&closed, week(), Spot::default(), eyes))
        });
    }
}
