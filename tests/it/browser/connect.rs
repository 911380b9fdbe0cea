//! `/connect` on the devices people have: recognised, with the right apps, and nothing asked of anybody.

use serde_json::{Value, json};

use super::chromium::{Browser, Device};
use super::served::Served;

pub const LINK: &str = "https://sub.example.com/AbC-d_1?a=1&b=%D0%B0%20x";
pub const ENCODED: &str = "#https%3A%2F%2Fsub.example.com%2FAbC-d_1%3Fa%3D1%26b%3D%25D0%25B0%2520x";

const IPHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1";
const MAC: &str = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15";
const ANDROID: &str = "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36";
pub const TELEGRAM: &str = "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36 Telegram-Android/12.0.1 (Google Pixel 9; Android 15; SDK 35; HIGH)";
const WINDOWS: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";
const LINUX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const TV: &str = "Mozilla/5.0 (Linux; Android 12; BRAVIA 4K VH2) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36";

pub const PHONE: Device =
    Device { agent: IPHONE, width: 390, height: 844, touch: true, language: "ru-RU", dark: false };
pub const PIXEL: Device = Device { agent: ANDROID, dark: true, language: "en-US", ..PHONE };
pub const DESK: Device = Device { agent: WINDOWS, width: 1280, height: 900, touch: false, ..PHONE };

/// Opens the page afresh.
pub async fn open(browser: &Browser, address: &str) {
    browser.client.goto("about:blank").await.unwrap();
    browser.client.goto(address).await.unwrap();
}

async fn attribute(browser: &Browser, selector: &str, name: &str) -> Value {
    browser.eval(&format!("document.querySelector({selector:?}).getAttribute({name:?})")).await
}

pub async fn choose(browser: &Browser, name: &str, value: &str) {
    browser.eval("document.getElementById('others').open = true").await;
    let choice = format!("[name={name}][value={value}]");
    browser.client.find(fantoccini::Locator::Css(&choice)).await.unwrap().click().await.unwrap();
}

#[tokio::test]
async fn the_device_is_recognised_and_nothing_else_is_loaded() {
    let served = Served::start().await;
    let browser = Browser::start().await;
    let mac = Device { agent: MAC, ..DESK };
    for (device, name, install) in [
        (PHONE, "ios", "https://apps.apple.com/us/app/happ-proxy-utility/id6504287215"),
        (
            Device { agent: MAC, width: 820, height: 1180, ..PHONE },
            "ios",
            "https://apps.apple.com/us/app/happ-proxy-utility/id6504287215",
        ),
        (PIXEL, "android", "https://play.google.com/store/apps/details?id=com.happproxy"),
        (
            DESK,
            "windows",
            "https://github.com/Happ-proxy/happ-desktop/releases/latest/download/setup-Happ.x64.exe",
        ),
        (mac, "mac", "https://apps.apple.com/us/app/happ-proxy-utility/id6504287215"),
        (
            Device { agent: LINUX, ..DESK },
            "linux",
            "https://github.com/Happ-proxy/happ-desktop/releases/latest/download/Happ.linux.x64.deb",
        ),
        (Device { agent: TV, ..DESK }, "tv", "https://play.google.com/store/apps/details?id=com.happproxy"),
    ] {
        browser.become_device(device).await;
        open(&browser, &served.page(ENCODED)).await;
        assert_eq!(browser.eval("document.querySelector('[name=device]:checked').value").await, name);
        assert_eq!(attribute(&browser, "#stores a", "href").await, install);
        let import =
            if name == "tv" { "https://tv.happ.su".to_owned() } else { format!("happ://add/{LINK}") };
        assert_eq!(attribute(&browser, "#add", "href").await, import);
        assert_eq!(browser.eval("document.getElementById('in-telegram').hidden").await, true);
        assert_eq!(browser.eval("performance.getEntriesByType('resource').length").await, 0);
        assert_eq!(browser.console().await, Vec::<String>::new(), "{name}");
        assert_eq!(served.asked(), ["GET /connect"], "{name}");
    }
    browser.become_device(Device { agent: TELEGRAM, ..PIXEL }).await;
    open(&browser, &served.page(ENCODED)).await;
    assert_eq!(browser.eval("document.getElementById('in-telegram').hidden").await, false);
    browser.end().await;
}

#[tokio::test]
async fn every_app_is_given_the_link_in_its_own_way() {
    let served = Served::start().await;
    let browser = Browser::start().await;
    browser.become_device(PHONE).await;
    open(&browser, &served.page(ENCODED)).await;
    let escaped = "https%3A%2F%2Fsub.example.com%2FAbC-d_1%3Fa%3D1%26b%3D%25D0%25B0%2520x";
    for (device, apps) in [
        ("ios", ["happ", "v2raytun", "streisand", "hiddify"].as_slice()),
        ("android", ["happ", "v2raytun", "hiddify", "v2rayng"].as_slice()),
        ("windows", ["happ", "hiddify"].as_slice()),
        ("mac", ["happ", "v2raytun", "hiddify"].as_slice()),
        ("linux", ["happ", "hiddify"].as_slice()),
    ] {
        choose(&browser, "device", device).await;
        let offered =
            browser.eval("[...document.querySelectorAll('[name=app]')].map((app) => app.value)").await;
        assert_eq!(offered, json!(apps), "{device}");
        for app in apps {
            choose(&browser, "app", app).await;
            let import = match *app {
                "happ" => format!("happ://add/{LINK}"),
                "v2rayng" => format!("v2rayng://install-sub?url={escaped}"),
                app => format!("{app}://import/{LINK}"),
            };
            assert_eq!(attribute(&browser, "#add", "href").await, import);
            assert_eq!(attribute(&browser, "#add", "target").await, Value::Null);
            let stores =
                browser.eval("[...document.querySelectorAll('#stores a')].map((store) => store.href)").await;
            assert!(!stores.as_array().unwrap().is_empty());
            for store in stores.as_array().unwrap() {
                assert!(is_a_store(store.as_str().unwrap()), "{store}");
            }
        }
    }
    choose(&browser, "device", "tv").await;
    assert_eq!(browser.eval("document.getElementById('others').hidden").await, true);
    assert_eq!(browser.eval("document.getElementById('tv-steps').hidden").await, false);
    assert_eq!(attribute(&browser, "#add", "target").await, "_blank");
    assert_eq!(browser.console().await, Vec::<String>::new());
    browser.end().await;
}

/// Imitations of these apps are about: only their makers' places.
fn is_a_store(address: &str) -> bool {
    [
        "https://apps.apple.com/us/app/",
        "https://apps.apple.com/ru/app/happ-proxy-utility-plus/",
        "https://play.google.com/store/apps/details?id=",
        "https://github.com/Happ-proxy/happ-desktop/releases/latest/download/",
        "https://github.com/Happ-proxy/happ-android/releases/latest/download/Happ.apk",
        "https://github.com/hiddify/hiddify-app/releases/latest",
        "https://github.com/2dust/v2rayNG/releases/latest",
    ]
    .iter()
    .any(|place| address.starts_with(place))
}

#[tokio::test]
async fn what_is_no_link_is_refused_in_friendly_words() {
    let served = Served::start().await;
    let browser = Browser::start().await;
    browser.become_device(PHONE).await;
    let long = format!("#https%3A%2F%2Fsub.example.com%2F{}", "a".repeat(2048));
    for (fragment, title) in [
        ("", "Откройте эту страницу из бота"),
        ("#", "Откройте эту страницу из бота"),
        ("#&lang=en", "Open this page from the bot"),
        ("#javascript%3Aalert(1)", "Ссылка не подошла"),
        ("#JavaScript%3A%2F%2Fexample.com%2F%250Aalert(1)&lang=en", "This link does not work"),
        ("#data%3Atext%2Fhtml%2C%3Cb%3Ex", "Ссылка не подошла"),
        ("#%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E", "Ссылка не подошла"),
        ("#happ%3A%2F%2Fadd%2Fhttps%3A%2F%2Fexample.com", "Ссылка не подошла"),
        ("#https%3A%2F%2F", "Ссылка не подошла"),
        ("#%E0%A4%A", "Ссылка не подошла"),
        ("#AbC-d_1", "Ссылка не подошла"),
        (&long, "Ссылка не подошла"),
    ] {
        open(&browser, &served.page(fragment)).await;
        let seen = browser.client.find(fantoccini::Locator::Css("#problem h1")).await.unwrap();
        assert_eq!(seen.text().await.unwrap(), title, "{fragment}");
        assert!(
            !browser
                .client
                .find(fantoccini::Locator::Css("#guide"))
                .await
                .unwrap()
                .is_displayed()
                .await
                .unwrap()
        );
        assert_eq!(attribute(&browser, "#add", "href").await, Value::Null, "{fragment}");
    }
    // A link that comes later is taken: people tap the button again in the same window.
    browser.eval(&format!("location.hash = {ENCODED:?}")).await;
    browser.until("!document.getElementById('guide').hidden").await;
    assert_eq!(attribute(&browser, "#add", "href").await, format!("happ://add/{LINK}"));
    for (fragment, link) in [
        ("#http%3A%2F%2F203.0.113.7%3A2096%2Fsub%2Fx&lang=ru", "http://203.0.113.7:2096/sub/x"),
        ("#https://sub.example.com/plain", "https://sub.example.com/plain"),
        (
            "#https%3A%2F%2Fsub.example.com%2F%22%3E%3Cscript%3Ex",
            "https://sub.example.com/%22%3E%3Cscript%3Ex",
        ),
    ] {
        open(&browser, &served.page(fragment)).await;
        assert_eq!(attribute(&browser, "#add", "href").await, format!("happ://add/{link}"));
    }
    assert_eq!(browser.console().await, Vec::<String>::new());
    browser.end().await;
}

#[tokio::test]
async fn the_policy_holds_whatever_would_get_into_the_page() {
    let served = Served::start().await;
    let browser = Browser::start().await;
    open(&browser, &served.page(ENCODED)).await;
    browser.eval("(window.broken = [], document.addEventListener('securitypolicyviolation', (event) => window.broken.push(event.effectiveDirective)))").await;
    let harm = "(async () => {
        try { document.body.innerHTML = '<b>x</b>'; } catch { window.broken.push('caught'); }
        const add = (name, key, value) => {
            const made = document.createElement(name);
            made.setAttribute(key, value);
            document.body.append(made);
        };
        add('img', 'src', 'https://example.com/x.png');
        add('iframe', 'src', 'https://example.com/');
        add('b', 'style', 'color: red');
        try { await fetch('/health'); } catch { window.broken.push('offline'); }
    })()";
    browser.client.execute(harm, vec![]).await.unwrap();
    browser.until("window.broken.includes('offline')").await;
    browser.until("['caught', 'require-trusted-types-for', 'img-src', 'frame-src', 'style-src-attr', 'connect-src'].every((part) => window.broken.includes(part))").await;
    assert_eq!(served.asked(), ["GET /connect"]);
    browser.end().await;
}
