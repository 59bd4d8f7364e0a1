//! This file owns what is told of each answer to whoever keeps a log. It keeps none, and what is
//! not wanted costs nothing.

use std::fmt;

use super::close::CloseReason;

/// What is known of an answer when it is given.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    /// The head of the request as it came, or what came of it.
    pub head: &'a [u8],
    /// The status of the answer.
    pub status: u16,
    /// How many bytes of content it has.
    pub content_length: u64,
    /// Why the connection ends behind it; `None` where it goes on.
    pub close: Option<CloseReason>,
}

/// Whoever keeps a log.
pub trait Journal: fmt::Debug {
    /// Hears of an answer. It must not wait for anything.
    fn note(&self, entry: Entry<'_>);
}
