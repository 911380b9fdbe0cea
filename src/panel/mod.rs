//! The RemnaWave adapter: the only place that speaks to the panel.

pub mod settings;
