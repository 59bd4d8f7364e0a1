//! What a worker lends to a connection for one call.

use super::{date::DateField, log_queue::LogQueue};
use crate::site::Site;

/// The surroundings of a connection at one moment.
#[derive(Debug)]
pub struct Context<'a> {
    /// The site that is served.
    pub site: &'a Site,
    /// The `Date` field of responses.
    pub date: &'a DateField,
    /// Milliseconds on a clock that never goes back.
    pub now_ms: u64,
    /// How long a connection may be idle, in milliseconds.
    pub idle_ms: u64,
    /// Whether each response is the last on its connection.
    pub is_stopping: bool,
    /// Gets a record of each response; `None` without an access log.
    pub log: Option<&'a mut LogQueue>,
}
