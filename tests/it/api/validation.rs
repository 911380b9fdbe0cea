//! What is read leniently, what is refused, and that nothing is left without an answer.

use serde_json::Value;

use super::{ALICE, Answer, ask, create, get, is_valid};

#[tokio::test]
async fn lenient_bodies_get_through() {
    for body in [
        r#"{"username":"abc"}"#,
        r#"{"username":"abc","days":"30"}"#,
        r#"{"username":"abc","days":" +1_000.0 "}"#,
        r#"{"username":"abc","days":30.0}"#,
        r#"{"username":"abc","days":true}"#,
        r#"{"username":"ab","username":"abc","unknown":[{"a":NaN}]}"#,
        "\u{feff}{\"username\":\"abc\"}",
    ] {
        let answer = create(body).await;
        assert!(is_valid(&answer), "{body}: {}", answer.body);
    }
    for content_type in
        [None, Some(""), Some("application/vnd.api+json"), Some("Application/JSON; charset=utf-8")]
    {
        let headers: Vec<_> = content_type.iter().map(|value| ("content-type", *value)).collect();
        let answer = ask("POST", "/api/v1/clients", &headers, r#"{"username":"abc"}"#).await;
        assert!(is_valid(&answer), "{content_type:?}: {}", answer.body);
    }
}

#[tokio::test]
async fn refusals_the_original_did_not_have() {
    let long = "a".repeat(5000);
    for (body, errors) in [
        (
            format!(r#"{{"username":"{}"}}"#, "a".repeat(37)),
            format!(
                r#"[{{"type":"string_too_long","loc":["body","username"],"msg":"String should have at most 36 characters","input":"{}","ctx":{{"max_length":36}}}}]"#,
                "a".repeat(37)
            ),
        ),
        (
            r#"{"username":"имя😀"}"#.to_owned(),
            r#"[{"type":"string_pattern_mismatch","loc":["body","username"],"msg":"String should match pattern '^[A-Za-z0-9_-]+$'","input":"имя😀","ctx":{"pattern":"^[A-Za-z0-9_-]+$"}}]"#.to_owned(),
        ),
        (
            r#"{"username":"a\u0000b c"}"#.to_owned(),
            r#"[{"type":"string_pattern_mismatch","loc":["body","username"],"msg":"String should match pattern '^[A-Za-z0-9_-]+$'","input":"a\u0000b c","ctx":{"pattern":"^[A-Za-z0-9_-]+$"}}]"#.to_owned(),
        ),
        (
            r#"{"username":"\ud800abc","days":1e300}"#.to_owned(),
            "[{\"type\":\"string_unicode\",\"loc\":[\"body\",\"username\"],\"msg\":\"Input should be a valid string, unable to parse raw data as a unicode string\",\"input\":\"\u{fffd}abc\"},\
             {\"type\":\"int_parsing_size\",\"loc\":[\"body\",\"days\"],\"msg\":\"Unable to parse input string as an integer, exceeded maximum size\",\"input\":1e+300}]".to_owned(),
        ),
        (
            format!(r#"{{"username":"{long}"}}"#),
            format!(
                r#"[{{"type":"string_too_long","loc":["body","username"],"msg":"String should have at most 36 characters","input":"{}","ctx":{{"max_length":36}}}}]"#,
                "a".repeat(200)
            ),
        ),
        (
            format!(r#"{{"x":"{long}"}}"#),
            format!(
                r#"[{{"type":"missing","loc":["body","username"],"msg":"Field required","input":"{{\"x\":\"{}"}}]"#,
                "a".repeat(194)
            ),
        ),
    ] {
        let answer = create(body).await;
        assert_eq!(answer.status, 422);
        assert_eq!(answer.body, format!(r#"{{"detail":"Ошибка валидации входных данных","errors":{errors}}}"#));
    }
}

#[tokio::test]
async fn a_body_that_does_not_say_json_is_a_text() {
    for content_type in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
    {
        let answer =
            ask("POST", "/api/v1/clients", &[("content-type", content_type)], r#"{"username":"abc"}"#).await;
        let errors = answer.errors();
        assert_eq!(errors[0]["type"], "model_attributes_type", "{content_type}");
        assert_eq!(errors[0]["input"], r#"{"username":"abc"}"#);
    }
    for nothing in ["", "null", " null\n"] {
        assert_eq!(create(nothing).await.errors()[0]["type"], "missing", "{nothing:?}");
    }
    assert_eq!(create("[".repeat(60_000)).await.status, 400);
}

#[tokio::test]
async fn queries_and_paths_are_read_leniently() {
    for path in [
        "/api/v1/clients?expired=TRUE&status=blocked",
        "/api/v1/clients?status=bad&status=active&unknown=1",
        "/api/v1/clients?st%61tus=%61ctive&expired=oFf",
        "/%61pi/v1/clients",
    ] {
        let answer = get(path).await;
        assert_eq!((answer.status, answer.body.as_str()), (200, r#"{"items":[],"total":0}"#), "{path}");
    }
    for path in ["?status", "?status=Active", "?expired", "?expired=%ff", "?expired=yes;status=x"] {
        assert_eq!(get(&format!("/api/v1/clients{path}")).await.status, 422, "{path}");
    }
    for spelling in
        [ALICE.to_uppercase(), ALICE.replace('-', ""), format!("urn:uuid:{ALICE}"), format!("%7B{ALICE}%7D")]
    {
        let answer = get(&format!("/api/v1/clients/{spelling}")).await;
        assert_eq!(answer.body, format!(r#"{{"detail":"Клиент с id={ALICE} не найден"}}"#), "{spelling}");
        assert_eq!(get(&format!("/api/v1/operations?client_id={spelling}")).await.status, 200, "{spelling}");
    }
    assert_eq!(get("/api/v1/clients/x%2Fconfig").await.errors()[0]["input"], "x");
    assert_eq!(get("/api/v1/clients/%ff").await.errors()[0]["input"], "\u{fffd}");
    assert_eq!(get("/api/v1/clients/a%2Fb").await.body, r#"{"detail":"Not Found"}"#);
}

#[tokio::test]
async fn an_idempotency_key_is_checked_with_everything_else() {
    let long = "k".repeat(256);
    for (key, kind) in
        [("", "string_too_short"), ("a b", "string_pattern_mismatch"), (&long, "string_too_long")]
    {
        let answer = ask("POST", "/api/v1/clients", &[("idempotency-key", key)], "{}").await;
        let errors = answer.errors();
        assert_eq!(
            (&errors[0]["type"], &errors[0]["loc"]),
            (&kind.into(), &serde_json::json!(["header", "idempotency-key"]))
        );
        assert_eq!(errors[1]["loc"], serde_json::json!(["body", "username"]));
    }
    let answer =
        ask("POST", "/api/v1/clients", &[("idempotency-key", &long[1..])], r#"{"username":"abc"}"#).await;
    assert!(is_valid(&answer));
}

/// One runtime for many cases.
fn answered(method: &str, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Option<Answer> {
    path.parse::<http::Uri>().ok()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    Some(runtime.block_on(ask(method, path, headers, body)))
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 200, ..Default::default() })]

    #[test]
    fn any_body_has_an_answer(body in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)) {
        let answer = answered("POST", "/api/v1/clients", &[], body).unwrap();
        assert!([400, 422].contains(&answer.status), "{}", answer.body);
    }

    #[test]
    fn any_fields_have_an_answer(username in "\\PC{0,40}", days in proptest::prelude::any::<f64>()) {
        let body = serde_json::json!({"username": username, "days": days}).to_string();
        let answer = answered("POST", "/api/v1/clients", &[], body.into_bytes()).unwrap();
        // Valid ones get as far as the service, whatever that says.
        assert!(![400, 401, 404, 413].contains(&answer.status), "{}", answer.body);
        assert!(serde_json::from_str::<Value>(&answer.body).is_ok());
    }

    #[test]
    fn any_query_has_an_answer(query in "(status|expired|client_id|[a-z%&=;+]){0,3}[ -~]{0,20}") {
        for path in ["/api/v1/clients", "/api/v1/operations"] {
            if let Some(answer) = answered("GET", &format!("{path}?{query}"), &[], vec![]) {
                assert!([200, 422].contains(&answer.status), "{}", answer.body);
            }
        }
    }

    #[test]
    fn any_path_has_an_answer(path in "(%[0-9a-f]{2}|[!-~]|[0-9a-f]{8}-|urn:uuid:){0,20}", tail in "(/config|/)?") {
        if let Some(answer) = answered("GET", &format!("/api/v1/clients/{path}{tail}"), &[], vec![]) {
            assert!([200, 307, 404, 422].contains(&answer.status), "{} {}", answer.status, answer.body);
        }
    }
}
