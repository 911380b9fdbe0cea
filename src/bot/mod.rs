//! The bot: what people see and do in Telegram.
//!
//! An update's way: [`intake`] keeps it, [`feed`] takes it from the table, [`update`] reads it ([`arrival`]), asks who
//! it is ([`visitor`]) and lets the [`tree`] find its handler; the handler asks a service and shows one of the
//! [`screens`], which [`render`] sends.

mod arrival;
mod backoff;
pub mod callback;
pub mod commands;
pub mod connect_link;
mod dialogues;
mod door;
mod errors;
mod feed;
pub mod format;
mod handlers;
pub mod html;
mod http;
mod intake;
pub mod locale;
pub mod log_spot;
mod menu;
mod owners;
mod render;
mod run;
pub mod screen;
pub mod screens;
mod settings;
pub mod spot;
mod status;
mod telegram;
mod tree;
mod turn;
mod update;
mod visitor;

pub use run::run;
pub use settings::BotSettings;
