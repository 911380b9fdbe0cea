//! Links: the card's buttons, the questions before one ends, and what came of it.

use crate::bot::callback::{Nonce, PeopleTap, Tap};
use crate::bot::format::Eyes;
use crate::bot::locale::args;
use crate::bot::screen::{Button, Screen};
use crate::bot::spot::Spot;
use crate::domain::actor::Role;
use crate::domain::client::Client;
use crate::domain::ids::{ClientId, TelegramId};
use crate::domain::person::Person;
use crate::services::Error;
use crate::services::links::{Link, Linked};
use crate::services::views::{Card, NewInvite};

use super::card::name;
use super::invite;

/// What the card of a linked client offers to whoever may unlink.
pub fn card_buttons(view: &Card, role: Role, eyes: &Eyes) -> Vec<Button> {
    if role < Role::Operator || view.client.telegram_id.is_none() {
        return vec![];
    }
    vec![move_button(view.client.id, eyes), unlink_button(view.client.id, eyes)]
}

fn unlink_button(id: ClientId, eyes: &Eyes) -> Button {
    Button::Tap(eyes.t.plain("unlink-button", &[]), Tap::People(PeopleTap::AskUnlink(id, None)))
}

fn move_button(id: ClientId, eyes: &Eyes) -> Button {
    Button::Tap(eyes.t.plain("move-button", &[]), Tap::People(PeopleTap::AskMove(id)))
}

/// For whoever hears that this person accepted their invite.
pub fn take_back_button(client: ClientId, person: TelegramId, eyes: &Eyes) -> Button {
    let tap = PeopleTap::AskUnlink(client, Some(person));
    Button::Tap(eyes.t.plain("take-back-button", &[]), Tap::People(tap))
}

/// Who is linked, by name where it is known.
fn who(linked: &Linked, eyes: &Eyes) -> String {
    match (&linked.person, linked.client.telegram_id) {
        (Some(person), _) => name(person),
        (None, Some(id)) => id.to_string(),
        (None, None) => eyes.t.plain("unlink-nobody-word", &[]),
    }
}

/// Really take it off?
pub fn ask_unlink(linked: &Linked, link: Link, nonce: Nonce, eyes: &Eyes) -> Screen {
    let t = eyes.t;
    let username = linked.client.username.as_str();
    Screen::lines([
        t.html("unlink-ask", args![username = username]),
        t.html("unlink-ask-who", args![name = who(linked, eyes)]),
        String::new(),
        t.html("unlink-ask-lost", &[]),
    ])
    .row([
        Button::Tap(t.plain("unlink-yes", &[]), Tap::People(PeopleTap::YesUnlink(link, nonce))),
        Button::Tap(t.plain("people-no", &[]), Tap::People(PeopleTap::NoUnlink(link.client))),
    ])
    .row([move_button(link.client, eyes)])
}

/// Really move it? Replacing the link is offered to whoever may do that.
pub fn ask_move(linked: &Linked, link: Link, nonce: Nonce, role: Role, eyes: &Eyes) -> Screen {
    let t = eyes.t;
    let username = linked.client.username.as_str();
    let replaces = role >= Role::Admin;
    let yes =
        |label: String, replace| Button::Tap(label, Tap::People(PeopleTap::YesMove(link, nonce, replace)));
    let mut lines = vec![
        t.html("move-ask", args![username = username]),
        t.html("unlink-ask-who", args![name = who(linked, eyes)]),
        String::new(),
        t.html("move-ask-what", &[]),
    ];
    if replaces {
        lines.push(t.html("move-ask-replace", &[]));
    }
    Screen::lines(lines)
        .row([yes(t.plain("move-yes", &[]), false)])
        .row(replaces.then(|| yes(t.plain("move-yes-replace", &[]), true)))
        .row([Button::Tap(t.plain("people-no", &[]), Tap::People(PeopleTap::NoUnlink(link.client)))])
}

/// The account is off.
pub fn unlinked(linked: &Linked, eyes: &Eyes) -> Screen {
    let t = eyes.t;
    let username = linked.client.username.as_str();
    let text = t.html("unlink-done", args![username = username, name = was(linked.person.as_ref(), eyes)]);
    let keeps = t.html("unlink-keeps", &[]);
    next(Screen::lines([text, keeps]), &linked.client, eyes)
}

/// Nobody was linked.
pub fn nobody(client: &Client, eyes: &Eyes) -> Screen {
    let text = eyes.t.html("unlink-nobody", args![username = client.username.as_str()]);
    next(Screen::new(text), client, eyes)
}

/// Somebody else is linked by now.
pub fn another(linked: &Linked, eyes: &Eyes) -> Screen {
    let username = linked.client.username.as_str();
    let text = eyes.t.html("unlink-another", args![username = username, name = who(linked, eyes)]);
    next(Screen::new(text), &linked.client, eyes)
}

/// An invite is asked for a client that has somebody.
pub fn taken(linked: &Linked, eyes: &Eyes) -> Screen {
    let username = linked.client.username.as_str();
    let text = eyes.t.html("invite-taken", args![username = username, name = who(linked, eyes)]);
    next(Screen::new(text), &linked.client, eyes)
}

/// Moved: what is above the invite.
pub fn moved(
    invite: &NewInvite,
    person: Option<&Person>,
    replaced: Option<&Result<(), Error>>,
    eyes: &Eyes,
) -> Screen {
    let t = eyes.t;
    let username = invite.client.username.as_str();
    let mut above = t.html("unlink-done", args![username = username, name = was(person, eyes)]);
    let link = match replaced {
        None => t.html("unlink-keeps", &[]),
        Some(Ok(())) => t.html("move-replaced", &[]),
        Some(Err(_)) => t.html("move-not-replaced", &[]),
    };
    above.push('\n');
    above.push_str(&link);
    invite::made(invite, eyes).under(&above)
}

/// An earlier tap did it.
pub fn moved_before(linked: &Linked, eyes: &Eyes) -> Screen {
    let t = eyes.t;
    let text =
        t.html("move-before", args![username = linked.client.username.as_str(), name = who(linked, eyes)]);
    next(Screen::new(text), &linked.client, eyes)
}

/// For the person whose account was taken off.
pub fn told(username: &str, eyes: &Eyes) -> Screen {
    Screen::new(eyes.t.html("unlink-told", args![username = username]))
}

/// What fits now: an invite where nobody is linked, else moving; the card; home.
fn next(screen: Screen, client: &Client, eyes: &Eyes) -> Screen {
    let t = eyes.t;
    let first = match client.telegram_id {
        None => Button::Tap(t.plain("button-invite", &[]), Tap::Invite(client.id)),
        Some(_) => move_button(client.id, eyes),
    };
    let card = Button::Tap(t.plain("button-card", &[]), Tap::Card(client.id, Spot::default()));
    screen.row([first, card]).row([Button::Tap(t.plain("button-home", &[]), Tap::Home)])
}

fn was(person: Option<&Person>, eyes: &Eyes) -> String {
    person.map_or_else(|| eyes.t.plain("unlink-nobody-word", &[]), name)
}

#[cfg(test)]
mod tests {
    use super::super::samples::{client, days, entropy, now, person, snapshot};
    use super::*;
    use crate::domain::client::State;
    use crate::domain::ids::InviteToken;

    fn linked() -> Linked {
        let client = Client { telegram_id: Some(person().id), ..client("alice_1") };
        Linked { client, person: Some(person()) }
    }

    fn link() -> Link {
        Link { client: client("alice_1").id, person: person().id }
    }

    #[test]
    fn only_a_linked_client_can_be_unlinked_and_only_by_an_operator() {
        let eyes = super::super::samples::eyes();
        let card = |client| Card { client, state: State::Active, panel: None, person: None, note: None };
        let labels = |client: Client, role| card_buttons(&card(client), role, &eyes).len();
        assert_eq!(labels(linked().client, Role::Operator), 2);
        assert_eq!(labels(linked().client, Role::Viewer), 0);
        assert_eq!(labels(client("alice_1"), Role::Owner), 0);
    }

    #[test]
    fn link_screens() {
        let nonce = Nonce::new(now(), &entropy());
        snapshot("unlink_ask", |eyes| ask_unlink(&linked(), link(), nonce, eyes));
        snapshot("move_ask", |eyes| ask_move(&linked(), link(), nonce, Role::Admin, eyes));
        snapshot("move_ask_operator", |eyes| ask_move(&linked(), link(), nonce, Role::Operator, eyes));
        let gone = Linked { client: client("alice_1"), person: Some(person()) };
        snapshot("unlink_done", |eyes| unlinked(&gone, eyes));
        snapshot("unlink_not", |eyes| {
            let unknown = Linked { person: None, ..linked() };
            Screen::lines(
                [nobody(&client("alice_1"), eyes), another(&linked(), eyes), taken(&unknown, eyes)]
                    .map(|screen| screen.to_string()),
            )
        });
        snapshot("unlink_told", |eyes| told("alice_1", eyes));
    }

    #[test]
    fn moved_screens() {
        let token = InviteToken::new("0123456789abcdefABCDEF");
        let invite = NewInvite { client: client("alice_1"), token, expires_at: days(7) };
        let failed = Err(Error::Panel("secret".to_owned()));
        snapshot("moved", |eyes| moved(&invite, Some(&person()), None, eyes));
        snapshot("moved_replaced", |eyes| moved(&invite, Some(&person()), Some(&Ok(())), eyes));
        snapshot("moved_not_replaced", |eyes| moved(&invite, Some(&person()), Some(&failed), eyes));
        let free = Linked { client: client("alice_1"), person: None };
        snapshot("moved_before", |eyes| {
            Screen::lines([moved_before(&free, eyes), moved_before(&linked(), eyes)].map(|s| s.to_string()))
        });
        snapshot("take_back", |eyes| {
            Screen::new("…").row([take_back_button(link().client, link().person, eyes)])
        });
    }
}
