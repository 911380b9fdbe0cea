//! Promise 12: secrets that are known by sight, in every setting and every answer of the panel that holds one, looked for
//! in everything that the process says to anybody but their owner.
//!
//! Where a secret is meant to be: a client's link (with its short UUID) in the contract's client bodies, its new short UUID in the
//! log's row of a rotation; link and keys in
//! `config` and `qr`; an invite's token in the answer to `POST …/invite`. In the chat: what its person asked for. On the wire:
//! each token to whom it belongs.

use std::collections::BTreeSet;
use std::sync::Arc;

use hmac::{Hmac, KeyInit, Mac};
use orchestrator::demo::panel::{Fault, Matcher, PanelSim, PanelSimOptions, PanelVersion, What};
use orchestrator::demo::telegram::{TelegramSim, TelegramSimOptions};
use orchestrator::domain::clock::{OsEntropy, SystemClock};
use serde_json::Value;
use sha2::Sha256;

use crate::support::chat::Chat;
use crate::support::db::{Kind, TestDb, on_both};
use crate::support::service::Service;
use crate::support::world::LOCAL;

on_both!(no_secret_is_emitted_in_text, no_secret_is_emitted_in_json);

const BOT_TOKEN: &str = "123456:canary_bot_token_0123456789_0123456";
const PANEL_TOKEN: &str = "canary-panel-token-0123456789";
const EXTRA_HEADER: &str = "canary-extra-header-0123456789";
const WRITE: &str = "canary-api-token-write-0123456789";
const READ: &str = "canary-api-token-read-0123456789";
const PANEL_WEBHOOK: &str = "canary-panel-webhook-secret-0123456789";
/// Passwords inside addresses, what is sent by those who have no business here, and what the panel says in odd places.
const OTHERS: [&str; 9] = [
    "canary-database-password",
    "canary-proxy-password",
    "canary_telegram_webhook_secret_0123456789",
    "canary-wrong-token",
    "canary-in-the-query",
    "canary-in-the-path",
    "canary-in-a-body",
    "canary-in-a-header",
    "canary-in-a-webhook",
];

/// Who may see what an answer holds.
#[derive(Clone, Copy, PartialEq)]
enum Holds {
    /// No secret at all.
    Nothing,
    /// A client's link.
    Link,
    /// The configuration whole, or an invite.
    Everything,
}

struct Tour {
    db: TestDb,
    panel: PanelSim,
    telegram: TelegramSim,
    service: Service,
    url: String,
    http: reqwest::Client,
    /// Everything that must not have been said in what was said.
    emitted: Vec<(String, String)>,
    /// Links and keys, as they were at any time.
    links: BTreeSet<String>,
    keys: BTreeSet<String>,
    /// Tokens that the process made itself.
    made: BTreeSet<String>,
}

impl Tour {
    async fn begin(kind: Kind, format: &str) -> Self {
        let clock = Arc::new(SystemClock);
        let panel = PanelSim::start(PanelSimOptions {
            version: PanelVersion::V3,
            addr: LOCAL,
            token: PANEL_TOKEN.to_owned(),
            clock: clock.clone(),
            entropy: Arc::new(OsEntropy),
            subscription_base: Some("https://sub.example.test".to_owned()),
        });
        let telegram = TelegramSim::start(TelegramSimOptions {
            addr: LOCAL,
            token: BOT_TOKEN.to_owned(),
            bot_username: "vpn_bot".to_owned(),
            clock,
        });
        let (panel, telegram, db) = (panel.await.unwrap(), telegram.await.unwrap(), TestDb::new(kind).await);
        // Telegram is its own proxy: it takes whole addresses, too.
        let proxy = telegram.url().replace("http://", "http://user:canary-proxy-password@");
        let settings = [
            ("DATABASE_URL", db.url.replace("://test@", "://test:canary-database-password@")),
            ("REMNAWAVE_BASE_URL", panel.url()),
            ("REMNAWAVE_API_TOKEN", PANEL_TOKEN.to_owned()),
            ("REMNAWAVE_WEBHOOK_SECRET", PANEL_WEBHOOK.to_owned()),
            ("PANEL_EXTRA_HEADERS", format!("X-Api-Key: {EXTRA_HEADER}")),
            ("PANEL_TIMEOUT", "2".to_owned()),
            ("TELEGRAM_BOT_TOKEN", BOT_TOKEN.to_owned()),
            ("TELEGRAM_API_URL", telegram.url()),
            ("TELEGRAM_PROXY", proxy),
            ("TELEGRAM_WEBHOOK_SECRET", "canary_telegram_webhook_secret_0123456789".to_owned()),
            ("ADMIN_IDS", "1001".to_owned()),
            ("API_TOKENS", format!("shop:{WRITE},eye:{READ}:read")),
            ("RUST_LOG", "trace".to_owned()),
            ("LOG_FORMAT", format.to_owned()),
        ];
        let service = Service::spawn(db.folder(), &settings);
        let url = if format == "json" { service.json_url().await } else { service.url().await };
        let (emitted, links) = (Vec::new(), BTreeSet::new());
        let (keys, made, http) = (BTreeSet::new(), BTreeSet::new(), reqwest::Client::new());
        Self { db, panel, telegram, service, url, http, emitted, links, keys, made }
    }

    /// A request; what is in its answer that must not be is noted.
    async fn ask(
        &mut self,
        method: &str,
        path: &str,
        token: &str,
        body: &str,
        holds: Holds,
    ) -> (u16, String) {
        let request = self.http.request(method.parse().unwrap(), format!("{}{path}", self.url));
        let request = request
            .bearer_auth(token)
            .header("content-type", "application/json")
            .header("x-secret", "canary-in-a-header")
            .header("cookie", "session=canary-in-a-header");
        self.take(&format!("{method} {path}"), request.body(body.to_owned()), holds).await
    }

    async fn take(&mut self, what: &str, request: reqwest::RequestBuilder, holds: Holds) -> (u16, String) {
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        let head = format!("{:?}", answer.headers());
        let body = String::from_utf8_lossy(&answer.bytes().await.unwrap()).into_owned();
        self.note();
        self.emitted.push((format!("head of {what}"), head));
        match holds {
            Holds::Nothing => self.emitted.push((what.to_owned(), body.clone())),
            Holds::Link => {
                let cut = self.links.iter().fold(body.clone(), |body, link| body.replace(link, "LINK"));
                self.emitted.push((what.to_owned(), cut));
            }
            Holds::Everything => {}
        }
        (status, body)
    }

    /// What the panel's users have by now.
    fn note(&mut self) {
        for user in self.panel.users() {
            self.links.insert(user.short_uuid);
            self.keys.extend([user.trojan_password, user.vless_uuid.to_string(), user.ss_password]);
        }
    }

    async fn by_rest(&mut self) {
        let id = "/api/v1/clients/";
        let (status, made) = self
            .ask("POST", "/api/v1/clients", WRITE, r#"{"username":"alice","days":30}"#, Holds::Link)
            .await;
        assert_eq!(status, 201, "{made}");
        let client: Value = serde_json::from_str(&made).unwrap();
        let id = format!("{id}{}", client["id"].as_str().unwrap());
        let config = format!("{id}/config");
        for (method, path, token, body, holds, expected) in [
            ("GET", "/api/v1/clients", READ, "", Holds::Link, 200),
            ("GET", &*id, READ, "", Holds::Link, 200),
            ("POST", &*format!("{id}/extend"), WRITE, r#"{"days":3}"#, Holds::Link, 200),
            ("POST", &*format!("{id}/block"), WRITE, "", Holds::Link, 200),
            ("POST", &*format!("{id}/unblock"), WRITE, "", Holds::Link, 200),
            ("GET", &*format!("{id}/qr"), READ, "", Holds::Everything, 200),
            ("GET", &*config, READ, "", Holds::Everything, 200),
            ("POST", &*format!("{config}/rotate"), WRITE, "", Holds::Everything, 200),
            ("POST", &*format!("{id}/extend"), READ, r#"{"days":3}"#, Holds::Nothing, 403),
            ("POST", "/api/v1/clients", WRITE, r#"{"username":"alice"}"#, Holds::Nothing, 409),
            ("GET", "/api/v1/operations", READ, "", Holds::Link, 200),
            ("GET", "/api/v1/audit", READ, "", Holds::Link, 200),
            ("GET", "/api/v1/stats", READ, "", Holds::Nothing, 200),
            ("GET", "/api/v1/clients", "canary-wrong-token", "", Holds::Nothing, 401),
            ("GET", "/api/v1/stats?token=canary-in-the-query", READ, "", Holds::Nothing, 200),
            ("GET", "/canary-in-the-path/canary-in-the-path", READ, "", Holds::Nothing, 404),
            ("GET", "/health", READ, "", Holds::Nothing, 200),
            ("GET", "/openapi.json", READ, "", Holds::Nothing, 200),
        ] {
            let (status, answer) = self.ask(method, path, token, body, holds).await;
            assert_eq!(status, expected, "{method} {path}: {answer}");
        }
        let (_, config) = self.ask("GET", &config, READ, "", Holds::Everything).await;
        let config: Value = serde_json::from_str(&config).unwrap();
        self.keys.insert(config["config_data"].as_str().unwrap().to_owned());
        let (status, invite) = self.ask("POST", &format!("{id}/invite"), WRITE, "", Holds::Everything).await;
        assert_eq!(status, 201, "{invite}");
        let invite: Value = serde_json::from_str(&invite).unwrap();
        let link = invite
            .as_object()
            .unwrap()
            .values()
            .filter_map(Value::as_str)
            .find_map(|text| text.split_once("start="));
        self.made.insert(link.unwrap().1.to_owned());
        // An answer repeats what was wrong in a body: to who sent it, and to nobody else.
        let wrong = r#"{"username":"canary-in-a-body !","days":"canary-in-a-body"}"#;
        assert_eq!(self.ask("POST", "/api/v1/clients", WRITE, wrong, Holds::Everything).await.0, 422);
    }

    async fn by_chat(&mut self) {
        let olga = Chat::new(&self.telegram, 1001, "Olga", "ru");
        let anna = Chat::new(&self.telegram, 2002, "Anna", "en");
        olga.send("/start").await;
        olga.send("/new bob 30").await;
        self.note();
        olga.send("/client bob").await;
        olga.write("/invite alice");
        let find = |chat: &Chat| {
            let captions = chat.messages().into_iter().filter_map(|message| message.caption);
            captions
                .filter_map(|text| text.split_once("?start=").map(|(_, token)| token.to_owned()))
                .next_back()
        };
        let token = olga.wait("an invite link", find).await;
        let token: String =
            token.chars().take_while(|c| c.is_ascii_alphanumeric() || "_-".contains(*c)).collect();
        olga.until("the invite", |_| true).await;
        anna.send(&format!("/start {token}")).await;
        self.made.insert(token);
        anna.send_n("/config", 2).await;
        let shown = olga.wait("a token", |chat| {
            let buttons =
                chat.messages().into_iter().flat_map(|message| message.keyboard.into_iter().flatten());
            buttons.filter_map(|button| button.copy_text).find(|text| text.starts_with("rwo_"))
        });
        olga.write("/token new robot read");
        self.made.insert(shown.await);
        olga.write("canary-in-a-body");
        olga.until("an answer", |_| true).await;
    }

    async fn by_webhook(&mut self) {
        let short = self.panel.user("bob").unwrap().short_uuid;
        let good = format!(
            r#"{{"event":"user.modified","data":{{"id":2,"shortUuid":"{short}","username":"bob","trojanPassword":"canary-in-a-webhook"}}}}"#
        );
        let unreadable = r#"{"event":"user.modified","data":"canary-in-a-webhook"}"#;
        for (body, secret, expected) in [
            (good.as_str(), PANEL_WEBHOOK, 204),
            (good.as_str(), "canary-wrong-token", 401),
            (unreadable, PANEL_WEBHOOK, 400),
        ] {
            let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
            let signature: String = mac
                .chain_update(body)
                .finalize()
                .into_bytes()
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            self.made.insert(signature.clone());
            let request = self.http.post(format!("{}/webhooks/remnawave", self.url));
            let request = request.header("x-remnawave-signature", signature).body(body.to_owned());
            assert_eq!(self.take("a webhook", request, Holds::Nothing).await.0, expected);
        }
    }

    async fn through_faults(&mut self) {
        let faults = [
            What::Status(500, Some("A026".to_owned())),
            What::Status(400, Some("canary-in-a-body".to_owned())),
            What::Status(401, None),
            What::Html,
            What::HtmlOk,
            What::Truncated,
            What::CutOff,
            What::Drop,
            What::Hang,
        ];
        for what in faults {
            self.panel.fault(Fault::after(Matcher::any(), what.clone()).always());
            for (method, path) in
                [("GET", "/api/v1/clients/ID/config"), ("POST", "/api/v1/clients/ID/config/rotate")]
            {
                let (_, found) = self.ask("GET", "/api/v1/clients?username=bob", READ, "", Holds::Link).await;
                let found: Value = serde_json::from_str(&found).unwrap();
                let path = path.replace("ID", found["items"][0]["id"].as_str().unwrap());
                let (status, body) = self.ask(method, &path, WRITE, "", Holds::Nothing).await;
                assert!(matches!(status, 404 | 502 | 503), "{what:?} {method}: {status} {body}");
            }
            self.panel.clear_faults();
            for (path, holds) in [
                ("/health/ready", Holds::Nothing),
                ("/metrics", Holds::Nothing),
                ("/api/v1/operations", Holds::Link),
            ] {
                assert_eq!(self.ask("GET", path, READ, "", holds).await.0, 200, "{path}");
            }
        }
    }

    /// Everything that was said, and the secrets that must not be in it.
    async fn end(mut self) -> String {
        let pid = self.service.id();
        let title = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap();
        self.emitted.push(("the process title".to_owned(), String::from_utf8_lossy(&title).into_owned()));
        self.note();
        let log = self.service.stopped().await;
        self.emitted.push(("stdout and stderr".to_owned(), log.clone()));
        let settings = [BOT_TOKEN, PANEL_TOKEN, EXTRA_HEADER, WRITE, READ, PANEL_WEBHOOK];
        let known = settings.into_iter().chain(OTHERS).map(str::to_owned);
        let secrets: BTreeSet<String> = known.chain(self.links).chain(self.keys).chain(self.made).collect();
        assert!(secrets.len() > 25, "{secrets:?}");
        let mut leaks = vec![];
        for (what, text) in &self.emitted {
            for secret in &secrets {
                let lines = text.lines().filter(|line| line.contains(secret.as_str()));
                leaks.extend(lines.take(3).map(|line| format!("{secret} in {what}: {}", shortened(line))));
            }
        }
        assert!(leaks.is_empty(), "{}", leaks.join("\n"));
        drop(self.db);
        log
    }
}

fn shortened(line: &str) -> String {
    line.chars().take(600).collect()
}

async fn tour(kind: Kind, format: &str) -> String {
    let mut tour = Tour::begin(kind, format).await;
    tour.by_rest().await;
    tour.by_chat().await;
    tour.by_webhook().await;
    tour.through_faults().await;
    tour.end().await
}

async fn no_secret_is_emitted_in_text(kind: Kind) {
    let log = tour(kind, "text").await;
    assert!(log.contains("/api/v1/clients/{client_id}/config"), "the log is there: {}", log.len());
}

async fn no_secret_is_emitted_in_json(kind: Kind) {
    let log = tour(kind, "json").await;
    let ours = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let answered: Vec<Value> = ours.filter(|line| line["message"] == "answered").collect();
    assert!(answered.len() > 20, "{}", answered.len());
    for line in answered {
        assert!(line["span"]["request_id"].is_string() && line["span"]["name"] == "http", "{line}");
    }
}
