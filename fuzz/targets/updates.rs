//! What Telegram sends, to the webhook or as an answer.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| orchestrator::bot::fuzzing::update(body));
