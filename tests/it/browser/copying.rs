//! The copy button and the button that opens the app.

use fantoccini::Locator;
use fantoccini::elements::Element;

use super::chromium::{Browser, Device};
use super::connect::{DESK, ENCODED, LINK, PHONE, choose, open};
use super::served::Served;

async fn tap(browser: &Browser, id: &str) -> Element {
    let element = browser.client.find(Locator::Id(id)).await.unwrap();
    element.click().await.unwrap();
    element
}

/// What is pasted into a field of another page.
async fn pasted(browser: &Browser, served: &Served) -> String {
    open(browser, &served.page("")).await;
    browser.eval("(() => { const field = document.createElement('input'); field.id = 'paste'; document.body.append(field); })()").await;
    let field = browser.client.find(Locator::Id("paste")).await.unwrap();
    field.send_keys("\u{e009}v").await.unwrap();
    field.prop("value").await.unwrap().unwrap()
}

#[tokio::test]
async fn copying_puts_the_link_into_the_clipboard() {
    let served = Served::start().await;
    let browser = Browser::start().await;
    browser.become_device(DESK).await;
    open(&browser, &served.page(ENCODED)).await;
    assert_eq!(browser.eval("isSecureContext").await, true);
    tap(&browser, "copy").await;
    browser.until("document.getElementById('said').textContent === 'Ссылка скопирована'").await;
    assert_eq!(browser.eval("document.getElementById('copy-text').textContent").await, "Ссылка скопирована");
    browser.until("document.getElementById('copy-text').textContent === 'Скопировать ссылку'").await;
    assert_eq!(pasted(&browser, &served).await, LINK);
    browser.end().await;
}

#[tokio::test]
async fn where_the_page_came_by_plain_http_copying_works_too() {
    let served = Served::start().await;
    let browser = Browser::start().await;
    browser.become_device(Device { language: "en", ..DESK }).await;
    open(&browser, &served.plain_page(ENCODED)).await;
    assert_eq!(browser.eval("isSecureContext").await, false);
    assert_eq!(browser.eval("typeof navigator.clipboard").await, "undefined");
    tap(&browser, "copy").await;
    browser.until("document.getElementById('said').textContent === 'Link copied'").await;
    assert_eq!(browser.eval("document.activeElement.id").await, "copy");
    assert_eq!(browser.eval("document.querySelectorAll('textarea').length").await, 0);
    assert_eq!(pasted(&browser, &served).await, LINK);
    browser.end().await;
}

#[tokio::test]
async fn where_nothing_may_be_copied_the_link_is_shown_selected() {
    let served = Served::start().await;
    let browser = Browser::start().await;
    browser.become_device(PHONE).await;
    open(&browser, &served.plain_page(ENCODED)).await;
    browser.eval("(document.execCommand = () => false)").await;
    tap(&browser, "copy").await;
    browser
        .until("document.getElementById('said').textContent.startsWith('Не получилось скопировать')")
        .await;
    assert_eq!(browser.eval("document.activeElement.id").await, "link");
    assert_eq!(browser.eval("getSelection().toString()").await, LINK);
    browser.end().await;
}

#[tokio::test]
async fn who_has_no_app_yet_is_told_to_install_it() {
    let served = Served::start().await;
    let browser = Browser::start().await;
    browser.become_device(PHONE).await;
    open(&browser, &served.page(ENCODED)).await;
    // As browsers that do nothing about a link that no app takes.
    browser
        .eval("document.getElementById('add').addEventListener('click', (event) => event.preventDefault())")
        .await;
    tap(&browser, "add").await;
    browser.until("document.getElementById('stuck').textContent.startsWith('Happ не открылся?')").await;
    choose(&browser, "app", "hiddify").await;
    assert_eq!(browser.eval("document.getElementById('stuck').textContent").await, "");
    // An app that opens takes the focus: then nothing is said, however long one waits.
    let waited = "new Promise((told) => {
        document.getElementById('add').click();
        dispatchEvent(new Event('blur'));
        setTimeout(() => told(document.getElementById('stuck').textContent), 3000);
    })";
    assert_eq!(browser.eval(waited).await, "");
    browser.end().await;
}

#[tokio::test]
async fn the_button_asks_the_system_for_the_app() {
    let served = Served::start().await;
    let browser = Browser::start().await;
    browser.become_device(DESK).await;
    open(&browser, &served.page(ENCODED)).await;
    browser.eval("(() => { navigation.addEventListener('navigate', (to) => { window.went = to.destination.url; }); })()").await;
    tap(&browser, "add").await;
    browser.until("window.went !== undefined").await;
    let went = browser.eval("window.went").await;
    assert!(went.as_str().unwrap().starts_with("happ://"), "{went}");
    // The page stays where it is.
    assert_eq!(browser.eval("location.hash").await, ENCODED);
    assert_eq!(browser.console().await, Vec::<String>::new());
    browser.end().await;
}

#[tokio::test]
async fn for_a_television_one_button_copies_and_opens_the_site() {
    let served = Served::start().await;
    let browser = Browser::start().await;
    browser.become_device(DESK).await;
    open(&browser, &served.page(ENCODED)).await;
    choose(&browser, "device", "tv").await;
    browser
        .eval("document.getElementById('add').addEventListener('click', (event) => event.preventDefault())")
        .await;
    tap(&browser, "add").await;
    browser.until("document.getElementById('said').textContent === 'Ссылка скопирована'").await;
    assert_eq!(pasted(&browser, &served).await, LINK);
    browser.end().await;
}
