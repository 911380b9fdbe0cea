//! The handlers: each takes what was said, asks a service, shows a screen.

pub mod bulk;
pub mod change;
pub mod clients;
pub mod config;
pub mod help;
pub mod home;
pub mod invite;
pub mod lang;
pub mod links;
pub mod log;
pub mod matters;
pub mod mine;
pub mod people;
pub mod restored;
pub mod roles;
pub mod token;
