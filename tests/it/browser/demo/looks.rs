//! What is seen: both languages, small screens, light and dark. The pictures are left in `target/tmp/demo`.

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{ANNA, DESK, OLGA, PHONE, Tab};
use crate::browser::chromium::Device;
use crate::browser::connect;
use crate::support::demo::Demo;

const VIEWS: [&str; 4] = ["chat", "guide", "panel", "log"];

/// A demo in which something has happened already.
async fn lived_in() -> (Demo, TempDir) {
    let folder = TempDir::new().unwrap();
    let demo = Demo::start(&folder, "v3");
    demo.act(OLGA, "send", "/new alice_1 30").await;
    let invite = demo.act(OLGA, "send", "/invite alice_1").await;
    let link = invite.split_whitespace().find(|word| word.starts_with("https://t.me/")).unwrap().to_owned();
    demo.act(ANNA, "send", &link).await;
    demo.act(ANNA, "send", "/config").await;
    demo.act(OLGA, "send", "/new bob_2 2").await;
    demo.act(OLGA, "send", "/extend alice_1 30 paid in cash").await;
    (demo, folder)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn small_screens_and_big_thumbs_are_served() {
    let (demo, _folder) = lived_in().await;
    let tab = Tab::open(&demo.page, PHONE).await;
    for (width, height) in [(320, 568), (390, 844), (820, 1180)] {
        for language in ["ru-RU", "en-US"] {
            tab.browser.become_device(Device { width, height, language, ..PHONE }).await;
            connect::open(&tab.browser, &demo.page).await;
            tab.ready().await;
            for view in VIEWS {
                tab.click(&format!("[data-open={view}]")).await;
                let name = format!("{view} {language} {width}");
                assert_eq!(tab.eval("document.documentElement.scrollWidth").await, width, "{name}");
                assert_eq!(tab.eval("document.documentElement.scrollHeight").await, height, "{name}");
                let small = "[...document.querySelectorAll('a, button, textarea')]
                    .filter((thing) => thing.checkVisibility() && !thing.matches('.skip, .text *') && thing.getBoundingClientRect().height < 44)
                    .map((thing) => thing.outerHTML)";
                assert_eq!(tab.eval(small).await, json!([]), "{name}");
                let cut = "[...document.querySelectorAll('main *, .top *, .bottom *')]
                    .filter((thing) => thing.checkVisibility() && thing.clientWidth > 0 && thing.scrollWidth > thing.clientWidth + 1)
                    .filter((thing) => !thing.closest('.unseen, .icons') && !thing.matches('.who *'))
                    .map((thing) => thing.cloneNode().outerHTML)";
                assert_eq!(tab.eval(cut).await, json!([]), "{name}");
            }
        }
    }
    tab.was_quiet().await;
    tab.browser.end().await;
}

/// Texts with less contrast than AA asks for, with what they have. Backgrounds are laid over each other as far as they are
/// see-through.
const PALE: &str = "(() => {
    const channels = (colour) => {
        const canvas = new OffscreenCanvas(1, 1).getContext('2d');
        canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1);
        const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
        return [r, g, b, a / 255];
    };
    const over = (top, below) => [0, 1, 2].map((at) => top[at] * top[3] + below[at] * (1 - top[3]));
    const light = (colour) => {
        const [r, g, b] = colour.map((value) => (value / 255 <= 0.03928 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const ground = (element) => {
        if (!element) return [255, 255, 255];
        return over(channels(getComputedStyle(element).backgroundColor), ground(element.parentElement));
    };
    const pale = [];
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
        const element = walk.currentNode.parentElement;
        if (!walk.currentNode.data.trim() || !element.checkVisibility({ opacityProperty: true }) || element.closest('.unseen, .spoiler, .skip, :disabled')) continue;
        const below = ground(element);
        const [a, b] = [light(over(channels(getComputedStyle(element).color), below)), light(below)].sort((x, y) => y - x);
        const contrast = (a + 0.05) / (b + 0.05);
        if (contrast < 4.5) pale.push(`${contrast.toFixed(2)} ${walk.currentNode.data}`);
    }
    return pale;
})()";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_in_light_and_dark() {
    let (demo, _folder) = lived_in().await;
    let tab = Tab::open(&demo.page, DESK).await;
    for (name, device, person) in [
        ("desk-en", DESK, OLGA),
        ("desk-en-dark", Device { dark: true, ..DESK }, ANNA),
        ("desk-ru", Device { language: "ru-RU", ..DESK }, OLGA),
        ("wide-en-dark", Device { width: 1720, height: 960, dark: true, ..DESK }, ANNA),
        ("phone-ru", Device { language: "ru-RU", ..PHONE }, OLGA),
        ("phone-en-dark", Device { dark: true, ..PHONE }, ANNA),
        ("small-en", Device { width: 320, height: 568, ..PHONE }, ANNA),
    ] {
        tab.browser.become_device(device).await;
        connect::open(&tab.browser, &demo.page).await;
        tab.ready().await;
        tab.be(person).await;
        tab.until("[...document.images].every((image) => image.complete)").await;
        tab.keep(name).await;
        let views = if device.touch { VIEWS.as_slice() } else { &[] };
        for view in views {
            tab.click(&format!("[data-open={view}]")).await;
            tab.keep(&format!("{name}-{view}")).await;
            assert_eq!(tab.eval(PALE).await, json!([]), "{name} {view}");
        }
        assert_eq!(tab.eval(PALE).await, json!([]), "{name}");
        let ground = tab.eval("getComputedStyle(document.body).backgroundColor").await;
        assert_eq!(ground, if device.dark { "rgb(12, 14, 26)" } else { "rgb(240, 241, 249)" }, "{name}");
    }
    tab.was_quiet().await;
    tab.browser.end().await;
}

fn is_russian(text: &str) -> bool {
    text.chars().any(|letter| matches!(letter, 'а'..='я' | 'А'..='Я' | 'ё'))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_tap_changes_every_word_of_the_page() {
    let (demo, _folder) = lived_in().await;
    let tab = Tab::open(&demo.page, DESK).await;
    // The page's own words: not the chats, names, and what the log quotes.
    let words = "[...document.querySelectorAll('[data-text], [data-label], [data-empty], [data-hint], #steps .title, #users .status, #users .date > span, .deed, .person small, .meta span')]
        .flatMap((thing) => [thing.dataset.text || !thing.dataset.label ? thing.textContent : '', thing.ariaLabel, thing.placeholder, thing.title])
        .filter((text) => text && /[a-zа-яё]{3}/i.test(text) && !/^(RemnaWave|Telegram 429|API$)/.test(text))";
    for language in ["ru", "en"] {
        if tab.eval("document.documentElement.lang").await != language {
            tab.click("#language").await;
        }
        assert_eq!(tab.eval("document.documentElement.lang").await, language);
        let texts = tab.eval(words).await;
        let texts: Vec<&str> = texts.as_array().unwrap().iter().filter_map(Value::as_str).collect();
        assert!(texts.len() > 40, "{texts:?}");
        for text in texts.into_iter().filter(|text| *text != "Русский" && *text != "English") {
            assert_eq!(is_russian(text), language == "ru", "{text}");
            assert!(!text.contains(['{', '}']) && !text.contains("undefined"), "{text}");
        }
    }
    tab.was_quiet().await;
    tab.browser.end().await;
}
