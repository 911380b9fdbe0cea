//! Lists and their pages. Every list has one order: newest first, and of one moment the larger id first.

use chrono::{DateTime, Utc};
use uuid::Uuid;

/// A row's place in the order. It never changes, so a page that goes on from here skips and repeats nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// When the row was made; microseconds.
    pub created_at: DateTime<Utc>,
    /// Its id.
    pub id: Uuid,
}

/// Which part of a list is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// How many rows at most.
    pub limit: u32,
    /// Only rows that come after this place.
    pub after: Option<Place>,
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// How many rows the whole list has, counted at the same moment.
    pub total: i64,
    /// From where the next part goes on; `None` on the last.
    pub next: Option<Place>,
}
