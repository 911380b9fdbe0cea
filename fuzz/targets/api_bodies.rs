//! What integrations send.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| orchestrator::api::fuzzing::body(body));
