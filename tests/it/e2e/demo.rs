//! `orchestrator demo`, as somebody at a terminal uses it: over HTTP, twice on the same folder.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

struct Demo {
    child: Child,
    people: String,
    api: String,
}

impl Demo {
    fn start(folder: &TempDir, panel: &str) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_orchestrator"));
        command
            .args(["demo", "--port", "0", "--people-port", "0", "--panel", panel, "--data"])
            .arg(folder.path());
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let said: Vec<String> = lines.take_while(|line| !line.contains("Ctrl-C")).collect();
        let url = |name: &str| {
            let line = said.iter().find(|line| line.trim_start().starts_with(name)).unwrap();
            line.split_whitespace().nth(1).unwrap().to_owned()
        };
        Self { people: url("People"), api: url("API"), child }
    }

    async fn act(&self, person: i64, how: &str, what: &str) -> String {
        let url = format!("{}/people/{person}/{how}", self.people);
        reqwest::Client::new().post(url).body(what.to_owned()).send().await.unwrap().text().await.unwrap()
    }

    async fn clients(&self) -> String {
        let request = reqwest::Client::new().get(format!("{}/api/v1/clients", self.api));
        request.bearer_auth("demo-token-0123456789").send().await.unwrap().text().await.unwrap()
    }
}

impl Drop for Demo {
    /// A power cut.
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

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
