//! What people type.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| orchestrator::bot::fuzzing::command(text));
