//! The panel adapter, against a server that answers what a test tells it to.

mod breaker;
mod discovery;
mod faults;
mod recordings;
mod replay;
mod requests;
