//! What a connection may take.

use std::time::Duration;

/// What a connection may take, and how many there may be.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// How long the head of a request may take from its first byte to its last; an idle connection is closed after the
    /// same time.
    pub head: Duration,
    /// How long a handler waits for the rest of a body, from when it first had to.
    pub body: Duration,
    /// How long a client may take nothing of an answer that waits for it.
    pub write: Duration,
    /// How long what a client still sends is taken after the last answer.
    pub linger: Duration,
    /// The most open connections. For one more the longest idle one is closed; it waits where all have work.
    pub connections: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(20),
            body: Duration::from_secs(15),
            write: Duration::from_secs(30),
            linger: Duration::from_secs(3),
            // Half of the 1024 file descriptors that a process usually has.
            connections: 512,
        }
    }
}
