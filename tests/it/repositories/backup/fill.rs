//! A few rows in every table, with values that are hard to keep.

use chrono::{DateTime, TimeDelta, Utc};
use orchestrator::domain::clock::{Entropy as _, OsEntropy};
use orchestrator::repositories::Db;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use crate::support::rows::{Value, insert};

/// Any value that a column takes, the unpleasant ones often.
struct Any(TestRunner);

impl Any {
    fn of<T: std::fmt::Debug>(&mut self, strategy: impl Strategy<Value = T>) -> T {
        strategy.new_tree(&mut self.0).unwrap().current()
    }

    fn text(&mut self) -> Value {
        let odd = prop::sample::select(vec![
            "",
            "\\N",
            "\\.",
            "a\tb",
            "a\nb\r",
            "'; DROP TABLE clients; --",
            "\"",
            "\u{1f600} \u{202e}x",
            "NULL",
            "\\\\x00",
        ]);
        Value::Text(self.of(prop_oneof![odd.prop_map(str::to_owned), "[^\u{0}]{0,30}"]))
    }

    /// A text that is there once.
    fn name(&mut self) -> Value {
        Value::Text(format!("{}\\{}", self.of("[a-z\\\\'\t]{0,8}"), OsEntropy.token(12)))
    }

    fn json(&mut self) -> Value {
        let text = self.of("[^\u{0}]{0,20}");
        Value::Text(serde_json::json!({"z": text, "a": [1.50, null, "\\N\t"]}).to_string())
    }

    fn id() -> Value {
        Value::Id(OsEntropy.uuid())
    }

    fn number(&mut self) -> Value {
        Value::Number(self.of(prop_oneof![any::<i64>(), Just(i64::MIN), Just(0), Just(i64::MAX)]))
    }

    fn at(&mut self) -> DateTime<Utc> {
        let seconds = self.of(-60_000_000_000_i64..=200_000_000_000);
        DateTime::UNIX_EPOCH + TimeDelta::microseconds(seconds * 1000 + seconds % 1000)
    }

    fn moment(&mut self) -> Value {
        Value::At(self.at())
    }

    fn perhaps(&mut self, value: Value) -> Value {
        if self.of(any::<bool>()) { value } else { Value::Nothing }
    }
}

fn word(text: &str) -> Value {
    Value::Text(text.to_owned())
}

/// A few rows in every table.
pub async fn fill(db: &Db) {
    let mut any = Any(TestRunner::deterministic());
    for number in 0..12 {
        let id = Any::id();
        let (text, moment) = (any.text(), any.moment());
        insert(
            db,
            "clients",
            &[
                ("id", id.clone()),
                ("username", any.name()),
                ("remnawave_uuid", any.name()),
                ("short_uuid", any.name()),
                ("subscription_url", text.clone()),
                ("status", word("blocked")),
                ("expires_at", any.moment()),
                ("created_at", any.moment()),
                ("updated_at", moment.clone()),
                ("telegram_id", any.number()),
                ("lapsed", Value::Is(number % 2 == 0)),
                ("note", any.text()),
                ("panel_look_at", any.moment()),
                ("lapsed_for", Value::Nothing),
                ("notices_from", any.moment()),
            ],
        )
        .await;
        let payload = any.json();
        let payload = any.perhaps(payload);
        insert(
            db,
            "operations",
            &[
                ("id", Any::id()),
                ("client_id", id.clone()),
                ("action", word("rotate_config")),
                ("payload", payload),
                ("result", word("fail")),
                ("error", text.clone()),
                ("created_at", any.moment()),
            ],
        )
        .await;
        insert(
            db,
            "audit",
            &[
                ("id", Any::id()),
                ("client_id", Any::id()),
                ("username", any.name()),
                ("actor", any.name()),
                ("source", word("panel")),
                ("action", word("get_config")),
                ("payload", any.json()),
                ("result", word("success")),
                ("reason", any.text()),
                ("created_at", any.moment()),
            ],
        )
        .await;
        insert(
            db,
            "intents",
            &[
                ("id", Any::id()),
                ("key_scope", any.text()),
                ("key", any.name()),
                ("request_hash", word(&"f".repeat(64))),
                ("actor", any.name()),
                ("source", word("api")),
                ("client_id", id.clone()),
                ("username", any.name()),
                ("wanted", any.json()),
                ("before", any.json()),
                ("state", word(if number == 0 { "undoing" } else { "done" })),
                ("answer", any.json()),
                ("lease_owner", any.text()),
                ("lease_until", any.moment()),
                ("created_at", any.moment()),
                ("verify_at", any.moment()),
                ("reason", any.text()),
            ],
        )
        .await;
        insert(
            db,
            "updates",
            &[
                ("bot_id", Value::Number(7)),
                ("update_id", Value::Number(number)),
                ("sender", any.number()),
                ("payload", any.text()),
                ("received_at", any.moment()),
                ("handled_at", Value::Nothing),
            ],
        )
        .await;
        insert(
            db,
            "dialogues",
            &[("telegram_id", Value::Number(number)), ("state", any.text()), ("updated_at", any.moment())],
        )
        .await;
        let role = any.perhaps(word("owner"));
        insert(
            db,
            "people",
            &[
                ("telegram_id", Value::Number(number)),
                ("name", any.text()),
                ("telegram_username", any.text()),
                ("role", role),
                ("created_at", any.moment()),
                ("seen_at", any.moment()),
                ("must_start", Value::Is(true)),
            ],
        )
        .await;
        insert(
            db,
            "invites",
            &[
                ("token_hash", word(&format!("{number:064}"))),
                ("client_id", id.clone()),
                ("created_by", any.name()),
                ("created_at", any.moment()),
                ("expires_at", any.moment()),
                ("used_by", any.number()),
            ],
        )
        .await;
        let hash: [u8; 32] = any.of(prop::array::uniform32(any_byte()));
        insert(
            db,
            "api_tokens",
            &[
                ("id", Any::id()),
                ("name", any.name()),
                ("generation", Value::Small(1)),
                ("hash", Value::Bytes(hash.to_vec())),
                ("scope", word("read")),
                ("created_by", any.name()),
                ("created_at", any.moment()),
            ],
        )
        .await;
        insert(
            db,
            "kept_answers",
            &[
                ("key_scope", any.text()),
                ("key", any.name()),
                ("request_hash", word(&"0".repeat(64))),
                ("answer", any.json()),
                ("created_at", any.moment()),
            ],
        )
        .await;
        insert(
            db,
            "outbox",
            &[
                ("id", Value::Number(number * 1000 + 5)),
                ("chat", any.number()),
                ("priority", Value::Small(2)),
                ("notice", any.json()),
                ("dedupe", any.name()),
                ("batch", Any::id()),
                ("created_at", any.moment()),
                ("not_before", any.moment()),
                ("drop_after", any.moment()),
                ("attempts", Value::Small(3)),
                ("claimed_at", any.moment()),
            ],
        )
        .await;
        insert(db, "outbox_holds", &[("chat", Value::Number(number)), ("until", any.moment())]).await;
        insert(
            db,
            "searches",
            &[
                ("telegram_id", Value::Number(number)),
                ("id", any.number()),
                ("text", any.text()),
                ("used_at", any.moment()),
            ],
        )
        .await;
        insert(
            db,
            "bulk_tasks",
            &[
                ("id", Any::id()),
                ("kind", word("import")),
                ("state", word("stopped")),
                ("started_by", any.number()),
                ("actor", any.text()),
                ("key", any.name()),
                ("text", any.text()),
                ("progress", any.text()),
                ("lease_owner", any.text()),
                ("lease_until", any.moment()),
                ("created_at", moment),
            ],
        )
        .await;
        insert(
            db,
            "leases",
            &[
                ("name", any.name()),
                ("owner", word("")),
                ("until", Value::At(DateTime::UNIX_EPOCH)),
                ("due_at", any.moment()),
                ("memory", any.json()),
            ],
        )
        .await;
        insert(db, "matters", &[("key", any.name()), ("matter", any.json()), ("raised_at", any.moment())])
            .await;
        insert(db, "facts", &[("name", any.name()), ("value", any.text())]).await;
        insert(
            db,
            "expiry_notices",
            &[("client_id", id), ("expires_at", any.moment()), ("hours", Value::Small(72))],
        )
        .await;
    }
}

fn any_byte() -> impl Strategy<Value = u8> {
    any::<u8>()
}
