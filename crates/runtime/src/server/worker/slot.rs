//! Slot of a worker: a connection with its socket and session.

use std::net::IpAddr;

use crate::{http::Connection, tls::Session};

/// A connection and its socket. Aligned, so that it takes two cache lines and shares neither.
#[derive(Debug)]
#[repr(align(64))]
pub(super) struct Slot<'s, S> {
    pub(super) socket: S,
    pub(super) connection: Connection<'s>,
    pub(super) client: IpAddr,
    /// The session, if the client speaks TLS.
    pub(super) session: Option<Box<Session>>,
    /// Whether nothing has been received. The first byte tells TLS from HTTP.
    pub(super) is_new: bool,
    /// Whether its key is in [`Worker::continuing`].
    pub(super) is_queued: bool,
    /// The last turn in which an event was handled. A second one in the same turn is stale: the
    /// interest may have changed since.
    pub(super) event_turn: u32,
}

impl<S> Slot<'_, S> {
    /// Whether the next bytes belong to a handshake, or may begin one.
    pub(super) fn is_handshaking(&self) -> bool {
        self.session.as_ref().map_or(self.is_new, |it| it.is_handshaking())
    }
}
