//! Lists: of clients, of operations, of the log, a page at a time.

use chrono::TimeDelta;
use orchestrator::domain::actor::Source;
use orchestrator::domain::client::{ClientFilter, Status};
use orchestrator::domain::ids::OperationId;
use orchestrator::domain::operation::{Action, AuditFilter, Outcome};
use orchestrator::domain::page::{Place, Window};
use orchestrator::domain::search::{ClientOrder, SearchText};
use orchestrator::repositories::clients::{self, ClientList, FoundClients, Search};
use orchestrator::repositories::lists::{List, Snapshot};
use orchestrator::repositories::operations::{self, OperationList, Times};
use orchestrator::repositories::{Db, Result, audit};

use super::filled::{ago, client, id, now, person};
use super::watch::{Watch, asks};

pub async fn ask(watch: &mut Watch) {
    of_clients(watch).await;
    of_found_clients(watch).await;
    of_operations(watch).await;
    of_the_log(watch).await;
}

/// The first page, one that goes on from a place, and the number of all, as the API asks for them.
async fn pages<L: List>(watch: &mut Watch, name: &str, list: &L) {
    for days in [0, 300] {
        let place = Place { created_at: ago(TimeDelta::days(days)), id: id(77) };
        let window = Window { limit: 50, after: Some(place).filter(|_| days > 0) };
        watch.db(&format!("{name}, a page after {days} days"), async |db| read(db, list, window).await).await;
    }
    watch.db(&format!("{name}, counted"), async |db| count(db, list).await).await;
}

async fn read<L: List>(db: &Db, list: &L, window: Window) -> Result<()> {
    let mut snapshot = Snapshot::open(db, 10).await?;
    snapshot.rows(list, window).await?;
    snapshot.close().await
}

async fn count<L: List>(db: &Db, list: &L) -> Result<()> {
    let mut snapshot = Snapshot::open(db, 10).await?;
    snapshot.count(list).await?;
    snapshot.close().await
}

/// What can be chosen of clients, each with its name.
fn client_filters() -> Vec<(String, ClientFilter)> {
    let all = ClientFilter::default();
    let dates = [
        ("", all.clone()),
        (" valid", ClientFilter { expired: Some(false), ..all.clone() }),
        (" expired", ClientFilter { expired: Some(true), ..all.clone() }),
        (" ending soon", ClientFilter { expiring_within_hours: Some(72), ..all.clone() }),
    ];
    let statuses = [("", None), (" active", Some(Status::Active)), (" blocked", Some(Status::Blocked))];
    let mut filters = vec![];
    for (date, filter) in &dates {
        for (word, status) in statuses {
            filters.push((format!("all clients{word}{date}"), ClientFilter { status, ..filter.clone() }));
        }
    }
    filters
}

async fn of_clients(watch: &mut Watch) {
    for (name, filter) in client_filters() {
        pages(watch, &name, &ClientList { filter, now: now() }).await;
    }
    for status in [None, Some(Status::Active)] {
        let own = ClientFilter { telegram_id: Some(person(25_000)), status, ..ClientFilter::default() };
        pages(watch, "a person's clients", &ClientList { filter: own, now: now() }).await;
        let name = Some("client_50000".to_owned());
        let named = ClientFilter { username: name, status, ..ClientFilter::default() };
        pages(watch, "the client of a name", &ClientList { filter: named, now: now() }).await;
    }
    let own = ClientFilter { telegram_id: Some(person(25_000)), ..ClientFilter::default() };
    asks!(watch, clients::list(db, own.clone(), now(), i64::MAX, 0));
    asks!(watch, clients::count(db, own.clone(), now()));
}

/// As the bot's screens show them.
async fn of_found_clients(watch: &mut Watch) {
    for (name, filter) in client_filters() {
        for (order, page) in [(ClientOrder::Newest, 10), (ClientOrder::Expiry, 0), (ClientOrder::Expiry, 10)]
        {
            let list = FoundClients { filter: filter.clone(), now: now(), search: None, order };
            let name = format!("{name}, by {order:?}, page {page}");
            watch.db(&name, async |db| clients::found(db, &list, 8, page * 8).await.map(drop)).await;
        }
    }
    let text = SearchText::typed("client_50000").unwrap();
    let search = Some(Search { text, links: true, person: None });
    let list =
        FoundClients { filter: ClientFilter::default(), now: now(), search, order: ClientOrder::Newest };
    asks!(watch, clients::found(db, &list, 8, 0));
    asks!(watch, clients::count_found(db, &list));
}

async fn of_operations(watch: &mut Watch) {
    let known = client(50_000).id;
    pages(watch, "all operations", &OperationList::default()).await;
    pages(watch, "a client's operations", &OperationList { client: Some(known), times: Times::All }).await;
    let recent = OperationList { client: Some(known), times: Times::Since(now()) };
    pages(watch, "a client's latest operations", &recent).await;
    asks!(watch, operations::list(db, Some(known)));
}

async fn of_the_log(watch: &mut Watch) {
    let all = AuditFilter::default();
    let often = AuditFilter { actor: Some("token:shop".to_owned()), ..all.clone() };
    let rarely = AuditFilter { actor: Some("telegram:1000500".to_owned()), ..all.clone() };
    let whose = [
        ("all rows", all.clone()),
        ("a client's rows", AuditFilter { client_id: Some(client(50_000).id), ..all.clone() }),
        ("a name's rows", AuditFilter { username: Some("client_50000".to_owned()), ..all.clone() }),
        ("all rows of one who does much", often.clone()),
        ("rows of one who does little", rarely),
    ];
    for (whose, filter) in whose {
        let failed = AuditFilter { result: Some(Outcome::Fail), ..filter.clone() };
        pages(watch, &format!("{whose} that failed"), &failed).await;
        for action in [Action::Extend, Action::Delete] {
            let done = AuditFilter { action: Some(action), ..filter.clone() };
            pages(watch, &format!("{whose} of {}", action.as_str()), &done).await;
        }
        pages(watch, whose, &filter).await;
    }
    for (source, word) in [(Source::Api, "API"), (Source::Panel, "panel")] {
        let from = AuditFilter { source: Some(source), ..all.clone() };
        pages(watch, &format!("all rows by the {word}"), &from).await;
    }
    for (whose, filter) in [("all rows", all.clone()), ("all rows of one who does much", often)] {
        let late = AuditFilter { until: Some(ago(TimeDelta::days(300))), ..filter.clone() };
        pages(watch, &format!("{whose} of long ago"), &late).await;
        let new = AuditFilter { since: Some(ago(TimeDelta::days(7))), ..filter };
        pages(watch, &format!("{whose} of a week"), &new).await;
    }
    let client = AuditFilter { client_id: Some(client(50_000).id), ..all.clone() };
    asks!(watch, audit::find(db, OperationId(id(1_050_000))));
    asks!(watch, audit::newest(db, 10));
    asks!(watch, audit::list(db, &all, 8, 80));
    asks!(watch, audit::count(db, &client));
    asks!(watch, audit::counts_since(db, ago(TimeDelta::hours(24))));
}
