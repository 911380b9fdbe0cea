//! The panel is upgraded from version 2 to 3 beneath the built service: every id is another one, no request fails of it.

use futures::stream::{self, StreamExt as _};
use orchestrator::demo::panel::PanelVersion;
use orchestrator::domain::clock::SystemClock;
use serde_json::json;

use super::Stage;
use crate::support::db::{Kind, on_both};
use crate::support::seed;

const CLIENTS: usize = 1000;
const BUSY: usize = 60;

on_both!(a_thousand_clients_survive_the_upgrade_while_requests_run);

async fn a_thousand_clients_survive_the_upgrade_while_requests_run(kind: Kind) {
    let mut stage = Stage::empty(kind, PanelVersion::V2).await;
    let db = stage.db.open().await.db;
    seed::on_both_sides(&db, &stage.panel, CLIENTS, &SystemClock).await;
    stage.restart().await;
    let olga = stage.olga();
    olga.send("/start").await;
    let (_, list) = stage.get(&format!("/api/v1/clients?limit={BUSY}")).await;
    let ids: Vec<String> =
        list["items"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect();
    // The version is known, as after days of work.
    let extend = |id: String| format!("/api/v1/clients/{id}/extend");
    assert_eq!(stage.post(&extend(ids[0].clone()), &json!({"days": 1})).await.0, 200);

    stage.panel.set_version(PanelVersion::V3);
    stream::iter(&ids)
        .for_each_concurrent(8, async |id| {
            let (status, body) = stage.post(&extend(id.clone()), &json!({"days": 2})).await;
            assert_eq!(status, 200, "{body}");
            let (status, body) = stage.post(&format!("/api/v1/clients/{id}/block"), &json!({})).await;
            assert_eq!(status, 200, "{body}");
        })
        .await;
    let told = olga.next().await;
    assert!(told.text().contains("заново"), "{told}");
    assert_eq!(seed::count(&db, "clients WHERE remnawave_uuid LIKE '%-%'").await, 0, "{told}");
    assert_eq!(seed::count(&db, "matters").await, 0);
    let disabled = stage.panel.users().iter().filter(|user| user.status.name() == "DISABLED").count();
    assert_eq!(disabled, BUSY, "each once, and nobody else");
    stage.assert_agreement().await;
    stage.end().await;
}
