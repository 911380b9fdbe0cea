//! What people see: pure functions of a view and of who looks.

pub mod alert;
pub mod broadcast;
pub mod card;
pub mod change;
pub mod config;
pub mod created;
pub mod find;
pub mod help;
pub mod home;
pub mod import;
pub mod invite;
pub mod lang;
pub mod list;
pub mod log;
pub mod mine;
pub mod new;
pub mod notice;
pub mod notices;
pub mod people;
pub mod progress;
pub mod roles;
pub mod stats;
pub mod token;

#[cfg(test)]
pub(crate) mod samples;
