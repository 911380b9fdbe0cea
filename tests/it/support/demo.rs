//! The built binary's demo, as a process of its own.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

pub struct Demo {
    child: Child,
    /// The page.
    pub page: String,
    /// The door of the people.
    pub people: String,
    /// The API, on the page's port.
    pub api: String,
}

impl Demo {
    pub fn start(folder: &TempDir, panel: &str) -> Self {
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
        Self { page: said.first().unwrap().clone(), people: url("People"), api: url("API"), child }
    }

    pub async fn act(&self, person: i64, how: &str, what: &str) -> String {
        let url = format!("{}/people/{person}/{how}", self.people);
        reqwest::Client::new().post(url).body(what.to_owned()).send().await.unwrap().text().await.unwrap()
    }

    pub async fn clients(&self) -> String {
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
