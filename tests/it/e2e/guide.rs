//! docs/api.md, followed word by word: its commands in one shell, and what they answer beside what the guide shows.

use std::process::Command;

use orchestrator::demo::panel::PanelVersion;
use serde_json::Value;

use super::{API_TOKEN, Stage};
use crate::support::db::Kind;

const GUIDE: &str = include_str!("../../../docs/api.md");
/// Between one answer and the next.
const MARK: &str = "--- next ---";

/// The code blocks of that language, each with how many blocks of shell came before it.
fn blocks(language: &str) -> Vec<(usize, String)> {
    let (mut found, mut shells, mut inside) = (vec![], 0, None::<(String, String)>);
    for line in GUIDE.lines() {
        match (&mut inside, line.strip_prefix("```")) {
            (None, Some(begins)) => inside = Some((begins.to_owned(), String::new())),
            (Some(_), Some(_)) => {
                let (of, text) = inside.take().unwrap();
                shells += usize::from(of == "sh");
                if of == language {
                    found.push((shells, text));
                }
            }
            (Some((_, text)), None) => {
                text.push_str(line);
                text.push('\n');
            }
            (None, None) => {}
        }
    }
    found
}

/// The same keys in the same order, and the same values but where the guide says that they vary.
fn alike(shown: &Value, got: &Value) -> bool {
    match (shown, got) {
        (Value::String(shown), Value::String(_)) if shown == "…" => true,
        (Value::Object(shown), Value::Object(got)) => {
            shown.len() == got.len()
                && shown.iter().zip(got).all(|(shown, got)| shown.0 == got.0 && alike(shown.1, got.1))
        }
        (Value::Array(shown), Value::Array(got)) => {
            shown.len() == got.len() && shown.iter().zip(got).all(|(shown, got)| alike(shown, got))
        }
        _ => shown == got,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_guide_says_what_is_so() {
    let mut stage = Stage::empty(Kind::Sqlite, PanelVersion::V3).await;
    // The guide speaks of the demo's token.
    let tokens = format!("demo:demo-token-0123456789,shop:{API_TOKEN}");
    stage.restart_with(&[("API_TOKENS", tokens)]).await;
    let script: String = blocks("sh").iter().map(|(_, text)| format!("{text}\necho '{MARK}'\n")).collect();
    let script = script.replace("http://127.0.0.1:8000", &stage.url);
    let folder = tempfile::TempDir::new().unwrap();
    let mut shell = Command::new("bash");
    shell.args(["-euo", "pipefail", "-c", &script]).current_dir(folder.path());
    let done = tokio::task::spawn_blocking(move || shell.output().unwrap()).await.unwrap();
    let said = String::from_utf8(done.stdout).unwrap();
    assert!(done.status.success(), "{said}\n{}", String::from_utf8_lossy(&done.stderr));

    let answers: Vec<&str> = said.split(MARK).collect();
    let shown = blocks("json");
    assert!(shown.len() > 10, "the guide has examples");
    for (shells, text) in shown {
        let wanted: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
        let got: Value = serde_json::from_str(answers[shells - 1])
            .unwrap_or_else(|error| panic!("{error}: {}", answers[shells - 1]));
        assert!(alike(&wanted, &got), "the guide shows\n{text}and the service says\n{got}");
    }
    assert!(folder.path().join("qr.png").metadata().unwrap().len() > 100);
    stage.end().await;
}
