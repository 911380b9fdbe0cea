//! Every recorded answer of the real panels, read by the adapter.

use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use orchestrator::domain::ids::ShortUuid;
use orchestrator::panel::settings::VersionSetting;
use orchestrator::panel::{
    Deletion, NoAnswer, Panel, PanelError, PanelPatch, PanelUser, PanelUserStatus, Switched,
};
use serde_json::{Value, json};

use super::replay::{Replay, Reply, SHORT, UUID, WITHIN, id, in_envelope, new_user};

struct Recording {
    name: String,
    version: VersionSetting,
    method: String,
    path: String,
    status: Option<u16>,
    body: Value,
}

impl Recording {
    fn id(&self) -> &'static str {
        if self.version == VersionSetting::V2 { UUID } else { "1" }
    }

    fn reply(&self) -> Reply {
        match (self.status, &self.body) {
            (None, _) => Reply::dropped(),
            (Some(status), Value::Null) => Reply::Answer(status, Vec::new()),
            (Some(status), Value::String(text)) => Reply::Answer(status, text.clone().into_bytes()),
            (Some(status), body) => Reply::json(status, body),
        }
    }

    fn panel(&self, replay: &Replay) -> Panel {
        replay.panel_with(|settings| settings.version = self.version)
    }
}

fn folders() -> [(VersionSetting, std::path::PathBuf); 2] {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/panel");
    [(VersionSetting::V2, fixtures.join("2.7.4")), (VersionSetting::V3, fixtures.join("3.3.2"))]
}

fn files(folder: &Path) -> Vec<(String, Value)> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .map(|path| (path.display().to_string(), serde_json::from_slice(&fs::read(&path).unwrap()).unwrap()))
        .collect();
    files.sort_by(|a, b| a.0.cmp(&b.0));
    files
}

fn recordings() -> Vec<Recording> {
    let mut recordings = Vec::new();
    for (version, folder) in folders() {
        for (name, file) in files(&folder) {
            // Summaries hold no exchange.
            let (Some(method), Some(path)) =
                (file["request"]["method"].as_str(), file["request"]["path"].as_str())
            else {
                continue;
            };
            recordings.push(Recording {
                name,
                version,
                method: method.to_owned(),
                path: path.to_owned(),
                status: file["response"]["status"].as_u64().map(|status| u16::try_from(status).unwrap()),
                body: file["response"]["body"].clone(),
            });
        }
    }
    assert!(recordings.len() > 300, "only {} recordings", recordings.len());
    recordings
}

/// Every user in it, however deep.
fn users_in(value: &Value, found: &mut Vec<Value>) {
    match value {
        Value::Object(fields) => {
            if ["shortUuid", "expireAt", "subscriptionUrl", "activeInternalSquads"]
                .iter()
                .all(|key| fields.contains_key(*key))
            {
                found.push(value.clone());
            }
            fields.values().for_each(|value| users_in(value, found));
        }
        Value::Array(values) => values.iter().for_each(|value| users_in(value, found)),
        _ => {}
    }
}

fn assert_same(user: &PanelUser, json: &Value, name: &str) {
    let key = if json["uuid"].is_string() {
        json["uuid"].as_str().unwrap().to_owned()
    } else {
        json["id"].to_string()
    };
    assert_eq!(user.id.0, key, "{name}");
    assert_eq!(user.username, json["username"].as_str().unwrap(), "{name}");
    assert_eq!(user.short_uuid.expose(), json["shortUuid"].as_str().unwrap(), "{name}");
    assert_eq!(user.subscription_url.expose(), json["subscriptionUrl"].as_str().unwrap(), "{name}");
    assert_eq!(
        user.expire_at,
        json["expireAt"].as_str().unwrap().parse::<DateTime<Utc>>().unwrap(),
        "{name}"
    );
    assert_eq!(user.description.as_deref(), json["description"].as_str(), "{name}");
    assert_eq!(user.telegram_id.map(|id| id.0), json["telegramId"].as_i64(), "{name}");
    assert_eq!(user.used_traffic, json["userTraffic"]["usedTrafficBytes"].as_u64().unwrap_or(0), "{name}");
    assert_eq!(user.traffic_limit, json["trafficLimitBytes"].as_u64().filter(|limit| *limit > 0), "{name}");
    assert_eq!(
        user.online_at,
        json["userTraffic"]["onlineAt"].as_str().map(|at| at.parse::<DateTime<Utc>>().unwrap()),
        "{name}"
    );
    let squads: Vec<_> = json["activeInternalSquads"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| s["uuid"].as_str().unwrap())
        .collect();
    assert_eq!(user.squads.iter().map(ToString::to_string).collect::<Vec<_>>(), squads, "{name}");
    let status = match json["status"].as_str().unwrap() {
        "ACTIVE" => PanelUserStatus::Active,
        "DISABLED" => PanelUserStatus::Disabled,
        "LIMITED" => PanelUserStatus::Limited,
        "EXPIRED" => PanelUserStatus::Expired,
        other => panic!("{other}"),
    };
    assert_eq!(user.status, status, "{name}");
}

async fn assert_user_reads(version: VersionSetting, user: &Value, name: &str) {
    let replay = Replay::always(in_envelope(user)).await;
    // Both when the version is set and when the answer alone tells it.
    for version in [version, VersionSetting::Auto] {
        let panel = replay.panel_with(|settings| settings.version = version);
        let read = panel.user_by_short_uuid(&ShortUuid::new(SHORT), WITHIN).await;
        assert_same(&read.unwrap_or_else(|error| panic!("{name}: {error}")).unwrap(), user, name);
    }
}

#[tokio::test]
async fn every_recorded_user_is_read_with_all_its_fields() {
    let mut read = 0;
    for recording in recordings() {
        let mut users = Vec::new();
        users_in(&recording.body, &mut users);
        for user in users {
            assert_user_reads(recording.version, &user, &recording.name).await;
            read += 1;
        }
    }
    assert!(read > 100, "only {read} users");
}

#[tokio::test]
async fn every_user_in_a_recorded_webhook_is_read() {
    let mut read = 0;
    for (version, folder) in folders() {
        for (name, file) in files(&folder.join("webhooks")) {
            let mut users = Vec::new();
            users_in(&file["request"]["body"], &mut users);
            for user in users {
                assert_user_reads(version, &user, &name).await;
                read += 1;
            }
        }
    }
    assert!(read >= 18, "only {read} users");
}

/// The adapter's own call for what was recorded, its result brought into one form: `None` stands for what has no user.
async fn call(panel: &Panel, recording: &Recording) -> Result<Option<PanelUser>, PanelError> {
    let own = id(recording.id());
    let path = recording.path.split('?').next().unwrap();
    let absent = |user: Option<PanelUser>| user.map(Some).ok_or(PanelError::NotFound);
    let switched = |switched, already| match switched {
        Switched::Done(user) => Ok(Some(*user)),
        Switched::Already => Err(already),
    };
    match (recording.method.as_str(), path) {
        ("POST", "/api/users") => panel.create_user(&new_user(), WITHIN).await.map(Some),
        ("PATCH", "/api/users") => panel.patch_user(&own, &PanelPatch::default(), WITHIN).await.map(Some),
        ("DELETE", _) => match panel.delete_user(&own, WITHIN).await? {
            Deletion::Deleted => Ok(None),
            Deletion::AlreadyGone => Err(PanelError::NotFound),
        },
        (_, path) if path.ends_with("/disable") => {
            switched(panel.disable(&own, WITHIN).await?, PanelError::AlreadyDisabled)
        }
        (_, path) if path.ends_with("/enable") => {
            switched(panel.enable(&own, WITHIN).await?, PanelError::AlreadyEnabled)
        }
        (_, path) if path.ends_with("/revoke") => {
            panel.revoke(&own, &ShortUuid::new(SHORT), WITHIN).await.map(Some)
        }
        ("GET", path) if path.contains("by-username") => {
            absent(panel.user_by_username(&"alice_1".parse().unwrap(), WITHIN).await?)
        }
        ("GET", path) if path.contains("by-short-uuid") => {
            absent(panel.user_by_short_uuid(&ShortUuid::new(SHORT), WITHIN).await?)
        }
        ("GET", "/api/users" | "/api/users/") => {
            panel.users_page(0, 2, WITHIN).await.map(|(users, _)| users.into_iter().next())
        }
        _ => absent(panel.user(&own, WITHIN).await?),
    }
}

/// What the recorded status and code mean, by the table in the panel's description.
fn meaning(recording: &Recording) -> PanelError {
    let code = recording.body["errorCode"].as_str().map(str::to_owned);
    let Some(status) = recording.status else { return PanelError::NoAnswer { kind: NoAnswer::Dropped } };
    match (status, code.as_deref()) {
        (401, _) => PanelError::Unauthorized,
        (403, _) => PanelError::Forbidden,
        (400, Some("A019")) => PanelError::UsernameTaken,
        (400, Some("A020")) => PanelError::ShortUuidTaken,
        (400, Some("A029")) => PanelError::AlreadyDisabled,
        (400, Some("A030")) => PanelError::AlreadyEnabled,
        (404, Some("A025" | "A063")) => PanelError::NotFound,
        (404, None) if recording.path.starts_with("/api/sub/") => PanelError::NotFound,
        (500, _) => PanelError::Unavailable { status, code },
        _ => PanelError::Refused { status, code },
    }
}

#[tokio::test]
async fn every_recorded_error_is_told_as_what_it_is() {
    let failed: Vec<_> = recordings()
        .into_iter()
        .filter(|recording| recording.status.is_none_or(|status| status >= 400))
        .collect();
    assert!(failed.len() > 100, "only {} errors", failed.len());
    let checks = failed.iter().map(|recording| async move {
        let replay = Replay::always(recording.reply()).await;
        let error = call(&recording.panel(&replay), recording).await.expect_err(&recording.name);
        assert_eq!(error, meaning(recording), "{}", recording.name);
    });
    futures::future::join_all(checks).await;
}

#[tokio::test]
async fn every_recorded_success_succeeds_through_its_own_call() {
    let mut done = 0;
    for recording in recordings() {
        let path = recording.path.as_str();
        // Bulk calls and the stream are not the adapter's.
        let ours = path.starts_with("/api/users") && !path.contains("bulk") && !path.contains("/stream");
        // These answer a list of users to a question for one.
        let ours =
            ours && !path.contains("by-telegram-id") && !path.contains("by-tag") && !path.contains("resolve");
        if !ours || recording.status.is_none_or(|status| status >= 300) {
            continue;
        }
        let replay = Replay::always(recording.reply()).await;
        let user = call(&recording.panel(&replay), &recording).await.expect(&recording.name);
        let mut users = Vec::new();
        users_in(&recording.body, &mut users);
        match (user, users.first()) {
            (Some(user), Some(json)) => assert_same(&user, json, &recording.name),
            (None, None) => {}
            (user, _) => panic!("{}: {user:?}", recording.name),
        }
        done += 1;
    }
    assert!(done > 60, "only {done}");
}

#[tokio::test]
async fn a_list_tells_its_total() {
    for recording in recordings() {
        if recording.name.ends_with("-users-list.json") {
            let replay = Replay::always(recording.reply()).await;
            let (users, total) = recording.panel(&replay).users_page(0, 2, WITHIN).await.unwrap();
            assert_eq!(users.len(), 2, "{}", recording.name);
            assert_eq!(json!(total), recording.body["response"]["total"], "{}", recording.name);
        }
    }
}

fn text(recording: &Recording) -> Option<&str> {
    recording.body.as_str()
}

#[tokio::test]
async fn recorded_links_make_byte_for_byte_what_the_panel_serves() {
    let all = recordings();
    let body = |name: &str| all.iter().find(|recording| recording.name.ends_with(name)).unwrap();
    let pairs = [
        ("148-subscriptions-by-id.json", "121-sub-ua-v2rayng.json"),
        ("149-subscriptions-by-username.json", "122-sub-ua-happ.json"),
        ("143-sub-info.json", "124-sub-ua-reqwest.json"),
        ("082-sub-info-disabled-user.json", "081-sub-disabled-user.json"),
        ("093-sub-info-expired-user.json", "092-sub-expired-user.json"),
        ("074-subscriptions-by-uuid.json", "063-sub-ua-v2rayng.json"),
        ("046-sub-info-disabled-user.json", "045-sub-disabled-user.json"),
    ];
    for (json, served) in pairs {
        let recording = body(json);
        let replay = Replay::always(recording.reply()).await;
        let user = &recording.body["response"]["user"];
        let short = user["shortUuid"].as_str().unwrap();
        let subscription =
            replay.panel().subscription(&ShortUuid::new(short), WITHIN).await.unwrap().unwrap();
        assert_eq!(subscription.base64, text(body(served)).unwrap(), "{json}");
        assert_eq!(json!(subscription.is_active), user["isActive"], "{json}");
        assert_eq!(subscription.leads_nowhere(), !subscription.is_active, "{json}");
        let links: Vec<_> = subscription.links.iter().map(|link| json!(link.expose())).collect();
        assert_eq!(json!(links), recording.body["response"]["links"], "{json}");
        assert_eq!(replay.lines(), [format!("GET /api/subscriptions/by-short-uuid/{short}")]);
        let somebody_elses = replay.panel().subscription(&ShortUuid::new(SHORT), WITHIN).await;
        assert!(matches!(somebody_elses, Err(PanelError::Nonsense)), "{json}");
    }
}

/// Without the scope for subscriptions: what an app would get.
#[tokio::test]
async fn every_recorded_subscription_page_is_read_or_refused() {
    let mut read = 0;
    for recording in recordings() {
        if recording.method != "GET"
            || !recording.path.starts_with("/api/sub/")
            || recording.path.matches('/').count() != 3
        {
            continue;
        }
        let reply = recording.reply();
        let replay = Replay::start(move |asked| {
            if asked.path.starts_with("/api/sub/") { reply.clone() } else { Reply::framework(403) }
        })
        .await;
        let got = recording.panel(&replay).subscription(&ShortUuid::new(SHORT), WITHIN).await;
        let decoded = text(&recording)
            .and_then(|text| STANDARD.decode(text).ok())
            .map(|b| String::from_utf8(b).unwrap());
        match (recording.status, decoded) {
            (Some(200), Some(links)) => {
                let subscription = got.unwrap().unwrap();
                assert_eq!(Some(subscription.base64.as_str()), text(&recording), "{}", recording.name);
                assert_eq!(subscription.leads_nowhere(), links.contains("@0.0.0.0:1"), "{}", recording.name);
                let own: Vec<_> = subscription.links.iter().map(|link| link.expose()).collect();
                assert_eq!(own.join("\n"), links, "{}", recording.name);
                read += 1;
            }
            // YAML, JSON and pages are no base64.
            (Some(200), None) => assert_eq!(got, Err(PanelError::Nonsense), "{}", recording.name),
            (Some(403 | 404), _) => assert_eq!(got, Err(PanelError::Forbidden), "{}", recording.name),
            (None, _) => {
                assert_eq!(got, Err(PanelError::NoAnswer { kind: NoAnswer::Dropped }), "{}", recording.name)
            }
            (status, _) => panic!("{}: {status:?}", recording.name),
        }
    }
    assert!(read > 15, "only {read}");
}
