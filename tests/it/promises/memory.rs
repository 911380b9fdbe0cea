//! Promise 14: memory stays flat. Here with the debug build and fewer updates; `scripts/measure-lists` and
//! `scripts/measure-updates` do it in full with the release build.

use super::stage_with;
use crate::support::chat::Chat;
use crate::support::db::{Kind, on_both};
use crate::support::seed;

/// MiB that memory may grow by.
const AT_MOST: f64 = 64.0;
const CLIENTS: i64 = 100_000;
const PEOPLE: i64 = 500;
const ROUNDS: usize = 6;

on_both!(promise_14_memory_stays_flat);

/// The most that the process has had in memory, in MiB.
fn peak(pid: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.split_whitespace().next().unwrap().parse::<f64>().unwrap() / 1024.0
}

async fn promise_14_memory_stays_flat(kind: Kind) {
    let mut stage = stage_with(kind, &[]).await;
    stage.kill().await;
    let opened = stage.db.open().await;
    seed::clients(&opened.db, CLIENTS).await;
    drop(opened);
    // They are in the database only: nobody is to ask the panel for them.
    stage.restart_with(&[("DRIFT_INTERVAL", "0".to_owned())]).await;
    let pid = stage.service.as_ref().unwrap().id();
    let people: Vec<Chat> = (1..=PEOPLE).map(|id| Chat::new(&stage.telegram, id, "Ann", "en")).collect();
    // What every process has after its first work.
    people[0].send("/start").await;
    assert_eq!(stage.get("/api/v1/clients?limit=1000").await.0, 200);
    let idle = peak(pid);

    let list = reqwest::Client::new().get(format!("{}/api/v1/clients", stage.url));
    let mut answer = list.bearer_auth(super::super::e2e::API_TOKEN).send().await.unwrap();
    let (mut size, mut end) = (0, Vec::new());
    while let Some(chunk) = answer.chunk().await.unwrap() {
        size += chunk.len();
        end = chunk[chunk.len().saturating_sub(32)..].to_vec();
    }
    assert!(String::from_utf8_lossy(&end).ends_with("100000}") && size > 20_000_000, "{size}");
    for _ in 0..ROUNDS {
        for person in &people {
            person.write("/status");
        }
        for person in &people {
            person.next().await;
        }
    }
    let grown = peak(pid) - idle;
    assert!(grown <= AT_MOST, "grew by {grown:.1} MiB from {idle:.1}");
    stage.end().await;
}
