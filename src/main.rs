//! Parse the command line, build the app, run.
fn main() {}
