//! Options of a server.

use std::num::NonZeroUsize;

use super::log::LogFormat;

/// Options of a server.
#[derive(Debug, Clone, Copy)]
pub struct ServerOptions {
    /// Number of workers; `None` for one per core.
    pub workers: Option<NonZeroUsize>,
    /// Maximum number of concurrent connections.
    pub connections_max: NonZeroUsize,
    /// Format of the access log on stdout; `None` for no log.
    pub log: Option<LogFormat>,
}
