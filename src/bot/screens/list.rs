//! The list: eight clients a page, one a button. With another purpose it is the picker of a command.

use crate::bot::callback::{BulkTap, ChangeTap, NewTap, PeopleTap, Tap};
use crate::bot::format::{Eyes, emoji};
use crate::bot::locale::{Key, args};
use crate::bot::log_spot::LogSpot;
use crate::bot::screen::{Button, Screen};
use crate::bot::spot::{Expiry, Purpose, Spot};
use crate::domain::actor::Role;
use crate::domain::client::{Client, Status};
use crate::domain::search::{ClientOrder, SearchText};
use crate::services::finding::ListPage;
use crate::services::views::ClientPage;

/// How many clients a page has.
pub const PER_PAGE: u32 = 8;

/// How much of a search the header shows, in characters.
const QUOTED: usize = 64;

/// The page at `spot`; `view` may be an earlier one when `spot` lies beyond the end.
pub fn list(view: &ListPage, spot: Spot, role: Role, eyes: &Eyes) -> Screen {
    let t = eyes.t;
    let ListPage { clients: view, search } = view;
    let spot = spot.at(view.page);
    let mut lines = vec![t.html(title(spot.purpose), &[]), String::new()];
    lines.extend(search.as_ref().map(|text| t.html("list-search", args![text = quoted(text)])));
    lines.extend([
        t.html("list-filter", args![filter = filter_name(spot, eyes)]),
        t.html("list-order", args![order = t.plain(order_name(spot.order), &[])]),
        t.html("list-total", args![total = view.total]),
    ]);
    if view.pages > 1 {
        lines.push(t.html("list-page", args![page = view.page.saturating_add(1), pages = view.pages]));
    }
    if view.items.is_empty() {
        let words = if search.is_some() { Key("list-found-none") } else { Key("list-empty") };
        lines.extend([String::new(), t.html(words, &[])]);
    }
    let rows = view.items.iter().map(|client| client_button(client, spot, eyes));
    let screen = rows.fold(Screen::lines(lines), |screen, button| screen.row([button]));
    let new = (role >= Role::Operator && spot.purpose == Purpose::Card)
        .then(|| Button::Tap(t.plain("button-new", &[]), Tap::New(NewTap::Begin)));
    screen
        .row(turning(view, spot))
        .row(filters(spot, eyes))
        .row(finding(spot, eyes))
        .row(new.into_iter().chain([Button::Tap(t.plain("button-home", &[]), Tap::Home)]))
}

fn title(purpose: Purpose) -> Key {
    match purpose {
        Purpose::Card | Purpose::Today => Key("list-title-card"),
        Purpose::Config => Key("list-title-config"),
        Purpose::Invite => Key("list-title-invite"),
        Purpose::Log => Key("list-title-log"),
        Purpose::Extend => Key("list-title-extend"),
        Purpose::Date => Key("list-title-date"),
        Purpose::Note => Key("list-title-note"),
        Purpose::Delete => Key("list-title-delete"),
        Purpose::Unlink => Key("list-title-unlink"),
        Purpose::Block => Key("list-title-block"),
        Purpose::Unblock => Key("list-title-unblock"),
        Purpose::Rotate => Key("list-title-rotate"),
    }
}

fn client_button(client: &Client, spot: Spot, eyes: &Eyes) -> Button {
    let mut label = format!("{} {}", emoji(client.state(eyes.now)), client.username);
    if let Some(left) = eyes.left(client.expires_at) {
        label.push_str(&format!(" · {left}"));
    }
    Button::Tap(
        label,
        match spot.purpose {
            // The card says how the client is, and has the button.
            Purpose::Card | Purpose::Today | Purpose::Block | Purpose::Unblock => Tap::Card(client.id, spot),
            Purpose::Config => Tap::Config(client.id),
            Purpose::Invite => Tap::Invite(client.id),
            Purpose::Log => Tap::Log(LogSpot::Client(client.id)),
            Purpose::Extend => Tap::Change(ChangeTap::Extend(client.id, spot)),
            Purpose::Date => Tap::Change(ChangeTap::Date(client.id, spot)),
            Purpose::Note => Tap::Change(ChangeTap::Note(client.id, spot)),
            Purpose::Delete => Tap::Change(ChangeTap::Delete(client.id, spot)),
            Purpose::Rotate => Tap::Change(ChangeTap::Rotate(client.id, spot)),
            Purpose::Unlink => Tap::People(PeopleTap::AskUnlink(client.id, None)),
        },
    )
}

/// `⬅️ 2/7 ➡️`; nothing when there is one page.
fn turning(view: &ClientPage, spot: Spot) -> Vec<Button> {
    if view.pages <= 1 {
        return vec![];
    }
    let here = view.page;
    let button = |label: String, page| Button::Tap(label, Tap::List(spot.at(page)));
    let back = here.checked_sub(1).map(|page| button("⬅️".to_owned(), page));
    let forward =
        here.checked_add(1).filter(|page| *page < view.pages).map(|page| button("➡️".to_owned(), page));
    let middle = button(format!("{}/{}", here.saturating_add(1), view.pages), here);
    back.into_iter().chain([middle]).chain(forward).collect()
}

/// One button a filter; the one in use stands between dots.
fn filters(spot: Spot, eyes: &Eyes) -> Vec<Button> {
    let all = eyes.t.plain("filter-button-all", &[]);
    [
        (all.as_str(), spot.filtered(None, None)),
        ("✅", spot.filtered(Some(Status::Active), Some(Expiry::Valid))),
        ("🚫", spot.filtered(Some(Status::Blocked), Some(Expiry::Valid))),
        ("⌛", spot.filtered(None, Some(Expiry::Expired))),
        ("⏳", spot.filtered(Some(Status::Active), Some(Expiry::Soon))),
    ]
    .into_iter()
    .map(|(label, to)| {
        let label = if to.same_filter(spot) { format!("· {label} ·") } else { label.to_owned() };
        Button::Tap(label, Tap::List(to))
    })
    .collect()
}

/// The other order; looking for something, or an end of it.
fn finding(spot: Spot, eyes: &Eyes) -> [Button; 2] {
    let (label, order) = match spot.order {
        ClientOrder::Newest => (Key("list-button-expiry"), ClientOrder::Expiry),
        ClientOrder::Expiry => (Key("list-button-newest"), ClientOrder::Newest),
    };
    let search = match spot.search {
        None => Button::Tap(eyes.t.plain("find-button", &[]), Tap::Bulk(BulkTap::Find(spot.purpose))),
        Some(_) => Button::Tap(eyes.t.plain("list-button-all", &[]), Tap::List(spot.searched(None))),
    };
    [Button::Tap(eyes.t.plain(label, &[]), Tap::List(spot.ordered(order))), search]
}

fn order_name(order: ClientOrder) -> Key {
    match order {
        ClientOrder::Newest => Key("list-order-newest"),
        ClientOrder::Expiry => Key("list-order-expiry"),
    }
}

/// So much of what was looked for as a person needs to know it again.
pub(super) fn quoted(text: &SearchText) -> String {
    let mut start: String = text.as_str().chars().take(QUOTED).collect();
    if start.len() < text.as_str().len() {
        start.push('…');
    }
    start
}

fn filter_name(spot: Spot, eyes: &Eyes) -> String {
    let t = eyes.t;
    let status = spot.status.map(|status| match status {
        Status::Active => t.plain("filter-active", &[]),
        Status::Blocked => t.plain("filter-blocked", &[]),
    });
    let expiry = spot.expiry.map(|expiry| match expiry {
        Expiry::Valid => t.plain("filter-valid", &[]),
        Expiry::Expired => t.plain("filter-expired", &[]),
        Expiry::Soon => t.plain("filter-soon", &[]),
    });
    match (status, expiry) {
        (None, None) => t.plain("filter-all", &[]),
        (Some(one), None) | (None, Some(one)) => one,
        (Some(status), Some(expiry)) => t.plain("filter-two", args![status = status, expiry = expiry]),
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{client, days, snapshot};
    use super::*;
    use crate::domain::client::Access;

    fn page(page: u32, pages: u32) -> ListPage {
        let mut blocked = client("bob-2");
        blocked.access = Access::Blocked;
        let mut expired = client("carol");
        expired.expires_at = days(-3);
        let items = vec![client("alice_1"), blocked, expired];
        ListPage { clients: ClientPage { items, total: 51, page, pages }, search: None }
    }

    #[test]
    fn list_screens() {
        let soon = Spot::default().filtered(Some(Status::Active), Some(Expiry::Soon)).at(1);
        snapshot("list_middle", |eyes| list(&page(1, 7), soon, Role::Owner, eyes));
        snapshot("list_viewer", |eyes| list(&page(0, 1), Spot::default(), Role::Viewer, eyes));
        let none = ClientPage { items: vec![], total: 0, page: 0, pages: 1 };
        let nobody = ListPage { clients: none.clone(), search: None };
        snapshot("list_empty", |eyes| list(&nobody, Spot::default(), Role::Operator, eyes));
        let text = SearchText::typed("flat <12>\u{202e} \u{1f600}").unwrap();
        let searched = Spot::default().searched(Some([1, 2, 3, 250].into())).ordered(ClientOrder::Expiry);
        let found = ListPage { search: Some(text.clone()), ..page(2, 7) };
        snapshot("list_search", |eyes| list(&found, searched, Role::Operator, eyes));
        let gone = ListPage { clients: none.clone(), search: SearchText::typed(&"я".repeat(255)) };
        snapshot("list_search_none", |eyes| list(&gone, searched, Role::Operator, eyes));
        let pick = Spot { purpose: Purpose::Invite, ..Spot::default() };
        snapshot("list_pick", |eyes| list(&page(6, 7), pick.at(9), Role::Operator, eyes));
    }
}
