//! What somebody sees who follows the page: a client from its creation to its end.

use fantoccini::Locator;
use serde_json::json;
use tempfile::TempDir;

use super::{ANNA, DESK, OLGA, SAM, Tab};
use crate::browser::chromium::Device;
use crate::support::demo::Demo;

const LINK: &str = "[...document.querySelectorAll('.list:not([hidden]) .message code')].at(-1).textContent";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_is_made_invited_scanned_blocked_and_told() {
    let folder = TempDir::new().unwrap();
    let demo = Demo::start(&folder, "v3");
    let tab = Tab::open(&demo.page, DESK).await;
    tab.eval("(window.stayed = true)").await;
    tab.keep("desk-start").await;

    tab.say("/new alice_1 30").await;
    tab.told("The client alice_1 was created for 30 days.").await;
    tab.until("document.querySelector('[data-user=alice_1] .status').textContent === 'active'").await;
    tab.until(
        "document.querySelector('#entries .entry .deed').textContent === 'Olga created alice_1 for 30 days'",
    )
    .await;
    tab.tap("Invite").await;
    tab.told("Your VPN access is ready.").await;
    tab.click("[data-invite]").await;
    tab.until("document.getElementById('open-as').open").await;
    tab.keep("desk-open-as").await;
    tab.click(&format!("#open-as [data-person='{ANNA}']")).await;
    tab.told("This Telegram account is linked to alice_1.").await;
    assert_eq!(
        tab.eval("document.querySelector('.list:not([hidden]) .own .text').innerText.includes('start=')")
            .await,
        false
    );
    assert_eq!(tab.eval(&format!("document.querySelector('#person-{ANNA}').ariaSelected")).await, "true");

    tab.tap("Get configuration").await;
    tab.told("Scan the code from another device").await;
    tab.until("document.querySelector('.list:not([hidden]) .photo img').complete").await;
    tab.eval("document.querySelector('.list:not([hidden]) .photo').scrollIntoView()").await;
    let link = tab.eval(LINK).await.as_str().unwrap().to_owned();
    assert!(link.starts_with("https://sub.demo.example/"), "{link}");
    assert_eq!(tab.scan(".list:not([hidden]) .photo img").await, link);
    tab.click(".list:not([hidden]) .photo").await;
    tab.until("document.getElementById('viewer').open").await;
    assert_eq!(tab.scan("#viewer-image").await, link);
    tab.keep("desk-qr").await;
    tab.click("#viewer [data-close]").await;
    tab.keep("desk").await;

    tab.be(OLGA).await;
    tab.say("/block alice_1").await;
    tab.told("alice_1 is blocked now.").await;
    tab.until("document.querySelector('[data-user=alice_1] .status').textContent === 'disabled'").await;
    tab.until(&format!("document.querySelector('#person-{ANNA} .badge') !== null")).await;
    tab.be(ANNA).await;
    tab.told("Your access alice_1 was closed.").await;
    assert_eq!(tab.eval(&format!("document.querySelector('#person-{ANNA} .badge')")).await, json!(null));
    // All five steps, though none was begun from the list.
    tab.until("document.querySelectorAll('.step.is-done').length === 5").await;
    tab.be(SAM).await;
    tab.click("#start").await;
    tab.told("3003").await;
    assert_eq!(tab.eval("window.stayed").await, true);
    tab.was_quiet().await;
    tab.browser.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_step_is_a_tap_away() {
    let folder = TempDir::new().unwrap();
    let demo = Demo::start(&folder, "v2");
    let tab = Tab::open(&demo.page, Device { language: "ru-RU", ..DESK }).await;
    for (step, told) in [
        ("new", "Клиент anna_1 создан на 30 дней."),
        ("invite", "Ваш доступ к VPN готов."),
        ("accept", "Этот Telegram привязан к anna_1."),
    ] {
        // The guide may draw itself anew between finding the button and clicking on it: so both at once.
        tab.eval(&format!("document.querySelector('[data-step={step}] .run').click()")).await;
        tab.told(told).await;
        tab.until(&format!("document.querySelector('[data-step={step}]').classList.contains('is-done')"))
            .await;
    }
    tab.click("[data-step=scan] .run").await;
    tab.until("document.getElementById('viewer').open").await;
    tab.click("#viewer [data-close]").await;
    tab.until("document.querySelector('[data-step=scan]').classList.contains('is-done')").await;
    tab.eval("document.querySelector('.list:not([hidden]) .photo').scrollIntoView()").await;
    tab.keep("desk-ru-walk").await;
    // What was done stays done over a reload; so does whose chat it is, and what was being written.
    tab.browser.client.find(Locator::Id("message")).await.unwrap().send_keys("half a wo").await.unwrap();
    tab.browser.client.refresh().await.unwrap();
    tab.ready().await;
    tab.until("document.querySelectorAll('.step.is-done').length === 4").await;
    assert_eq!(tab.eval(&format!("document.querySelector('#person-{ANNA}').ariaSelected")).await, "true");
    assert_eq!(tab.eval("document.getElementById('message').value").await, "half a wo");
    tab.click("[data-step=block] .run").await;
    tab.told("Доступ anna_1 закрыт.").await;
    tab.until("document.querySelectorAll('.step.is-done').length === 5").await;
    tab.click("#guide-fold").await;
    assert_eq!(tab.eval("document.getElementById('steps').checkVisibility()").await, false);
    tab.be(ANNA).await;
    assert_eq!(
        tab.eval("document.getElementById('message').value").await,
        "half a wo",
        "each has their own draft"
    );
    tab.told("Ваш доступ anna_1 закрыт").await;
    tab.was_quiet().await;
    tab.browser.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_speak_as_the_page_until_they_are_told_otherwise() {
    let folder = TempDir::new().unwrap();
    let demo = Demo::start(&folder, "v3");
    let tab = Tab::open(&demo.page, DESK).await;
    tab.until("document.getElementById('speaks-code').textContent === 'EN'").await;
    tab.say("/help").await;
    tab.seen("I help you run the VPN.").await;
    tab.click("#language").await;
    assert_eq!(tab.eval("document.title").await, "RemnaWave Orchestrator, демо");
    // Olga has spoken already; Max has not.
    assert_eq!(tab.eval("document.getElementById('speaks-code').textContent").await, "EN");
    tab.click("#person-4004").await;
    tab.until("document.getElementById('speaks-code').textContent === 'RU'").await;
    tab.click("#start").await;
    tab.told("Управление VPN").await;
    tab.click("#speaks").await;
    tab.until("document.getElementById('speaks-code').textContent === 'EN'").await;
    tab.say("/start").await;
    tab.told("Your VPN").await;
    tab.was_quiet().await;
    tab.browser.end().await;
}
