//! A server that notes what it was asked and answers what it is told to, well-formed or not.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, Utc};
use orchestrator::domain::clock::Clock;
use orchestrator::domain::ids::{ClientId, PanelUserId, ShortUuid};
use orchestrator::panel::settings::{PanelSettings, VersionSetting};
use orchestrator::panel::{NewPanelUser, Panel};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Barrier;

pub const WITHIN: Duration = Duration::from_secs(10);
pub const TOKEN: &str = "canary-token";
pub const SHORT: &str = "canary-short-uuid-1";
pub const UUID: &str = "05b02d17-6e1d-4405-ae2e-7c2580631330";
pub const SQUAD: &str = "ac24a88b-e337-48f9-b7fd-286ba6454503";
pub const CLIENT: &str = "0193f0a0-0000-7000-8000-000000000001";

/// A request as it arrived.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    pub method: String,
    /// With the query.
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: Option<Value>,
}

impl Asked {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub fn line(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

/// What is done with a request.
#[derive(Debug, Clone)]
pub enum Reply {
    Answer(u16, Vec<u8>),
    /// These bytes, then the connection is closed.
    Raw(Vec<u8>),
    /// Nothing comes, and the connection stays open.
    Silence,
    /// The answer, once so many others wait for theirs.
    Together(Arc<Meeting>, Vec<u8>),
}

/// Counts how many are being answered at the same moment.
#[derive(Debug)]
pub struct Meeting {
    barrier: Barrier,
    inside: AtomicUsize,
    most: AtomicUsize,
}

impl Meeting {
    /// Each round of so many is answered together.
    pub fn of(number: usize) -> Arc<Self> {
        Arc::new(Self {
            barrier: Barrier::new(number),
            inside: AtomicUsize::new(0),
            most: AtomicUsize::new(0),
        })
    }

    pub fn most(&self) -> usize {
        self.most.load(Ordering::SeqCst)
    }

    async fn join(&self) {
        let inside = self.inside.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(inside, Ordering::SeqCst);
        self.barrier.wait().await;
        self.inside.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Reply {
    pub fn json(status: u16, body: &Value) -> Self {
        Self::Answer(status, serde_json::to_vec(body).unwrap())
    }

    pub fn error(status: u16, code: &str) -> Self {
        Self::json(
            status,
            &json!({"timestamp": "2026-11-22T07:36:29.043Z", "path": "/", "message": "m", "errorCode": code}),
        )
    }

    /// What the framework says by itself: 401, 403, unknown paths.
    pub fn framework(status: u16) -> Self {
        Self::json(status, &json!({"message": "m", "error": "e", "statusCode": status}))
    }

    pub fn invalid() -> Self {
        Self::json(400, &json!({"statusCode": 400, "message": "Validation failed", "errors": []}))
    }

    pub fn dropped() -> Self {
        Self::Raw(Vec::new())
    }

    pub fn version(version: &str) -> Self {
        Self::json(200, &json!({"response": {"version": version}}))
    }

    pub fn squads(squads: &[(&str, &str)]) -> Self {
        let squads: Vec<_> = squads.iter().map(|(uuid, name)| json!({"uuid": uuid, "name": name})).collect();
        Self::json(200, &json!({"response": {"total": squads.len(), "internalSquads": squads}}))
    }

    pub fn users(users: &[Value]) -> Self {
        Self::json(200, &json!({"response": {"total": users.len(), "users": users}}))
    }

    async fn bytes(self) -> Option<Vec<u8>> {
        match self {
            Self::Together(meeting, body) => {
                meeting.join().await;
                Some(answer(200, body))
            }
            Self::Raw(bytes) => Some(bytes),
            Self::Silence => None,
            Self::Answer(status, body) => Some(answer(status, body)),
        }
    }
}

fn answer(status: u16, body: Vec<u8>) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status} X\r\nconnection: close\r\n");
    // These two have no body by definition.
    if matches!(status, 204 | 304) {
        return format!("{head}\r\n").into_bytes();
    }
    [format!("{head}content-length: {}\r\n\r\n", body.len()).into_bytes(), body].concat()
}

/// A user of version 3.
pub fn v3_user() -> Value {
    json!({
        "id": 7, "shortUuid": SHORT, "username": "alice_1", "status": "ACTIVE",
        "expireAt": "2026-12-22T07:36:28.000Z", "subscriptionUrl": format!("https://sub.example.test/{SHORT}"),
    })
}

/// The same of version 2.
pub fn v2_user() -> Value {
    let mut user = v3_user();
    user["uuid"] = json!(UUID);
    user
}

pub fn in_envelope(user: &Value) -> Reply {
    Reply::json(200, &json!({ "response": user }))
}

type Script = dyn Fn(&Asked) -> Reply + Send + Sync;

pub struct Replay {
    pub settings: PanelSettings,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Replay {
    /// Listens until the test ends. The settings lead here: version 3, squads named by UUID.
    pub async fn start(script: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::<Mutex<Vec<Asked>>>::default();
        let (notes, script): (_, Arc<Script>) = (Arc::clone(&asked), Arc::new(script));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&notes), Arc::clone(&script)));
            }
        });
        let settings = PanelSettings {
            base_url: Some(format!("http://{address}").parse().unwrap()),
            token: Some(TOKEN.into()),
            version: VersionSetting::V3,
            squads: vec![SQUAD.to_owned()],
            timeout: WITHIN,
            extra_headers: Vec::new(),
            webhook_secret: None,
        };
        Self { settings, asked }
    }

    pub async fn always(reply: Reply) -> Self {
        Self::start(move |_| reply.clone()).await
    }

    pub fn panel(&self) -> Panel {
        self.panel_with(|_| {})
    }

    pub fn panel_with(&self, change: impl FnOnce(&mut PanelSettings)) -> Panel {
        let mut settings = self.settings.clone();
        change(&mut settings);
        Panel::new(settings, Arc::new(Stopped)).unwrap()
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    pub fn lines(&self) -> Vec<String> {
        self.asked().iter().map(Asked::line).collect()
    }
}

async fn serve(mut stream: TcpStream, notes: Arc<Mutex<Vec<Asked>>>, script: Arc<Script>) {
    let Some(asked) = read_request(&mut stream).await else { return };
    notes.lock().unwrap().push(asked.clone());
    match script(&asked).bytes().await {
        Some(bytes) => {
            // The client may have gone away: its test looks at its side.
            let _ = stream.write_all(&bytes).await;
            let _ = stream.shutdown().await;
        }
        None => {
            let _ = stream.read_u8().await;
        }
    }
}

async fn read_request(stream: &mut TcpStream) -> Option<Asked> {
    let mut bytes = Vec::new();
    let head_end = loop {
        if let Some(at) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break at + 4;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(bytes[..head_end].to_vec()).unwrap();
    let mut lines = head.lines();
    let mut first = lines.next()?.split(' ');
    let (method, path) = (first.next()?.to_owned(), first.next()?.to_owned());
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
        .collect();
    let length =
        headers.iter().find(|(name, _)| name == "content-length").map_or(0, |(_, n)| n.parse().unwrap());
    while bytes.len() < head_end + length {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    let body = (length > 0).then(|| serde_json::from_slice(&bytes[head_end..head_end + length]).unwrap());
    Some(Asked { method, path, headers, body })
}

/// A clock that stands still.
#[derive(Debug)]
pub struct Stopped;

impl Clock for Stopped {
    fn now(&self) -> DateTime<Utc> {
        "2026-11-22T08:00:00Z".parse().unwrap()
    }
}

pub fn new_user() -> NewPanelUser {
    NewPanelUser {
        username: "alice_1".parse().unwrap(),
        expire_at: "2026-12-22T07:36:28.1239Z".parse().unwrap(),
        short_uuid: ShortUuid::new(SHORT),
        client_id: ClientId(CLIENT.parse().unwrap()),
        telegram_id: None,
    }
}

pub fn id(text: &str) -> PanelUserId {
    PanelUserId(text.to_owned())
}
