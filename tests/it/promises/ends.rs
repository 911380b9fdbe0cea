//! Promise 10: told to stop, the process finishes what runs.

use std::time::Duration;

use futures::future::join_all;
use orchestrator::demo::panel::PanelVersion;
use serde_json::json;

use super::client;
use crate::e2e::{API_TOKEN, Stage};
use crate::support::db::{Kind, on_both};

on_both!(promise_10_told_to_stop_it_finishes_what_runs_and_begins_nothing);

async fn promise_10_told_to_stop_it_finishes_what_runs_and_begins_nothing(kind: Kind) {
    let mut stage = Stage::new(kind, PanelVersion::V3).await;
    let mut ids = vec![];
    for number in 0..8 {
        ids.push(client(&stage, &format!("alice_{number}")).await);
    }
    // Slow enough that all are under way when it is told.
    stage.panel.set_delay(Duration::from_millis(300));
    let first = stage.panel.calls().last().unwrap().number + 1;
    let http = reqwest::Client::new();
    let asked = ids.iter().map(|id| {
        let request = http.post(format!("{}/api/v1/clients/{id}/extend", stage.url)).bearer_auth(API_TOKEN);
        tokio::spawn(request.json(&json!({ "days": 1 })).send())
    });
    let asked: Vec<_> = asked.collect();
    stage.panel.wait_for_call(|call| call.number == first + ids.len() - 1).await;
    let service = stage.service.take().unwrap();
    assert_eq!(service.stop().await, Some(0));
    let answers = join_all(asked).await;
    let statuses: Vec<_> =
        answers.into_iter().map(|answer| answer.unwrap().map(|answer| answer.status().as_u16())).collect();
    assert!(statuses.iter().all(|status| matches!(status, Ok(200))), "{statuses:?}");
    assert!(stage.ask("GET", "/health", &json!(null), None).await.is_err(), "nobody listens any more");

    stage.panel.set_delay(Duration::ZERO);
    stage.restart().await;
    stage.assert_agreement().await;
    stage.end().await;
}
