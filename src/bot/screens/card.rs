//! A client's card: one fact a line.

use crate::bot::callback::{MatterTap, Nonce, Tap};
use crate::bot::format::{Eyes, emoji, word};
use crate::bot::locale::args;
use crate::bot::log_spot::LogSpot;
use crate::bot::screen::{Button, Screen};
use crate::bot::screens::{change, people};
use crate::bot::spot::Spot;
use crate::domain::actor::Role;
use crate::domain::client::State;
use crate::domain::person::Person;
use crate::services::views::{Card, PanelFacts};

/// The card; what the role forbids is not there. Back leads to `spot`.
pub fn card(view: &Card, spot: Spot, role: Role, nonce: Nonce, eyes: &Eyes) -> Screen {
    let t = eyes.t;
    let client = &view.client;
    let may_change = role >= Role::Operator;
    let relative = eyes.relative(client.expires_at);
    let mut lines = vec![
        format!("{} <b>{}</b>", emoji(view.state), crate::bot::html::escape(client.username.as_str())),
        String::new(),
        t.html("card-state", args![state = t.plain(word(view.state), &[])]),
        match client.expired(eyes.now) {
            false => t.html("card-expires", args![date = eyes.date(client.expires_at), relative = relative]),
            true => t.html("card-expired", args![date = eyes.date(client.expires_at), relative = relative]),
        },
    ];
    let on_panel = client.remnawave_uuid.is_some();
    match on_panel {
        true => lines.extend(panel_lines(view.panel, eyes)),
        false => lines.push(t.html("card-no-panel-user", &[])),
    }
    lines.push(telegram_line(view, eyes));
    if view.person.as_ref().is_some_and(|person| person.must_start) {
        lines.push(t.html("card-must-start", &[]));
    }
    lines.push(t.html("card-created", args![date = eyes.date(client.created_at)]));
    if let Some(url) = client.subscription_url.as_ref().filter(|_| may_change) {
        lines.push(t.html("card-link", args![url = url.expose()]));
    }
    lines.extend(view.note.as_ref().map(|note| t.html("card-note", args![note = note])));
    let back = Button::Tap(t.plain("button-back", &[]), Tap::List(spot));
    let home = Button::Tap(t.plain("button-home", &[]), Tap::Home);
    let log = Button::Tap(t.plain("button-log", &[]), Tap::Log(LogSpot::Client(client.id)));
    let access = change::access(client, spot, role, nonce, eyes);
    let handing = if may_change { handing(view, eyes) } else { vec![] };
    let people = people::card_buttons(view, role, eyes);
    let note = change::note(client, spot, role, eyes);
    let date = change::date(client, spot, role, eyes);
    let remake = (!on_panel && may_change).then(|| {
        Button::Tap(t.plain("card-button-remake", &[]), Tap::Matter(MatterTap::AskRemake(client.id)))
    });
    let replacing = change::replacing(client, spot, role, eyes);
    Screen::lines(lines)
        .row(change::extending(client, spot, role, nonce, eyes))
        .pairs(access.into_iter().chain(handing).chain(note).chain([log]).chain(date))
        .pairs(people)
        .pairs(replacing)
        .row(remake)
        .row([back, home])
}

/// What only the panel knows.
pub(super) fn panel_lines(facts: Option<PanelFacts>, eyes: &Eyes) -> Vec<String> {
    let t = eyes.t;
    let Some(facts) = facts else { return vec![t.html("card-panel-silent", &[])] };
    let used = eyes.bytes(facts.traffic_used);
    vec![
        match facts.traffic_limit {
            Some(limit) => t.html("card-traffic", args![used = used, limit = eyes.bytes(limit)]),
            None => t.html("card-traffic-unlimited", args![used = used]),
        },
        match facts.online_at {
            Some(moment) => t.html("card-online", args![relative = eyes.relative(moment)]),
            None => t.html("card-never-online", &[]),
        },
    ]
}

fn telegram_line(view: &Card, eyes: &Eyes) -> String {
    match (&view.person, view.client.telegram_id) {
        (Some(person), _) => eyes.t.html("card-telegram", args![name = name(person)]),
        (None, Some(id)) => eyes.t.html("card-telegram", args![name = id.to_string()]),
        (None, None) => eyes.t.html("card-no-telegram", &[]),
    }
}

/// A person as staff recognise them: name, `@name`, id.
pub fn name(person: &Person) -> String {
    if person.name.is_empty() {
        // Was given a role before they ever wrote.
        return person.id.to_string();
    }
    let at = person.telegram_username.as_ref().map(|name| format!(" @{name}")).unwrap_or_default();
    format!("{}{at} ({})", person.name, person.id)
}

/// The configuration, the code, the invite.
fn handing(view: &Card, eyes: &Eyes) -> Vec<Button> {
    let t = eyes.t;
    let id = view.client.id;
    let mut buttons = vec![Button::Tap(t.plain("button-config", &[]), Tap::Config(id))];
    if view.state == State::Active && view.client.subscription_url.is_some() {
        buttons.push(Button::Tap(t.plain("button-qr", &[]), Tap::Qr(id)));
    }
    if view.client.telegram_id.is_none() {
        buttons.push(Button::Tap(t.plain("button-invite", &[]), Tap::Invite(id)));
    }
    buttons
}

#[cfg(test)]
mod tests {
    use super::super::samples::{client, days, entropy, now, person, snapshot};
    use super::*;

    fn nonce() -> Nonce {
        Nonce::new(now(), &entropy())
    }

    fn view() -> Card {
        Card { client: client("alice_1"), state: State::Active, panel: None, person: None, note: None }
    }

    #[test]
    fn card_screens() {
        snapshot("card_fresh", |eyes| card(&view(), Spot::default(), Role::Operator, nonce(), eyes));

        let mut gone = view();
        (gone.client.remnawave_uuid, gone.client.short_uuid, gone.client.subscription_url) =
            (None, None, None);
        snapshot("card_gone", |eyes| card(&gone, Spot::default(), Role::Operator, nonce(), eyes));

        let mut linked = view();
        linked.client.telegram_id = Some(person().id);
        linked.client.expires_at = days(-3);
        linked.state = State::Expired;
        linked.person = Some(person());
        linked.note = Some("flat 12 <b> & pays in cash 💵".to_owned());
        linked.panel = Some(PanelFacts {
            traffic_used: 1_610_612_736,
            traffic_limit: Some(100 << 30),
            online_at: Some(days(-4)),
        });
        snapshot("card_linked", |eyes| card(&linked, Spot::default().at(3), Role::Owner, nonce(), eyes));

        let mut seen_by_viewer = linked.clone();
        seen_by_viewer.person = None;
        seen_by_viewer.panel = Some(PanelFacts { traffic_used: 0, traffic_limit: None, online_at: None });
        let mut in_another_bot = linked.clone();
        in_another_bot.person = Some(Person { must_start: true, ..person() });
        snapshot("card_must_start", |eyes| {
            card(&in_another_bot, Spot::default(), Role::Viewer, nonce(), eyes)
        });

        snapshot("card_viewer", |eyes| card(&seen_by_viewer, Spot::default(), Role::Viewer, nonce(), eyes));
    }
}
