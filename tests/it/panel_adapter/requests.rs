//! What the adapter sends, in both dialects.

use orchestrator::domain::ids::{ShortUuid, TelegramId};
use orchestrator::panel::settings::VersionSetting;
use orchestrator::panel::{Deletion, PanelPatch, PanelPatchStatus, PanelUser, Switched};
use serde_json::{Value, json};

use super::replay::{
    Asked, CLIENT, Replay, Reply, SHORT, SQUAD, TOKEN, UUID, WITHIN, id, in_envelope, new_user, v2_user,
    v3_user,
};

/// Version, id, the id as `PATCH` has it, a user, the answer to `DELETE`.
fn dialects() -> [(VersionSetting, &'static str, Value, Value, Reply); 2] {
    let deleted = Reply::json(200, &json!({"response": {"isDeleted": true}}));
    [
        (VersionSetting::V2, UUID, json!({ "uuid": UUID }), v2_user(), deleted),
        (VersionSetting::V3, "7", json!({ "id": 7 }), v3_user(), Reply::Answer(204, Vec::new())),
    ]
}

fn assert_asked(asked: &Asked, line: &str, body: Option<Value>) {
    assert_eq!(asked.line(), line);
    assert_eq!(asked.body, body, "{line}");
}

#[tokio::test]
async fn each_call_has_the_dialects_own_shape() {
    for (version, key, patch_key, user, deleted) in dialects() {
        let answer = in_envelope(&user);
        let replay = Replay::start(
            move |asked| if asked.method == "DELETE" { deleted.clone() } else { answer.clone() },
        )
        .await;
        let panel = replay.panel_with(|settings| settings.version = version);
        let own = id(key);
        let short = ShortUuid::new(SHORT);
        let name = "alice_1".parse().unwrap();

        let created = panel.create_user(&new_user(), WITHIN).await.unwrap();
        assert_eq!(created.id, own);
        let mut with_account = new_user();
        with_account.telegram_id = Some(TelegramId(7_123_456_789));
        panel.create_user(&with_account, WITHIN).await.unwrap();
        assert!(panel.user(&own, WITHIN).await.unwrap().is_some());
        assert!(panel.user_by_username(&name, WITHIN).await.unwrap().is_some());
        assert!(panel.user_by_short_uuid(&short, WITHIN).await.unwrap().is_some());
        let patch = PanelPatch {
            expire_at: Some("2027-01-01T00:00:00.0009Z".parse().unwrap()),
            status: Some(PanelPatchStatus::Active),
            telegram_id: Some(None),
            description: Some("d".to_owned()),
            squads: Some(vec![SQUAD.parse().unwrap()]),
        };
        panel.patch_user(&own, &patch, WITHIN).await.unwrap();
        let blocked = PanelPatch { status: Some(PanelPatchStatus::Disabled), ..PanelPatch::default() };
        panel.patch_user(&own, &blocked, WITHIN).await.unwrap();
        assert!(matches!(panel.disable(&own, WITHIN).await.unwrap(), Switched::Done(_)));
        assert!(matches!(panel.enable(&own, WITHIN).await.unwrap(), Switched::Done(_)));
        panel.revoke(&own, &short, WITHIN).await.unwrap();
        assert_eq!(panel.delete_user(&own, WITHIN).await.unwrap(), Deletion::Deleted);

        let asked = replay.asked();
        let create = json!({
            "username": "alice_1", "expireAt": "2026-12-22T07:36:28.123Z", "shortUuid": SHORT,
            "description": format!("orchestrator:{CLIENT}"), "activeInternalSquads": [SQUAD],
        });
        let mut create_with = create.clone();
        create_with["telegramId"] = json!(7_123_456_789_u64);
        let mut patch = patch_key.clone();
        patch["expireAt"] = json!("2027-01-01T00:00:00.000Z");
        patch["status"] = json!("ACTIVE");
        patch["telegramId"] = Value::Null;
        patch["description"] = json!("d");
        patch["activeInternalSquads"] = json!([SQUAD]);
        let mut block = patch_key;
        block["status"] = json!("DISABLED");
        let expected = [
            ("POST /api/users".to_owned(), Some(create)),
            ("POST /api/users".to_owned(), Some(create_with)),
            (format!("GET /api/users/{key}"), None),
            ("GET /api/users/by-username/alice_1".to_owned(), None),
            (format!("GET /api/users/by-short-uuid/{SHORT}"), None),
            ("PATCH /api/users".to_owned(), Some(patch)),
            ("PATCH /api/users".to_owned(), Some(block)),
            (format!("POST /api/users/{key}/actions/disable"), None),
            (format!("POST /api/users/{key}/actions/enable"), None),
            (
                format!("POST /api/users/{key}/actions/revoke"),
                Some(json!({"revokeOnlyPasswords": false, "shortUuid": SHORT})),
            ),
            (format!("DELETE /api/users/{key}"), None),
        ];
        assert_eq!(asked.len(), expected.len());
        for (asked, (line, body)) in asked.iter().zip(expected) {
            assert_asked(asked, &line, body);
        }
    }
}

#[tokio::test]
async fn every_request_carries_what_the_panel_and_its_guard_want() {
    let replay = Replay::always(in_envelope(&v3_user())).await;
    let panel = replay.panel_with(|settings| {
        settings.extra_headers =
            vec![("Cookie".to_owned(), "guard=1".into()), ("X-Api-Key".to_owned(), "k".into())];
    });
    panel.user(&id("7"), WITHIN).await.unwrap();
    panel.create_user(&new_user(), WITHIN).await.unwrap();
    for asked in replay.asked() {
        assert_eq!(asked.header("authorization"), Some(format!("Bearer {TOKEN}").as_str()));
        assert!(asked.header("x-forwarded-for").is_some_and(|value| !value.is_empty()));
        assert_eq!(asked.header("x-forwarded-proto"), Some("https"));
        assert!(asked.header("user-agent").is_some_and(|agent| agent.starts_with("remnawave-orchestrator/")));
        assert_eq!(asked.header("cookie"), Some("guard=1"));
        assert_eq!(asked.header("x-api-key"), Some("k"));
        let json = asked.body.is_some().then_some("application/json");
        assert_eq!(asked.header("content-type"), json);
    }
    assert_eq!(replay.asked().len(), 2);
}

#[tokio::test]
async fn the_subscription_page_is_asked_without_the_token() {
    let replay = Replay::start(|asked| match asked.path.starts_with("/api/sub/") {
        true => Reply::Answer(200, b"dmxlc3M6Ly9rQG5sMS5leGFtcGxlLnRlc3Q6NDQz".to_vec()),
        false => Reply::framework(403),
    })
    .await;
    let subscription = replay.panel().subscription(&ShortUuid::new(SHORT), WITHIN).await.unwrap().unwrap();
    assert_eq!(subscription.links[0].expose(), "vless://k@nl1.example.test:443");
    assert!(subscription.is_active);
    let asked = replay.asked();
    let served: Vec<_> = asked.iter().filter(|asked| asked.path.starts_with("/api/sub/")).collect();
    assert_eq!(served.len(), 1);
    assert_eq!(served[0].header("authorization"), None);
    assert!(served[0].header("user-agent").is_some());
}

#[tokio::test]
async fn a_list_asks_for_its_page_below_the_addresses_own_path() {
    let replay = Replay::always(Reply::users(&[v3_user(), v3_user()])).await;
    let panel = replay.panel_with(|settings| {
        let base = settings.base_url.as_mut().unwrap();
        base.set_path("/behind/a/proxy/");
        base.set_query(Some("x=1"));
    });
    let (users, total) = panel.users_page(1000, 500, WITHIN).await.unwrap();
    assert_eq!((users.len(), total), (2, 2));
    assert_eq!(replay.lines(), ["GET /behind/a/proxy/api/users?start=1000&size=500"]);
}

#[tokio::test]
async fn what_stands_in_a_path_cannot_leave_it() {
    let replay = Replay::always(Reply::error(404, "A063")).await;
    let short = ShortUuid::new("../../x?y=1#z/ü");
    assert_eq!(replay.panel().user_by_short_uuid(&short, WITHIN).await, Ok(None));
    assert_eq!(replay.lines(), ["GET /api/users/by-short-uuid/..%2F..%2Fx%3Fy=1%23z%2F%C3%BC"]);
}

async fn described(description: Value) -> PanelUser {
    let mut user = v3_user();
    user["description"] = description;
    let replay = Replay::always(in_envelope(&user)).await;
    replay.panel().user(&id("7"), WITHIN).await.unwrap().unwrap()
}

#[tokio::test]
async fn the_mark_is_found_whatever_people_write_around_it() {
    let mark = format!("orchestrator:{CLIENT}");
    for description in [
        mark.clone(),
        format!("VIP 🎉 {mark}, pays by card"),
        format!("orchestrator: see below\norchestrator:ü{mark}ü"),
        mark.to_lowercase(),
    ] {
        let user = described(json!(description)).await;
        assert_eq!(
            user.marked_client().map(|client| client.to_string()).as_deref(),
            Some(CLIENT),
            "{description}"
        );
    }
    for description in
        [json!(null), json!(""), json!("orchestrator:"), json!("orchestrator:0193f0a0-0000"), json!(CLIENT)]
    {
        assert_eq!(described(description.clone()).await.marked_client(), None, "{description}");
    }
}

#[tokio::test]
async fn numbers_are_read_in_either_form_and_unknown_words_do_not_hurt() {
    let mut user = v3_user();
    user["id"] = json!("7");
    user["telegramId"] = json!("7123456789");
    user["trafficLimitBytes"] = json!("10737418240");
    user["userTraffic"] = json!({"usedTrafficBytes": "5", "onlineAt": "2026-11-22T07:37:31.889Z", "new": {}});
    user["status"] = json!("RESTING");
    user["somethingNew"] = json!([1, 2]);
    let replay = Replay::always(in_envelope(&user)).await;
    let read = replay.panel().user(&id("7"), WITHIN).await.unwrap().unwrap();
    assert_eq!(read.id, id("7"));
    assert_eq!(read.telegram_id, Some(TelegramId(7_123_456_789)));
    assert_eq!((read.used_traffic, read.traffic_limit), (5, Some(10_737_418_240)));
    assert_eq!(read.status, orchestrator::panel::PanelUserStatus::Other);
    assert!(read.online_at.is_some());
}
