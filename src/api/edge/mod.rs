//! What surrounds every request: the connection's limits below the router, and what is around its routes ([`Around`]).

pub mod access;
pub mod address;
mod around;
mod arriving;
pub mod compression;
pub mod concurrency;
pub mod headers;
mod idle;
pub mod length;
mod limits;
pub mod request_id;
mod stream;

pub use access::name_caller;
pub use address::{ClientAddress, Origin, TrustedProxies};
pub use around::Around;
pub use arriving::{Arriving, SlowBody};
pub use idle::{Idle, Seat};
pub use limits::Limits;
pub use stream::{Patient, Unread};

#[cfg(test)]
mod tests;
