//! This file owns moving bytes between a socket and a connection, as far as the system goes along.
//! It waits for nothing and closes nothing.

use std::io::{self, IoSlice};

use super::net::Socket;
use crate::{
    http::{CloseReason, Connection, Context, Transmit},
    limits::WRITE_TURN_MAX,
};

/// Gives a connection what its client sent, once.
pub(super) fn receive(
    socket: &mut impl Socket,
    connection: &mut Connection,
    buffer: &mut [u8],
    cx: Context<'_>,
    out: &mut Transmit,
) {
    match socket.read(buffer) {
        Ok(0) => connection.end_of_input(cx, out),
        Ok(count) => connection.receive(&buffer[..count], cx, out),
        // Whatever is there is told again.
        Err(error) if is_passing(&error) => {}
        Err(_) => connection.abandon(CloseReason::ConnectionFailed),
    }
}

/// Sends what a connection has just put into `out`, and lets it keep what is not taken.
pub(super) fn send(
    socket: &mut impl Socket,
    connection: &mut Connection,
    out: &mut Transmit,
    now_ms: u64,
) {
    if out.is_empty() {
        return;
    }
    match write(socket, out, connection.shuts_down_next()) {
        Ok(()) if out.is_empty() => {}
        Ok(()) => connection.keep(out.rest(), now_ms),
        Err(_) => connection.abandon(CloseReason::ConnectionFailed),
    }
    out.clear();
}

/// Sends what a connection kept, and says whether it may go on.
pub(super) fn send_kept(
    socket: &mut impl Socket,
    connection: &mut Connection,
    cx: Context<'_>,
) -> bool {
    let ends = connection.shuts_down_next();
    let Some(unsent) = connection.unsent() else { return true };
    let before = unsent.len();
    if write(socket, unsent, ends).is_err() {
        connection.abandon(CloseReason::ConnectionFailed);
        return true;
    }
    let after = unsent.len();
    if after < before {
        connection.sent(cx);
    }
    after == 0
}

/// Writes until the system takes no more, or the others should have their turn.
fn write(socket: &mut impl Socket, out: &mut Transmit, ends: bool) -> io::Result<()> {
    let mut taken = 0;
    while !out.is_empty() && taken < WRITE_TURN_MAX {
        let [first, second] = out.slices();
        // A client that takes as fast as the system sends would get all of it in one call.
        let second = IoSlice::new(&second[..second.len().min(WRITE_TURN_MAX)]);
        let offered = first.len() + second.len();
        match socket.write([first, second], ends) {
            Ok(count) => {
                out.advance(count);
                taken += count;
                // The kernel took what it had room for, so asking again now would be in vain.
                if count < offered {
                    break;
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn is_passing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted)
}

#[cfg(test)]
mod tests {
    use super::{super::net::Interest, *};

    /// Takes all that it is offered, and notes how much that was.
    struct Greedy(Vec<usize>);

    impl Socket for Greedy {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::ErrorKind::WouldBlock.into())
        }

        fn write(&mut self, pieces: [IoSlice<'_>; 2], _: bool) -> io::Result<usize> {
            let count = pieces.iter().map(|it| it.len()).sum();
            self.0.push(count);
            Ok(count)
        }

        fn end_sending(&mut self) -> io::Result<()> {
            Ok(())
        }

        fn watch_for(&mut self, _: Interest) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_greedy_client_gets_so_much_in_a_turn_and_no_more() {
        let mut out = Transmit::default();
        out.push_content(vec![0; 2 * WRITE_TURN_MAX + 1].leak());
        let mut greedy = Greedy(Vec::new());
        for left in [WRITE_TURN_MAX + 1, 1, 0] {
            write(&mut greedy, &mut out, false).unwrap();
            assert_eq!(out.len(), left);
        }
        assert_eq!(greedy.0, [WRITE_TURN_MAX, WRITE_TURN_MAX, 1]);
    }
}
