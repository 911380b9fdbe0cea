//! `GET /demo/events`: everything that the page shows, and then every change of it, as Server-Sent Events.
//!
//! Each page is told by a watcher of its own, which compares what is with what it has told. So nothing is kept for a page
//! that is slow or gone, and a page that comes back is told everything anew.

use std::collections::{BTreeMap, HashMap};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::{StreamExt as _, stream};
use serde_json::{Value, json};
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::sleep;

use super::trouble::Now;
use super::{Page, shown};
use crate::demo::people::PEOPLE;
use crate::demo::telegram::SimMessage;

/// So many messages of a chat are shown.
const MESSAGES: usize = 200;
/// What nobody tells of, such as a date that comes, is looked at so often.
const LOOK: Duration = Duration::from_secs(1);
/// What happens within this time is told together.
const TOGETHER: Duration = Duration::from_millis(40);
/// A page whose connection was lost comes back after this.
const COME_BACK: Duration = Duration::from_secs(1);

/// `GET /demo/events`
pub async fn events(State(page): State<Page>) -> Response {
    let Ok(seat) = Arc::clone(&page.seats).try_acquire_owned() else {
        return (StatusCode::SERVICE_UNAVAILABLE, "too many pages are open\n").into_response();
    };
    let news = stream::unfold(Watcher::new(page, seat), Watcher::next).flat_map(stream::iter);
    Sse::new(news).keep_alive(KeepAlive::new().interval(Duration::from_secs(10))).into_response()
}

type News = Vec<Result<Event, Infallible>>;

struct Watcher {
    page: Page,
    told: Told,
    telegram: watch::Receiver<u64>,
    panel: watch::Receiver<u64>,
    trouble: watch::Receiver<Now>,
    _seat: OwnedSemaphorePermit,
}

/// What the page has been told.
#[derive(Default)]
struct Told {
    /// How things are, by name.
    things: HashMap<String, Value>,
    /// The messages of each chat, and how often each had been edited.
    messages: HashMap<i64, BTreeMap<i64, u32>>,
    /// The moment in Telegram up to which all was told; none before the first time.
    moment: Option<u64>,
}

impl Watcher {
    fn new(page: Page, seat: OwnedSemaphorePermit) -> Self {
        let (telegram, panel) = (page.telegram.changes(), page.panel.requests());
        let trouble = page.trouble.changes();
        Self { page, told: Told::default(), telegram, panel, trouble, _seat: seat }
    }

    /// Waits for something to tell; none at the end of the demo.
    async fn next(mut self) -> Option<(News, Self)> {
        loop {
            let news = self.look().await;
            if !news.is_empty() {
                return Some((news.into_iter().map(Ok).collect(), self));
            }
            tokio::select! {
                () = self.page.shutdown.cancelled() => return None,
                _ = self.telegram.changed() => {}
                _ = self.panel.changed() => {}
                _ = self.trouble.changed() => {}
                () = sleep(LOOK) => {}
            }
            sleep(TOGETHER).await;
        }
    }

    /// What is not as it was told.
    async fn look(&mut self) -> Vec<Event> {
        // What changes during the look is looked at again.
        self.telegram.mark_unchanged();
        self.panel.mark_unchanged();
        self.trouble.mark_unchanged();
        let moment = self.page.telegram.moment();
        let before = self.told.moment.replace(moment);
        let mut news = vec![];
        if before.is_none() {
            news.push(event("hello", &shown::hello(&self.page)).retry(COME_BACK));
        }
        news.extend(self.told.thing("trouble", self.page.trouble.shown()));
        news.extend(self.told.thing("people", shown::people(&self.page.telegram)));
        for person in PEOPLE {
            self.chat(person.id, before, &mut news);
        }
        for answer in before.map(|before| self.page.telegram.answers(before)).unwrap_or_default() {
            news.push(event("answer", &shown::answer(&answer)));
        }
        news.extend(self.told.thing("panel", shown::panel(&self.page.panel)));
        news.extend(shown::log(&self.page).await.and_then(|log| self.told.thing("log", log)));
        if before.is_none() {
            news.push(event("ready", &json!({})));
        }
        news
    }

    fn chat(&mut self, id: i64, before: Option<u64>, news: &mut Vec<Event>) {
        let telegram = &self.page.telegram;
        let menu = shown::menu(telegram, id);
        news.extend(self.told.thing(&format!("menu {id}"), menu));
        if let Some(action) = before.and_then(|before| telegram.acting(id, before)) {
            news.push(event("acting", &json!({ "chat": id, "action": action })));
        }
        let (fresh, gone) = self.told.chat(id, &telegram.latest(id, MESSAGES));
        if !fresh.is_empty() || !gone.is_empty() {
            news.push(event("chat", &json!({ "chat": id, "messages": fresh, "gone": gone })));
        }
    }
}

impl Told {
    /// A thing that is not as it was told. The event is named by the first word.
    fn thing(&mut self, name: &str, value: Value) -> Option<Event> {
        if self.things.get(name) == Some(&value) {
            return None;
        }
        let told = event(name.split(' ').next().unwrap_or(name), &value);
        self.things.insert(name.to_owned(), value);
        Some(told)
    }

    /// The messages of a chat that are new or changed, and the numbers of those taken away.
    fn chat(&mut self, id: i64, latest: &[SimMessage]) -> (Vec<Value>, Vec<i64>) {
        let told = self.messages.entry(id).or_default();
        let now: BTreeMap<i64, u32> = latest.iter().map(|message| (message.id, message.edited)).collect();
        let changed = |message: &&SimMessage| told.get(&message.id) != Some(&message.edited);
        let fresh = latest.iter().filter(changed).map(shown::message).collect();
        // What has only become too old to be shown is not gone.
        let oldest = latest.first().map_or(i64::MIN, |message| message.id);
        let gone = told.keys().copied().filter(|id| *id >= oldest && !now.contains_key(id)).collect();
        *told = now;
        (fresh, gone)
    }
}

/// JSON has no line breaks of its own, so an event is one line.
fn event(name: &str, value: &Value) -> Event {
    Event::default().event(name).data(value.to_string())
}
