//! `/metrics`: what Prometheus reads, who may, and that nothing secret is in it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use orchestrator::api::settings::{ApiAuth, ApiSettings};
use orchestrator::domain::clock::OsEntropy;
use orchestrator::services::Services;

use super::{Answer, READ, WRITE, send, settings};
use crate::support::db::{Kind, on_both};
use crate::support::world::World;

on_both!(
    a_scrape_tells_of_the_traffic_and_no_secrets,
    without_the_database_there_are_fewer_numbers_and_no_error,
);

const HERE: &str = "127.0.0.1:4000";
const OUTSIDE: &str = "203.0.113.9:4000";

fn door(services: &Services, settings: ApiSettings) -> Router {
    orchestrator::api::router(services.clone(), settings, Arc::new(OsEntropy))
}

async fn ask(door: &Router, method: &str, path: &str, from: &str, token: Option<&str>) -> Answer {
    let mut request = Request::builder().method(method).uri(path).header("content-type", "application/json");
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let mut request = request.body(Body::from(r#"{"username":"canary_name","days":10}"#)).unwrap();
    request.extensions_mut().insert(ConnectInfo(from.parse::<SocketAddr>().unwrap()));
    send(door, request).await
}

/// A family as it was read: its type, and its samples by name and labels.
#[derive(Default)]
struct Scrape {
    kinds: BTreeMap<String, String>,
    samples: BTreeMap<String, f64>,
}

impl Scrape {
    /// Reads the text as strictly as its format allows.
    fn read(text: &str) -> Self {
        assert!(text.ends_with('\n'), "the last line has its end");
        let (mut scrape, mut family, mut helped) = (Self::default(), String::new(), BTreeSet::new());
        for line in text.lines() {
            if let Some(help) = line.strip_prefix("# HELP ") {
                let name = help.split_once(' ').unwrap().0;
                assert!(helped.insert(name.to_owned()), "{line}: twice");
            } else if let Some(kind) = line.strip_prefix("# TYPE ") {
                let (name, kind) = kind.split_once(' ').unwrap();
                assert!(helped.contains(name) && is_name(name), "{line}");
                assert!(["counter", "gauge", "histogram"].contains(&kind), "{line}");
                assert!(scrape.kinds.insert(name.to_owned(), kind.to_owned()).is_none(), "{line}: twice");
                name.clone_into(&mut family);
            } else {
                scrape.sample(line, &family);
            }
        }
        scrape.check_histograms();
        scrape
    }

    fn sample(&mut self, line: &str, family: &str) {
        let (series, value) = line.rsplit_once(' ').unwrap();
        let value = if value == "+Inf" { f64::INFINITY } else { value.parse().unwrap() };
        let (name, labels) = series
            .split_once('{')
            .map_or((series, ""), |(name, labels)| (name, labels.strip_suffix('}').unwrap()));
        let suffixes: &[&str] = match &*self.kinds[family] {
            "histogram" => &["_bucket", "_sum", "_count"],
            _ => &[""],
        };
        assert!(
            suffixes.iter().any(|suffix| name == format!("{family}{suffix}")),
            "{line} is not of {family}"
        );
        for label in labels.split("\",").filter(|label| !label.is_empty()) {
            let (key, value) = label.split_once("=\"").unwrap();
            assert!(is_name(key) && !value.trim_end_matches('"').contains('"'), "{line}");
        }
        assert!(self.samples.insert(series.to_owned(), value).is_none(), "{line}: twice");
    }

    fn check_histograms(&self) {
        for (name, _) in self.kinds.iter().filter(|(_, kind)| *kind == "histogram") {
            let counts =
                self.samples.iter().filter(|(series, _)| series.starts_with(&format!("{name}_count")));
            for (series, count) in counts {
                let labels = series.split_once('{').map_or("", |(_, labels)| labels.trim_end_matches('}'));
                let buckets = self.samples.iter().filter(|(bucket, _)| {
                    bucket.starts_with(&format!("{name}_bucket{{")) && bucket.contains(labels)
                });
                let buckets: Vec<f64> = buckets.map(|(_, value)| *value).collect();
                assert!(buckets.len() >= 12 && buckets.contains(count), "{series}: {buckets:?}");
            }
        }
    }

    fn value(&self, series: &str) -> f64 {
        *self
            .samples
            .get(series)
            .unwrap_or_else(|| panic!("no {series} in {:#?}", self.samples.keys().collect::<Vec<_>>()))
    }
}

fn is_name(name: &str) -> bool {
    !name.starts_with(|letter: char| letter.is_ascii_digit())
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}

async fn a_scrape_tells_of_the_traffic_and_no_secrets(kind: Kind) {
    let world = World::new(kind).await;
    let door = door(&world.services, settings(ApiAuth::Required));
    assert_eq!(ask(&door, "POST", "/api/v1/clients", OUTSIDE, Some(WRITE)).await.status, 201);
    let user = world.panel.user("canary_name").unwrap();
    let path = format!("/api/v1/clients/canary_name?secret={}", user.short_uuid);
    assert_eq!(ask(&door, "GET", &path, OUTSIDE, Some(READ)).await.status, 422);
    assert_eq!(ask(&door, "GET", "/canary-path", OUTSIDE, Some("canary-token")).await.status, 404);
    let answer = ask(&door, "GET", "/metrics", HERE, None).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    let scrape = Scrape::read(&answer.body);
    let is = |series: &str, value: f64| {
        assert!((scrape.value(series) - value).abs() < 0.001, "{series}\n{}", answer.body)
    };
    is(
        r#"orchestrator_http_request_duration_seconds_count{method="POST",route="/api/v1/clients",status="2xx"}"#,
        1.0,
    );
    is(
        r#"orchestrator_http_request_duration_seconds_count{method="GET",route="/api/v1/clients/{client_id}",status="4xx"}"#,
        1.0,
    );
    is(r#"orchestrator_http_request_duration_seconds_count{method="GET",route="-",status="4xx"}"#, 1.0);
    is(
        r#"orchestrator_panel_request_duration_seconds_count{method="POST",path="/api/users",outcome="ok"}"#,
        1.0,
    );
    is(r#"orchestrator_outbox_waiting{priority="notice"}"#, 0.0);
    is("orchestrator_changes_open", 0.0);
    is("orchestrator_matters_open", 0.0);
    is("orchestrator_panel_breaker_open", 0.0);
    is("orchestrator_panel_clock_skew_seconds", 0.0);
    is("orchestrator_database_up", 1.0);
    assert!(scrape.value("orchestrator_start_time_seconds") > 1.7e9);
    assert!(scrape.samples.keys().any(|series| series.starts_with("orchestrator_database_connections{")));
    let secrets = ["canary", user.short_uuid.as_str(), &user.vless_uuid.to_string(), WRITE, READ, "shop"];
    for secret in secrets {
        assert!(!answer.body.contains(secret), "{secret}");
    }
}

async fn without_the_database_there_are_fewer_numbers_and_no_error(kind: Kind) {
    let world = World::new(kind).await;
    let door = door(&world.services, settings(ApiAuth::Required));
    world.opened.db.close().await;
    for (from, token) in [(HERE, None), (OUTSIDE, Some(READ))] {
        let answer = ask(&door, "GET", "/metrics", from, token).await;
        let scrape = Scrape::read(&answer.body);
        assert_eq!((answer.status, scrape.value("orchestrator_database_up")), (200, 0.0));
        assert!(!answer.body.contains("changes_open"));
    }
}

#[tokio::test]
async fn it_is_for_this_machine_and_for_whoever_has_a_token() {
    let world = World::new(Kind::Sqlite).await;
    let door = door(&world.services, settings(ApiAuth::Required));
    for (from, token, status) in [
        (HERE, None, 200),
        ("[::1]:4000", None, 200),
        (OUTSIDE, None, 401),
        ("10.0.0.7:4000", None, 401),
        (OUTSIDE, Some("let-me-in-please-0123"), 401),
        (OUTSIDE, Some(READ), 200),
        (OUTSIDE, Some(WRITE), 200),
    ] {
        let answer = ask(&door, "GET", "/metrics", from, token).await;
        assert_eq!(answer.status, status, "{from} {token:?}");
        assert_eq!(answer.body.contains("orchestrator_"), status == 200, "{from} {token:?}");
    }
    assert_eq!(ask(&door, "POST", "/metrics", HERE, None).await.status, 405);
}
