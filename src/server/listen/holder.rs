//! The process that listens on a port already, as far as the system reveals it.

use std::net::SocketAddr;

use listeners::{Listener, Protocol, SocketState};

/// Name and number of the process whose listener keeps others from this address.
pub(super) fn find(address: SocketAddr) -> Option<String> {
    let overlaps = |other: SocketAddr| {
        let is_any = |it: SocketAddr| it.ip().is_unspecified();
        let is_same = other.ip() == address.ip() || is_any(other) || is_any(address);
        is_same && other.port() == address.port()
    };
    let is_holder = |it: &Listener| {
        let is_listening = it.protocol == Protocol::TCP && it.state == SocketState::Listen;
        is_listening && overlaps(it.socket)
    };
    let process = listeners::get_all().ok()?.into_iter().find(is_holder)?.process;
    // A process chooses its own name, which could hold control sequences for a terminal.
    let name: String = process.name.chars().filter(|it| !it.is_control()).collect();
    Some(format!("{name} (process {})", process.pid))
}
