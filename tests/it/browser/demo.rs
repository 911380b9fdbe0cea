//! `/demo` in a real Chromium: with the whole demo behind it, and alone with the simulators, where the test is the bot.

mod alone;
mod keyboard;
mod looks;
mod messages;
mod trouble;
mod walk;

use fantoccini::Locator;
use serde_json::{Value, json};

use super::chromium::{Browser, Device};
use super::connect;
use super::keep;
use crate::support::chat::qr_of;

const OLGA: i64 = 1001;
const ANNA: i64 = 2002;
const SAM: i64 = 3003;

pub const DESK: Device = Device { width: 1280, height: 800, language: "en-US", ..connect::DESK };
pub const PHONE: Device = Device { language: "en-US", ..connect::PHONE };

const ENTER: &str = "\u{e007}";
const TAB: &str = "\u{e004}";
const ESCAPE: &str = "\u{e00c}";
const DOWN: &str = "\u{e015}";
const RIGHT: &str = "\u{e014}";

/// The open page.
pub struct Tab {
    pub browser: Browser,
}

impl Tab {
    /// Opens it, and waits until it has been told everything.
    pub async fn open(address: &str, device: Device) -> Self {
        let tab = Self { browser: Browser::start().await };
        tab.browser.become_device(device).await;
        connect::open(&tab.browser, address).await;
        tab.ready().await;
        tab
    }

    pub async fn ready(&self) {
        self.until("document.querySelectorAll('#people .person').length === 4").await;
        self.until("!document.getElementById('messages').hasAttribute('aria-busy')").await;
    }

    pub async fn eval(&self, expression: &str) -> Value {
        self.browser.eval(expression).await
    }

    pub async fn until(&self, expression: &str) {
        self.browser.until(expression).await;
    }

    /// Clicks on what this finds.
    pub async fn click(&self, css: &str) {
        self.browser.client.find(Locator::Css(css)).await.unwrap().click().await.unwrap();
    }

    /// Presses keys wherever the focus is.
    pub async fn press(&self, keys: &str) {
        self.browser.client.active_element().await.unwrap().send_keys(keys).await.unwrap();
    }

    /// Becomes somebody, by a click on their tab.
    pub async fn be(&self, person: i64) {
        self.click(&format!("#person-{person}")).await;
        self.until(&format!("document.querySelector('.list:not([hidden])').dataset.chat === '{person}'"))
            .await;
    }

    /// Types a message and sends it.
    pub async fn say(&self, text: &str) {
        let field = self.browser.client.find(Locator::Id("message")).await.unwrap();
        field.send_keys(&format!("{text}{ENTER}")).await.unwrap();
    }

    /// Waits until the newest message of the chat on the screen has this in it.
    pub async fn told(&self, text: &str) {
        self.until(&format!("document.querySelector('.list:not([hidden]) .message:last-child')?.textContent.includes({text:?}) === true")).await;
    }

    /// Waits until any message of the chat on the screen has this in it.
    pub async fn seen(&self, text: &str) {
        self.until(&format!("document.querySelector('.list:not([hidden])').textContent.includes({text:?})"))
            .await;
    }

    /// Taps the newest button of this label.
    pub async fn tap(&self, label: &str) {
        let path = format!("(//ol[not(@hidden)]//*[@class='key'][contains(., '{label}')])[last()]");
        self.browser.client.find(Locator::XPath(&path)).await.unwrap().click().await.unwrap();
    }

    /// Nothing went wrong, and nothing was asked of anybody else.
    pub async fn was_quiet(&self) {
        assert_eq!(self.browser.console().await, Vec::<String>::new());
        let elsewhere = "performance.getEntriesByType('resource').map(({ name }) => name).filter((name) => !name.startsWith(location.origin))";
        assert_eq!(self.eval(elsewhere).await, json!([]));
    }

    /// Keeps a picture of what is on the screen.
    pub async fn keep(&self, name: &str) {
        keep("demo", name, &self.browser.screen().await);
    }

    /// What a camera reads that is held to this part of the screen.
    pub async fn scan(&self, css: &str) -> String {
        let place = format!(
            "(() => {{ const {{ x, y, width, height }} = document.querySelector({css:?}).getBoundingClientRect();
                return [x, y, width, height].map((side) => Math.round(side * devicePixelRatio)); }})()"
        );
        let place = self.eval(&place).await;
        let side = |at: usize| u32::try_from(place[at].as_i64().unwrap()).unwrap();
        let screen = image::load_from_memory(&self.browser.screen().await).unwrap();
        let mut picture = std::io::Cursor::new(vec![]);
        let part = screen.crop_imm(side(0), side(1), side(2), side(3));
        part.write_to(&mut picture, image::ImageFormat::Png).unwrap();
        qr_of(&picture.into_inner())
    }
}
