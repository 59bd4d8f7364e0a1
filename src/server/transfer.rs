//! Transfer of bytes between a socket and a connection.

use std::io::{self, IoSlice};

use super::net::Socket;
use crate::{
    http::{CloseReason, Connection, Context, Transmit},
    limits::{VERIFY_TURN_MAX, WRITE_TURN_MAX},
};

/// Reads from the socket once, and passes the bytes to the connection.
pub(super) fn read<'s>(
    socket: &mut impl Socket,
    connection: &mut Connection<'s>,
    buffer: &mut [u8],
    cx: &mut Context<'_, 's>,
    out: &mut Transmit<'s>,
) {
    match socket.read(buffer) {
        Ok(0) => connection.end_of_input(cx, out),
        Ok(count) => connection.read(&buffer[..count], cx, out),
        // The poller is level-triggered and reports readiness again.
        Err(error) if is_temporary(&error) => {}
        Err(_) => connection.abort(CloseReason::ConnectionFailed),
    }
}

/// Writes new output of a connection, which keeps what the system does not accept.
pub(super) fn write<'s>(
    socket: &mut impl Socket,
    connection: &mut Connection<'s>,
    out: &mut Transmit<'s>,
    cx: &Context<'_, 's>,
) {
    if out.is_empty() {
        return;
    }
    match write_some(socket, out, connection.shuts_down_next()) {
        Ok(()) if out.is_empty() => {}
        Ok(()) => connection.keep_pending_output(out.rest(), cx),
        Err(reason) => {
            connection.abort(reason);
            out.abandon();
        }
    }
    out.clear();
}

/// Writes pending output of a connection.
pub(super) fn write_pending<'s>(
    socket: &mut impl Socket,
    connection: &mut Connection<'s>,
    cx: &Context<'_, 's>,
) {
    let shuts_down_next = connection.shuts_down_next();
    let Some(pending) = connection.pending_output() else { return };
    let before = pending.len();
    match write_some(socket, pending, shuts_down_next) {
        Ok(()) if pending.len() < before => connection.pending_output_written(cx),
        Ok(()) => {}
        Err(reason) => connection.abort(reason),
    }
}

/// Writes until the system accepts no more, or a limit of a turn is reached. The error is the
/// reason to close the connection.
fn write_some(
    socket: &mut impl Socket,
    out: &mut Transmit<'_>,
    shuts_down_next: bool,
) -> Result<(), CloseReason> {
    let (mut written, mut hash_max) = (0, VERIFY_TURN_MAX);
    while !out.is_empty() && written < WRITE_TURN_MAX {
        out.verify(WRITE_TURN_MAX, &mut hash_max).map_err(|_| CloseReason::ContentDamaged)?;
        let [first, second] = out.slices();
        // Otherwise a client that reads as fast as the system sends would get all of it in one
        // call.
        let second = IoSlice::new(&second[..second.len().min(WRITE_TURN_MAX)]);
        let offered = first.len() + second.len();
        // The next block is verified in the next turn.
        if offered == 0 {
            break;
        }
        match socket.write([first, second], shuts_down_next) {
            Ok(count) => {
                out.advance(count);
                written += count;
                // The send buffer is full.
                if count < offered {
                    break;
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
            Err(_) => return Err(CloseReason::ConnectionFailed),
        }
    }
    Ok(())
}

fn is_temporary(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted)
}

#[cfg(test)]
mod tests {
    use super::{super::net::Interest, *};
    use crate::site::ContentCursor;

    /// Accepts everything, and records the length of each write.
    struct GreedySocket(Vec<usize>);

    impl Socket for GreedySocket {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::ErrorKind::WouldBlock.into())
        }

        fn write(&mut self, pieces: [IoSlice<'_>; 2], _: bool) -> io::Result<usize> {
            let count = pieces.iter().map(|it| it.len()).sum();
            self.0.push(count);
            Ok(count)
        }

        fn shut_down_write(&mut self) -> io::Result<()> {
            Ok(())
        }

        fn set_interest(&mut self, _: Interest) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_fast_client_gets_a_bounded_number_of_bytes_in_a_turn() {
        let mut out = Transmit::default();
        out.push_content(ContentCursor::intact(vec![0; 2 * WRITE_TURN_MAX + 1].leak()));
        let mut socket = GreedySocket(Vec::new());
        for left in [WRITE_TURN_MAX + 1, 1, 0] {
            write_some(&mut socket, &mut out, false).unwrap();
            assert_eq!(out.len(), left);
        }
        assert_eq!(socket.0, [WRITE_TURN_MAX, WRITE_TURN_MAX, 1]);
    }
}
