//! What people see: pure functions of a view and of who looks.

pub mod broadcast;
pub mod card;
pub mod change;
pub mod config;
pub mod contacts;
pub mod created;
pub mod diagnosis;
pub mod expiring;
pub mod find;
pub mod help;
pub mod home;
pub mod import;
pub mod invite;
pub mod keys;
pub mod lang;
pub mod list;
pub mod log;
pub mod matters;
pub mod mine;
pub mod new;
pub mod notice;
pub mod notices;
pub mod people;
pub mod progress;
pub mod restored;
pub mod roles;
pub mod rotation;
pub mod stats;
pub mod status;
pub mod token;

#[cfg(test)]
pub(crate) mod samples;
