//! The bot, as people meet it: a real teloxide over HTTP against the simulated Telegram, a real database, the
//! simulated panel.

mod alerts;
mod another_bot;
mod bad_input;
mod broadcast;
mod changes;
mod clients;
mod delivery;
mod diagnosis;
mod digest;
mod expiry;
mod faults;
mod find;
mod import;
mod invites;
mod keys;
mod linking;
mod load;
mod log;
mod logs;
mod matrix;
mod new_client;
mod outbox;
mod own;
mod own_rotation;
mod pace;
mod people;
mod replicas;
mod roles;
mod staff;
mod stage;
mod stats;
mod status;
mod tokens;
mod walk;
mod webhook;
