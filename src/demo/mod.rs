//! The simulated panel and Telegram: real HTTP servers, for `demo` and for the tests.

pub mod panel;
pub mod telegram;
