//! Data of the worker that a connection borrows for one call.

use super::{date::DateField, gate::Gate, log_queue::LogQueue};
use crate::{limits::IDLE_MS_MAX, site::Site};

/// What the methods of a connection need besides the connection.
#[derive(Debug)]
pub struct Context<'a, 's> {
    /// The site that is served.
    pub site: &'a Site<'s>,
    /// The `Date` field of responses.
    pub date: &'a DateField,
    /// The current time in milliseconds, on a monotonic clock.
    pub now_ms: u64,
    /// The idle timeout in milliseconds.
    pub idle_ms: u64,
    /// Whether the server is shutting down, so that each response is the last on its connection.
    pub is_stopping: bool,
    /// Whether the client is on this machine. Only such a client gets the identity of the site.
    pub is_client_local: bool,
    /// Whether the connection has TLS, so that the scheme is `https`.
    pub is_secure: bool,
    /// What requests need besides a route; `None` if nothing.
    pub gate: Option<&'s Gate>,
    /// The queue for records of responses; `None` without an access log.
    pub log: Option<&'a mut LogQueue>,
}

impl<'a, 's> Context<'a, 's> {
    /// The context of a client elsewhere, over plain HTTP, without an access log.
    #[must_use]
    pub fn new(site: &'a Site<'s>, date: &'a DateField, now_ms: u64) -> Self {
        Self {
            site,
            date,
            now_ms,
            idle_ms: IDLE_MS_MAX,
            is_stopping: false,
            is_client_local: false,
            is_secure: false,
            gate: None,
            log: None,
        }
    }
}
