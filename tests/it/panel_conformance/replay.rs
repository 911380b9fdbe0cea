//! The recorded requests, one after another, against one simulator.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use orchestrator::demo::panel::{
    NewSimUser, PanelSim, PanelVersion, SimHost, SimInbound, SimSquad, SimTransport, SimUser,
};
use reqwest::Client;
use serde_json::Value;
use uuid::Uuid;

use super::skipped::{SKIPPED_V2, SKIPPED_V3};
use super::{HandClock, NOW, TOKEN, start};

/// Whole configurations of client programs: compared in kind, the real ones come from editable templates.
const IN_KIND: &[&str] = &["-ua-clash", "-ua-stash", "-ua-singbox", "-clienttype-"];

/// Values that are drawn or read from a clock; their JSON type must still be the same.
const VOLATILE: &[&str] =
    &["timestamp", "createdAt", "updatedAt", "subRevokedAt", "lastTrafficResetAt", "commitSha", "commitUrl"];
/// What a creation or a revocation draws as well.
const DRAWN: &[&str] =
    &["id", "uuid", "shortUuid", "trojanPassword", "vlessUuid", "ssPassword", "subscriptionUrl"];

struct Recording {
    name: String,
    request: Value,
    response: Value,
}

fn recordings(folder: &str) -> Vec<Recording> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/panel").join(folder);
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if name.starts_with(|first: char| first.is_ascii_digit()) {
            let text = std::fs::read_to_string(&path).unwrap();
            found.insert(name, serde_json::from_str::<Value>(&text).unwrap());
        }
    }
    let recording = |(name, mut value): (String, Value)| Recording {
        name,
        request: value["request"].take(),
        response: value["response"].take(),
    };
    found.into_iter().map(recording).collect()
}

fn find<'a>(all: &'a [Recording], name: &str) -> &'a Recording {
    all.iter().find(|recording| recording.name == name).unwrap()
}

struct Replay {
    sim: PanelSim,
    clock: Arc<HandClock>,
    client: Client,
}

impl Replay {
    async fn new(version: PanelVersion) -> Self {
        let clock = HandClock::at(NOW);
        let sim = start(version, Arc::clone(&clock)).await;
        Self { sim, clock, client: Client::new() }
    }

    /// Sends every recording that is not skipped; returns how many were compared.
    async fn run(&self, all: &[Recording], skipped: &[(&str, &str)], prepare: impl Fn(&Self, &str)) -> usize {
        for (name, _) in skipped {
            assert!(all.iter().any(|recording| recording.name == *name), "{name} is skipped but not there");
        }
        let mut compared = 0;
        for recording in all {
            prepare(self, &recording.name);
            if !skipped.iter().any(|(name, _)| *name == recording.name) {
                self.compare(recording).await;
                compared += 1;
            }
        }
        compared
    }

    async fn compare(&self, recording: &Recording) {
        let Recording { name, request, response } = recording;
        if let Some(date) = response["headers"]["Date"].as_str() {
            // The header is cut to the second; late in it is where the answers were made.
            let second = DateTime::parse_from_rfc2822(date).unwrap().to_utc();
            self.clock.set(second + TimeDelta::milliseconds(900));
        }
        if name == "106-extend-expired-user" {
            // "Now plus seven days" to the millisecond.
            self.clock.set("2026-11-22T07:37:31.037Z".parse().unwrap());
        }
        if name.ends_with("after-scheduler") {
            self.sim.tick();
        }
        let sent = self.send(request).await;
        if response["status"].is_null() {
            assert!(sent.is_err(), "{name}: the connection should have been dropped");
            return;
        }
        let answer = sent.unwrap_or_else(|error| panic!("{name}: {error}"));
        let status = answer.status().as_u16();
        let headers = answer.headers().clone();
        let text = answer.text().await.unwrap();
        assert_eq!(u64::from(status), response["status"].as_u64().unwrap(), "{name}: {text}");
        compare_headers(name, &response["headers"], &headers);
        let ours = serde_json::from_str(&text).unwrap_or(Value::String(text));
        let theirs = &response["body"];
        if IN_KIND.iter().any(|part| name.contains(part)) && status == 200 {
            assert_eq!(kind(theirs), kind(&ours), "{name}");
            assert!(ours.to_string().contains("nl1.example.test"), "{name}: {ours}");
            return;
        }
        let draws = status == 201 || name.contains("-revoke-");
        compare_values(name, theirs, &ours, draws);
        if draws && status < 300 {
            self.adopt(&theirs["response"]);
        }
    }

    async fn send(&self, request: &Value) -> Result<reqwest::Response, reqwest::Error> {
        let method = request["method"].as_str().unwrap().parse().unwrap();
        let url = format!("{}{}", self.sim.url(), request["path"].as_str().unwrap());
        let mut sending = self.client.request(method, url);
        let empty = serde_json::Map::new();
        let headers = request["headers"].as_object().unwrap_or(&empty);
        for (name, value) in headers {
            sending = sending.header(name, value.as_str().unwrap());
        }
        if !request["body"].is_null() {
            if !headers.contains_key("Content-Type") {
                sending = sending.header("Content-Type", "application/json");
            }
            let raw = request["body"].as_str().map(ToOwned::to_owned);
            sending = sending.body(raw.unwrap_or_else(|| request["body"].to_string()));
        }
        sending.send().await
    }

    /// Gives our user what the recorded panel drew for its own, so that the next recordings fit.
    fn adopt(&self, theirs: &Value) {
        let text = |name: &str| theirs[name].as_str().unwrap().to_owned();
        let found = self.sim.edit_user(&text("username"), |user| {
            user.id = theirs["id"].as_u64().unwrap();
            if let Some(uuid) = theirs["uuid"].as_str() {
                user.uuid = uuid.parse().unwrap();
            }
            user.short_uuid = text("shortUuid");
            user.trojan_password = text("trojanPassword");
            user.vless_uuid = text("vlessUuid").parse().unwrap();
            user.ss_password = text("ssPassword");
        });
        assert!(found, "{theirs}");
    }

    /// A user whose creation was not recorded.
    fn insert(&self, username: &str, change: impl FnOnce(&mut SimUser)) {
        let expire_at: DateTime<Utc> = "2027-01-01T00:00:00Z".parse().unwrap();
        let new = NewSimUser { username: username.to_owned(), short_uuid: None, expire_at };
        self.sim.insert_user(new);
        assert!(self.sim.edit_user(username, change));
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Array(_) => "array",
        Value::Object(_) => "object",
        Value::String(_) => "text",
        _ => "something else",
    }
}

fn compare_headers(name: &str, theirs: &Value, ours: &reqwest::header::HeaderMap) {
    let compared = [
        "Content-Type",
        "content-disposition",
        "subscription-userinfo",
        "subscription-refill-date",
        "support-url",
        "profile-title",
        "profile-web-page-url",
        "profile-update-interval",
    ];
    for header in compared {
        let ours = ours.get(header).map(|value| value.to_str().unwrap());
        assert_eq!(theirs[header].as_str(), ours, "{name}: {header}");
    }
}

/// Equal, but for what is drawn or read from a clock: there the type counts. Objects have the same keys in the same
/// order.
fn compare_values(name: &str, theirs: &Value, ours: &Value, draws: bool) {
    match (theirs, ours) {
        (Value::Object(theirs), Value::Object(ours)) => {
            let keys = |object: &serde_json::Map<String, Value>| object.keys().cloned().collect::<Vec<_>>();
            assert_eq!(keys(theirs), keys(ours), "{name}");
            for (key, value) in theirs {
                let squad = theirs.contains_key("name") && key == "uuid";
                let drawn = draws && !squad && DRAWN.contains(&key.as_str());
                if drawn || VOLATILE.contains(&key.as_str()) {
                    let types = (value.is_string(), value.is_number(), value.is_null());
                    let other = &ours[key];
                    assert_eq!(
                        types,
                        (other.is_string(), other.is_number(), other.is_null()),
                        "{name}: {key}"
                    );
                } else {
                    compare_values(&format!("{name}.{key}"), value, &ours[key], draws);
                }
            }
        }
        (Value::Array(theirs), Value::Array(ours)) => {
            assert_eq!(theirs.len(), ours.len(), "{name}");
            for (index, (theirs, ours)) in theirs.iter().zip(ours).enumerate() {
                compare_values(&format!("{name}[{index}]"), theirs, ours, draws);
            }
        }
        _ => assert_eq!(theirs, ours, "{name}"),
    }
}

/// A squad from the panel's own description of it; hosts for the inbounds that had one.
fn squad(theirs: &Value, public_key: &str) -> SimSquad {
    let text = |value: &Value| value.as_str().map(ToOwned::to_owned);
    let uuid = |value: &Value| value.as_str().unwrap().parse::<Uuid>().unwrap();
    let host = |tag: &str| match tag {
        "VLESS-REALITY" => Some(SimHost {
            remark: "NL Amsterdam 1".to_owned(),
            address: "nl1.example.test".to_owned(),
            port: 443,
            sni: "example.com".to_owned(),
            transport: SimTransport::Reality {
                public_key: public_key.to_owned(),
                short_id: "0123456789abcdef".to_owned(),
            },
        }),
        "VLESS-WS-TLS" => Some(SimHost {
            remark: "DE Frankfurt 1".to_owned(),
            address: "de1.example.test".to_owned(),
            port: 8443,
            sni: "de1.example.test".to_owned(),
            transport: SimTransport::WebSocket {
                path: "/ws".to_owned(),
                host: "de1.example.test".to_owned(),
            },
        }),
        _ => None,
    };
    let inbounds = theirs["inbounds"].as_array().unwrap().iter().map(|inbound| SimInbound {
        uuid: uuid(&inbound["uuid"]),
        profile_uuid: uuid(&inbound["profileUuid"]),
        tag: text(&inbound["tag"]).unwrap(),
        kind: text(&inbound["type"]).unwrap(),
        network: text(&inbound["network"]),
        security: text(&inbound["security"]),
        port: inbound["port"].as_u64().unwrap().try_into().unwrap(),
        raw: inbound["rawInbound"].clone(),
        host: host(inbound["tag"].as_str().unwrap()),
    });
    SimSquad {
        uuid: uuid(&theirs["uuid"]),
        name: text(&theirs["name"]).unwrap(),
        inbounds: inbounds.collect(),
        created_at: NOW.parse().unwrap(),
    }
}

fn prepare_v3(replay: &Replay, all: &[Recording], name: &str) {
    let Replay { sim, .. } = replay;
    let squads = |name: &str| {
        let theirs = &find(all, name).response["body"]["response"]["internalSquads"][0];
        vec![squad(theirs, "zTUssAkp5gvZ2hNoUxcdquzrYe9r83PAsbLtnQi5rzg")]
    };
    match name {
        "023-system-metadata" => {
            for (token, scopes) in [
                ("<token:create-only>", &["users:create"][..]),
                ("<token:empty>", &[]),
                ("<token:deleted>", &["*"]),
                ("<token:expired>", &["*"]),
                ("<token:cold>", &["*"]),
            ] {
                sim.add_token(token, scopes);
            }
        }
        "031-internal-squads-list" => sim.set_squads(squads(name)),
        "038-internal-squads-list-with-inbounds" => sim.set_squads(squads(name)),
        "170-bulk-extend" => {
            for id in 12..15 {
                replay.insert(&format!("bulk_{id}"), |user| user.id = id);
            }
        }
        "182-scope-missing-get" => replay.insert("scope_user", |user| {
            user.id = 15;
            user.short_uuid = "NVRz_byufW4YFhec".to_owned();
            user.vless_uuid = "0b38c5ba-ac40-4211-87aa-bd6d91545d5f".parse().unwrap();
            user.expire_at = DateTime::from_timestamp(1_796_024_282, 0).unwrap();
        }),
        "188-token-delete" => sim.delete_token("<token:deleted>"),
        // Left over from what was not recorded one by one.
        "190-proxy-proto-list" => {
            (60..70).for_each(|id| replay.insert(&format!("old_{id}"), |user| user.id = id))
        }
        "222-expired-token" => sim.expire_token("<token:expired>"),
        "224-postgres-down-get" => sim.set_database_down(true),
        "237-postgres-back" => sim.set_database_down(false),
        _ => {}
    }
}

fn prepare_v2(replay: &Replay, all: &[Recording], name: &str) {
    let Replay { sim, .. } = replay;
    let key = "l56WJmZnGtjQiI4OLVp5sOVizBBNPrz9nznDljKCQGA";
    match name {
        "011-internal-squads-list" => {
            let theirs = &find(all, name).response["body"]["response"]["internalSquads"][0];
            sim.set_squads(vec![squad(theirs, key)]);
        }
        "014-internal-squad-update" => {
            sim.set_squads(vec![squad(&find(all, name).response["body"]["response"], key)]);
        }
        "086-bulk-extend" => {
            let theirs = find(all, name).request["body"]["uuids"].as_array().unwrap();
            for (index, uuid) in theirs.iter().enumerate() {
                let uuid = uuid.as_str().unwrap().parse().unwrap();
                replay.insert(&format!("bulk_{index}"), |user| user.uuid = uuid);
            }
        }
        "093-token-delete" => {
            sim.add_token("<token:deleted>", &["*"]);
            sim.delete_token("<token:deleted>");
        }
        _ => {}
    }
}

#[tokio::test]
async fn version_3_answers_as_recorded() {
    let all = recordings("3.3.2");
    let replay = Replay::new(PanelVersion::V3).await;
    assert_eq!(replay.sim.token(), TOKEN);
    let compared = replay.run(&all, SKIPPED_V3, |replay, name| prepare_v3(replay, &all, name)).await;
    println!("3.3.2: {compared} of {} recordings compared", all.len());
    assert!(compared >= 214, "{compared}");
}

#[tokio::test]
async fn version_2_answers_as_recorded() {
    let all = recordings("2.7.4");
    let replay = Replay::new(PanelVersion::V2).await;
    let compared = replay.run(&all, SKIPPED_V2, |replay, name| prepare_v2(replay, &all, name)).await;
    println!("2.7.4: {compared} of {} recordings compared", all.len());
    assert!(compared >= 82, "{compared}");
}
