//! Integrations: requests with and without a key, sent again when nothing was heard, twice at a time, many at once.

use std::time::Duration;

use chrono::{DateTime, Utc};
use futures::future::BoxFuture;
use orchestrator::domain::operation::Action;
use rand::RngExt as _;
use rand::rngs::StdRng;
use reqwest::{Client as Http, Method};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::ledger::{Asked, End, Try};
use crate::stage::{FOREIGN, Known, Stage, now, shop_name, shop_secret};
use crate::{Res, days};

/// Longer than any answer may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// How often the same request is sent, at most.
const TRIES: usize = 4;

/// One integration, for one round.
pub struct Shop<'a> {
    stage: &'a Stage,
    name: String,
    secret: String,
    http: Http,
    chance: StdRng,
    made: u32,
}

/// What is sent.
#[derive(Clone)]
struct Order {
    action: Action,
    days: Option<i64>,
    client: Known,
    method: Method,
    path: String,
    body: Value,
    key: Option<String>,
}

/// What came back.
struct Heard {
    end: End,
    body: Value,
}

impl<'a> Shop<'a> {
    pub fn new(stage: &'a Stage, shop: usize) -> Res<Self> {
        let name = shop_name(shop);
        let chance = stage.chance(&format!("{name} {}", stage.round()));
        let http = Http::builder().timeout(PATIENCE).build()?;
        Ok(Self { stage, name, secret: shop_secret(shop), http, chance, made: 0 })
    }

    /// Orders until the round is over.
    pub async fn run(mut self) -> Res<()> {
        while !self.stage.is_over() {
            self.stage.pause(&mut self.chance).await;
            if self.chance.random_bool(0.08) {
                self.storm().await?;
            } else {
                let order = self.draw();
                self.send(order).await?;
            }
        }
        Ok(())
    }

    /// A client made in peace, before anything goes wrong.
    pub async fn make(&mut self, username: &str) -> Res<Known> {
        let order = self.creation(username.to_owned(), 30);
        self.send(order).await?;
        let made = self.stage.known().into_iter().find(|client| client.username == username);
        Ok(made.ok_or_else(|| format!("{username} was not made"))?)
    }

    /// The token of an invite to this client, made in peace.
    pub async fn invite(&mut self, client: Uuid) -> Res<String> {
        let url = self.stage.url(&mut self.chance).await?;
        let url = format!("{url}/api/v1/clients/{client}/invite");
        let answer: Value = self.http.post(url).bearer_auth(&self.secret).send().await?.json().await?;
        Ok(answer.get("token").and_then(Value::as_str).ok_or("no invite")?.to_owned())
    }

    fn draw(&mut self) -> Order {
        let client = self.stage.any(&mut self.chance);
        let many = self.stage.known().len() > 60;
        let (Some(client), lot) = (client, self.chance.random_range(0..100)) else {
            return self.new_client();
        };
        match lot {
            0..20 if !many => self.new_client(),
            0..50 => self.extension(client),
            50..60 => self.order(Action::Block, None, client),
            60..70 => self.order(Action::Unblock, None, client),
            70..80 => self.order(Action::RotateConfig, None, client),
            80..90 => self.order(Action::GetConfig, None, client),
            // Linked ones are few.
            90..97 if client.person.is_none() || lot == 90 => self.order(Action::Delete, None, client),
            _ => self.extension(client),
        }
    }

    fn new_client(&mut self) -> Order {
        self.made += 1;
        let round = self.stage.round();
        let username = match self.chance.random_range(0..20) {
            0 => {
                FOREIGN.map(str::to_owned).into_iter().nth(self.chance.random_range(0..2)).unwrap_or_default()
            }
            // Wanted by all of them.
            1..=5 => format!("all_{round}_{}", self.chance.random_range(0..3)),
            _ => format!("{}_{round}_{}", self.name, self.made),
        };
        let days = days(&mut self.chance, 1..=80);
        self.creation(username, days)
    }

    fn creation(&mut self, username: String, days: i64) -> Order {
        Order {
            action: Action::Create,
            days: Some(days),
            method: Method::POST,
            path: "/api/v1/clients".to_owned(),
            body: json!({ "username": username, "days": days }),
            key: self.key(),
            client: Known { id: Uuid::nil(), username, person: None },
        }
    }

    fn extension(&mut self, client: Known) -> Order {
        let long = self.chance.random_bool(0.1);
        let days = days(&mut self.chance, if long { 91..=120 } else { 1..=90 });
        self.order(Action::Extend, Some(days), client)
    }

    fn order(&mut self, action: Action, days: Option<i64>, client: Known) -> Order {
        let (method, what) = match action {
            Action::Extend => (Method::POST, "/extend"),
            Action::Block => (Method::POST, "/block"),
            Action::Unblock => (Method::POST, "/unblock"),
            Action::RotateConfig => (Method::POST, "/config/rotate"),
            Action::GetConfig => (Method::GET, "/config"),
            _ => (Method::DELETE, ""),
        };
        let path = format!("/api/v1/clients/{}{what}", client.id);
        let body = days.map_or(Value::Null, |days| json!({ "days": days }));
        let key = if action == Action::GetConfig { None } else { self.key() };
        Order { action, days, client, method, path, body, key }
    }

    fn key(&mut self) -> Option<String> {
        self.chance.random_bool(0.7).then(|| format!("{:016x}", self.chance.random::<u64>()))
    }

    /// Several extensions of one client at the same moment, each a request of its own.
    async fn storm(&mut self) -> Res<()> {
        let Some(client) = self.stage.any(&mut self.chance) else { return Ok(()) };
        let orders: Vec<Order> = (0..4).map(|_| self.extension(client.clone())).collect();
        let mut sent = vec![];
        for order in &orders {
            let url = self.stage.url(&mut self.chance).await?;
            sent.push((self.open(order), url));
        }
        let all = orders.iter().zip(&sent).map(|(order, (number, url))| self.once(order, *number, url, None));
        futures::future::join_all(all).await;
        Ok(())
    }

    fn open(&self, order: &Order) -> usize {
        let Order { method, path, body, key, .. } = order;
        let key = key.as_deref().unwrap_or("none");
        self.stage.open(Asked {
            number: 0,
            round: 0,
            actor: format!("token:{}", self.name),
            username: order.client.username.clone(),
            action: order.action,
            days: order.days,
            how: format!("{method} {path} {body} key {key} ({})", order.client.username),
            tries: vec![],
        })
    }

    /// One order; with a key it is sent until it is known how it ended.
    async fn send(&mut self, order: Order) -> Res<()> {
        let number = self.open(&order);
        let (twice, leaves) = match order.key {
            Some(_) => (self.chance.random_bool(0.15), self.chance.random_bool(0.1)),
            None => (false, self.chance.random_bool(0.03)),
        };
        // Goes away before it hears anything.
        let leaves = leaves.then(|| Duration::from_millis(self.chance.random_range(1..300)));
        let url = self.stage.url(&mut self.chance).await?;
        let first = self.once(&order, number, &url, leaves);
        let mut heard = if twice {
            let other = self.stage.url(&mut self.chance).await?;
            let (first, second) = tokio::join!(first, self.once(&order, number, &other, None));
            if matches!(first.end, End::Done(_)) { first } else { second }
        } else {
            first.await
        };
        for _ in 1..TRIES {
            let again = matches!(heard.end, End::Failed | End::Busy | End::Silent(_));
            if order.key.is_none() || !again {
                break;
            }
            tokio::time::sleep(Duration::from_millis(self.chance.random_range(20..800))).await;
            let url = self.stage.url(&mut self.chance).await?;
            heard = self.once(&order, number, &url, None).await;
        }
        self.learn(&order, &heard);
        Ok(())
    }

    fn learn(&self, order: &Order, heard: &Heard) {
        if !matches!(heard.end, End::Done(_)) {
            return;
        }
        match order.action {
            Action::Delete => self.stage.forget(order.client.id),
            Action::Create => {
                let id = heard.body.get("id").and_then(Value::as_str).and_then(|id| id.parse().ok());
                if let Some(id) = id {
                    self.stage.remember(Known { id, ..order.client.clone() });
                }
            }
            _ => {}
        }
    }

    /// Sent once, and noted.
    fn once<'b>(
        &self,
        order: &'b Order,
        number: usize,
        url: &str,
        leaves: Option<Duration>,
    ) -> BoxFuture<'b, Heard>
    where
        'a: 'b,
    {
        let mut request = self.http.request(order.method.clone(), format!("{url}{}", order.path));
        request = request.bearer_auth(&self.secret).timeout(leaves.unwrap_or(PATIENCE));
        if let Some(key) = &order.key {
            request = request.header("Idempotency-Key", key);
        }
        if !order.body.is_null() {
            request = request.json(&order.body);
        }
        let stage = self.stage;
        Box::pin(async move {
            let began = now();
            let heard = match request.send().await {
                Ok(answer) => {
                    let status = answer.status().as_u16();
                    // An answer that breaks off is none.
                    match answer.json().await {
                        Ok(body) => understood(stage, order, status, body),
                        Err(error) => silent(&error),
                    }
                }
                Err(error) => silent(&error),
            };
            if now() - began > chrono::TimeDelta::seconds(10) {
                stage.count("answers that took more than 10 s");
            }
            stage.ledger.told(number, Try { began, ended: now(), end: heard.end.clone() });
            heard
        })
    }
}

fn silent(error: &reqwest::Error) -> Heard {
    Heard { end: End::Silent(error.to_string()), body: Value::Null }
}

fn understood(stage: &Stage, order: &Order, status: u16, body: Value) -> Heard {
    let detail = body.get("detail").and_then(Value::as_str).unwrap_or_default();
    let end = match status {
        200 | 201 => End::Done(date(&body)),
        409 if detail.contains("ещё выполняется") => End::Busy,
        404 | 409 => End::Refused(format!("{status} {detail}")),
        502 => End::Failed,
        503 => End::Busy,
        _ => {
            let what = format!("answered with {status}: {} {} {body}", order.method, order.path);
            stage.differ(what, Some(&order.client.username));
            End::Silent(format!("{status}"))
        }
    };
    Heard { end, body }
}

fn date(client: &Value) -> Option<DateTime<Utc>> {
    client.get("expires_at")?.as_str()?.parse().ok()
}
