//! Promises 11 to 13: nobody gets in, no secret gets out, any bytes are borne.

use std::time::Duration;

use orchestrator::bot::callback::{ChangeTap, MineTap, Nonce, Tap};
use orchestrator::bot::spot::Spot;
use orchestrator::demo::panel::{Fault, Matcher, PanelVersion, What};
use orchestrator::demo::telegram::SimOther;
use orchestrator::domain::clock::{Clock as _, OsEntropy, SystemClock};
use orchestrator::domain::ids::ClientId;
use serde_json::{Value, json};

use super::doors::{forged, knock};
use super::{client, log, stage_with};
use crate::e2e::{API_TOKEN, READ_TOKEN, Stage};
use crate::support::chat::Chat;
use crate::support::db::{Kind, on_both};
use crate::support::seed;

on_both!(promise_11_nobody_gets_in, promise_12_no_secret_gets_out, promise_13_any_bytes_are_answered_in_time,);

async fn promise_11_nobody_gets_in(kind: Kind) {
    let mut stage = Stage::new(kind, PanelVersion::V3).await;
    let id = client(&stage, "alice").await;
    wrong_tokens(&stage, &id).await;
    for door in ["/webhooks/telegram", "/webhooks/remnawave"] {
        assert_eq!(knock(&stage, door, Some("wrong"), &forged("/extend alice 30")).await, 404, "{door}");
    }
    let id = ClientId(id.parse().unwrap());
    invites_of_others(&mut stage, id).await;
    buttons_of_others(&stage, id).await;
    assert_eq!(log(&stage).await, ["create success"]);
    stage.assert_agreement().await;
    stage.end().await;
}

async fn wrong_tokens(stage: &Stage, id: &str) {
    let olga = stage.olga();
    let made = olga.send("/token new gone write").await.text();
    let revoked = made.split_whitespace().find(|word| word.len() >= 32).unwrap();
    olga.send("/token revoke gone").await;
    olga.tap("Да, отозвать").await;
    let attempts = [
        ("no token", "", 401),
        ("a wrong one", "let-me-in-please-0123", 401),
        ("a name", "shop", 401),
        ("the bot's", stage.telegram.token(), 401),
        ("the panel's", stage.panel.token(), 401),
        ("a revoked one", revoked, 401),
        ("one that only reads", READ_TOKEN, 403),
    ];
    for (what, token, status) in attempts {
        let url = format!("{}/api/v1/clients/{id}/extend", stage.url);
        let request = reqwest::Client::new().post(url).bearer_auth(token).json(&json!({ "days": 1 }));
        assert_eq!(request.send().await.unwrap().status().as_u16(), status, "{what}");
    }
}

/// An invite that was used, and one whose time is over.
async fn invites_of_others(stage: &mut Stage, id: ClientId) {
    let path = format!("/api/v1/clients/{id}/invite");
    let start = |(_, invite): (u16, Value)| format!("/start {}", invite["token"].as_str().unwrap());
    let (anna, eve) = (anna(stage), eve(stage));
    let late = start(stage.post(&path, &Value::Null).await);
    stage.kill().await;
    let opened = stage.db.open().await;
    seed::execute(&opened.db, "UPDATE invites SET expires_at = '2026-01-01T00:00:00+00:00'").await;
    opened.db.close().await;
    drop(opened);
    stage.restart().await;
    assert!(!eve.send(&late).await.text().contains("alice"));

    let used = start(stage.post(&path, &Value::Null).await);
    assert!(anna.send(&used).await.text().contains("alice"));
    assert!(!eve.send(&used).await.text().contains("alice"));
}

fn anna(stage: &Stage) -> Chat {
    Chat::new(&stage.telegram, 2002, "Anna", "ru")
}

fn eve(stage: &Stage) -> Chat {
    Chat::new(&stage.telegram, 3003, "Eve", "ru")
}

/// What a stranger, somebody with an own client and somebody of too low a role are not to do: alice is Anna's.
async fn buttons_of_others(stage: &Stage, id: ClientId) {
    let (olga, eve) = (stage.olga(), eve(stage));
    let vera = Chat::new(&stage.telegram, 4004, "Vera", "ru");
    vera.send("/start").await;
    assert!(olga.send("/grant 4004 viewer").await.text().contains("4004"));
    let (spot, nonce) = (Spot::default(), Nonce::new(SystemClock.now(), &OsEntropy));
    let others = [
        Tap::Change(ChangeTap::Block(id, nonce, spot)),
        Tap::Change(ChangeTap::ExtendBy(id, 30.try_into().unwrap(), nonce, spot)),
        Tap::Change(ChangeTap::YesRotate(id, nonce, spot)),
        Tap::Change(ChangeTap::YesDelete(id, nonce, spot)),
    ];
    for tap in others {
        for person in [&eve, &anna(stage), &vera] {
            person.forge(1, &tap.to_string()).await;
        }
    }
    for person in [&eve, &vera] {
        person.forge(1, &Tap::Mine(MineTap::YesRotate(id, nonce)).to_string()).await;
    }
    let words = [
        "/extend alice 30",
        "/block alice",
        "/config alice",
        "/start wrong-token-0123456789",
        "/grant 3003 admin",
    ];
    for text in words {
        eve.send(text).await;
        vera.send(text).await;
    }
    let heard = eve.messages().into_iter().filter(|message| message.from_bot).map(|message| message.text);
    assert!(!heard.into_iter().any(|text| text.contains("alice")), "{}", eve.transcript());
}

async fn promise_12_no_secret_gets_out(kind: Kind) {
    let mut stage = stage_with(kind, &[("RUST_LOG", "debug".to_owned())]).await;
    let olga = stage.olga();
    let id = client(&stage, "alice").await;
    let mut secrets = vec![API_TOKEN.to_owned(), READ_TOKEN.to_owned()];
    secrets.extend([stage.panel.token().to_owned(), stage.telegram.token().to_owned()]);
    secrets.push(stage.panel.user("alice").unwrap().short_uuid);
    olga.send_n("/config alice", 2).await;
    assert_eq!(stage.post(&format!("/api/v1/clients/{id}/config/rotate"), &Value::Null).await.0, 200);
    stage.panel.fault(Fault::after(Matcher::new("PATCH", "/api/users"), What::Truncated));
    stage.post(&format!("/api/v1/clients/{id}/extend"), &json!({ "days": 1 })).await;
    let user = stage.panel.user("alice").unwrap();
    secrets.extend([user.short_uuid, user.vless_uuid.to_string(), user.trojan_password, user.ss_password]);
    let (_, invite) = stage.post(&format!("/api/v1/clients/{id}/invite"), &Value::Null).await;
    secrets.push(invite["token"].as_str().unwrap().to_owned());

    let service = stage.service.take().unwrap();
    let said = service.log();
    for secret in secrets {
        let line = said.lines().find(|line| line.contains(&secret));
        assert_eq!(line, None, "a secret is in the log");
    }
    stage.service = Some(service);
    stage.end().await;
}

async fn promise_13_any_bytes_are_answered_in_time(kind: Kind) {
    let stage = Stage::new(kind, PanelVersion::V3).await;
    let olga = stage.olga();
    let home = olga.send("/start").await;
    let deep = "[".repeat(60_000);
    let bodies: [&[u8]; 8] = [
        b"",
        b"\0\xff\xfe",
        b"{\"username\":\"a\\u0000b\",\"days\":1e999}",
        b"{\"username\":\"\\ud800\",\"days\":-1}",
        b"{\"username\":{},\"days\":[null]}",
        deep.as_bytes(),
        b"username=alice&days=30",
        "{\"username\":\"алиса\u{202e}\",\"days\":true}".as_bytes(),
    ];
    let http = reqwest::Client::builder().timeout(Duration::from_secs(10)).build().unwrap();
    for body in bodies {
        for path in ["/api/v1/clients", "/api/v1/clients/%00/extend", "/api/v1/%ff?%ff=%00"] {
            let request = http.post(format!("{}{path}", stage.url)).bearer_auth(API_TOKEN);
            let request = request.header("content-type", "application/json").body(body.to_vec());
            let status = request.send().await.unwrap().status().as_u16();
            assert!((400..500).contains(&status), "{path} {body:?}: {status}");
        }
    }
    for text in [
        "/extend \u{0}",
        "/new <b>&amp; 1e9",
        "/find '; DROP TABLE clients; --",
        "\u{202e}\u{feff}",
        "/date x 9999-99-99",
    ] {
        olga.write(text);
    }
    olga.act_other(SimOther::Sticker);
    // One's updates are handled in order: after the answer to a tap all before it is.
    for data in ["", "extend:1:", "yes:1:delete:////:c", "home:99", "\u{1F600}"] {
        olga.forge(home.message.id, data).await;
    }
    let said = stage.service.as_ref().unwrap().log();
    assert!(!said.contains("panicked"), "{said}");
    assert!(stage.panel.users().is_empty());
    stage.end().await;
}
