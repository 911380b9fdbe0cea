//! Promises 4 and 5: many at the same moment, on PostgreSQL in two processes.

use chrono::TimeDelta;
use futures::future::join_all;
use serde_json::{Value, json};

use super::{client, stage_with, until};
use crate::e2e::{API_TOKEN, Stage};
use crate::support::db::{Kind, on_both};
use crate::support::service::Service;

on_both!(promise_04_all_of_24_extensions_at_once_count, promise_05_of_24_creations_at_once_one_is_made,);

const AT_ONCE: usize = 24;

/// The process, and on PostgreSQL another one.
struct Replicas {
    stage: Stage,
    second: Option<(Service, String)>,
}

impl Replicas {
    async fn new(kind: Kind) -> Self {
        // One after another takes its time, which is not what this is about.
        let patient = [("PANEL_TIMEOUT", "20".to_owned()), ("INTENT_LEASE", "22".to_owned())];
        let stage = stage_with(kind, &patient).await;
        let second = match kind {
            Kind::Sqlite => None,
            Kind::Postgres => {
                let mut settings = [stage.settings().as_slice(), &patient].concat();
                settings.retain(|(name, _)| *name != "TELEGRAM_BOT_TOKEN");
                let service = Service::spawn(stage.db.folder(), &settings);
                let url = service.url().await;
                Some((service, url))
            }
        };
        Self { stage, second }
    }

    /// The same request so often at once, half of them to each process; the answers' statuses in order.
    async fn storm(&self, path: &str, body: &Value) -> Vec<u16> {
        let urls: Vec<&String> =
            [&self.stage.url].into_iter().chain(self.second.iter().map(|(_, url)| url)).collect();
        let http = reqwest::Client::new();
        let ask = |url: &&String| http.post(format!("{url}{path}")).bearer_auth(API_TOKEN).json(body).send();
        let answers = join_all(urls.iter().cycle().take(AT_ONCE).map(ask)).await;
        let mut statuses: Vec<u16> =
            answers.into_iter().map(|answer| answer.unwrap().status().as_u16()).collect();
        statuses.sort_unstable();
        statuses
    }

    async fn end(self) {
        self.stage.assert_agreement().await;
        if let Some((service, _)) = self.second {
            assert_eq!(service.stop().await, Some(0));
        }
        self.stage.end().await;
    }
}

async fn promise_04_all_of_24_extensions_at_once_count(kind: Kind) {
    let replicas = Replicas::new(kind).await;
    let id = client(&replicas.stage, "alice").await;
    let began = until(&replicas.stage, "alice");
    let statuses = replicas.storm(&format!("/api/v1/clients/{id}/extend"), &json!({ "days": 1 })).await;
    assert_eq!(statuses, [200; AT_ONCE]);
    assert_eq!(until(&replicas.stage, "alice") - began, TimeDelta::days(24));
    replicas.end().await;
}

async fn promise_05_of_24_creations_at_once_one_is_made(kind: Kind) {
    let replicas = Replicas::new(kind).await;
    let statuses = replicas.storm("/api/v1/clients", &json!({ "username": "alice", "days": 30 })).await;
    assert_eq!(statuses[0], 201);
    assert_eq!(statuses[1..], [409; AT_ONCE - 1]);
    assert_eq!(replicas.stage.panel.users().len(), 1);
    replicas.end().await;
}
