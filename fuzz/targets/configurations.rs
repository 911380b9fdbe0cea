//! What the panel answers: users, and configurations with their keys.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    orchestrator::panel::fuzzing::users(body);
    for configuration in orchestrator::panel::fuzzing::configurations(body) {
        orchestrator::services::fuzzing::keys(&configuration);
    }
});
