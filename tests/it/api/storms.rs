//! Many requests at once: every acknowledged one counts once, and the log tells how it went.

use std::time::Duration;

use chrono::{DateTime, Utc};
use orchestrator::demo::panel::{Fault, Matcher, What};
use orchestrator::domain::operation::{Action, AuditEntry, Outcome};
use orchestrator::repositories::audit;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::Answer;
use super::flow::Shop;
use crate::support::db::{Kind, on_both};

on_both!(
    of_24_creations_of_one_name_one_is_201,
    of_24_extensions_of_a_day_each_counts,
    after_200_mixed_requests_the_log_tells_the_final_state,
    while_the_panel_hangs_each_call_is_502_in_time_and_reads_go_on,
);

/// Sends all at once; what each was answered.
async fn at_once(shop: &Shop, requests: Vec<(&'static str, String, String)>) -> Vec<Answer> {
    let sent = requests
        .into_iter()
        .map(|(method, path, body)| async move { shop.send(method, &path, &[], body.into_bytes()).await });
    futures::future::join_all(sent).await
}

fn count(answers: &[Answer], status: u16) -> usize {
    answers.iter().filter(|answer| answer.status == status).count()
}

async fn of_24_creations_of_one_name_one_is_201(kind: Kind) {
    let shop = Shop::new(kind).await;
    let one = || ("POST", "/api/v1/clients".to_owned(), r#"{"username":"alice"}"#.to_owned());
    let answers = at_once(&shop, (0..24).map(|_| one()).collect()).await;
    assert_eq!((count(&answers, 201), count(&answers, 409)), (1, 23));
    assert_eq!(shop.world.panel.users().len(), 1);
    shop.world.assert_agreement().await;
}

async fn of_24_extensions_of_a_day_each_counts(kind: Kind) {
    let shop = Shop::new(kind).await;
    let id = shop.client("alice").await;
    let before = shop.world.panel.user("alice").unwrap().expire_at;
    let one = || ("POST", format!("/api/v1/clients/{id}/extend"), r#"{"days":1}"#.to_owned());
    let answers = at_once(&shop, (0..24).map(|_| one()).collect()).await;
    assert_eq!(count(&answers, 200), 24);
    let after = shop.world.panel.user("alice").unwrap().expire_at;
    assert_eq!((after - before).num_days(), 24);
    shop.world.assert_agreement().await;
}

/// A client as its log tells it.
struct Told {
    expires_at: DateTime<Utc>,
    status: &'static str,
    short_uuid: String,
}

fn replay(mut told: Told, rows: &[AuditEntry]) -> Told {
    for row in rows.iter().filter(|row| row.result == Outcome::Success) {
        let payload = |name: &str| row.payload.as_ref().unwrap()[name].clone();
        match row.action {
            Action::Extend => {
                told.expires_at += chrono::TimeDelta::days(payload("days").as_i64().unwrap());
                let date: DateTime<Utc> = payload("new_expires_at").as_str().unwrap().parse().unwrap();
                assert_eq!(told.expires_at, date, "each begins where the one before ended");
            }
            Action::Block => {
                assert_eq!(told.status, "active");
                told.status = "blocked";
            }
            Action::Unblock => {
                assert_eq!(told.status, "blocked");
                told.status = "active";
            }
            Action::RotateConfig => told.short_uuid = payload("new_short_uuid").as_str().unwrap().to_owned(),
            Action::GetConfig | Action::Create => {}
            Action::Delete | Action::AutoDeactivate => panic!("nobody asked for it"),
        }
    }
    told
}

async fn after_200_mixed_requests_the_log_tells_the_final_state(kind: Kind) {
    let shop = Shop::new(kind).await;
    let id = shop.client("alice").await;
    let user = shop.world.panel.user("alice").unwrap();
    let told = Told { expires_at: user.expire_at, status: "active", short_uuid: user.short_uuid };
    // Now and then the panel loses an answer, or drops a request.
    for (skip, fault) in [What::Drop, What::Status(500, None), What::Html].into_iter().enumerate() {
        let patch = Matcher::new("PATCH", "/api/users");
        let fault = if skip % 2 == 0 { Fault::after(patch, fault) } else { Fault::before(patch, fault) };
        shop.world.panel.fault(fault);
    }
    let path = |rest: &str| format!("/api/v1/clients/{id}{rest}");
    let requests: Vec<_> = (0..200)
        .map(|number| match number % 7 {
            0 | 1 => ("POST", path("/extend"), json!({"days": 1 + number % 5}).to_string()),
            2 => ("POST", path("/block"), String::new()),
            3 | 4 => ("POST", path("/unblock"), String::new()),
            5 => ("POST", path("/config/rotate"), String::new()),
            _ => ("GET", path(""), String::new()),
        })
        .collect();
    let answers = at_once(&shop, requests).await;
    // Who waited too long is told so, and nothing was done for them.
    for answer in &answers {
        assert!(matches!(answer.status, 200 | 409 | 502 | 503), "{} {}", answer.status, answer.body);
    }
    shop.world.services.reconciler.run_once().await.unwrap();
    shop.world.assert_agreement().await;

    let mut rows = audit::newest(&shop.world.opened.db, 1000).await.unwrap();
    rows.reverse();
    let changes = answers.iter().filter(|answer| answer.status == 200).count();
    let reads = (0..200).filter(|number| number % 7 == 6).count();
    let stand = rows.iter().filter(|row| row.result == Outcome::Success).count();
    assert_eq!(stand, 1 + changes - reads, "each acknowledged change has its row, and no other");
    let failed = rows.iter().filter(|row| row.result == Outcome::Fail).count();
    assert_eq!(failed, count(&answers, 502), "each failure has its row");

    let told = replay(told, &rows);
    let client: Value = serde_json::from_str(&shop.send("GET", &path(""), &[], vec![]).await.body).unwrap();
    assert_eq!(client["status"], told.status);
    assert_eq!(client["short_uuid"], told.short_uuid);
    assert_eq!(client["expires_at"], told.expires_at.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string());
}

async fn while_the_panel_hangs_each_call_is_502_in_time_and_reads_go_on(kind: Kind) {
    let shop = Shop::new(kind).await;
    let mut ids = vec![];
    for number in 0..30 {
        ids.push(shop.client(&format!("client_{number}")).await);
    }
    shop.world.panel.fault(Fault::before(Matcher::any(), What::Hang).always());
    let changes = ids.iter().enumerate().map(|(number, id)| {
        let path = format!("/api/v1/clients/{id}");
        match number % 6 {
            0 => ("POST", path + "/extend", r#"{"days":1}"#.to_owned()),
            1 => ("POST", path + "/block", String::new()),
            2 => ("POST", path + "/config/rotate", String::new()),
            3 => ("DELETE", path, String::new()),
            4 => ("GET", path + "/config", String::new()),
            _ => ("POST", "/api/v1/clients".to_owned(), format!(r#"{{"username":"new_{number}"}}"#)),
        }
    });
    let begun = Instant::now();
    let reads = async {
        let mut read = 0;
        while shop.world.panel.calls().iter().filter(|call| !call.finished).count() < 30 && read < 10_000 {
            assert_eq!(shop.send("GET", "/api/v1/clients?limit=5", &[], vec![]).await.status, 200);
            read += 1;
        }
        // All thirty hang now; a read takes no time.
        let begun = Instant::now();
        for id in &ids {
            let answer = shop.send("GET", &format!("/api/v1/clients/{id}"), &[], vec![]).await;
            assert_eq!(answer.status, 200);
        }
        begun.elapsed()
    };
    let (answers, reading) = tokio::join!(at_once(&shop, changes.collect()), reads);
    let took = begun.elapsed();
    assert_eq!(count(&answers, 502), 30);
    assert!(took < Duration::from_millis(4000), "PANEL_TIMEOUT is 3 s here: {took:?}");
    assert!(reading < Duration::from_secs(3), "none waits for the panel: {reading:?}");
    shop.world.panel.clear_faults();
    // This process asks the panel only once a second by now; one that was just started does not know that it was silent.
    shop.world.another().reconciler.run_once().await.unwrap();
    shop.world.assert_agreement().await;
    assert_eq!(shop.world.panel.users().len(), 30);
}
