//! What the original service answered, played again.

use std::collections::HashMap;

use base64::Engine as _;
use serde_json::Value;

use super::flow::Shop;
use super::{ALICE, BOB};
use crate::support::db::{Kind, on_both};

on_both!(recorded_refusals_are_repeated_to_the_byte, recorded_successes_are_repeated);

#[derive(serde::Deserialize)]
struct Recording {
    name: String,
    request: RecordedRequest,
    response: RecordedResponse,
}

#[derive(serde::Deserialize)]
struct RecordedRequest {
    method: String,
    path: String,
    headers: HashMap<String, String>,
    body: Option<Box<serde_json::value::RawValue>>,
    body_raw: Option<String>,
}

#[derive(serde::Deserialize)]
struct RecordedResponse {
    status: u16,
    body: Box<serde_json::value::RawValue>,
    location: Option<String>,
}

/// The recordings with `<client_id:alice>` and the like replaced.
fn recordings(ids: &HashMap<&str, &str>) -> Vec<Recording> {
    let mut text = include_str!("../../fixtures/contract/refusals.json").to_owned();
    for (name, id) in ids {
        text = text.replace(&format!("<client_id:{name}>"), id);
    }
    serde_json::from_str(&text).unwrap()
}

/// The bytes that were sent: `\xff` in the recording stands for that byte.
fn bytes_of(request: &RecordedRequest) -> Vec<u8> {
    match (&request.body, &request.body_raw) {
        (Some(body), _) => body.get().as_bytes().to_vec(),
        (None, Some(raw)) => {
            let mut bytes = vec![];
            let mut rest = raw.as_str();
            while let Some((before, after)) = rest.split_once("\\x") {
                bytes.extend(before.bytes());
                bytes.push(u8::from_str_radix(&after[..2], 16).unwrap());
                rest = &after[2..];
            }
            bytes.extend(rest.bytes());
            bytes
        }
        (None, None) => vec![],
    }
}

/// The recorded body as the service writes it: compact, keys in the recorded order, numbers exactly.
fn compact(json: &str) -> String {
    let (mut text, mut quoted, mut escaped) = (String::new(), false, false);
    for character in json.chars() {
        if quoted || !character.is_whitespace() {
            text.push(character);
        }
        quoted ^= character == '"' && !escaped;
        escaped = quoted && character == '\\' && !escaped;
    }
    text
}

async fn recorded_refusals_are_repeated_to_the_byte(kind: Kind) {
    let shop = Shop::new(kind).await;
    let ids = HashMap::from([("alice", ALICE), ("bob", BOB)]);
    let all = recordings(&ids);
    assert_eq!(all.len(), 79);
    for Recording { name, request, response } in all {
        let headers: Vec<_> =
            request.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let answer = shop.send(&request.method, &request.path, &headers, bytes_of(&request)).await;
        assert_eq!(answer.status, response.status, "{name}: {}", answer.body);
        assert_eq!(answer.header("location"), response.location.as_deref(), "{name}");
        let expected = compact(response.body.get());
        if expected == "\"\"" {
            assert_eq!(answer.body, "", "{name}");
        } else {
            assert_eq!(answer.body, expected, "{name}");
            assert_eq!(answer.header("content-type"), Some("application/json"), "{name}");
        }
    }
}

#[derive(serde::Deserialize)]
struct Success {
    name: String,
    request: RecordedRequest,
    response: SuccessResponse,
    field_order: Option<Vec<String>>,
    operation: Option<Vec<Value>>,
}

#[derive(serde::Deserialize)]
struct SuccessResponse {
    status: u16,
    body: Value,
}

/// What stands for `<…>` in the recordings, as it turns up.
#[derive(Default)]
struct Names(HashMap<String, String>);

impl Names {
    /// A recorded text with every name that is known by now.
    fn fill(&self, text: &str) -> String {
        let known = self.0.iter();
        // The service that was recorded gave alice this id, and was asked for it without dashes.
        let spelled = self.0.get("<client_id:alice>").map(|id| id.replace('-', ""));
        let text = text.replace("f0deca009b5d4a3394d68c694d48137e", spelled.as_deref().unwrap_or_default());
        known.fold(text, |text, (name, value)| text.replace(name, value))
    }

    fn assert_like(&mut self, expected: &Value, actual: &Value, what: &str) {
        match (expected, actual) {
            (Value::Object(expected), Value::Object(actual)) => {
                assert_eq!(keys(expected), keys(actual), "{what}");
                expected.iter().for_each(|(key, value)| self.assert_like(value, &actual[key], what));
            }
            (Value::String(expected), Value::String(actual)) => self.assert_text(expected, actual, what),
            (expected, actual) => assert_eq!(expected, actual, "{what}"),
        }
    }

    fn assert_text(&mut self, expected: &str, actual: &str, what: &str) {
        if let Some(shape) = expected.strip_prefix("<datetime ").and_then(|rest| rest.strip_suffix('>')) {
            let nines = |c: char| if c.is_ascii_digit() { '9' } else { c };
            assert_eq!(actual.chars().map(nines).collect::<String>(), shape, "{what}");
        } else if expected.starts_with("<base64 ") {
            let text = base64::engine::general_purpose::STANDARD.decode(actual).expect(what);
            assert!(String::from_utf8(text).unwrap().starts_with("vless://"), "{what}");
        } else if let Some((_, name)) = expected.split_once("sub.example.com/") {
            assert!(actual.ends_with(&self.fill(name)), "{what}: {actual}");
        } else if expected.starts_with('<') && !self.0.contains_key(expected) {
            self.0.insert(expected.to_owned(), actual.to_owned());
        } else {
            assert_eq!(actual, self.fill(expected), "{what}");
        }
    }
}

fn keys(object: &serde_json::Map<String, Value>) -> Vec<&String> {
    object.keys().collect()
}

async fn recorded_successes_are_repeated(kind: Kind) {
    let shop = Shop::new(kind).await;
    let mut names = Names::default();
    let all: Vec<Success> =
        serde_json::from_str(include_str!("../../fixtures/contract/successes.json")).unwrap();
    assert_eq!(all.len(), 18);
    for Success { name, request, response, field_order, operation } in all {
        if name == "block: happy" {
            // Between the recorded requests somebody made this one.
            names.0.insert("<client_id:bob>".to_owned(), shop.client("bob").await);
        }
        let headers: Vec<_> =
            request.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let answer =
            shop.send(&request.method, &names.fill(&request.path), &headers, bytes_of(&request)).await;
        assert_eq!(answer.status, response.status, "{name}: {}", answer.body);
        if response.body == "<omitted>" {
            continue;
        }
        let body: Value = serde_json::from_str(&answer.body).expect(&name);
        assert_eq!(answer.body, serde_json::to_string(&body).unwrap(), "{name}: compact");
        assert_eq!(
            field_order.unwrap().iter().collect::<Vec<_>>(),
            keys(body.as_object().unwrap()),
            "{name}"
        );
        if name == "operations: happy" {
            // What else was done to bob there is not known; his last change is.
            names.assert_like(&response.body["items"][0], &body["items"][0], &name);
        } else {
            names.assert_like(&response.body, &body, &name);
        }
        for expected in operation.into_iter().flatten() {
            let log = shop.send("GET", "/api/v1/operations?limit=1", &[], vec![]).await;
            let log: Value = serde_json::from_str(&log.body).unwrap();
            for (key, value) in expected.as_object().unwrap() {
                names.assert_like(value, &log["items"][0][key], &name);
            }
        }
    }
    assert!(shop.world.panel.user("alice").is_none());
}
