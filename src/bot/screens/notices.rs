//! What the bot says by itself, in words. Never a link: whoever reads over a shoulder sees a notice on a locked screen.

use url::Url;

use crate::bot::callback::{MineTap, Tap};
use crate::bot::format::Eyes;
use crate::bot::locale::{Key, args};
use crate::bot::log_spot::LogSpot;
use crate::bot::screen::{Button, Screen};
use crate::bot::spot::Spot;
use crate::domain::actor::Role;
use crate::domain::clock::Entropy;
use crate::domain::ids::{ClientId, TelegramId};
use crate::domain::matter::Matter;
use crate::domain::notice::{Notice, OwnerNotice};
use crate::domain::person::Person;

use super::contacts::Contacts;
use super::{card, expiring, invite, matters, people as links, restored, roles, token};

/// The longest actor shown, in characters: names of tokens may be longer.
const SHOWN: usize = 64;

/// What buttons need besides.
#[derive(Clone, Copy)]
pub struct With<'a> {
    /// Whom people turn to, and where they pay.
    pub contacts: Contacts<'a>,
    /// For buttons that change something.
    pub entropy: &'a dyn Entropy,
    /// Whether taps are answered there: not in groups and channels.
    pub taps: bool,
}

/// A notice, with the people it names.
pub fn screen(notice: &Notice, people: &[Person], with: With<'_>, eyes: &Eyes) -> Screen {
    let t = eyes.t;
    match notice {
        Notice::Extended { client, username, days, expires_at, open } => {
            let date = (eyes.date(*expires_at), eyes.relative(*expires_at));
            let name = username.as_str();
            let mut text = if *expires_at <= eyes.now {
                t.html("notice-past", args![username = name, date = date.0])
            } else if *days > 0 {
                t.html(
                    "notice-extended",
                    args![username = name, days = *days, date = date.0, relative = date.1],
                )
            } else {
                t.html("notice-moved", args![username = name, date = date.0, relative = date.1])
            };
            if !open {
                text = format!("{text}\n{}", t.html("notice-still-closed", &[]));
            }
            fitting(text, *client, *open && *expires_at > eyes.now, eyes)
        }
        Notice::Blocked { client, username } => {
            fitting(t.html("notice-blocked", args![username = username.as_str()]), *client, false, eyes)
        }
        Notice::Unblocked { client, username, expires_at } => {
            let (date, relative) = (eyes.date(*expires_at), eyes.relative(*expires_at));
            let name = username.as_str();
            let works = *expires_at > eyes.now;
            let text = if works {
                t.html("notice-unblocked", args![username = name, date = date, relative = relative])
            } else {
                t.html("notice-unblocked-expired", args![username = name, date = date])
            };
            fitting(text, *client, works, eyes)
        }
        Notice::Rotated { client, username } => {
            fitting(t.html("notice-rotated", args![username = username.as_str()]), *client, true, eyes)
        }
        Notice::InviteAccepted { client, username, who } => {
            invite::accepted(*client, username, *who, &person(*who, people), eyes)
        }
        Notice::Unlinked { username, .. } => links::told(username.as_str(), eyes),
        Notice::YourRole { role } => roles::told(*role, eyes),
        Notice::Expiring { clients } => expiring::soon(clients, with.contacts, eyes),
        Notice::Expired { clients } => expiring::ended(clients, with.contacts, eyes),
        Notice::Owner(notice) => owner(notice, people, with, eyes),
        Notice::Broadcast { text } => broadcast(text, eyes),
    }
}

/// What goes to everybody.
pub fn broadcast(text: &str, eyes: &Eyes) -> Screen {
    Screen::new(eyes.t.html("notice-broadcast", args![text = text]))
}

/// The same outside private chats: there taps do nothing, so one button opens the bot.
pub fn in_group(screen: Screen, bot: Option<Url>, eyes: &Eyes) -> Screen {
    let taps = |button: &Button| matches!(button, Button::Tap(..));
    let had_taps = screen.keyboard.iter().flatten().any(taps);
    let rows = screen.keyboard.into_iter().map(|row| row.into_iter().filter(|button| !taps(button)));
    let bare = Screen { secret: screen.secret, silent: screen.silent, ..Screen::new(screen.text) };
    let kept = rows.fold(bare, Screen::row);
    let open = bot.filter(|_| had_taps).map(|bot| Button::Open(eyes.t.plain("notice-button-bot", &[]), bot));
    kept.row(open)
}

/// With the configuration where it works, else with how one's access stands.
fn fitting(text: String, client: ClientId, works: bool, eyes: &Eyes) -> Screen {
    let t = eyes.t;
    let button = if works {
        Button::Tap(t.plain("notice-button-config", &[]), Tap::Config(client))
    } else {
        Button::Tap(t.plain("notice-button-status", &[]), Tap::Mine(MineTap::Status(client)))
    };
    Screen::new(text).row([button])
}

fn owner(notice: &OwnerNotice, people: &[Person], with: With<'_>, eyes: &Eyes) -> Screen {
    let t = eyes.t;
    let by = notice.by().map(|by| who(by, people)).unwrap_or_default();
    let home = || Button::Tap(t.plain("button-home", &[]), Tap::Home);
    match notice {
        OwnerNotice::Deleted { client, username, .. } => {
            Screen::new(t.html("owner-deleted", args![who = by, username = username.as_str()]))
                .row([Button::Tap(t.plain("button-log", &[]), Tap::Log(LogSpot::Client(*client))), home()])
        }
        OwnerNotice::Granted { person: id, role, .. } => {
            let (role, person) = (t.plain(word(*role), &[]), person(*id, people));
            Screen::new(t.html("owner-granted", args![who = by, person = person, role = role]))
                .row([roles::button(*id, eyes), home()])
        }
        OwnerNotice::Revoked { person: id, role, .. } => {
            let (role, person) = (t.plain(word(*role), &[]), person(*id, people));
            Screen::new(t.html("owner-revoked", args![who = by, person = person, role = role]))
                .row([roles::button(*id, eyes), home()])
        }
        OwnerNotice::TokenMade { name, write, .. } => token::told_made(name, *write, &by, eyes),
        OwnerNotice::TokenRevoked { name, .. } => token::told_revoked(name, &by, eyes),
        OwnerNotice::LongExtension { client, username, days, expires_at, .. } => {
            let date = eyes.date(*expires_at);
            Screen::new(t.html(
                "owner-long-extension",
                args![who = by, username = username.as_str(), days = *days, date = date],
            ))
            .row([Button::Tap(t.plain("button-card", &[]), Tap::Card(*client, Spot::default())), home()])
        }
        OwnerNotice::AnotherBot { people } => {
            Screen::new(t.html("owner-another-bot", args![people = *people])).row([home()])
        }
        OwnerNotice::Matter(matter) => matters::raised(matter, eyes),
        OwnerNotice::Resettled { made, done, failed } => {
            let key = if *made { Key("owner-resettled-made") } else { Key("owner-resettled-let-go") };
            Screen::new(t.html(key, args![done = *done, failed = *failed])).row([home()])
        }
        OwnerNotice::Resumed { taken } => restored::resumed(taken, eyes),
        OwnerNotice::Relinked { linked } => {
            Screen::new(t.html("owner-relinked", args![linked = *linked])).row([home()])
        }
        OwnerNotice::PanelBack { since, back_at } => matters::panel_back(*back_at - *since, eyes),
        OwnerNotice::Digest { total, clients, .. } => expiring::digest(clients, *total, with, eyes),
        OwnerNotice::Deactivated { count, names, failed } => {
            expiring::deactivated(*count, names, *failed, eyes)
        }
        OwnerNotice::AnotherUser { client, username } => {
            let (client, username) = (*client, username.clone());
            matters::raised(&Matter::AnotherUser { client, username }, eyes)
        }
    }
}

/// Who did it: a person by name, a token or a job as the log names it.
fn who(label: &str, people: &[Person]) -> String {
    match TelegramId::from_label(label) {
        Some(id) => person(id, people),
        None => label.chars().take(SHOWN).collect(),
    }
}

/// A person as staff recognise them; by number, if they never wrote to the bot.
fn person(id: TelegramId, people: &[Person]) -> String {
    people.iter().find(|person| person.id == id).map_or_else(|| id.to_string(), card::name)
}

fn word(role: Role) -> Key {
    match role {
        Role::Viewer => Key("owner-role-viewer"),
        Role::Operator => Key("owner-role-operator"),
        Role::Admin => Key("owner-role-admin"),
        Role::Owner => Key("owner-role-owner"),
        Role::User | Role::Stranger => Key("owner-role-user"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{client, days, entropy, now, person as ann, snapshot};
    use super::*;
    use crate::bot::screens::notice;
    use crate::domain::actor::TokenScope;

    fn shown(notices: &[Notice], eyes: &Eyes) -> Screen {
        let with = With { contacts: Contacts::default(), entropy: &entropy(), taps: true };
        Screen::lines(notices.iter().map(|notice| screen(notice, &[ann()], with, eyes).to_string()))
    }

    #[test]
    fn notices_to_linked_people() {
        let alice = client("alice_1");
        let (client, username) = (alice.id, alice.username);
        let extended = |days, expires_at, open| Notice::Extended {
            client,
            username: username.clone(),
            days,
            expires_at,
            open,
        };
        let unblocked = |expires_at| Notice::Unblocked { client, username: username.clone(), expires_at };
        let notices = [
            extended(30, days(52), true),
            extended(1, days(1), true),
            extended(30, days(30), false),
            extended(-7, days(15), true),
            extended(0, days(0), true),
            Notice::Blocked { client, username: username.clone() },
            unblocked(days(3)),
            unblocked(days(-3)),
            Notice::Rotated { client, username: username.clone() },
            Notice::Unlinked { client, username: username.clone() },
            Notice::YourRole { role: Some(Role::Viewer) },
            Notice::YourRole { role: None },
            Notice::Broadcast {
                text: "Завтра <b>\u{202e}работы & 😀\nдо обеда".to_owned()
            },
        ];
        snapshot("notices_person", |eyes| shown(&notices, eyes));
    }

    #[test]
    fn notices_to_staff() {
        let alice = client("alice_1");
        let (client, username) = (alice.id, alice.username);
        let by = || ann().id.label();
        let owner = [
            OwnerNotice::Deleted { client, username: username.clone(), by: by() },
            OwnerNotice::Granted { person: TelegramId(5), role: Role::Operator, by: by() },
            OwnerNotice::Revoked { person: ann().id, role: Role::Admin, by: "telegram:77".to_owned() },
            OwnerNotice::token_made("shop", TokenScope::Write, by()),
            OwnerNotice::TokenRevoked { name: "shop".to_owned(), by: by() },
            OwnerNotice::LongExtension {
                client,
                username: username.clone(),
                days: 365,
                expires_at: days(387),
                by: format!("token:{}", "x".repeat(200)),
            },
            OwnerNotice::AnotherUser { client, username: username.clone() },
            OwnerNotice::AnotherBot { people: 1 },
            OwnerNotice::AnotherBot { people: 42 },
        ];
        let accepted = Notice::InviteAccepted { client, username, who: ann().id };
        let notices: Vec<Notice> = owner.into_iter().map(Notice::Owner).chain([accepted]).collect();
        snapshot("notices_staff", |eyes| shown(&notices, eyes));
    }

    #[test]
    fn words_while_waiting() {
        snapshot("waiting", |eyes| {
            Screen::lines([notice::still_working(eyes), notice::too_fast(eyes)].map(|s| s.to_string()))
        });
        assert_eq!(now(), days(0));
    }
}
