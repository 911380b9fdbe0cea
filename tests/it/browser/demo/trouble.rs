//! Trouble at the touch of a button, and what becomes of it.

use tempfile::TempDir;

use super::{ANNA, DESK, OLGA, PHONE, Tab};
use crate::support::demo::Demo;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn panel_and_telegram_go_and_come_back() {
    let folder = TempDir::new().unwrap();
    let demo = Demo::start(&folder, "v3");
    let tab = Tab::open(&demo.page, DESK).await;
    tab.click("#panel-down").await;
    tab.until("document.getElementById('panel-state').textContent === 'down'").await;
    tab.until("document.getElementById('hint').textContent.startsWith('The panel is down.')").await;
    tab.say("/new alice_1 30").await;
    tab.told("Nothing has changed, try again").await;
    tab.until("document.querySelector('#entries .entry.failed .whom').textContent === 'alice_1'").await;
    let deed = "document.querySelector('#entries .entry.failed .deed').textContent";
    assert_eq!(tab.eval(deed).await, "Olga could not create alice_1 for 30 days");
    tab.keep("desk-panel-down").await;
    tab.browser.client.refresh().await.unwrap();
    tab.ready().await;
    tab.until("document.getElementById('panel-down').ariaPressed === 'true'").await;
    assert_eq!(tab.eval("document.getElementById('panel-state').textContent").await, "down");
    tab.click("#panel-down").await;
    tab.until("document.getElementById('panel-state').textContent === 'up, version 3.3.2'").await;

    tab.click("#flood").await;
    tab.until("document.getElementById('flood').ariaPressed === 'true'").await;
    tab.say("/help").await;
    tab.told("/help").await;
    tab.seen("I help you run the VPN.").await;
    assert_eq!(tab.eval("document.getElementById('flood').ariaPressed").await, "false", "only then it may");
    let answers = "[...document.querySelectorAll('.message')].filter((message) => message.textContent.includes('I help you')).length";
    assert_eq!(tab.eval(answers).await, 1);
    tab.was_quiet().await;
    tab.browser.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_days_bring_all_that_they_would() {
    let folder = TempDir::new().unwrap();
    let demo = Demo::start(&folder, "v3");
    let tab = Tab::open(&demo.page, PHONE).await;
    tab.say("/new alice_1 3").await;
    tab.told("The client alice_1 was created for 3 days.").await;
    tab.tap("Invite").await;
    tab.told("Your VPN access is ready.").await;
    tab.click("[data-invite]").await;
    tab.until("document.getElementById('open-as').open").await;
    tab.click(&format!("#open-as [data-person='{ANNA}']")).await;
    tab.told("This Telegram account is linked to alice_1.").await;
    tab.click("[data-open=guide]").await;
    tab.click("#days").await;
    tab.until("document.getElementById('days').ariaPressed === 'true'").await;
    tab.until("document.getElementById('clock').classList.contains('passing')").await;
    tab.until("document.getElementById('days').ariaPressed === 'false'").await;
    tab.click("[data-open=log]").await;
    tab.until(
        "document.querySelector('#entries [data-action=auto_deactivate] .whom')?.textContent === 'alice_1'",
    )
    .await;
    tab.click("[data-open=panel]").await;
    tab.until("document.querySelector('[data-user=alice_1] .status').textContent === 'disabled'").await;
    tab.until("document.querySelector('[data-user=mira] .status').textContent === 'expired'").await;
    tab.click("[data-open=chat]").await;
    // As it came: a day before, and at the end.
    tab.told("Your access alice_1 ended on").await;
    tab.seen("Your access alice_1 ends in").await;
    tab.be(OLGA).await;
    tab.seen("alice_1").await;
    tab.was_quiet().await;
    tab.browser.end().await;
    drop(demo);

    // What is in the database is three days from now: so is the clock.
    let demo = Demo::start(&folder, "v3");
    let tab = Tab::open(&demo.page, DESK).await;
    tab.until("document.querySelector('[data-user=alice_1] .date').textContent.includes('ago')").await;
    tab.browser.end().await;
}
