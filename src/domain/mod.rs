//! What the service is about: values and rules, no I/O.

pub mod clock;
