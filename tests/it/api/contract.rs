//! The recorded refusals, played again.

use std::collections::HashMap;

use super::{ALICE, BOB, ask};

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

/// The endpoints that do not exist yet.
const LATER: [&str; 5] = ["extend", "block", "unblock", "rotate", "delete"];

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

#[tokio::test]
async fn recorded_refusals_are_repeated_to_the_byte() {
    let ids = HashMap::from([("alice", ALICE), ("bob", BOB)]);
    let all = recordings(&ids);
    let (recorded, mut played) = (all.len(), 0);
    for recording in all {
        let Recording { name, request, response } = recording;
        if LATER.iter().any(|later| name.starts_with(later)) {
            continue;
        }
        let headers: Vec<_> =
            request.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let answer = ask(&request.method, &request.path, &headers, bytes_of(&request)).await;
        assert_eq!(answer.status, response.status, "{name}: {}", answer.body);
        assert_eq!(answer.header("location"), response.location.as_deref(), "{name}");
        let expected = compact(response.body.get());
        if expected == "\"\"" {
            assert_eq!(answer.body, "", "{name}");
        } else {
            assert_eq!(answer.body, expected, "{name}");
            assert_eq!(answer.header("content-type"), Some("application/json"), "{name}");
        }
        played += 1;
    }
    assert_eq!((recorded, played), (79, 56));
}
