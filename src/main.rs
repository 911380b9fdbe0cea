//! Parse the command line, build the app, run; nothing else.

use std::process::ExitCode;

/// A request makes and drops some hundred small things: glibc's allocator took a sixth of its time (docs/performance.md).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    orchestrator::cli::run()
}
