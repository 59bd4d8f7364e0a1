//! Options of a server.

use std::{num::NonZeroUsize, sync::Arc};

use super::{activity::Activity, log::LogFormat};

/// Options of a server.
#[derive(Debug, Clone)]
pub struct ServerOptions {
    /// Number of workers; `None` for one per core.
    pub workers: Option<NonZeroUsize>,
    /// Maximum number of concurrent connections.
    pub connections_max: NonZeroUsize,
    /// Format of the access log on stdout; `None` for no log.
    pub log: Option<LogFormat>,
    /// Receives whether the server is used; `None` if that does not matter.
    pub activity: Option<Arc<Activity>>,
}
