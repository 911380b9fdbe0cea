//! Yesterday's backup, restored against a panel of today, by the built binary.

mod cut;
mod refused;

use std::path::{Path, PathBuf};

use age::secrecy::ExposeSecret as _;
use chrono::{DateTime, TimeDelta, Utc};
use orchestrator::demo::panel::{Call, PanelVersion, SimUser};
use orchestrator::domain::clock::{Clock as _, SystemClock};
use orchestrator::repositories::clients;
use serde_json::{Value, json};

use super::Stage;
use crate::support::chat::Chat;
use crate::support::db::{Kind, on_both};
use crate::support::seed;
use crate::support::service::Service;

on_both!(
    yesterday_comes_back_and_nothing_happens_before_an_owner_says_so,
    without_a_bot_the_command_line_resumes
);

const ANN: i64 = 2002;

/// A key, and the settings and words that use it.
struct Key {
    identity: PathBuf,
    recipient: String,
}

impl Key {
    fn new(folder: &Path, name: &str) -> Self {
        let key = age::x25519::Identity::generate();
        let identity = folder.join(name);
        std::fs::write(&identity, format!("# a key\n{}\n", key.to_string().expose_secret())).unwrap();
        Self { identity, recipient: key.to_public().to_string() }
    }
}

/// Runs a command to its end; gives the exit code and everything it said.
async fn run(stage: &Stage, key: &Key, words: &[&str]) -> (Option<i32>, String) {
    let settings = [stage.settings(), vec![("BACKUP_RECIPIENT", key.recipient.clone())]].concat();
    Service::command(words, stage.db.folder(), &settings).exit().await
}

async fn done(stage: &Stage, key: &Key, words: &[&str]) -> String {
    let (code, said) = run(stage, key, words).await;
    assert_eq!(code, Some(0), "{words:?}: {said}");
    said
}

async fn restore(stage: &Stage, key: &Key, file: &str) -> String {
    let identity = key.identity.display().to_string();
    done(stage, key, &["restore", file, "--identity", &identity, "--replace"]).await
}

async fn create(stage: &Stage, name: &str, days: i64) -> String {
    let (status, client) = stage.post("/api/v1/clients", &json!({"username": name, "days": days})).await;
    assert_eq!(status, 201, "{client}");
    client["id"].as_str().unwrap().to_owned()
}

async fn change(stage: &Stage, id: &str, what: &str, body: Value) -> (u16, Value) {
    stage.post(&format!("/api/v1/clients/{id}/{what}"), &body).await
}

fn date_of(stage: &Stage, name: &str) -> DateTime<Utc> {
    stage.panel.user(name).unwrap().expire_at
}

/// How often the bot has written to that chat.
fn written_to(chat: &Chat) -> usize {
    chat.messages().iter().filter(|message| message.from_bot).count()
}

/// How much of it was not an answer.
fn notices_to(chat: &Chat) -> usize {
    let words = ["was extended", "was closed", "is open again", "ends in", "ended on", "new link", "moved"];
    let said = chat.messages().into_iter().filter(|message| message.from_bot);
    said.filter(|message| words.iter().any(|word| message.text.contains(word))).count()
}

fn changes_asked(stage: &Stage) -> Vec<(String, String)> {
    // The look at the start asks which scopes the token has, with requests that no panel carries out.
    let refused = |call: &Call| call.status.is_some_and(|status| status >= 400);
    let calls = stage.panel.calls().into_iter().filter(|call| call.method != "GET" && !refused(call));
    calls.map(|call| (call.method, call.path)).collect()
}

/// What the panel has, without what changes by itself.
fn panel_state(stage: &Stage) -> Vec<(String, String, DateTime<Utc>, String)> {
    let mut users = stage.panel.users();
    users.sort_by(|one, other| one.username.cmp(&other.username));
    let state =
        |user: SimUser| (user.username, user.short_uuid, user.expire_at, user.status.name().to_owned());
    users.into_iter().map(state).collect()
}

/// Six clients; Ann has two of them, and one date is over in a moment.
async fn yesterday(stage: &Stage) -> [String; 6] {
    let names = ["ann_ext", "ann_block", "bob_rotate", "cid_delete", "dora_soon", "erin_same"];
    let mut ids = vec![];
    for name in names {
        ids.push(create(stage, name, 30).await);
    }
    let ann = Chat::new(&stage.telegram, ANN, "Ann", "en");
    stage.olga().send("/start").await;
    for id in &ids[..2] {
        let (status, invite) = change(stage, id, "invite", Value::Null).await;
        assert_eq!(status, 201, "{invite}");
        ann.send(&format!("/start {}", invite["token"].as_str().unwrap())).await;
    }
    let db = stage.db.open_as_it_is().await;
    let client = clients::find_by_username(&db, "ann_ext").await.unwrap().unwrap();
    let soon = SystemClock.now_millis() + TimeDelta::seconds(5);
    stage.panel.edit_user("ann_ext", |user| user.expire_at = soon);
    let mut tx = db.begin().await.unwrap();
    clients::set_expiry(&mut tx, client.id, soon, SystemClock.now()).await.unwrap();
    tx.commit().await.unwrap();
    // What has waited for long would be told at once.
    seed::execute(&db, "UPDATE clients SET notices_from = '2026-01-01T00:00:00+00:00'").await;
    db.close().await;
    ids.try_into().unwrap()
}

/// Since the backup: an extension, a block, a new link, a deletion, a date corrected downwards, and somebody new.
async fn today(stage: &Stage, ids: &[String; 6]) {
    let [ext, block, rotate, delete, ..] = ids;
    assert_eq!(change(stage, ext, "extend", json!({"days": 90})).await.0, 200);
    assert_eq!(change(stage, block, "block", Value::Null).await.0, 200);
    assert_eq!(change(stage, rotate, "config/rotate", Value::Null).await.0, 200);
    let delete = format!("/api/v1/clients/{delete}");
    assert_eq!(stage.ask("DELETE", &delete, &Value::Null, None).await.unwrap().0, 200);
    let earlier = date_of(stage, "dora_soon") - TimeDelta::days(20);
    stage.panel.edit_user("dora_soon", |user| user.expire_at = earlier);
    create(stage, "fay_new", 60).await;
}

async fn yesterday_comes_back_and_nothing_happens_before_an_owner_says_so(kind: Kind) {
    let mut stage = Stage::new(kind, PanelVersion::V3).await;
    let key = Key::new(stage.db.folder(), "backup.key");
    let ids = yesterday(&stage).await;
    let said = done(&stage, &key, &["backup", "yesterday.age"]).await;
    assert!(said.contains("encrypted") && said.contains("rows of"), "{said}");
    today(&stage, &ids).await;
    let (olga, ann) = (stage.olga(), Chat::new(&stage.telegram, ANN, "Ann", "en"));
    ann.until("the news of today", |ann| written_to(ann) >= 4).await;
    stage.kill().await;

    let said = restore(&stage, &key, "yesterday.age").await;
    assert!(said.contains("/resume") && said.contains("before"), "{said}");
    assert!(!said.contains("AGE-SECRET"), "{said}");
    let (before, heard) = (panel_state(&stage), notices_to(&ann));
    assert_eq!(heard, 2, "extended, blocked: {}", ann.transcript());
    stage.panel.clear_calls();
    let often =
        ["DEACTIVATE_INTERVAL", "DRIFT_INTERVAL", "RECONCILE_INTERVAL"].map(|name| (name, "1".to_owned()));
    stage.restart_with(&often).await;
    stage.service.as_ref().unwrap().logged("RESTORED FROM A BACKUP").await;

    // Reading works, changing does not.
    let (_, ready) = stage.get("/health/ready").await;
    assert!(ready["attention"]["reason"].as_str().unwrap().contains("/resume"), "{ready}");
    let (status, old) = stage.get(&format!("/api/v1/clients/{}", ids[0])).await;
    assert_eq!(status, 200, "{old}");
    for (what, body) in [
        ("extend", json!({"days": 1})),
        ("block", Value::Null),
        ("config/rotate", Value::Null),
        ("invite", Value::Null),
    ] {
        let (status, body) = change(&stage, &ids[5], what, body).await;
        assert_eq!(status, 503, "{what}: {body}");
        assert!(body["detail"].as_str().unwrap().contains("/resume"), "{body}");
    }
    let (status, _) = stage.post("/api/v1/clients", &json!({"username": "gus_7", "days": 1})).await;
    assert_eq!(status, 503);
    // People still get their configuration, and the owner is told at every turn.
    ann.send("/start").await;
    let config = ann.tap("ann_ext").await;
    assert!(!config.text().is_empty());
    assert!(olga.send("/start").await.text().contains("/resume"), "{}", olga.transcript());
    let refused = olga.send("/block erin_same").await;
    assert!(refused.text().contains("/resume"), "{refused}");
    let hers = ann.send("/resume").await;
    assert!(!hers.text().contains("cid_delete") && !ann.has_button("Go on"), "not hers: {hers}");

    // The date of the backup has passed by now.
    let db = stage.db.open_as_it_is().await;
    let client = clients::find_by_username(&db, "ann_ext").await.unwrap().unwrap();
    while SystemClock.now() < client.expires_at + TimeDelta::seconds(2) {
        stage.get("/health/ready").await;
    }
    stage.kill().await;
    stage.restart_with(&often).await;
    assert_eq!(change(&stage, &ids[5], "block", Value::Null).await.0, 503, "also after a power cut");
    differences(&stage, &olga).await;
    assert_eq!(changes_asked(&stage), [], "no changing call before /resume");
    assert_eq!(panel_state(&stage), before);
    assert_eq!(notices_to(&ann), heard, "nobody was messaged:\n{}", ann.transcript());
    let strangers = stage.telegram.calls().into_iter().filter(|call| call.method.starts_with("send"));
    assert!(
        strangers.into_iter().all(
            |call| [i64::from(&olga.person), ANN].contains(&call.parameters["chat_id"].as_i64().unwrap())
        )
    );

    // Not yet; then on.
    let list = olga.tap("Пока не надо").await;
    assert!(list.text().contains("/resume"), "{list}");
    assert_eq!(change(&stage, &ids[5], "block", Value::Null).await.0, 503);
    differences(&stage, &olga).await;
    let all = written_to(&ann);
    olga.tap("Продолжить").await;
    olga.until("the summary", |olga| {
        olga.messages().iter().any(|message| message.text.contains("Всё работает дальше"))
    })
    .await;
    assert_eq!(panel_state(&stage), before, "nothing is shortened, nothing changed");
    agreement(&stage, &ids).await;
    assert_eq!(change(&stage, &ids[5], "extend", json!({"days": 1})).await.0, 200, "everything goes on");
    assert_eq!(written_to(&ann), all, "old news: {}", ann.transcript());
    assert_eq!(change(&stage, &ids[0], "extend", json!({"days": 1})).await.0, 200);
    ann.until("news of now", |ann| written_to(ann) == all + 1).await;
    assert!(olga.send("/resume").await.text().contains("Ничего не ждёт"));
    stage.end().await;
}

/// What `/resume` shows.
async fn differences(stage: &Stage, olga: &Chat) -> String {
    let shown = olga.send("/resume").await;
    let text = shown.text();
    for line in [
        "В панели срок дольше: 1",
        "ann_ext",
        "В панели срок короче: 1",
        "dora_soon",
        "Там включены или отключены: 1",
        "ann_block",
        "Там другая ссылка: 1",
        "bob_rotate",
        "В панели больше нет: 1",
        "cid_delete",
        "здесь их нет: 1",
        "fay_new",
        "/import",
    ] {
        assert!(
            text.contains(line),
            "{line} is missing:\n{shown}\n{}",
            stage.service.as_ref().unwrap().log()
        );
    }
    text
}

/// The clients have what the panel has.
async fn agreement(stage: &Stage, ids: &[String; 6]) {
    let (_, list) = stage.get("/api/v1/clients").await;
    let clients = list["items"].as_array().unwrap();
    assert_eq!(clients.len(), 6);
    for client in clients {
        let name = client["username"].as_str().unwrap();
        if name == "cid_delete" {
            assert_eq!(client["short_uuid"], Value::Null, "its user is gone");
            continue;
        }
        let user = stage.panel.user(name).unwrap();
        assert_eq!(
            client["expires_at"].as_str().unwrap().parse::<DateTime<Utc>>().unwrap(),
            user.expire_at,
            "{name}"
        );
        assert_eq!(client["short_uuid"], user.short_uuid, "{name}");
        let status = if name == "ann_block" { "blocked" } else { "active" };
        assert_eq!(client["status"], status, "{name}");
    }
    let (_, log) = stage.get("/api/v1/audit?source=panel").await;
    assert_eq!(log["total"], 4, "each difference once: {log}");
    let (_, ready) = stage.get("/health/ready").await;
    let reason = ready["attention"]["reason"].as_str().unwrap();
    assert!(reason.contains(&format!("user_gone:{}", ids[3])) && !reason.contains("restored"), "{ready}");
}

async fn without_a_bot_the_command_line_resumes(kind: Kind) {
    let mut stage = Stage::new(kind, PanelVersion::V2).await;
    let key = Key::new(stage.db.folder(), "backup.key");
    let id = create(&stage, "ann_ext", 30).await;
    done(&stage, &key, &["backup", "yesterday.age"]).await;
    assert_eq!(change(&stage, &id, "extend", json!({"days": 90})).await.0, 200);
    let date = date_of(&stage, "ann_ext");
    stage.kill().await;
    restore(&stage, &key, "yesterday.age").await;
    let (code, said) = run(&stage, &key, &["resume"]).await;
    assert_eq!(code, Some(3), "{said}");
    assert!(said.contains("later date in the panel: 1 (ann_ext)") && said.contains("--yes"), "{said}");
    let (code, said) = run(&stage, &key, &["deactivate-expired"]).await;
    assert_eq!(code, Some(0), "nobody has expired: {said}");
    let said = done(&stage, &key, &["resume", "--yes"]).await;
    assert!(said.contains("everything goes on"), "{said}");
    let said = done(&stage, &key, &["resume"]).await;
    assert!(said.contains("nothing waits"), "{said}");
    stage.restart().await;
    assert_eq!(date_of(&stage, "ann_ext"), date);
    stage.assert_agreement().await;
    assert_eq!(change(&stage, &id, "extend", json!({"days": 1})).await.0, 200);
    stage.end().await;
}
