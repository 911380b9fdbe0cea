//! What a change asks: its intent, its key, its log; and what finishes what was cut.

use chrono::TimeDelta;
use orchestrator::domain::actor::Source;
use orchestrator::domain::change::{Answer, Change, Intent, IntentState, Key};
use orchestrator::domain::client::Access;
use orchestrator::domain::ids::{IntentId, OperationId};
use orchestrator::domain::operation::{Action, AuditEntry, Operation, Outcome};
use orchestrator::repositories::intents::{self, Ending, Refused};
use orchestrator::repositories::kept_answers::{self, Kept};
use orchestrator::repositories::{audit, operations};
use serde_json::{Value, json};

use super::filled::{GROUP, ago, client, id, now};
use super::watch::{Watch, asks};

pub async fn ask(watch: &mut Watch) {
    begun(watch).await;
    ended(watch).await;
    finished(watch).await;
    kept(watch).await;
}

fn key(key: &str) -> Key {
    Key { scope: "token:shop POST /v1/clients".to_owned(), key: key.to_owned() }
}

/// One that is new, of a client that none holds.
fn intent() -> Intent {
    let known = client(50_000);
    Intent {
        id: IntentId(id(4_000_000)),
        key: Some(key("new")),
        request_hash: "0".repeat(64),
        actor: "token:shop".to_owned(),
        source: Source::Api,
        client_id: known.id,
        username: known.username.clone(),
        reason: None,
        before: Some(Box::new(known)),
        wanted: Change::Access { to: Access::Blocked },
        state: IntentState::Open,
        error: None,
        answer: None,
        lease_owner: "process".to_owned(),
        lease_until: now(),
        created_at: now(),
        verify_at: None,
        ended_at: None,
    }
}

/// Of clients that are changed at once.
fn group() -> Vec<Intent> {
    let of = |number: i64| {
        let known = client(1 + number * 1_000);
        Intent {
            id: IntentId(id(4_000_001 + number)),
            key: Some(key(&format!("new{number}"))),
            client_id: known.id,
            username: known.username.clone(),
            ..intent()
        }
    };
    (0..GROUP).map(of).collect()
}

async fn begun(watch: &mut Watch) {
    let new = intent();
    let open = IntentId(id(3_039_990));
    asks!(watch, intents::insert(tx, &new));
    asks!(watch, intents::insert_all(tx, &group().iter().collect::<Vec<_>>()));
    asks!(watch, intents::find_by_key(tx, &key("key300")));
    asks!(watch, intents::is_open_by_key(db, &key("key39999")));
    asks!(watch, intents::find_open(tx, new.client_id, &new.username));
    asks!(watch, intents::find(db, open));
    asks!(watch, intents::claim(tx, open, "process", None, now(), now()));
    asks!(watch, intents::decide_anew(tx, &Intent { id: open, ..intent() }));
    asks!(watch, intents::is_in_doubt(tx, new.client_id));
    asks!(watch, intents::extended_by(tx, new.client_id, 30, now()));
    let refused = Refused {
        id: new.id,
        key: &key("refused"),
        request_hash: &new.request_hash,
        actor: &new.actor,
        source: Source::Api,
        client_id: new.client_id,
        answer: &Answer::ClientNotFound,
        now: now(),
    };
    asks!(watch, intents::insert_refused(tx, &refused));
}

async fn ended(watch: &mut Watch) {
    let open = Intent { id: IntentId(id(3_039_990)), ..intent() };
    let operation = Operation {
        id: OperationId(id(9_000_000)),
        client_id: open.client_id,
        action: Action::Extend,
        payload: Some(json!({"days": 30})),
        result: Outcome::Success,
        error: None,
        created_at: now(),
    };
    let entry = AuditEntry {
        id: operation.id,
        client_id: operation.client_id,
        username: open.username.clone(),
        actor: open.actor.clone(),
        source: Source::Api,
        action: Action::Extend,
        payload: None,
        reason: None,
        result: Outcome::Success,
        error: None,
        created_at: now(),
    };
    asks!(watch, operations::insert(tx, &operation));
    asks!(watch, audit::insert(tx, &entry));
    let several = |number: i64| Operation { id: OperationId(id(9_000_001 + number)), ..operation.clone() };
    asks!(watch, operations::insert_all(tx, &(0..GROUP).map(several).collect::<Vec<_>>()));
    let several = |number: i64| AuditEntry { id: OperationId(id(9_000_001 + number)), ..entry.clone() };
    asks!(watch, audit::insert_all(tx, &(0..GROUP).map(several).collect::<Vec<_>>()));
    let told = |number: i64| {
        let id = OperationId(id(9_100_001 + number));
        (Operation { id, ..operation.clone() }, AuditEntry { id, ..entry.clone() })
    };
    let (told, kept): (Vec<_>, Vec<_>) = (0..GROUP).map(told).unzip();
    asks!(watch, audit::insert_both(tx, &told, &kept));
    asks!(watch, audit::last_rotation(tx, open.client_id, "token:shop", ago(TimeDelta::hours(24))));
    asks!(
        watch,
        intents::settle(
            tx,
            &Intent { state: IntentState::Done, ..open.clone() },
            IntentState::Open,
            Some(now())
        )
    );
    let ended = |number: i64| Intent { id: IntentId(id(3_039_980 + number)), key: None, ..open.clone() };
    let several: Vec<_> = (0..GROUP).map(ended).collect();
    let ending = |intent| Ending { intent, was: IntentState::Open, ended_at: Some(now()) };
    asks!(watch, intents::settle_all(tx, &several.iter().map(ending).collect::<Vec<_>>()));
    asks!(watch, intents::undo(tx, open.id, Some("process")));
    asks!(watch, intents::was_to_be_made(db, open.client_id));
    asks!(watch, intents::history(db, open.client_id));
}

/// By the jobs.
async fn finished(watch: &mut Watch) {
    asks!(watch, intents::abandoned(db, now()));
    asks!(watch, intents::decided_before(db, ago(TimeDelta::minutes(15))));
    asks!(watch, intents::to_verify(db, now()));
    asks!(watch, intents::reopen(tx, IntentId(id(3_039_905)), "process", now()));
    asks!(watch, intents::release_all(tx, now()));
    asks!(watch, intents::count_open(db));
    asks!(watch, intents::open_since(db));
    asks!(watch, intents::forget_bot_keys(tx, ago(TimeDelta::hours(48))));
    asks!(watch, intents::forget(tx, ago(TimeDelta::days(30) - TimeDelta::minutes(5))));
}

async fn kept(watch: &mut Watch) {
    let new = Kept { request_hash: "0".repeat(64), answer: json!({}) };
    asks!(watch, kept_answers::insert(tx, &key("new"), &new, now()));
    asks!(watch, kept_answers::find::<Value>(tx, &key("key5000")));
    asks!(watch, kept_answers::remove(tx, &key("key5000")));
    asks!(watch, kept_answers::forget(tx, ago(TimeDelta::days(30) - TimeDelta::minutes(5))));
    asks!(watch, kept_answers::forget_bot_keys(tx, ago(TimeDelta::hours(48))));
}
