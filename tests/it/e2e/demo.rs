//! `orchestrator demo`, as somebody at a terminal uses it: over HTTP, twice on the same folder.

use orchestrator::demo::panel::PanelVersion;
use serde_json::json;
use tempfile::TempDir;

use super::Stage;
use crate::support::db::Kind;
use crate::support::demo::Demo;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demo_goes_on_where_it_was_cut() {
    for panel in ["v2", "v3"] {
        let folder = TempDir::new().unwrap();
        let demo = Demo::start(&folder, panel);
        assert!(demo.act(1001, "send", "/new alice 30").await.contains("Клиент alice создан"));
        assert!(demo.act(1001, "send", "/new").await.contains("Пришлите имя"));
        assert!(demo.act(1001, "send", "bob").await.contains("На сколько дней?"));
        drop(demo);

        let demo = Demo::start(&folder, panel);
        assert!(demo.act(1001, "send", "45").await.contains("Создать клиента bob на 45 дней?"));
        assert!(demo.act(1001, "tap", "Да").await.contains("Клиент bob создан"));
        let config = demo.act(1001, "send", "/config alice").await;
        assert!(config.contains("(photo, PNG"), "the panel remembers its users: {config}");
        let clients = demo.clients().await;
        assert!(clients.contains(r#""username":"alice""#) && clients.contains(r#""total":2"#), "{clients}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_demos_own_page_may_drive_it() {
    let folder = TempDir::new().unwrap();
    let demo = Demo::start(&folder, "v3");
    assert!(demo.page.starts_with("http://localhost:") && demo.page.ends_with("/demo"), "{}", demo.page);
    let (api, people) = (demo.api.as_str(), demo.people.as_str());
    let ask = async |url: String, name: &str, value: &str| {
        let request =
            reqwest::Client::new().post(url).header(name, value).json(&json!({"text": "/new evil 30"}));
        request.send().await.unwrap().status().as_u16()
    };
    for (name, value) in
        [("host", "evil.example"), ("origin", "http://evil.example"), ("sec-fetch-site", "same-site")]
    {
        assert_eq!(ask(format!("{api}/demo/people/1001/send"), name, value).await, 403, "{name}");
        assert_eq!(ask(format!("{people}/people/1001/send"), name, value).await, 403, "{name}");
    }
    assert_eq!(ask(format!("{api}/demo/people/5/send"), "origin", api).await, 404, "nobody has that number");
    assert_eq!(ask(format!("{api}/demo/people/1001/send"), "origin", api).await, 204);
    // The API is what it is without the page.
    let unknown = reqwest::get(format!("{api}/demonstration")).await.unwrap();
    assert_eq!(unknown.status().as_u16(), 404);
    assert!(unknown.headers().contains_key("x-request-id"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_service_itself_has_no_such_page() {
    let stage = Stage::new(Kind::Sqlite, PanelVersion::V3).await;
    for path in ["/", "/demo", "/demo/events", "/demo/app.js"] {
        assert_eq!(stage.get(path).await.0, 404, "{path}");
    }
    stage.end().await;
}
