//! What integrations do, against the real rules on both databases.

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use orchestrator::api::settings::{ApiSettings, ApiToken};
use orchestrator::demo::panel::{Fault, Matcher, NewSimUser, What};
use orchestrator::domain::actor::TokenScope;
use orchestrator::domain::clock::OsEntropy;
use orchestrator::repositories::Db;
use serde_json::{Value, json};
use std::sync::Arc;

use super::{Answer, WRITE, send};
use crate::support::db::{Kind, on_both};
use crate::support::world::World;

on_both!(
    a_client_is_made_looked_at_and_listed,
    lists_are_filtered,
    a_client_is_found_by_every_form_of_its_id,
    the_configuration_is_what_the_panel_serves,
    a_page_of_html_is_no_configuration,
    a_blocked_client_still_has_what_the_panel_serves,
    a_taken_name_is_409_and_one_taken_in_the_panel_only_too,
    panel_failures_are_502_and_reads_go_on,
    a_repeated_request_with_its_key_is_answered_the_same,
    the_database_away_is_503,
);

pub struct Shop {
    pub world: World,
    router: Router,
}

impl Shop {
    pub async fn new(kind: Kind) -> Self {
        let world = World::new(kind).await;
        let token = ApiToken { name: "shop".to_owned(), secret: WRITE.into(), scope: TokenScope::Write };
        let settings = ApiSettings { tokens: vec![token], ..ApiSettings::default() };
        let router = orchestrator::api::router(world.services.clone(), settings, Arc::new(OsEntropy));
        Self { world, router }
    }

    /// A request with the token that may do everything.
    pub async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Answer {
        let mut request =
            Request::builder().method(method).uri(path).header("authorization", format!("Bearer {WRITE}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        send(&self.router, request.body(Body::from(body)).unwrap()).await
    }

    async fn ask(&self, method: &str, path: &str, key: Option<&str>, body: &str) -> Answer {
        let key = key.map(|key| ("idempotency-key", key));
        self.send(method, path, key.as_slice(), body.into()).await
    }

    async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, None, "").await
    }

    async fn create(&self, body: &Value) -> Answer {
        self.ask("POST", "/api/v1/clients", None, &body.to_string()).await
    }

    /// Makes a client and tells its id.
    pub async fn client(&self, username: &str) -> String {
        let made = self.create(&json!({"username": username, "days": 30})).await;
        assert_eq!(made.status, 201, "{}", made.body);
        json_of(&made)["id"].as_str().unwrap().to_owned()
    }
}

fn json_of(answer: &Answer) -> Value {
    serde_json::from_str(&answer.body).unwrap()
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

fn assert_says(answer: &Answer, status: u16, detail: &str) {
    assert_eq!((answer.status, answer.body.as_str()), (status, &*format!(r#"{{"detail":"{detail}"}}"#)));
}

async fn a_client_is_made_looked_at_and_listed(kind: Kind) {
    let shop = Shop::new(kind).await;
    assert_eq!(shop.get("/api/v1/clients").await.body, r#"{"items":[],"total":0}"#);
    let made = shop.create(&json!({"username": "alice", "days": 30})).await;
    assert_eq!(made.status, 201);
    let id = json_of(&made)["id"].as_str().unwrap().to_owned();
    assert_eq!(made.body, format!(r#"{{"id":"{id}"}}"#));

    let shown = shop.get(&format!("/api/v1/clients/{id}")).await;
    let client = json_of(&shown);
    let order =
        "id username remnawave_uuid short_uuid subscription_url status expires_at created_at updated_at";
    assert_eq!(keys(&client).join(" "), order);
    let user = shop.world.panel.user("alice").unwrap();
    assert_eq!(client["short_uuid"], json!(user.short_uuid));
    assert_eq!(client["remnawave_uuid"], json!(user.id.to_string()));
    assert_eq!(client["status"], "active");
    for time in ["expires_at", "created_at", "updated_at"] {
        let text = client[time].as_str().unwrap();
        assert!(text.len() == 27 && text.ends_with('Z'), "six digits and Z: {text}");
    }
    assert_eq!(shop.get("/api/v1/clients").await.body, format!(r#"{{"items":[{}],"total":1}}"#, shown.body));

    let log = json_of(&shop.get(&format!("/api/v1/operations?client_id={id}")).await);
    assert_eq!(log["total"], 1);
    let row = &log["items"][0];
    assert_eq!(keys(row).join(" "), "id client_id action payload result error created_at");
    assert_eq!(
        (&row["action"], &row["result"], &row["error"]),
        (&json!("create"), &json!("success"), &Value::Null)
    );
    assert_eq!(row["payload"].to_string(), r#"{"username":"alice","days":30}"#);
    let nobody = "/api/v1/operations?client_id=11111111-1111-4111-8111-111111111111";
    assert_eq!(shop.get(nobody).await.body, r#"{"items":[],"total":0}"#);
}

async fn lists_are_filtered(kind: Kind) {
    let shop = Shop::new(kind).await;
    for username in ["first", "second"] {
        shop.client(username).await;
        shop.world.clock.advance(chrono::TimeDelta::seconds(1));
    }
    let names = async |query: &str| {
        let list = json_of(&shop.get(&format!("/api/v1/clients{query}")).await);
        let items = list["items"].as_array().unwrap().clone();
        assert_eq!(list["total"], json!(items.len()));
        items.into_iter().map(|item| item["username"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names("").await, ["second", "first"], "newest first");
    assert_eq!(names("?status=active&expired=No").await, ["second", "first"]);
    assert_eq!(names("?status=blocked").await, [""; 0]);
    assert_eq!(names("?expired=1").await, [""; 0]);
    shop.world.clock.advance(chrono::TimeDelta::days(31));
    assert_eq!(names("?expired=on").await, ["second", "first"]);
}

async fn a_client_is_found_by_every_form_of_its_id(kind: Kind) {
    let shop = Shop::new(kind).await;
    let id = shop.client("alice").await;
    let plain = shop.get(&format!("/api/v1/clients/{id}")).await;
    let forms = [id.replace('-', ""), id.to_uppercase(), format!("urn:uuid:{id}"), format!("%7B{id}%7D")];
    for form in forms {
        let answer = shop.get(&format!("/api/v1/clients/{form}")).await;
        assert_eq!((answer.status, &answer.body), (200, &plain.body), "{form}");
    }
    let unknown = shop.get("/api/v1/clients/11111111-1111-4111-8111-111111111111").await;
    assert_says(&unknown, 404, "Клиент с id=11111111-1111-4111-8111-111111111111 не найден");
}

async fn the_configuration_is_what_the_panel_serves(kind: Kind) {
    let shop = Shop::new(kind).await;
    let id = shop.client("alice").await;
    let answer = shop.get(&format!("/api/v1/clients/{id}/config")).await;
    assert_eq!(answer.status, 200);
    let config = json_of(&answer);
    assert_eq!(keys(&config).join(" "), "client_id short_uuid subscription_url config_data");
    let short = config["short_uuid"].as_str().unwrap();
    let served = reqwest::Client::new()
        .get(format!("{}/api/sub/{short}", shop.world.panel.url()))
        .header("x-forwarded-for", "1.2.3.4")
        .header("x-forwarded-proto", "https")
        .header("user-agent", "v2rayNG/1.8.5")
        .send()
        .await
        .unwrap();
    assert_eq!(config["config_data"], json!(served.text().await.unwrap()), "byte for byte");
    let log = json_of(&shop.get("/api/v1/operations").await);
    assert_eq!(log["items"][0]["action"], "get_config");
}

async fn a_page_of_html_is_no_configuration(kind: Kind) {
    let shop = Shop::new(kind).await;
    let id = shop.client("alice").await;
    for what in [What::HtmlOk, What::Empty, What::Truncated, What::Status(500, None)] {
        shop.world.panel.clear_faults();
        shop.world.panel.fault(Fault::before(Matcher::path("/api/subscriptions/**"), what.clone()).always());
        shop.world.panel.fault(Fault::before(Matcher::path("/api/sub/**"), what.clone()).always());
        let answer = shop.get(&format!("/api/v1/clients/{id}/config")).await;
        assert_says(&answer, 502, "Ошибка взаимодействия с VPN-провайдером");
    }
    let row = &json_of(&shop.get("/api/v1/operations").await)["items"][0];
    assert_eq!((&row["action"], &row["result"]), (&json!("get_config"), &json!("fail")));
    assert!(row["error"].is_string(), "{row}");
}

async fn a_blocked_client_still_has_what_the_panel_serves(kind: Kind) {
    let shop = Shop::new(kind).await;
    let id = shop.client("alice").await;
    shop.world.panel.edit_user("alice", |user| user.status = orchestrator::demo::panel::SimStatus::Disabled);
    let answer = shop.get(&format!("/api/v1/clients/{id}/config")).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
}

async fn a_taken_name_is_409_and_one_taken_in_the_panel_only_too(kind: Kind) {
    let shop = Shop::new(kind).await;
    shop.client("alice").await;
    let again = shop.create(&json!({"username": "alice"})).await;
    assert_says(&again, 409, "Клиент с username='alice' уже существует");
    let expire_at = chrono::DateTime::UNIX_EPOCH + chrono::TimeDelta::days(30_000);
    shop.world.panel.insert_user(NewSimUser { username: "bob".to_owned(), short_uuid: None, expire_at });
    let theirs = shop.create(&json!({"username": "bob"})).await;
    assert_says(&theirs, 409, "Клиент с username='bob' уже существует");
    assert_eq!(json_of(&shop.get("/api/v1/operations").await)["total"], 1);
}

async fn panel_failures_are_502_and_reads_go_on(kind: Kind) {
    let shop = Shop::new(kind).await;
    let id = shop.client("alice").await;
    for what in [What::Status(500, None), What::Html, What::Empty, What::Drop, What::Hang] {
        shop.world.panel.clear_faults();
        shop.world.panel.fault(Fault::before(Matcher::path("/api/users/**"), what.clone()).always());
        let failed = shop.create(&json!({"username": "bob"})).await;
        assert_says(&failed, 502, "Ошибка взаимодействия с VPN-провайдером");
        assert_eq!(shop.get(&format!("/api/v1/clients/{id}")).await.status, 200);
        shop.world.panel.clear_faults();
        shop.world.services.reconciler.run_once().await.unwrap();
    }
    shop.world.panel.stop().await;
    let down = shop.create(&json!({"username": "bob"})).await;
    assert_says(&down, 502, "Ошибка взаимодействия с VPN-провайдером");
    shop.world.panel.restart().await.unwrap();
    shop.world.services.reconciler.run_once().await.unwrap();
    shop.client("bob").await;
    let names: Vec<_> = shop.world.panel.users().into_iter().map(|user| user.username).collect();
    assert_eq!(names.len(), 2, "{names:?}");
}

async fn a_repeated_request_with_its_key_is_answered_the_same(kind: Kind) {
    let shop = Shop::new(kind).await;
    let ask = async |key: &'static str, username: &str| {
        shop.ask("POST", "/api/v1/clients", Some(key), &json!({"username": username}).to_string()).await
    };
    let first = ask("one", "alice").await;
    let again = ask("one", "alice").await;
    assert_eq!((first.status, &first.body), (201, &again.body));
    assert_eq!(again.status, 201);
    assert_says(&ask("one", "bob").await, 422, "Idempotency-Key использован с другим запросом");
    assert_eq!(ask("two", "alice").await.status, 409);
    assert_eq!(shop.world.panel.users().len(), 1);
}

async fn the_database_away_is_503(kind: Kind) {
    let shop = Shop::new(kind).await;
    shop.world.panel.clear_calls();
    match &shop.world.opened.db {
        Db::Postgres(pool) => pool.close().await,
        Db::Sqlite { read, write } => {
            read.close().await;
            write.close().await;
        }
    }
    for (method, path, body) in
        [("GET", "/api/v1/clients", ""), ("POST", "/api/v1/clients", r#"{"username":"bob"}"#)]
    {
        let answer = shop.ask(method, path, None, body).await;
        assert_says(&answer, 503, "Сервис временно недоступен");
        assert!(answer.header("retry-after").is_some());
    }
    assert!(shop.world.panel.calls().is_empty(), "no panel call is begun");
    assert_eq!(shop.get("/health").await.body, r#"{"status":"ok"}"#);
    let ready = shop.get("/health/ready").await;
    assert_eq!(ready.status, 503, "{}", ready.body);
}
