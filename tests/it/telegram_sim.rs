//! The simulated Telegram, used by a real teloxide bot and by hand-made requests.

mod conversation;
mod faults;
mod markup;
mod methods;
mod polling;
mod refusals;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use orchestrator::demo::telegram::{TelegramSim, TelegramSimOptions};
use orchestrator::domain::clock::Clock;
use serde_json::{Value, json};
use teloxide::Bot;
use teloxide::types::ChatId;

const TOKEN: &str = "123456:demo";
const OLGA: i64 = 1001;
const CHAT: ChatId = ChatId(OLGA);

/// A clock that stands still until it is moved.
#[derive(Debug)]
struct TestClock(Mutex<DateTime<Utc>>);

impl TestClock {
    fn advance(&self, by: TimeDelta) {
        *self.0.lock().unwrap() += by;
    }
}

impl Clock for TestClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap()
    }
}

/// A server, its clock, and a way to call it as a bot without a library.
struct World {
    telegram: TelegramSim,
    clock: Arc<TestClock>,
    http: reqwest::Client,
}

impl World {
    async fn new() -> Self {
        let start = Utc.with_ymd_and_hms(2026, 3, 1, 12, 0, 0).unwrap();
        let clock = Arc::new(TestClock(Mutex::new(start)));
        let telegram = TelegramSim::start(TelegramSimOptions {
            addr: SocketAddr::from(([127, 0, 0, 1], 0)),
            token: TOKEN.to_owned(),
            bot_username: "demo_bot".to_owned(),
            clock: clock.clone(),
        })
        .await
        .unwrap();
        telegram.person(OLGA, "Olga", Some("olga"), Some("ru"));
        Self { telegram, clock, http: reqwest::Client::new() }
    }

    /// As `new`, and Olga has written to the bot.
    async fn started() -> Self {
        let world = Self::new().await;
        world.telegram.send_text(OLGA, "/start");
        world
    }

    fn bot(&self) -> Bot {
        Bot::with_client(TOKEN, self.http.clone()).set_api_url(self.telegram.url().parse().unwrap())
    }

    fn method(&self, method: &str) -> String {
        format!("{}/bot{TOKEN}/{method}", self.telegram.url())
    }

    /// A call with a JSON body: the whole answer.
    async fn call(&self, method: &str, parameters: Value) -> Value {
        let answer = self.http.post(self.method(method)).json(&parameters).send().await.unwrap();
        let status = answer.status().as_u16();
        let body: Value = answer.json().await.unwrap();
        assert_eq!(body["ok"] == true, status == 200, "{body}");
        if status != 200 {
            assert_eq!(body["error_code"], status);
        }
        body
    }

    /// A call that must succeed: its result.
    async fn ok(&self, method: &str, parameters: Value) -> Value {
        let body = self.call(method, parameters).await;
        assert_eq!(body["ok"], true, "{body}");
        body["result"].clone()
    }

    /// A call that must be refused, and the bot is to blame: the description.
    async fn violates(&self, method: &str, parameters: Value) -> String {
        let description =
            self.call(method, parameters).await["description"].as_str().unwrap_or("none").to_owned();
        let violations = self.telegram.take_violations();
        assert_eq!(violations.len(), 1, "{description}: {violations:?}");
        assert!(violations[0].contains(&description), "{violations:?}");
        description
    }

    /// A call that must be refused, and the bot could not know: the description.
    async fn refused(&self, method: &str, parameters: Value) -> String {
        let description =
            self.call(method, parameters).await["description"].as_str().unwrap_or("none").to_owned();
        assert_eq!(self.telegram.violations(), Vec::<String>::new());
        description
    }

    /// A message to Olga; gives its id.
    async fn send(&self, more: Value) -> i64 {
        let mut parameters = json!({ "chat_id": OLGA, "text": "hello" });
        parameters.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.ok("sendMessage", parameters).await["message_id"].as_i64().unwrap()
    }
}

/// A PNG of this size.
fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::GrayImage::new(width, height).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// A QR code as a PNG.
fn qr_png(text: &str) -> Vec<u8> {
    let code = qrcode::QrCode::new(text).unwrap();
    let (side, colors) = (code.width() as u32, code.to_colors());
    let picture = image::GrayImage::from_fn((side + 8) * 8, (side + 8) * 8, |x, y| {
        let (x, y) = ((x / 8).wrapping_sub(4), (y / 8).wrapping_sub(4));
        let dark = x < side && y < side && colors[(y * side + x) as usize] == qrcode::Color::Dark;
        image::Luma([if dark { 0 } else { 255 }])
    });
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}
