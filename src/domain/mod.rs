//! What the service is about: values and rules, no I/O.

pub mod actor;
pub mod alert_chat;
pub mod ask;
pub mod backup;
pub mod bulk;
pub mod change;
pub mod client;
pub mod clock;
pub mod contact;
pub mod days;
pub mod daytime;
pub mod ids;
pub mod matter;
pub mod measures;
pub mod notice;
pub mod operation;
pub mod page;
pub mod panel_problem;
pub mod person;
pub mod reason;
pub mod search;
pub mod skew;
pub mod token;
pub mod unreached;
pub mod username;
