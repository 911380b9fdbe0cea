//! A Chromium of one's own, driven over WebDriver: started by the test, ended with it.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use fantoccini::error::CmdError;
use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder};
use http::Method;
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use url::{ParseError, Url};

/// How long anything the page does may take on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// What a device shows and says of itself.
#[derive(Debug, Clone, Copy)]
pub struct Device {
    pub agent: &'static str,
    pub width: u32,
    pub height: u32,
    pub touch: bool,
    pub language: &'static str,
    pub dark: bool,
}

pub struct Browser {
    pub client: Client,
    driver: Child,
    _profile: tempfile::TempDir,
}

impl Browser {
    /// Fails, rather than skips, where there is no Chromium: `scripts/test` installs it.
    pub async fn start() -> Self {
        let (driver, port) = driver();
        let profile = tempfile::tempdir().unwrap();
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities(profile.path().to_str().unwrap()))
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .unwrap();
        Self { client, driver, _profile: profile }
    }

    /// Becomes a device. What was done before this is forgotten with the next page.
    pub async fn become_device(&self, device: Device) {
        let scheme = if device.dark { "dark" } else { "light" };
        self.cdp(
            "Emulation.setUserAgentOverride",
            json!({"userAgent": device.agent, "acceptLanguage": device.language}),
        )
        .await;
        self.cdp(
            "Emulation.setDeviceMetricsOverride",
            json!({"width": device.width, "height": device.height, "deviceScaleFactor": 2, "mobile": device.touch}),
        )
        .await;
        self.cdp("Emulation.setTouchEmulationEnabled", json!({"enabled": device.touch, "maxTouchPoints": 5}))
            .await;
        // Without motion, so that a picture is never of something half done.
        let features = json!([
            {"name": "prefers-color-scheme", "value": scheme},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]);
        self.cdp("Emulation.setEmulatedMedia", json!({"features": features})).await;
    }

    /// A command of the DevTools protocol.
    pub async fn cdp(&self, command: &str, params: Value) -> Value {
        let body = json!({"cmd": command, "params": params});
        self.client.issue_cmd(Extension { path: "goog/cdp/execute", body }).await.unwrap()
    }

    /// What the console said since the last time, errors of the policy included.
    pub async fn console(&self) -> Vec<String> {
        let entries = self
            .client
            .issue_cmd(Extension { path: "se/log", body: json!({"type": "browser"}) })
            .await
            .unwrap();
        entries
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| entry["message"].as_str().unwrap().to_owned())
            .collect()
    }

    /// The value of an expression in the page.
    pub async fn eval(&self, expression: &str) -> Value {
        self.client.execute(&format!("return {expression}"), vec![]).await.unwrap()
    }

    /// The whole page as PNG, also what is below the fold, two pixels for one.
    pub async fn picture(&self) -> Vec<u8> {
        let size = "new Promise((settled) => requestAnimationFrame(() => requestAnimationFrame(() => {
            const page = document.documentElement;
            settled({ x: 0, y: 0, width: page.clientWidth, height: Math.max(page.scrollHeight, innerHeight), scale: 1 });
        })))";
        self.clip(self.eval(size).await).await
    }

    /// A part of the page as PNG, with a little of what is around it.
    pub async fn picture_of(&self, selector: &str) -> Vec<u8> {
        let place = format!(
            "new Promise((settled) => requestAnimationFrame(() => requestAnimationFrame(() => {{
                const place = document.querySelector({selector:?}).getBoundingClientRect();
                settled({{ x: place.x + scrollX - 12, y: place.y + scrollY - 12, width: place.width + 24, height: place.height + 24, scale: 1 }});
            }})))"
        );
        self.clip(self.eval(&place).await).await
    }

    /// What is on the screen at this moment as PNG, two pixels for one; what scrolls stays where it is.
    pub async fn screen(&self) -> Vec<u8> {
        let frames = "new Promise((settled) => requestAnimationFrame(() => requestAnimationFrame(() => settled(true))))";
        self.eval(frames).await;
        self.capture(json!({"format": "png"})).await
    }

    async fn clip(&self, clip: Value) -> Vec<u8> {
        self.capture(json!({"format": "png", "captureBeyondViewport": true, "clip": clip})).await
    }

    async fn capture(&self, wanted: Value) -> Vec<u8> {
        let taken = self.cdp("Page.captureScreenshot", wanted).await;
        STANDARD.decode(taken["data"].as_str().unwrap()).unwrap()
    }

    /// Waits until an expression in the page is true.
    pub async fn until(&self, expression: &str) {
        let waiting = async {
            while self.eval(expression).await != json!(true) {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, waiting).await.unwrap_or_else(|_| panic!("never: {expression}"));
    }

    /// Ends it in good order; dropping it ends it by force.
    pub async fn end(self) {
        let ended: Result<(), CmdError> = self.client.clone().close().await;
        ended.unwrap();
    }
}

impl Drop for Browser {
    /// Without its driver Chromium finds its pipe closed and ends.
    fn drop(&mut self) {
        self.driver.kill().ok();
        self.driver.wait().ok();
    }
}

fn capabilities(profile: &str) -> fantoccini::wd::Capabilities {
    let args = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-dev-shm-usage",
        "--hide-scrollbars",
        "--remote-debugging-pipe",
        // A name that is not this machine: pages of it by plain http get no clipboard, as on a bare server.
        "--host-resolver-rules=MAP vpn.test 127.0.0.1",
        &format!("--user-data-dir={profile}"),
    ]
    .map(str::to_owned);
    let wanted = json!({
        "browserName": "chrome",
        "goog:chromeOptions": {"args": args},
        "goog:loggingPrefs": {"browser": "ALL"},
    });
    wanted.as_object().unwrap().clone()
}

/// A chromedriver and its port. It listens twice, by IPv4 and IPv6, on one number: one that the system picks for the first may
/// belong to somebody by the second, and then it exits. Hence a number below those that the system gives away by itself, begun
/// at another place in each process, and the next one where somebody has this one.
fn driver() -> (Child, u16) {
    let first = u16::try_from(std::process::id() % 10_000).unwrap();
    (0..100)
        .map(|next| 20_000 + (first + next * 97) % 10_000)
        .find_map(|port| Some((driver_on(port)?, port)))
        .expect("chromedriver listens")
}

/// `None` where somebody has the port.
fn driver_on(port: u16) -> Option<Child> {
    let mut driver = Command::new("chromedriver")
        .arg(format!("--port={port}"))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .expect("chromedriver is needed: scripts/test installs chromium and chromium-driver");
    let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines();
    let mut said = lines.by_ref().map_while(Result::ok);
    match said.find(|line| line.contains("successfully on port") || line.contains("port not available")) {
        Some(line) if line.contains("successfully") => {}
        Some(_) => {
            driver.wait().unwrap();
            return None;
        }
        None => panic!("chromedriver ended: {:?}", driver.wait()),
    }
    // A full pipe would stop it.
    std::thread::spawn(move || lines.for_each(drop));
    Some(driver)
}

/// A command that WebDriver itself does not have.
#[derive(Debug)]
struct Extension {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Extension {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap(), self.path))
    }

    fn method_and_body(&self, _request: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.body.to_string()))
    }
}
