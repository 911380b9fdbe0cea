//! Promises 1 to 3: power cuts inside panel calls, retries, and the log.

use chrono::TimeDelta;
use orchestrator::demo::panel::{Fault, Matcher, PanelVersion, What, When};
use serde_json::{Value, json};

use super::{all_handled, answered, client, log, said, until};
use crate::e2e::Stage;
use crate::support::db::{Kind, on_both};

on_both!(
    promise_01_both_sides_agree_after_power_cuts_inside_panel_calls,
    promise_02_what_was_told_stands_and_stands_once,
    promise_03_the_log_has_what_was_tried_with_its_true_outcome,
);

/// What is asked, and of what panel call the power is cut.
type Change = ((&'static str, &'static str), Value, (&'static str, &'static str));

fn changes() -> [Change; 6] {
    let of = |action| ("POST", action);
    [
        (("POST", "/api/v1/clients"), json!({ "username": "alice", "days": 30 }), ("POST", "/api/users")),
        (of("/api/v1/clients/ID/extend"), json!({ "days": 7 }), ("PATCH", "/api/users")),
        (of("/api/v1/clients/ID/block"), Value::Null, ("POST", "/api/users/*/actions/disable")),
        (of("/api/v1/clients/ID/unblock"), Value::Null, ("POST", "/api/users/*/actions/enable")),
        (of("/api/v1/clients/ID/config/rotate"), Value::Null, ("POST", "/api/users/*/actions/revoke")),
        (("DELETE", "/api/v1/clients/ID"), Value::Null, ("DELETE", "/api/users/*")),
    ]
}

/// Asks, cuts the power on that side of the panel call's effect, and starts the process again.
async fn cut_inside(stage: &mut Stage, (asked, body, call): &Change, when: When, key: &str) {
    let on = Matcher::new(call.0, call.1);
    stage.panel.clear_calls();
    stage.panel.fault(Fault { on: on.clone(), times: Some(1), when, what: What::Hang });
    let applied = when == When::AfterEffect;
    let there = |call: &orchestrator::demo::panel::Call| {
        on.matches(&call.method, &call.path) && call.applied == applied && !call.finished
    };
    {
        let asking = stage.ask(asked.0, asked.1, body, Some(key));
        let hangs = stage.panel.wait_for_call(there);
        tokio::select! {
            answer = asking => panic!("answered though the panel hangs: {answer:?}"),
            _ = hangs => {}
        }
    }
    stage.kill().await;
    stage.panel.clear_faults();
    stage.restart().await;
}

async fn promise_01_both_sides_agree_after_power_cuts_inside_panel_calls(kind: Kind) {
    let mut stage = Stage::new(kind, PanelVersion::V3).await;
    let mut id = String::new();
    for when in [When::BeforeEffect, When::AfterEffect] {
        for (number, ((method, path), body, call)) in changes().into_iter().enumerate() {
            let path: &'static str = path.replace("ID", &id).leak();
            let change = ((method, path), body.clone(), call);
            let key = format!("{when:?}-{number}");
            cut_inside(&mut stage, &change, when, &key).await;
            let (status, answer) = answered(&stage, (method, path), &body, &key).await;
            assert!(matches!(status, 200 | 201), "{when:?} {method} {path}: {status} {answer}");
            stage.assert_agreement().await;
            if let Some(made) = answer["id"].as_str() {
                id = made.to_owned();
            }
        }
        assert!(stage.panel.users().is_empty());
    }
    stage.end().await;
}

async fn promise_02_what_was_told_stands_and_stands_once(kind: Kind) {
    let mut stage = Stage::new(kind, PanelVersion::V3).await;
    let extend = format!("/api/v1/clients/{}/extend", client(&stage, "alice").await);
    let began = until(&stage, "alice");

    let week = json!({ "days": 7 });
    let told = stage.ask("POST", &extend, &week, Some("once")).await.unwrap();
    assert_eq!(told.0, 200);
    stage.cut().await;
    let again = || stage.ask("POST", &extend, &week, Some("once"));
    let (one, other) = tokio::join!(again(), again());
    assert_eq!((one.unwrap(), other.unwrap()), (told.clone(), told));

    let olga = stage.olga();
    let update = olga.write("/extend alice 5");
    olga.until("five days more", |chat| said(chat, "Продлён на 5 дней")).await;
    stage.cut().await;
    stage.telegram.redeliver(update);
    olga.send("/client alice").await;
    olga.press("+30").await;
    olga.press("+30").await;
    all_handled(&olga).await;
    assert_eq!(until(&stage, "alice") - began, TimeDelta::days(7 + 5 + 30));

    stage.panel.fault(Fault::before(Matcher::new("PATCH", "/api/users"), What::Status(500, None)));
    assert_eq!(stage.post(&extend, &week).await.0, 502);
    assert_eq!(until(&stage, "alice") - began, TimeDelta::days(7 + 5 + 30));
    stage.assert_agreement().await;
    stage.end().await;
}

async fn promise_03_the_log_has_what_was_tried_with_its_true_outcome(kind: Kind) {
    let mut stage = Stage::new(kind, PanelVersion::V3).await;
    let id = client(&stage, "alice").await;
    let (extend, week) = (format!("/api/v1/clients/{id}/extend"), json!({ "days": 7 }));

    stage.panel.fault(Fault::before(Matcher::new("PATCH", "/api/users"), What::Status(500, None)));
    assert_eq!(stage.post(&extend, &week).await.0, 502);
    let change: Change = (("POST", extend.leak()), week.clone(), ("PATCH", "/api/users"));
    cut_inside(&mut stage, &change, When::AfterEffect, "cut").await;
    assert_eq!(answered(&stage, change.0, &week, "cut").await.0, 200);

    // Refusals: as things are, as the request is, and by who asks.
    assert_eq!(stage.post(&format!("/api/v1/clients/{id}/unblock"), &Value::Null).await.0, 409);
    assert_eq!(stage.post("/api/v1/clients", &json!({ "username": "alice" })).await.0, 409);
    assert_eq!(stage.post(change.0.1, &json!({ "days": 0 })).await.0, 422);
    assert_eq!(stage.get(&format!("/api/v1/clients/{}", uuid::Uuid::nil())).await.0, 404);

    assert_eq!(log(&stage).await, ["create success", "extend fail", "extend success"]);
    stage.end().await;
}
