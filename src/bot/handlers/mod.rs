//! The handlers: each takes what was said, asks a service, shows a screen.

pub mod clients;
pub mod config;
pub mod help;
pub mod home;
pub mod invite;
pub mod lang;
pub mod token;
