//! Failure of a command, and its exit status.

use std::{error::Error, fmt::Display};

/// Reason for a nonzero exit status.
#[derive(Debug)]
pub(super) enum Failure {
    /// Wrong usage that clap cannot detect: exit status 2.
    Usage(String),
    /// An error to print: exit status 1.
    Error(String),
    /// A problem that was already printed: exit status 1.
    Reported,
}

impl Failure {
    pub(super) fn usage(message: impl Display) -> Self {
        Self::Usage(message.to_string())
    }

    pub(super) fn error(message: impl Display) -> Self {
        Self::Error(message.to_string())
    }
}

impl<E: Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::error(error)
    }
}
