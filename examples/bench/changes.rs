//! Changes, with a panel that takes ten milliseconds.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use orchestrator::demo::panel::PanelSim;
use tokio::time::Instant;

use crate::Res;
use crate::database::{self, id};
use crate::load::{Connection, counted, median};
use crate::report::{Goal, Report};
use crate::stage::{Stage, panel_settings, panel_users};

pub const PANEL: Duration = Duration::from_millis(10);
/// Changes of each kind, one after another.
const EACH: u32 = 150;
/// Clients there are.
const CLIENTS: u32 = 2_000;
/// Requests that the panel works on at once when 64 come: one Node process, with its few connections to its database.
const CAPACITY: usize = 8;
/// Changes of different clients, 64 at once.
const AT_ONCE: u64 = 2_000;

pub async fn measure(stage: &Stage, report: &mut Report) -> Res<()> {
    let url = stage.database("changes").await?;
    let bare = database::migrated(&url).await?;
    bare.clients(1, CLIENTS, "2030-01-01").await?;
    let panel = stage.panel(PANEL).await?;
    panel_users(&panel, CLIENTS, "2030-01-01")?;
    let service = stage.service(&url, &panel_settings(&panel)).await?;
    let floor = call(&panel).await? + 2 * bare.commit().await?;
    bare.close().await;
    let mut connection = Connection::open(service.address).await?;
    for (action, ask) in KINDS {
        let mut times = Vec::new();
        // Each client once, as it is when somebody comes back to it after a while.
        for number in 0..EACH {
            let (method, path, body) = ask(number);
            let begun = Instant::now();
            connection.ask(method, &path, &body).await?;
            times.push(begun.elapsed());
        }
        let what = format!("{action}, one after another, a 10 ms panel");
        report.time(stage.kind, &what, floor, median(&mut times), Goal::AtMost(1.3));
    }
    panel.set_capacity(CAPACITY);
    let capacity = capacity(&panel).await?;
    let ours = counted(service.address, 64, AT_ONCE, |number| {
        let client = 1 + (number as u32) % CLIENTS;
        ("POST", format!("/api/v1/clients/{}/extend", id(client)), r#"{"days":1}"#)
    })
    .await?;
    report.rate(stage.kind, "extend, 64 at once, different clients", capacity, ours, Goal::AtLeast(0.8));
    Ok(())
}

type Make = fn(u32) -> (&'static str, String, String);

/// What is changed, and how it is asked for.
const KINDS: [(&str, Make); 4] = [
    ("create", |number| {
        ("POST", "/api/v1/clients".to_owned(), format!(r#"{{"username":"new_{number}","days":30}}"#))
    }),
    ("extend", |number| ("POST", path(number, 1, "extend"), r#"{"days":30}"#.to_owned())),
    ("block", |number| ("POST", path(number, 201, "block"), String::new())),
    ("rotate", |number| ("POST", path(number, 401, "config/rotate"), String::new())),
];

/// The path of the client of that number; blocked ones are left out.
fn path(number: u32, from: u32, action: &str) -> String {
    let number = from + number + number / 99;
    format!("/api/v1/clients/{}/{action}", id(number))
}

/// How long the panel takes for one change.
async fn call(panel: &PanelSim) -> Res<Duration> {
    let client = reqwest::Client::new();
    let mut times = Vec::new();
    for number in 0..100 {
        let begun = Instant::now();
        patch(&client, panel, 1 + number).await?;
        times.push(begun.elapsed());
    }
    Ok(median(&mut times))
}

async fn patch(client: &reqwest::Client, panel: &PanelSim, number: u64) -> Res<()> {
    let body = serde_json::json!({"id": number, "expireAt": "2031-01-01T00:00:00.000Z"});
    let request = client.patch(format!("{}/api/users", panel.url())).bearer_auth(panel.token());
    let request = request.header("x-forwarded-for", "127.0.0.1").header("x-forwarded-proto", "https");
    let request = request.header("user-agent", "bench").json(&body);
    request.send().await?.error_for_status()?.bytes().await?;
    Ok(())
}

/// Changes a second that the panel takes, 64 at once.
async fn capacity(panel: &PanelSim) -> Res<f64> {
    let client = reqwest::Client::new();
    let numbers = AtomicU64::new(0);
    let begun = Instant::now();
    let one = async || {
        loop {
            let number = numbers.fetch_add(1, Ordering::Relaxed);
            if number >= AT_ONCE {
                return Ok::<_, Box<dyn std::error::Error + Send + Sync>>(());
            }
            patch(&client, panel, 1 + number).await?;
        }
    };
    futures::future::try_join_all((0..64).map(|_| one())).await?;
    Ok(AT_ONCE as f64 / begun.elapsed().as_secs_f64())
}
