//! Panel, database and log, held against each other and against what people were told.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};
use orchestrator::demo::panel::{SimStatus, SimUser};
use orchestrator::domain::client::{Access, Client};
use orchestrator::domain::operation::{Action, AuditEntry, Outcome};
use uuid::Uuid;

use crate::ledger::{Bounds, End};
use crate::read::State;
use crate::stage::{FOREIGN, Stage};

/// How the panel's mark begins.
const MARK: &str = "orchestrator:";
/// A date is counted from a moment between the request and its row in the log.
const MEANWHILE: TimeDelta = TimeDelta::seconds(90);

/// All comparisons but that of messages.
pub fn compare(stage: &Stage, state: &State) {
    sides(stage, state);
    asked(stage, state);
    told(stage, state);
    histories(stage, state);
    both_logs(stage, state);
}

/// Promise 1: the panel's users with our mark are the clients, equal in name, date, access and link. What waits for its
/// second look is compared after that.
fn sides(stage: &Stage, state: &State) {
    let doubtful: HashSet<Uuid> = state.doubtful.iter().copied().collect();
    let users = stage.panel.users();
    let marked: HashMap<Uuid, &SimUser> = users.iter().filter_map(|user| Some((mark(user)?, user))).collect();
    let ours: HashSet<Uuid> = state.clients.iter().map(|client| client.id.0).collect();
    for client in state.clients.iter().filter(|client| !doubtful.contains(&client.id.0)) {
        match marked.get(&client.id.0) {
            Some(user) => one(stage, client, user),
            None => stage.differ("a client without a panel user", Some(client.username.as_str())),
        }
    }
    for (id, user) in marked.iter().filter(|(id, _)| !ours.contains(id) && !doubtful.contains(id)) {
        stage.differ(format!("a panel user of ours without a client, {id}"), Some(&user.username));
    }
    for name in FOREIGN {
        if !users.iter().any(|user| user.username == name && mark(user).is_none()) {
            stage.differ("a panel user of somebody else is gone or was taken over", Some(name));
        }
    }
}

fn mark(user: &SimUser) -> Option<Uuid> {
    let (_, id) = user.description.as_ref()?.split_once(MARK)?;
    id.get(..36)?.parse().ok()
}

fn one(stage: &Stage, client: &Client, user: &SimUser) {
    let name = client.username.as_str();
    let equal = |what: &str, ours: String, theirs: String| {
        if ours != theirs {
            stage.differ(format!("{what}: {ours} in the database, {theirs} in the panel"), Some(name));
        }
    };
    equal("the name", name.to_owned(), user.username.clone());
    equal("the date", client.expires_at.to_rfc3339(), user.expire_at.to_rfc3339());
    let (open, active) = (client.access == Access::Open, user.status != SimStatus::Disabled);
    equal("access", open.to_string(), active.to_string());
    let short = client.short_uuid.as_ref().map(|short| short.expose().to_owned()).unwrap_or_default();
    equal("the link", short, user.short_uuid.clone());
    let key = client.remnawave_uuid.as_ref().map(|id| id.0.clone()).unwrap_or_default();
    if key != user.id.to_string() && key != user.uuid.to_string() {
        equal("the panel's id", key, user.id.to_string());
    }
}

/// What one row of the log, or one thing that was asked for, is about.
type About = (String, String, Action, Option<i64>);

/// Promises 2 and 3: each thing that was asked for stands as often as its answers say, and no row is without a request.
fn asked(stage: &Stage, state: &State) {
    let cuts = stage.cuts();
    let mut bounds: BTreeMap<String, (About, Bounds, Bounds)> = BTreeMap::new();
    for asked in stage.ledger.all() {
        let about = (asked.username.clone(), asked.actor.clone(), asked.action, asked.days);
        let (_, stands, failures) = bounds
            .entry(format!("{about:?}"))
            .or_insert_with(|| (about, Bounds::default(), Bounds::default()));
        stands.add(asked.stands(&cuts));
        failures.add(asked.failures(&cuts));
    }
    let mut found: BTreeMap<String, (About, usize, usize)> = BTreeMap::new();
    for entry in state.log.iter().filter(|entry| !comes_along(entry)) {
        let about = (entry.username.to_string(), entry.actor.clone(), entry.action, days_of(entry));
        let (_, stands, failures) = found.entry(format!("{about:?}")).or_insert((about, 0, 0));
        match entry.result {
            Outcome::Success => *stands += 1,
            Outcome::Fail => *failures += 1,
        }
    }
    for (key, (about, ..)) in &found {
        bounds.entry(key.clone()).or_insert_with(|| (about.clone(), Bounds::default(), Bounds::default()));
    }
    for (key, (about, stands, failures)) in bounds {
        let (_, stand, fail) = found.get(&key).cloned().unwrap_or((about.clone(), 0, 0));
        let (username, actor, action, days) = about;
        let days = days.map(|days| format!(" {days} days")).unwrap_or_default();
        let what = format!("{}{days} of {username} by {actor}", action.as_str());
        if !stands.hold(stand) {
            stage.differ(format!("{what}: {stand} in the log, {stands} by what was told"), Some(&username));
        }
        if !failures.hold(fail) {
            stage.differ(
                format!("{what}: {fail} failures in the log, {failures} by what was told"),
                Some(&username),
            );
        }
    }
}

/// The bot hands over a configuration with each look and each new link, and once more when Telegram lost it.
fn comes_along(entry: &AuditEntry) -> bool {
    entry.action == Action::GetConfig && entry.actor.starts_with("telegram:")
}

pub fn days_of(entry: &AuditEntry) -> Option<i64> {
    entry.payload.as_ref()?.get("days")?.as_i64()
}

fn date_of(entry: &AuditEntry) -> Option<DateTime<Utc>> {
    entry.payload.as_ref()?.get("new_expires_at")?.as_str()?.parse().ok()
}

/// The date that somebody was told after an extension is one that the log knows.
fn told(stage: &Stage, state: &State) {
    for asked in stage.ledger.all().iter().filter(|asked| asked.action == Action::Extend) {
        for sent in &asked.tries {
            let End::Done(Some(date)) = sent.end else { continue };
            let fits = |entry: &AuditEntry| {
                entry.username.as_str() == asked.username
                    && days_of(entry) == asked.days
                    && date_of(entry) == Some(date)
            };
            if !state.log.iter().any(fits) {
                let what =
                    format!("operation #{}: told until {date}, which the log does not know", asked.number);
                stage.differ(what, Some(&asked.username));
            }
        }
    }
}

/// What the log says of each client, one thing after another, leads to how the client is.
fn histories(stage: &Stage, state: &State) {
    let mut of: HashMap<Uuid, Vec<&AuditEntry>> = HashMap::new();
    for entry in state.log.iter().filter(|entry| entry.result == Outcome::Success) {
        of.entry(entry.client_id.0).or_default().push(entry);
    }
    let clients: HashMap<Uuid, &Client> = state.clients.iter().map(|client| (client.id.0, client)).collect();
    for (id, entries) in &of {
        let name = entries.first().map(|entry| entry.username.to_string()).unwrap_or_default();
        let times = |action| entries.iter().filter(|entry| entry.action == action).count();
        let (made, deleted) = (times(Action::Create), times(Action::Delete));
        if made != 1 || deleted > 1 || clients.contains_key(id) == (deleted == 1) {
            let there = clients.contains_key(id);
            stage.differ(
                format!("{id}: made {made} times, deleted {deleted} times, there: {there}"),
                Some(&name),
            );
        }
        let until = chain(stage, &name, entries);
        if let Some(client) = clients.get(id) {
            history(stage, client, entries, until);
        }
    }
    for client in state.clients.iter().filter(|client| !of.contains_key(&client.id.0)) {
        stage.differ("a client that the log does not know", Some(client.username.as_str()));
    }
}

/// Each extension goes on from where the one before it ended; gives the last date.
fn chain(stage: &Stage, name: &str, entries: &[&AuditEntry]) -> Option<DateTime<Utc>> {
    let mut until: Option<DateTime<Utc>> = None;
    for entry in entries.iter().filter(|entry| entry.action == Action::Extend) {
        let (days, date) = (TimeDelta::days(days_of(entry).unwrap_or_default()), date_of(entry));
        if until.is_some() && until.map(|until| until + days) != date {
            stage.differ(format!("{until:?} and {} days are not {date:?}", days.num_days()), Some(name));
        }
        until = date;
    }
    until
}

fn history(stage: &Stage, client: &Client, entries: &[&AuditEntry], until: Option<DateTime<Utc>>) {
    let name = Some(client.username.as_str());
    let counted: i64 = entries.iter().filter_map(|entry| days_of(entry)).sum();
    let began = client.expires_at - TimeDelta::days(counted);
    if began > client.created_at || began < client.created_at - MEANWHILE {
        let what =
            format!("{counted} days by the log, until {}, made at {}", client.expires_at, client.created_at);
        stage.differ(what, name);
    }
    if until.is_some_and(|until| until != client.expires_at) {
        stage.differ(format!("until {} by the database, {until:?} by the log", client.expires_at), name);
    }
    let switched = entries.iter().rev().find(|entry| matches!(entry.action, Action::Block | Action::Unblock));
    let open = switched.is_none_or(|entry| entry.action == Action::Unblock);
    if open != (client.access == Access::Open) {
        stage.differ(format!("access {:?} by the database, open by the log: {open}", client.access), name);
    }
    let given = entries.iter().rev().find(|entry| entry.action == Action::RotateConfig);
    let given = given.and_then(|entry| entry.payload.as_ref()?.get("new_short_uuid")?.as_str());
    let has = client.short_uuid.as_ref().map(|short| short.expose());
    if given.is_some() && given != has {
        stage.differ("the link is not the one of the last rotation in the log", name);
    }
}

/// The contract's log and the one that outlives clients have the same rows of each client that is there.
fn both_logs(stage: &Stage, state: &State) {
    let there: HashSet<Uuid> = state.clients.iter().map(|client| client.id.0).collect();
    let kept: HashSet<Uuid> =
        state.log.iter().filter(|entry| there.contains(&entry.client_id.0)).map(|entry| entry.id.0).collect();
    let shown: HashSet<Uuid> = state.operations.iter().map(|operation| operation.id.0).collect();
    let more = shown.difference(&kept).count();
    let less = kept.difference(&shown).count();
    if more + less > 0 {
        stage.differ(
            format!("{more} operations without a row of the audit, {less} rows without an operation"),
            None,
        );
    }
}
