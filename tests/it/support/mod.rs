//! Helpers shared by the tests.

pub mod chat;
pub mod db;
pub mod demo;
pub mod log;
pub mod rows;
pub mod seed;
pub mod service;
pub mod world;
