//! Roles: who has which, one person with the buttons to change that, the question before, and what came of it.

use crate::bot::callback::{Nonce, PeopleTap, Tap};
use crate::bot::format::Eyes;
use crate::bot::locale::{Key, args};
use crate::bot::screen::{Button, Screen};
use crate::domain::actor::{GivenRole, Role};
use crate::domain::ids::TelegramId;
use crate::services::roles::{Hold, Holder, RoleChange, RolePage};

use super::card::name;

/// How many people a page has.
pub const PER_PAGE: u32 = 8;
/// The longest name on a button, in characters: a phone shows no more.
const LABEL: usize = 32;

/// Everyone with a role; a button for each whose role can be changed here.
pub fn list(view: &RolePage, eyes: &Eyes) -> Screen {
    let t = eyes.t;
    let mut lines = vec![t.html("roles-title", &[]), String::new()];
    lines.extend(view.items.iter().map(|holder| line(holder, eyes)));
    let loose = view.items.iter().filter(|holder| holder.hold == Hold::Loose);
    let screen = loose.fold(Screen::lines(lines), |screen, holder| {
        let label: String = name(&holder.person).chars().take(LABEL).collect();
        let label = format!("{} {label}", emoji(holder.role));
        screen.row([Button::Tap(label, Tap::People(PeopleTap::Person(holder.person.id)))])
    });
    screen
        .row(turning(view))
        .row([Button::Tap(t.plain("roles-button-give", &[]), Tap::People(PeopleTap::Give)), home(eyes)])
}

fn line(holder: &Holder, eyes: &Eyes) -> String {
    let (emoji, name, role) = (emoji(holder.role), name(&holder.person), word(holder.role, eyes));
    let args = args![emoji = emoji, name = name, role = role];
    match holder.hold {
        Hold::Settings => eyes.t.html("roles-line-settings", args),
        Hold::Own => eyes.t.html("roles-line-own", args),
        Hold::Loose => eyes.t.html("roles-line", args),
    }
}

/// `⬅️ 2/7 ➡️`; nothing when there is one page.
fn turning(view: &RolePage) -> Vec<Button> {
    if view.pages <= 1 {
        return vec![];
    }
    let here = view.page;
    let button = |label: String, page| Button::Tap(label, Tap::People(PeopleTap::Roles(page)));
    let back = here.checked_sub(1).map(|page| button("⬅️".to_owned(), page));
    let forward =
        here.checked_add(1).filter(|page| *page < view.pages).map(|page| button("➡️".to_owned(), page));
    let middle = button(format!("{}/{}", here.saturating_add(1), view.pages), here);
    back.into_iter().chain([middle]).chain(forward).collect()
}

/// Somebody, and a button for each role they do not have.
pub fn person(holder: &Holder, eyes: &Eyes) -> Screen {
    let t = eyes.t;
    let id = holder.person.id;
    let mut lines = vec![
        t.html("role-person", args![name = name(&holder.person)]),
        t.html("role-now", args![emoji = emoji(holder.role), role = word(holder.role, eyes)]),
    ];
    if holder.person.name.is_empty() {
        lines.push(t.html("role-unseen", &[]));
    }
    lines.push(String::new());
    let buttons = match holder.hold {
        Hold::Settings => {
            lines.push(t.html("role-error-settings", &[]));
            vec![]
        }
        Hold::Own => {
            lines.push(t.html("role-error-own", &[]));
            vec![]
        }
        Hold::Loose => {
            lines.extend(GivenRole::ALL.map(|given| t.html(explained(given), &[])));
            changing(id, holder.role, eyes)
        }
    };
    let back = Button::Tap(t.plain("button-back", &[]), Tap::People(PeopleTap::Roles(0)));
    Screen::lines(lines).pairs(buttons).row([back, home(eyes)])
}

fn changing(id: TelegramId, now: Role, eyes: &Eyes) -> Vec<Button> {
    let others = GivenRole::ALL.into_iter().filter(|given| given.role() != now);
    let give = others.map(|given| {
        let label = format!("{} {}", emoji(given.role()), word(given.role(), eyes));
        Button::Tap(label, Tap::People(PeopleTap::AskRole(id, Some(given))))
    });
    let take = now.is_staff().then(|| {
        let label = eyes.t.plain("role-button-take", &[]);
        Button::Tap(label, Tap::People(PeopleTap::AskRole(id, None)))
    });
    give.chain(take).collect()
}

/// Really?
pub fn ask(holder: &Holder, to: Option<GivenRole>, nonce: Nonce, eyes: &Eyes) -> Screen {
    let t = eyes.t;
    let who = name(&holder.person);
    let role = to.map_or(Role::User, GivenRole::role);
    let mut lines = match to {
        Some(given) => vec![
            t.html("role-ask", args![name = who, role = word(role, eyes)]),
            t.html(explained(given), &[]),
        ],
        None => vec![t.html("role-ask-take", args![name = who])],
    };
    if holder.role > role {
        lines.extend([String::new(), t.html("role-ask-lost", &[])]);
    }
    let (yes, no) = (t.plain("role-yes", &[]), t.plain("role-no", &[]));
    let id = holder.person.id;
    Screen::lines(lines).row([
        Button::Tap(yes, Tap::People(PeopleTap::YesRole(id, to, nonce))),
        Button::Tap(no, Tap::People(PeopleTap::NoRole(id))),
    ])
}

/// Whom? For a role that is given.
pub fn whom(wrong: bool, eyes: &Eyes) -> Screen {
    let t = eyes.t;
    let text = if wrong { t.html("role-whom-wrong", &[]) } else { t.html("role-whom", &[]) };
    Screen::new(text).row([Button::Tap(t.plain("button-cancel", &[]), Tap::People(PeopleTap::NoGive))])
}

/// What came of it.
pub fn changed(change: &RoleChange, eyes: &Eyes) -> Screen {
    let t = eyes.t;
    let who = name(&change.person);
    let role = |role| args![name = who.as_str(), role = word(role, eyes)].to_vec();
    let mut lines = vec![match (change.before == change.now, change.now) {
        (true, Some(now)) => t.html("role-same", &role(now)),
        (false, Some(now)) => t.html("role-changed", &role(now)),
        (true, None) => t.html("role-same-none", args![name = who.as_str()]),
        (false, None) => t.html("role-taken", args![name = who.as_str()]),
    }];
    if change.tokens > 0 {
        lines.push(t.html("role-tokens-ended", args![count = count(change.tokens)]));
    }
    if change.invites > 0 {
        lines.push(t.html("role-invites-ended", args![count = count(change.invites)]));
    }
    if change.person.name.is_empty() && change.now.is_some() {
        lines.push(t.html("role-unseen", &[]));
    }
    let roles = Button::Tap(t.plain("roles-button", &[]), Tap::People(PeopleTap::Roles(0)));
    Screen::lines(lines).row([roles, home(eyes)])
}

fn count(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// How the commands are written.
pub fn usage(eyes: &Eyes) -> Screen {
    let t = eyes.t;
    let roles = Button::Tap(t.plain("roles-button", &[]), Tap::People(PeopleTap::Roles(0)));
    Screen::new(t.html("usage-roles", &[])).row([roles, home(eyes)])
}

/// For the person: another role, or none.
pub fn told(role: Option<Role>, eyes: &Eyes) -> Screen {
    let t = eyes.t;
    match role {
        Some(role) => {
            let text = t.html("role-told", args![emoji = emoji(role), role = word(role, eyes)]);
            Screen::new(text).row([home(eyes)])
        }
        None => Screen::new(t.html("role-told-taken", &[])),
    }
}

/// A button to somebody's role, for what owners are told of it.
pub fn button(person: TelegramId, eyes: &Eyes) -> Button {
    Button::Tap(eyes.t.plain("role-button", &[]), Tap::People(PeopleTap::Person(person)))
}

fn home(eyes: &Eyes) -> Button {
    Button::Tap(eyes.t.plain("button-home", &[]), Tap::Home)
}

/// The same everywhere.
pub fn emoji(role: Role) -> &'static str {
    match role {
        Role::Stranger | Role::User => "▫️",
        Role::Viewer => "👁",
        Role::Operator => "🛠",
        Role::Admin => "🛡",
        Role::Owner => "👑",
    }
}

/// What a role is called.
pub fn word(role: Role, eyes: &Eyes) -> String {
    let key = match role {
        Role::Stranger | Role::User => Key("role-none"),
        Role::Viewer => Key("role-viewer"),
        Role::Operator => Key("role-operator"),
        Role::Admin => Key("role-admin"),
        Role::Owner => Key("role-owner"),
    };
    eyes.t.plain(key, &[])
}

fn explained(given: GivenRole) -> Key {
    match given {
        GivenRole::Viewer => Key("role-viewer-may"),
        GivenRole::Operator => Key("role-operator-may"),
        GivenRole::Admin => Key("role-admin-may"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{entropy, now, person as ann, snapshot};
    use super::*;
    use crate::domain::person::Person;

    fn holder(id: i64, role: Role, hold: Hold) -> Holder {
        Holder { person: Person { id: TelegramId(id), ..ann() }, role, hold }
    }

    fn unseen() -> Holder {
        let mut holder = holder(77, Role::Stranger, Hold::Loose);
        holder.person.name.clear();
        holder.person.telegram_username = None;
        holder
    }

    #[test]
    fn role_screens() {
        let items = vec![
            holder(1, Role::Owner, Hold::Settings),
            holder(2, Role::Owner, Hold::Own),
            holder(50, Role::Admin, Hold::Loose),
            Holder { role: Role::Viewer, ..unseen() },
        ];
        let page = |number, pages| RolePage { items: items.clone(), page: number, pages };
        snapshot("roles_list", |eyes| list(&page(0, 1), eyes));
        snapshot("roles_page", |eyes| list(&page(1, 3), eyes));
        snapshot("role_person", |eyes| person(&items[2], eyes));
        snapshot("role_unseen", |eyes| person(&unseen(), eyes));
        snapshot("role_fixed", |eyes| {
            Screen::lines([person(&items[0], eyes), person(&items[1], eyes)].map(|screen| screen.to_string()))
        });
        let nonce = Nonce::new(now(), &entropy());
        snapshot("role_ask", |eyes| ask(&unseen(), Some(GivenRole::Operator), nonce, eyes));
        snapshot("role_ask_lower", |eyes| ask(&items[2], Some(GivenRole::Viewer), nonce, eyes));
        snapshot("role_ask_take", |eyes| ask(&items[2], None, nonce, eyes));
        snapshot("role_whom", |eyes| {
            Screen::lines([whom(false, eyes), whom(true, eyes)].map(|s| s.to_string()))
        });
        snapshot("role_usage", usage);
    }

    #[test]
    fn what_came_of_it() {
        let change = |person: &Holder, before, now, tokens, invites| RoleChange {
            person: person.person.clone(),
            before,
            now,
            tokens,
            invites,
        };
        let ann = holder(50, Role::Admin, Hold::Loose);
        let (admin, viewer) = (Some(Role::Admin), Some(Role::Viewer));
        let all = [
            change(&unseen(), None, admin, 0, 0),
            change(&ann, admin, viewer, 1, 2),
            change(&ann, admin, None, 5, 21),
            change(&ann, admin, admin, 0, 0),
            change(&ann, None, None, 0, 0),
        ];
        snapshot("role_changed", |eyes| {
            Screen::lines(all.iter().map(|change| format!("{}\n", changed(change, eyes))))
        });
        snapshot("role_told", |eyes| {
            Screen::lines([told(admin, eyes), told(None, eyes)].map(|screen| screen.to_string()))
        });
    }
}
