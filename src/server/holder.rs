//! This file owns who has a port already, as far as the system tells a process about others.

use std::net::SocketAddr;

use listeners::{Listener, Protocol, SocketState};

/// The name and the number of the process whose listening on the same port keeps others from this
/// address.
pub(super) fn of(address: SocketAddr) -> Option<String> {
    let is_in_the_way = |other: SocketAddr| {
        let any = |it: SocketAddr| it.ip().is_unspecified();
        let is_same = other.ip() == address.ip() || any(other) || any(address);
        is_same && other.port() == address.port()
    };
    let is_holder = |it: &Listener| {
        let is_listening = it.protocol == Protocol::TCP && it.state == SocketState::Listen;
        is_listening && is_in_the_way(it.socket)
    };
    let process = listeners::get_all().ok()?.into_iter().find(is_holder)?.process;
    // A process may call itself what it likes, also what would command a terminal.
    let name: String = process.name.chars().filter(|it| !it.is_control()).collect();
    Some(format!("{name} (process {})", process.pid))
}
