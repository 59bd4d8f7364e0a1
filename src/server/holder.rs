//! This file owns who has a port already, as far as the system tells a process about others.

use listeners::{Listener, Protocol, SocketState};

/// The name and the number of the process that listens on a port.
pub(super) fn of(port: u16) -> Option<String> {
    let is_holder = |it: &Listener| {
        (it.socket.port(), it.protocol) == (port, Protocol::TCP) && it.state == SocketState::Listen
    };
    let process = listeners::get_all().ok()?.into_iter().find(is_holder)?.process;
    // A process may call itself what it likes, also what would command a terminal.
    let name: String = process.name.chars().filter(|it| !it.is_control()).collect();
    Some(format!("{name} (process {})", process.pid))
}
