//! What the panel tells by itself.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| orchestrator::panel::fuzzing::webhook(body));
