//! What is asked about clients, one at a time and by the jobs that look after them.

use chrono::TimeDelta;
use orchestrator::domain::client::Client;
use orchestrator::domain::ids::{ClientId, PanelUserId};
use orchestrator::domain::notice::Dated;
use orchestrator::repositories::adoptions::{self, Candidate};
use orchestrator::repositories::clients::{self, Mentioned, Suspect};
use orchestrator::repositories::expiry_notices::{self, behind_all_of};
use orchestrator::repositories::{numbers, recipients};

use super::filled::{GROUP, ago, client, id, now, person};
use super::watch::{Watch, asks};

pub async fn ask(watch: &mut Watch) {
    one(watch).await;
    changed(watch).await;
    jobs(watch).await;
    dates(watch).await;
    panel_users(watch).await;
    counted(watch).await;
}

async fn one(watch: &mut Watch) {
    let known = client(50_000);
    asks!(watch, clients::find(db, known.id));
    asks!(watch, clients::find_several(db, &group().map(|client| client.id).collect::<Vec<_>>()));
    asks!(watch, clients::own(db, &[person(25_000)]));
    asks!(watch, clients::own(db, &[person(25_000), person(25_001), person(900_000)]));
    asks!(watch, clients::find_by_username(db, "client_50000"));
    asks!(watch, clients::newest_on_panel(db));
    asks!(watch, clients::note(db, known.id));
    asks!(watch, clients::is_linked(db, person(25_000)));
    asks!(watch, clients::username_taken(tx, &known.username));
    asks!(watch, clients::find_in(tx, known.id));
    asks!(watch, clients::find_to_change(tx, known.id));
    asks!(watch, clients::find_all(tx, &group().map(|client| client.id).collect::<Vec<_>>()));
    asks!(watch, clients::hold(tx, known.id));
    asks!(watch, clients::hold_link(tx, known.id));
    asks!(watch, clients::was_ever(tx, known.id));
    asks!(watch, clients::was_ever(tx, ClientId(id(110_000))));
}

/// Clients that are changed at once.
fn group() -> impl Iterator<Item = Client> {
    (0..GROUP).map(|number| client(1 + number * 1_000))
}

async fn changed(watch: &mut Watch) {
    let known = client(50_000);
    let date = now() + TimeDelta::days(60);
    asks!(watch, clients::insert(tx, &client(200_000)));
    asks!(watch, clients::update(tx, &known));
    let several: Vec<_> = group().collect();
    asks!(watch, clients::update_all(tx, &several.iter().collect::<Vec<_>>()));
    asks!(watch, clients::set_note(tx, known.id, Some("flat 12")));
    asks!(watch, clients::set_expiry(tx, known.id, date, now()));
    asks!(watch, clients::link(tx, known.id, person(25_000), now()));
    asks!(watch, clients::unlink(tx, known.id, person(25_000), now()));
    asks!(watch, clients::delete(tx, known.id));
}

async fn jobs(watch: &mut Watch) {
    let known = client(50_000);
    let suspect = Suspect { client: known.clone(), look_at: now() };
    let mentioned = Mentioned {
        panel_user: Some("50000"),
        short_uuid: Some("short50000"),
        username: Some("client_50000"),
    };
    let named = Mentioned { panel_user: None, short_uuid: None, username: Some("client_50000") };
    asks!(watch, clients::to_follow(db, now(), 100));
    asks!(watch, clients::telling(tx, known.id, now()));
    asks!(watch, clients::look_next(tx, known.id, known.telegram_id, None, Some(now())));
    asks!(watch, clients::look_at_mentioned(tx, &mentioned, now()));
    asks!(watch, clients::look_at_mentioned(tx, &named, now()));
    asks!(watch, clients::look_at(tx, &[known.id, client(60_000).id], now()));
    asks!(watch, clients::to_look_at(db, now(), 200));
    asks!(watch, clients::looked_at(tx, &suspect, None));
    asks!(watch, clients::next_look_at(db));
    asks!(watch, clients::relink(tx, known.id, "short50000", &PanelUserId("50000".to_owned())));
    asks!(watch, clients::displace(tx, known.id, &PanelUserId("60000".to_owned())));
    asks!(watch, clients::unlink_panel(tx, &known, now()));
    // The comparison with the panel: all clients, of which each question reads the next ones.
    asks!(watch, clients::on_panel_after(db, id(50_000), 100));
    asks!(watch, clients::with_link_after(db, id(50_000), 100));
    asks!(watch, clients::to_lapse(db, now(), 10_000));
    asks!(watch, clients::count_to_lapse(db, now()));
}

async fn dates(watch: &mut Watch) {
    let dated = Dated { client: client(50_000).id, username: client(50_000).username, expires_at: now() };
    for hours in [72, 24, 0] {
        let until = now() + TimeDelta::hours(hours.into());
        // As after a minute, and as at the first look.
        for since in [TimeDelta::minutes(11), TimeDelta::hours(6)] {
            let span = (behind_all_of(until - since), until);
            asks!(watch, expiry_notices::due(db, hours, span, 500));
        }
    }
    asks!(watch, expiry_notices::open_of(tx, person(25_000), (now(), now() + TimeDelta::hours(73)), 100));
    asks!(watch, expiry_notices::tell(tx, &dated, 24));
    asks!(watch, expiry_notices::forget(tx, ago(TimeDelta::hours(47))));
    let day = (now(), now() + TimeDelta::days(1));
    asks!(watch, clients::expiring(db, day, 20));
    asks!(watch, clients::count_expiring(db, day));
    asks!(watch, numbers::ending(db, day.0, day.1));
    asks!(watch, numbers::made(db, ago(TimeDelta::days(1)), now()));
    asks!(watch, numbers::extended(db, ago(TimeDelta::days(1)), now()));
}

/// Panel users that may become clients.
async fn panel_users(watch: &mut Watch) {
    let known = client(50_000);
    let new = client(200_000);
    for of in [&known, &new] {
        let candidate = Candidate {
            username: of.username.as_str(),
            id: of.remnawave_uuid.as_ref().unwrap(),
            short_uuid: of.short_uuid.as_ref().unwrap(),
            marked: Some(of.id),
            asked_at: now(),
        };
        asks!(watch, adoptions::standing(db, candidate));
        asks!(watch, adoptions::standing_in(tx, Candidate { marked: None, ..candidate }));
    }
    asks!(watch, adoptions::insert(tx, &new, now()));
}

async fn counted(watch: &mut Watch) {
    asks!(watch, clients::counts(db, now(), now() + TimeDelta::days(3)));
    asks!(watch, clients::count_linked(db));
    asks!(watch, clients::count_on_panel(db));
    asks!(watch, recipients::count(db));
    asks!(watch, recipients::some(tx, person(20_000), 200));
}
