//! The bot: what people see and do in Telegram.
//!
//! An update's way: [`intake`] keeps it, [`feed`] takes it from the table, [`update`] reads it ([`arrival`]), asks who
//! it is ([`visitor`]) and lets the [`tree`] find its handler; the handler asks a service and shows one of the
//! [`screens`], which [`render`] sends.

mod arrival;
mod backoff;
mod bucket;
pub mod callback;
mod chart;
pub mod commands;
pub mod connect_link;
mod dialogues;
mod door;
mod errors;
mod feed;
mod flood;
pub mod format;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod handlers;
pub mod html;
mod http;
mod inspect;
mod intake;
mod limits;
pub mod locale;
pub mod log_spot;
mod long_work;
mod menu;
mod outbox;
mod patience;
mod problem;
mod refusal;
pub mod render;
mod run;
pub mod screen;
pub mod screens;
mod settings;
pub mod spot;
mod status;
mod telegram;
mod tree;
pub mod turn;
mod update;
mod visitor;
mod webhook;

pub use http::HttpError;
pub use inspect::{Account, Asked, Depth, Poller, TelegramInspection, WebhookSeen, inspect};
pub use limits::Limits;
pub use problem::TelegramProblem;
pub use run::run;
pub use settings::{BotSettings, WebhookSettings};
