//! All integration tests, in one binary so that they link once.
#![allow(
    clippy::allow_attributes,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::too_many_lines,
    missing_docs,
    reason = "a test that fails loudly is a good test"
)]

mod alterations;
mod api;
mod bot;
mod browser;
mod changes;
mod deactivation;
mod e2e;
mod explain;
mod following;
mod gallery;
mod interleavings;
mod late;
mod layers;
mod lookups;
mod own;
mod panel_adapter;
mod panel_conformance;
mod promises;
mod repositories;
mod restored;
mod support;
mod telegram_sim;
mod upgrade;
mod watching;
