//! This file owns what a connection is told of the world, since it looks at none of it by itself.

use super::{date::DateField, journal::Journal};
use crate::site::Site;

/// What a connection sees of the world at one moment.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// What is served.
    pub site: &'a Site,
    /// The `Date` of answers.
    pub date: &'a DateField,
    /// Milliseconds on a clock that never goes back.
    pub now_ms: u64,
    /// How long a connection may be idle from now on.
    pub idle_ms: u64,
    /// Whether answers are the last on their connections.
    pub is_stopping: bool,
    /// Who hears of each answer, if anybody does.
    pub journal: Option<&'a dyn Journal>,
}
