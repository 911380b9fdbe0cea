//! What stands in buttons.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &str| orchestrator::bot::fuzzing::tap(data));
