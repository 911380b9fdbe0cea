//! Everything without anything: a simulated panel and a simulated Telegram, real HTTP servers, around the real service.
//! The tests use the same simulators.

pub mod clock;
mod control;
pub mod page;
pub mod panel;
pub mod people;
mod run;
pub mod telegram;
mod transcript;

pub use run::{DemoError, DemoOptions, run};
