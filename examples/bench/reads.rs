//! Reading one client.

use std::time::Duration;

use orchestrator::demo::panel::{Fault, Matcher, What};

use crate::Res;
use crate::database::{self, id};
use crate::load::{Ask, lasting};
use crate::report::{Goal, Report};
use crate::stage::{Process, Stage, panel_settings, panel_users};

/// How long each load lasts.
const LASTS: Duration = Duration::from_secs(3);
/// How many times each is measured, the floor and the service in turn.
const TURNS: usize = 3;
/// Clients there are.
const CLIENTS: u32 = 10_000;
/// Slow configurations at once, and how slow.
const SLOW: usize = 20;
const SLOWNESS: Duration = Duration::from_secs(4);

fn one(number: u64) -> Ask {
    let client = 1 + (number.wrapping_mul(7919) % u64::from(CLIENTS)) as u32;
    ("GET", format!("/api/v1/clients/{}", id(client)), "")
}

pub async fn measure(stage: &Stage, report: &mut Report) -> Res<()> {
    let url = stage.database("reads").await?;
    let bare = database::migrated(&url).await?;
    bare.clients(1, CLIENTS, "2030-01-01").await?;
    bare.close().await;
    let service = stage.service(&url, &[]).await?;
    let floor = stage.floor(&["floor", &url]).await?;
    for connections in [1, 16, 64] {
        let (mut floors, mut services) = (Vec::new(), Vec::new());
        for _ in 0..TURNS {
            floors.push(lasting(floor.address, connections, LASTS, one).await?);
            services.push(lasting(service.address, connections, LASTS, one).await?);
        }
        let what = format!("`GET /clients/{{id}}`, {connections} at a time");
        report.rate(stage.kind, &what, middle(floors), middle(services), Goal::AtLeast(0.85));
    }
    Ok(())
}

pub fn middle(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// Configurations that the panel takes four seconds for, and readers beside them.
pub async fn beside_slow_configurations(stage: &Stage, report: &mut Report) -> Res<()> {
    let url = stage.database("slow").await?;
    let bare = database::migrated(&url).await?;
    bare.clients(1, CLIENTS, "2030-01-01").await?;
    bare.close().await;
    let panel = stage.panel(Duration::ZERO).await?;
    panel_users(&panel, SLOW as u32, "2030-01-01")?;
    let service = stage.service(&url, &panel_settings(&panel)).await?;
    let mut without = Vec::new();
    let mut with = Vec::new();
    for _ in 0..TURNS {
        without.push(lasting(service.address, 16, LASTS, one).await?);
        panel.fault(Fault::before(Matcher::path("/api/subscriptions/**"), What::Delay(SLOWNESS)).always());
        let (slow, beside) = tokio::join!(configurations(&service), beside(&service));
        slow?;
        panel.clear_faults();
        with.push(beside?);
    }
    let what = format!("reads beside {SLOW} configurations of 4 s");
    report.rate(stage.kind, &what, middle(without), middle(with), Goal::AtLeast(0.9));
    Ok(())
}

async fn beside(service: &Process) -> Res<f64> {
    tokio::time::sleep(Duration::from_millis(300)).await;
    lasting(service.address, 16, LASTS, one).await
}

async fn configurations(service: &Process) -> Res<f64> {
    let ask = |number| ("GET", format!("/api/v1/clients/{}/config", id(1 + number as u32)), "");
    crate::load::counted(service.address, SLOW, SLOW as u64, ask).await
}
