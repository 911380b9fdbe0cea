//! RemnaWave Orchestrator: a Telegram bot and a REST API for people who run a VPN on a RemnaWave panel.
//!
//! In reading order: `app` wires everything by what `config` read; `bot`, `api` and `jobs` are the doors; `services` hold the rules;
//! `repositories`, `panel` and `backup` (a file) are the outside world; `domain` is pure. `doctor` looks at all of it and says
//! what is wrong.

pub mod cli;

pub mod config;

pub mod app;

pub mod doctor;

pub mod bot;

pub mod api;

pub mod jobs;

pub mod services;

pub mod backup;

pub mod repositories;

pub mod panel;

pub mod domain;

#[cfg(feature = "demo")]
pub mod demo;

#[cfg(test)]
mod written;
