//! The panel adapter, against a server that answers what a test tells it to.

mod discovery;
mod faults;
mod recordings;
mod replay;
mod requests;
