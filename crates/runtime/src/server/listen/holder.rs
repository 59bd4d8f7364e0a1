//! Process that already listens on a port, as far as the system reveals it.

use std::net::SocketAddr;

use listeners::{Listener, Protocol, SocketState};

/// Name and id of the process whose listener occupies this address.
pub(in crate::server) fn find(address: SocketAddr) -> Option<String> {
    let overlaps = |other: SocketAddr| {
        let is_any = other.ip().is_unspecified() || address.ip().is_unspecified();
        (is_any || other.ip() == address.ip()) && other.port() == address.port()
    };
    let is_holder = |other: &Listener| {
        let is_listening = other.protocol == Protocol::TCP && other.state == SocketState::Listen;
        is_listening && overlaps(other.socket)
    };
    let process = listeners::get_all().ok()?.into_iter().find(is_holder)?.process;
    // A process chooses its own name, which may contain control sequences for a terminal.
    let name: String = process.name.chars().filter(|it| !it.is_control()).collect();
    Some(format!("{name} (process {})", process.pid))
}
