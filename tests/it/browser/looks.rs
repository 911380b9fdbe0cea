//! What is seen: the code, both languages, small screens, light and dark. The pictures are left in
//! `target/tmp/connect`, to be looked at.

use fantoccini::Locator;
use serde_json::{Value, json};

use super::chromium::{Browser, Device};
use super::connect::{DESK, ENCODED, LINK, PHONE, PIXEL, TELEGRAM, choose, open};
use super::served::Served;

const SMALL: Device = Device { width: 320, height: 640, ..PHONE };
const DEVICES: [&str; 6] = ["ios", "android", "windows", "mac", "linux", "tv"];

fn keep(name: &str, picture: &[u8]) {
    super::keep("connect", name, picture);
}

/// What a camera reads, from a picture of the screen.
fn read_code(picture: &[u8]) -> String {
    let picture = image::load_from_memory(picture).unwrap().to_luma8();
    let mut prepared = rqrr::PreparedImage::prepare(picture);
    let grids = prepared.detect_grids();
    assert_eq!(grids.len(), 1);
    let (meta, text) = grids[0].decode().unwrap();
    // 0 is level M.
    assert_eq!(meta.ecc_level, 0);
    text
}

#[tokio::test]
async fn the_code_on_the_screen_is_the_link() {
    let served = Served::start().await;
    let browser = Browser::start().await;
    for (name, device) in [
        ("small", SMALL),
        ("small-dark", Device { dark: true, ..SMALL }),
        ("desk", DESK),
        ("desk-dark", Device { dark: true, ..DESK }),
    ] {
        browser.become_device(device).await;
        open(&browser, &served.page(ENCODED)).await;
        assert_eq!(browser.eval("document.getElementById('qr').open").await, device.width > 896, "{name}");
        browser.eval("(document.getElementById('qr').open = true)").await;
        let picture = browser.picture_of("#qr-code").await;
        keep(&format!("qr-{name}"), &picture);
        assert_eq!(read_code(&picture), LINK, "{name}");
        let label = browser.eval("document.querySelector('.qr svg').getAttribute('aria-label')").await;
        assert_eq!(label, "QR-код с вашей ссылкой");
    }
    // The longest link that is taken still has a code.
    let path = "a".repeat(2048 - "https://sub.example.com/".len());
    open(&browser, &served.page(&format!("#https%3A%2F%2Fsub.example.com%2F{path}"))).await;
    assert_eq!(browser.eval("document.querySelectorAll('.qr svg').length").await, 1);
    browser.end().await;
}

#[tokio::test]
async fn one_tap_changes_every_text_to_the_other_language() {
    let served = Served::start().await;
    let browser = Browser::start().await;
    browser.become_device(PIXEL).await;
    for fragment in [ENCODED, "", "#x"] {
        open(&browser, &served.page(fragment)).await;
        browser.eval("document.querySelectorAll('details').forEach((fold) => { fold.open = true; })").await;
        for device in if fragment == ENCODED { DEVICES.as_slice() } else { [].as_slice() } {
            choose(&browser, "device", device).await;
            both_languages(&browser).await;
        }
        both_languages(&browser).await;
    }
    open(&browser, &served.page(ENCODED)).await;
    browser.client.find(Locator::Id("language")).await.unwrap().click().await.unwrap();
    assert_eq!(browser.eval("location.hash").await, format!("{ENCODED}&lang=ru"));
    browser.client.refresh().await.unwrap();
    assert_eq!(
        browser.eval("document.querySelector('h1 + p').textContent").await.as_str().map(is_russian),
        Some(true)
    );
    // What the bot says counts for more than what the browser says.
    open(&browser, &served.page(&format!("{ENCODED}&lang=ru"))).await;
    assert_eq!(browser.eval("document.documentElement.lang").await, "ru");
    open(&browser, &served.page(&format!("{ENCODED}&lang=xx"))).await;
    assert_eq!(browser.eval("document.documentElement.lang").await, "en");
    browser.end().await;
}

fn is_russian(text: &str) -> bool {
    text.chars().any(|letter| matches!(letter, 'а'..='я' | 'А'..='Я' | 'ё'))
}

/// Names that are the same in both.
fn is_a_name(text: &str) -> bool {
    [
        "Happ",
        "Android",
        "Windows",
        "Mac",
        "Linux",
        "iPhone, iPad",
        "VPN",
        "v2RayTun",
        "v2rayNG",
        "Streisand",
        "Hiddify",
    ]
    .contains(&text)
}

async fn both_languages(browser: &Browser) {
    for language in ["ru", "en"] {
        let button = browser.client.find(Locator::Id("language")).await.unwrap();
        if browser.eval("document.documentElement.lang").await != language {
            button.click().await.unwrap();
        }
        assert_eq!(browser.eval("document.documentElement.lang").await, language);
        assert_eq!(is_russian(browser.eval("document.title").await.as_str().unwrap()), language == "ru");
        let texts = browser
            .eval(
                "(() => {
                    const walk = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
                    const seen = [];
                    while (walk.nextNode()) {
                        const node = walk.currentNode;
                        if (node.textContent.trim() && node.parentElement.checkVisibility()) seen.push(node.textContent);
                    }
                    return seen;
                })()",
            )
            .await;
        let texts = texts.as_array().unwrap();
        assert!(!texts.is_empty());
        for text in texts.iter().filter_map(Value::as_str).filter(|text| !is_a_name(text)) {
            assert_eq!(is_russian(text), language == "ru", "{text}");
            assert!(!text.contains(['{', '}']) && !text.contains("undefined"), "{text}");
        }
    }
}

#[tokio::test]
async fn small_screens_and_big_thumbs_are_served() {
    let served = Served::start().await;
    let browser = Browser::start().await;
    for (width, height) in [(320, 640), (390, 844), (820, 1180), (1280, 900)] {
        for language in ["ru", "en"] {
            browser.become_device(Device { width, height, language, ..PHONE }).await;
            open(&browser, &served.page(ENCODED)).await;
            browser
                .eval("document.querySelectorAll('details').forEach((fold) => { fold.open = true; })")
                .await;
            for device in DEVICES {
                choose(&browser, "device", device).await;
                let name = format!("{device} {language} {width}");
                assert_eq!(browser.eval("document.documentElement.scrollWidth").await, width, "{name}");
                assert_eq!(browser.eval("innerWidth").await, width, "{name}");
                let small = "[...document.querySelectorAll('a, button, summary, input.link, .chip span')]
                    .filter((thing) => thing.checkVisibility() && thing.getBoundingClientRect().height < 44)
                    .map((thing) => thing.outerHTML)";
                assert_eq!(browser.eval(small).await, json!([]), "{name}");
                let cut = "[...document.querySelectorAll('main *')]
                    .filter((thing) => thing.checkVisibility() && !thing.matches('input') && thing.scrollWidth > thing.clientWidth + 1 && thing.clientWidth > 0)
                    .map((thing) => thing.outerHTML)";
                assert_eq!(browser.eval(cut).await, json!([]), "{name}");
            }
        }
    }
    browser.end().await;
}

#[tokio::test]
async fn keyboard_and_screen_reader_reach_everything() {
    let served = Served::start().await;
    let browser = Browser::start().await;
    browser.become_device(DESK).await;
    open(&browser, &served.page(ENCODED)).await;
    browser.eval("document.querySelectorAll('details').forEach((fold) => { fold.open = true; })").await;
    let mut reached = vec![];
    for _ in 0..10 {
        browser.client.active_element().await.unwrap().send_keys("\u{e004}").await.unwrap();
        let place = "document.activeElement.id || document.activeElement.name || document.activeElement.parentElement.id";
        reached.push(browser.eval(place).await.as_str().unwrap().to_owned());
        let outlined = "(() => {
            const on = document.activeElement;
            return getComputedStyle(on.matches('.chip input') ? on.nextElementSibling : on).outlineStyle;
        })()";
        assert_eq!(browser.eval(outlined).await, "solid", "{reached:?}");
    }
    let order = ["language", "device", "stores", "others", "app", "add", "copy", "qr", "help", "link"];
    assert_eq!(reached, order);
    // Arrows choose among devices, as in any group of radio buttons.
    browser.eval("document.querySelector('[name=device]:checked').focus()").await;
    browser.client.active_element().await.unwrap().send_keys("\u{e014}").await.unwrap();
    assert_eq!(browser.eval("document.querySelector('[name=device]:checked').value").await, "mac");
    let tree = browser.cdp("Accessibility.getFullAXTree", json!({})).await;
    let mut groups = vec![];
    for node in tree["nodes"].as_array().unwrap() {
        let (role, name) =
            (node["role"]["value"].as_str().unwrap_or(""), node["name"]["value"].as_str().unwrap_or(""));
        if ["link", "button", "radio", "textbox", "image", "heading", "radiogroup", "DisclosureTriangle"]
            .contains(&role)
        {
            assert!(node["ignored"] == true || !name.is_empty(), "{node}");
        }
        if role == "radiogroup" {
            groups.push(name.to_owned());
        }
    }
    assert_eq!(groups, ["Выберите устройство", "Другое приложение"]);
    browser.end().await;
}

#[tokio::test]
async fn the_page_in_light_and_dark() {
    let served = Served::start().await;
    let browser = Browser::start().await;
    for (name, device, fragment) in [
        ("phone-ru", PHONE, ENCODED),
        ("phone-en-dark", PIXEL, ENCODED),
        ("small-ru", SMALL, ENCODED),
        ("small-en-dark", Device { dark: true, language: "en", ..SMALL }, ENCODED),
        ("desk-en", Device { language: "en", ..DESK }, ENCODED),
        ("desk-ru-dark", Device { dark: true, ..DESK }, ENCODED),
        ("missing-ru", PHONE, ""),
        ("wrong-en-dark", PIXEL, "#x"),
    ] {
        browser.become_device(device).await;
        open(&browser, &served.page(fragment)).await;
        keep(name, &browser.picture().await);
        let ground = browser.eval("getComputedStyle(document.body).backgroundColor").await;
        assert_eq!(ground, if device.dark { "rgb(15, 17, 32)" } else { "rgb(244, 245, 251)" }, "{name}");
    }
    browser.become_device(Device { agent: TELEGRAM, ..PHONE }).await;
    open(&browser, &served.page(ENCODED)).await;
    browser.client.find(Locator::Id("copy")).await.unwrap().click().await.unwrap();
    browser.until("document.getElementById('copy').classList.contains('done')").await;
    keep("telegram-copied", &browser.picture().await);
    browser.become_device(SMALL).await;
    open(&browser, &served.page(ENCODED)).await;
    choose(&browser, "device", "tv").await;
    browser.eval("document.querySelectorAll('details').forEach((fold) => { fold.open = true; })").await;
    keep("small-tv-open", &browser.picture().await);
    choose(&browser, "device", "android").await;
    keep("small-android-open", &browser.picture().await);
    browser.end().await;
}
