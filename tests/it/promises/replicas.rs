//! Promise 9: two processes on one PostgreSQL do everything once, and one carries on alone.

use std::time::Duration;

use chrono::TimeDelta;
use serde_json::Value;
use tokio::time::{Instant, timeout};

use super::{LIMIT, client, said, stage_with, until};
use crate::e2e::Stage;
use crate::e2e::replicas::{kill_who_polls, polled_again};
use crate::support::chat::Chat;
use crate::support::db::{Kind, Opened};
use crate::support::seed;
use crate::support::service::Service;

/// Waits until all clients were compared with the panel so many times, from now on.
async fn comparisons(stage: &Stage, times: usize) {
    // Whoever looks at how the panel is asks for one user.
    let page = ("size".to_owned(), "1000".to_owned());
    let mut last = stage.panel.calls().last().map(|call| call.number);
    for _ in 0..times {
        let next = stage.panel.wait_for_call(|call| {
            Some(call.number) > last && call.path == "/api/users" && call.query.contains(&page)
        });
        last = Some(timeout(LIMIT, next).await.unwrap().number);
    }
}

/// Waits until all that came in is handled and all that was to be told is told.
async fn nothing_waits(opened: &Opened) {
    let done = async {
        while seed::count(&opened.db, "updates WHERE handled_at IS NULL").await > 0
            || seed::count(&opened.db, "outbox WHERE ended_at IS NULL").await > 0
        {}
    };
    timeout(LIMIT, done).await.unwrap();
}

fn times(chat: &Chat, text: &str) -> usize {
    chat.messages().iter().filter(|message| message.from_bot && message.text.contains(text)).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn promise_09_two_replicas_do_everything_once_and_one_carries_on_alone() {
    let each_second = [("DRIFT_INTERVAL", "1".to_owned())];
    let mut stage = stage_with(Kind::Postgres, &each_second).await;
    let (olga, bob) = (stage.olga(), client(&stage, "bob").await);
    olga.send("/start").await;
    client(&stage, "alice").await;
    let settings = [stage.settings().as_slice(), &each_second].concat();
    let second = Service::spawn(stage.db.folder(), &settings);
    let second = (second.url().await, second);
    let (began, opened) = (until(&stage, "alice"), stage.db.open().await);

    // A job is done once per tick. A process that starts does not wait for it: one of the five steps may be short.
    let watched = Instant::now();
    comparisons(&stage, 6).await;
    assert!(watched.elapsed() >= Duration::from_secs(4), "{:?}", watched.elapsed());

    // A command is handled once, a notice goes out once, a dialogue begins.
    olga.write("/extend alice 5");
    olga.until("five days more", |chat| said(chat, "Продлён на 5 дней")).await;
    assert_eq!(
        stage.ask("DELETE", &format!("/api/v1/clients/{bob}"), &Value::Null, None).await.unwrap().0,
        200
    );
    olga.until("that bob was deleted", |chat| said(chat, "bob")).await;
    assert!(olga.send("/new").await.text().contains("Пришлите имя"));
    nothing_waits(&opened).await;

    // It goes on in the other process, and so do the jobs.
    kill_who_polls(&mut stage, second).await;
    olga.write("carol");
    polled_again(&stage).await;
    assert!(olga.next().await.text().contains("На сколько дней?"), "{}", olga.transcript());
    olga.send("45").await;
    assert!(olga.tap("Да").await.text().contains("carol создан"), "{}", olga.transcript());
    comparisons(&stage, 1).await;

    nothing_waits(&opened).await;
    assert_eq!(until(&stage, "alice") - began, TimeDelta::days(5));
    assert_eq!((times(&olga, "Продлён на 5 дней"), times(&olga, "bob")), (1, 1), "{}", olga.transcript());
    stage.assert_agreement().await;
    stage.end().await;
}
