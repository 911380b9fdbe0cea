//! `orchestrator doctor`, the built binary, against set-ups that are broken in one way each; what it says is a snapshot.

mod database;
mod panel;
mod settings;
mod start;
mod telegram;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use chrono::{DateTime, TimeDelta, Utc};
use orchestrator::demo::panel::PanelVersion;
use orchestrator::domain::clock::{Clock, SystemClock};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::{Stage, telegram_sim};
use crate::support::db::{Kind, on_both};
use crate::support::service::Service;
use crate::support::world::panel_sim;

const BOT_API: &str = "http://telegram.test";
const PANEL: &str = "http://panel.test";
/// How the address of a database server of these tests begins.
const SERVER: &str = "PostgreSQL at /";

on_both!(a_set_up_without_faults_is_well_and_nothing_of_it_changes, it_does_not_disturb_a_running_service);

/// A clock that is wrong by so much.
#[derive(Debug)]
struct Wrong(TimeDelta);

impl Clock for Wrong {
    fn now(&self) -> DateTime<Utc> {
        SystemClock.now() + self.0
    }
}

/// Runs the doctor with settings changed like this; whoever polls meanwhile is answered at once. Its exit code and what it says.
async fn doctor(stage: &Stage, others: &[(&'static str, String)], options: &[&str]) -> (i32, String) {
    let settings = [stage.settings().as_slice(), others].concat();
    let service = Service::command(&[&["doctor"], options].concat(), stage.db.folder(), &settings);
    let listening = async {
        loop {
            stage.telegram.wait(|telegram| telegram.polled().then(|| telegram.end_poll())).await;
            tokio::task::yield_now().await;
        }
    };
    let (code, said) = tokio::select! {
        ended = service.exit() => ended,
        () = listening, if stage.service.is_none() => unreachable!("it listens for ever"),
    };
    for secret in [stage.panel.token(), stage.telegram.token(), "canary"] {
        assert!(!said.contains(secret), "{said}");
    }
    (code.unwrap(), said)
}

/// The same, as a snapshot shows it.
async fn shown(stage: &Stage, others: &[(&'static str, String)]) -> String {
    let (code, said) = doctor(stage, others, &[]).await;
    format!("{}\nexit code {code}\n", redacted(stage, &said))
}

/// Without what is another thing at each run.
fn redacted(stage: &Stage, said: &str) -> String {
    let folder = stage.db.folder().display().to_string();
    let said = said.replace(&stage.panel.url(), PANEL).replace(&stage.telegram.url(), BOT_API);
    let mut lines: Vec<String> = vec![];
    for line in said.replace(&folder, "/FOLDER").lines() {
        match lines.last_mut() {
            // Where a line is broken depends on the length of the server's address.
            Some(last)
                if last.contains(SERVER)
                    && line.starts_with("                    ")
                    && !line.contains(": ") =>
            {
                *last = format!("{last} {}", line.trim_start());
            }
            _ => lines.push(line.to_owned()),
        }
    }
    lines
        .iter()
        .map(|line| without_count(without_server(line)))
        .collect::<Vec<_>>()
        .join("\n")
        .trim_end()
        .to_owned()
}

/// Without how many migrations there are.
fn without_count(line: String) -> String {
    match line.starts_with("✓ migrations ") {
        true => line
            .split(' ')
            .map(|word| if word.parse::<u8>().is_ok() { "N" } else { word })
            .collect::<Vec<_>>()
            .join(" "),
        false => line,
    }
}

/// Without the address and the version of a database server of these tests.
fn without_server(line: &str) -> String {
    let Some((before, after)) = line.split_once(SERVER) else { return line.to_owned() };
    let rest = after.trim_start_matches(|letter: char| !matches!(letter, ' ' | ',' | ':'));
    let rest = rest.split_once(", version ").map_or_else(
        || rest.to_owned(),
        |(_, version)| {
            let rest = version.trim_start_matches(|letter: char| letter.is_ascii_digit() || letter == '.');
            format!(", version N{rest}")
        },
    );
    format!("{before}PostgreSQL at SOCKET{rest}")
}

/// In one line: where lines are broken depends on the length of what is in them.
fn flat(said: &str) -> String {
    said.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Something at an address of its own that answers every request alike.
async fn answering(answer: impl IntoResponse + Clone + Send + Sync + 'static) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(axum::serve(listener, Router::new().fallback(async move || answer.clone())).into_future());
    url
}

/// All files and what they hold, as hashes.
fn files(folder: &Path) -> BTreeMap<String, String> {
    let hash = |path: &Path| format!("{:x?}", Sha256::digest(std::fs::read(path).unwrap()));
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| (path.file_name().unwrap().display().to_string(), hash(&path))).collect()
}

async fn a_set_up_without_faults_is_well_and_nothing_of_it_changes(kind: Kind) {
    let stage = Stage::empty(kind, PanelVersion::V3).await;
    let before_the_first_start = shown(&stage, &[]).await;
    insta::assert_snapshot!(format!("before_the_first_start_{kind:?}"), before_the_first_start);
    assert_eq!(files(stage.db.folder()), BTreeMap::new(), "nothing is made");

    stage.db.open().await.db.close().await;
    let before = files(stage.db.folder());
    insta::assert_snapshot!(format!("all_is_well_{kind:?}"), shown(&stage, &[]).await);
    assert_eq!(files(stage.db.folder()), before);
    assert!(stage.panel.users().is_empty());
    assert_eq!(stage.telegram.violations(), [""; 0]);

    let (code, json) = doctor(&stage, &[], &["--json"]).await;
    let findings: Vec<Value> = serde_json::from_str(&json).unwrap();
    assert_eq!((code, findings.len()), (0, 14), "{json}");
    assert!(findings.iter().all(|finding| finding["state"] == "well"), "{json}");
    assert_eq!(findings[0]["check"], "settings");
}

async fn it_does_not_disturb_a_running_service(kind: Kind) {
    let mut stage = Stage::empty(kind, PanelVersion::V2).await;
    let port = [("APP_PORT", free_port().to_string())];
    stage.restart_with(&port).await;
    stage.telegram.wait(|telegram| telegram.polled().then_some(())).await;
    let said = shown(&stage, &port).await.replace(&stage.url, "http://here.test");
    insta::assert_snapshot!(format!("beside_a_service_{kind:?}"), said);
    let olga = stage.olga();
    olga.send("/new alice 30").await;
    stage.assert_agreement().await;
    assert!(!stage.service.as_ref().unwrap().log().contains("another program polls"));
    // What only the service can know is asked of it; without its address nothing is said to be well.
    let (code, said) = doctor(&stage, &[], &[]).await;
    assert_eq!(code, 0, "{said}");
    assert!(
        flat(&said).contains("– Telegram updates not checked: the running service fetches them"),
        "{said}"
    );
    stage.cut().await;
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whose_clock_is_wrong_is_told() {
    let mut stage = Stage::empty(Kind::Sqlite, PanelVersion::V3).await;
    stage.panel = panel_sim(PanelVersion::V3, Arc::new(Wrong(TimeDelta::hours(-30)))).await;
    insta::assert_snapshot!("the_panels_clock_is_wrong", shown(&stage, &[]).await);

    stage.telegram = telegram_sim(Arc::new(Wrong(TimeDelta::hours(-30)))).await;
    let (code, said) = doctor(&stage, &[], &[]).await;
    assert_eq!(code, 1, "{said}");
    assert!(
        said.contains("✗ clock             this machine's clock is 30 hours ahead, by Telegram's"),
        "{said}"
    );
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A page instead of what is asked for, or a way elsewhere.
fn page() -> impl IntoResponse + Clone {
    (StatusCode::OK, [("content-type", "text/html; charset=utf-8")], "<html>Log in</html>")
}

fn elsewhere() -> impl IntoResponse + Clone {
    #[derive(Clone)]
    struct Elsewhere;
    impl IntoResponse for Elsewhere {
        fn into_response(self) -> axum::response::Response {
            Redirect::permanent("https://login.example.test/auth?back=canary").into_response()
        }
    }
    Elsewhere
}
