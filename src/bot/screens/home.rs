//! Home for those who run the VPN: how the panel is, how many clients there are of each kind.

use crate::bot::callback::{BulkTap, NewTap, PeopleTap, Tap, TokenTap};
use crate::bot::format::Eyes;
use crate::bot::locale::{Key, Texts, args};
use crate::bot::log_spot::LogSpot;
use crate::bot::screen::{Button, Screen};
use crate::bot::spot::{Expiry, Purpose, Spot};
use crate::domain::actor::Role;
use crate::domain::client::Status;
use crate::services::views::{Home, PanelProblem, PanelStatus};

use super::restored;

/// The screen; a viewer gets no button to create.
pub fn home(view: &Home, role: Role, eyes: &Eyes) -> Screen {
    let t = eyes.t;
    let counts = view.counts;
    let list = |label: Key, count: i64, status, expiry| {
        Button::Tap(t.plain(label, args![count = count]), Tap::List(Spot::default().filtered(status, expiry)))
    };
    let new =
        (role >= Role::Operator).then(|| Button::Tap(t.plain("button-new", &[]), Tap::New(NewTap::Begin)));
    let tap = |label: Key, tap| Button::Tap(t.plain(label, &[]), tap);
    let button = |label: Key, bulk| tap(label, Tap::Bulk(bulk));
    let bulk = [(Key("import-button"), BulkTap::Import), (Key("broadcast-button"), BulkTap::Broadcast)];
    let bulk = bulk.into_iter().filter(|_| role >= Role::Admin).map(|(label, tap)| button(label, tap));
    let roles = (role >= Role::Owner).then(|| tap(Key("roles-button"), Tap::People(PeopleTap::Roles(0))));
    let tokens = (role >= Role::Admin).then(|| tap(Key("token-button-list"), Tap::Token(TokenTap::List(0))));
    let find = button(Key("find-button"), BulkTap::Find(Purpose::Card));
    let waits = view.restored.then(|| t.html("home-restored", &[]));
    let look =
        (view.restored && role >= Role::Owner).then(|| restored::look(Key("restore-button-look"), eyes));
    let lines = [
        t.html("home-title", &[]),
        String::new(),
        panel(&view.panel, t),
        t.html("home-clients", args![total = counts.total]),
    ];
    Screen::lines(lines.into_iter().chain(waits))
        .row(look)
        .row(new.into_iter().chain([find]))
        .row([
            list(Key("home-active"), counts.active, Some(Status::Active), Some(Expiry::Valid)),
            list(Key("home-blocked"), counts.blocked, Some(Status::Blocked), Some(Expiry::Valid)),
        ])
        .row([
            list(Key("home-expired"), counts.expired, None, Some(Expiry::Expired)),
            list(Key("home-expiring"), counts.expiring, Some(Status::Active), Some(Expiry::Soon)),
        ])
        .row([list(Key("home-all"), counts.total, None, None)])
        .row([tap(Key("button-log"), Tap::Log(LogSpot::All)), button(Key("stats-button"), BulkTap::Stats)])
        .row(bulk)
        .row(roles.into_iter().chain(tokens))
        .row([tap(Key("button-lang"), Tap::Lang), tap(Key("button-help"), Tap::Help)])
}

/// The panel in one line, with the remedy when something is wrong.
fn panel(status: &PanelStatus, t: Texts) -> String {
    let version = status.version.as_deref().unwrap_or("?");
    match (status.problem, &status.version) {
        (None, Some(version)) => t.html("panel-ok", args![version = version]),
        (None, None) => t.html("panel-waiting", &[]),
        (Some(PanelProblem::UntestedVersion), _) => t.html("panel-untested", args![version = version]),
        (Some(problem), _) => t.html(remedy(problem), &[]),
    }
}

/// What is wrong and what to do.
pub(super) fn remedy(problem: PanelProblem) -> Key {
    match problem {
        PanelProblem::NoAddress => Key("panel-no-address"),
        PanelProblem::NoToken => Key("panel-no-token"),
        PanelProblem::TokenRefused => Key("panel-token-refused"),
        PanelProblem::ScopeMissing => Key("panel-scope"),
        PanelProblem::Unreachable => Key("panel-unreachable"),
        PanelProblem::Nonsense => Key("panel-nonsense"),
        PanelProblem::NoSquad => Key("panel-no-squad"),
        PanelProblem::UntestedVersion => Key("panel-untested"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::snapshot;
    use super::*;
    use crate::domain::client::ClientCounts;

    fn view(problem: Option<PanelProblem>, version: Option<&str>) -> Home {
        let counts = ClientCounts { total: 23, active: 12, blocked: 1, expired: 10, expiring: 2 };
        Home { counts, panel: PanelStatus { version: version.map(str::to_owned), problem }, restored: false }
    }

    #[test]
    fn home_screens() {
        snapshot("home_owner", |eyes| home(&view(None, Some("2.7.2")), Role::Owner, eyes));
        snapshot("home_restored", |eyes| {
            home(&Home { restored: true, ..view(None, Some("2.7.2")) }, Role::Owner, eyes)
        });
        snapshot("home_viewer", |eyes| {
            home(&view(Some(PanelProblem::Unreachable), Some("2.7.2")), Role::Viewer, eyes)
        });
        snapshot("home_untested", |eyes| {
            home(&view(Some(PanelProblem::UntestedVersion), Some("<4>")), Role::Admin, eyes)
        });
    }
}
