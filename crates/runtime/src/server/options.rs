//! Options of a server.

use std::{num::NonZeroUsize, sync::Arc};

use super::{activity::Activity, log::LogFormat};
use crate::{http::Gate, tls::TlsConfig};

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
    /// Settings of TLS; `None` if only plain HTTP is served.
    pub tls: Option<TlsConfig>,
    /// What requests need besides a route; `None` if nothing.
    pub gate: Option<Gate>,
}
