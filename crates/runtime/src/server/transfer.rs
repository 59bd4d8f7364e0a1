//! Transfer of bytes between a socket and a connection, through a TLS session if there is one.
//!
//! With TLS, output consists of records in the buffer of [`Transmit`] and content that is not
//! encrypted yet after it. When the records are written, the next part of the content is encrypted
//! into the buffer, so that little memory is in use whatever the content's length is.

use std::io::{self, IoSlice};

use super::net::Socket;
use crate::{
    http::{CloseReason, Connection, Context, Transmit},
    limits::{ENCRYPT_MAX, ENCRYPT_TURN_MAX, VERIFY_TURN_MAX, WRITE_TURN_MAX},
    tls::Session,
};

/// A record of 16 KiB is at most 22 bytes longer than its content, so this leaves room for more.
const RECORD_OVERHEAD_SHARE: usize = 256;

/// Bytes that were read from a socket.
#[derive(Debug, Clone, Copy)]
pub(super) enum Received<'b> {
    Bytes(&'b [u8]),
    End,
    /// Nothing for now.
    Nothing,
    Failed,
}

/// Reads from the socket once.
pub(super) fn read<'b>(socket: &mut impl Socket, buffer: &'b mut [u8]) -> Received<'b> {
    match socket.read(buffer) {
        Ok(0) => Received::End,
        Ok(count) => Received::Bytes(&buffer[..count]),
        // The poller is level-triggered and reports readiness again.
        Err(error) if is_temporary(&error) => Received::Nothing,
        Err(_) => Received::Failed,
    }
}

/// Passes what was received to a connection.
pub(super) fn receive<'s>(
    received: Received<'_>,
    connection: &mut Connection<'s>,
    cx: &mut Context<'_, 's>,
    out: &mut Transmit<'s>,
) {
    match received {
        Received::Bytes(bytes) => connection.read(bytes, cx, out),
        Received::End => connection.end_of_input(cx, out),
        Received::Nothing => {}
        Received::Failed => connection.abort(CloseReason::ConnectionFailed),
    }
}

/// The same through a session. `plaintext` is a buffer.
pub(super) fn receive_encrypted<'s>(
    received: Received<'_>,
    session: &mut Session,
    plaintext: &mut Vec<u8>,
    connection: &mut Connection<'s>,
    cx: &mut Context<'_, 's>,
    out: &mut Transmit<'s>,
) {
    // After the end of the session, input is only counted.
    let Received::Bytes(records) = received else { return receive(received, connection, cx, out) };
    if session.is_closed() {
        return connection.read(records, cx, out);
    }
    plaintext.clear();
    if session.decrypt(records, plaintext).is_err() {
        return connection.refuse(CloseReason::TlsFailed, cx);
    }
    connection.read(plaintext, cx, out);
}

/// Writes new output of a connection, which keeps what the system does not accept.
pub(super) fn write<'s>(
    socket: &mut impl Socket,
    mut session: Option<&mut Session>,
    connection: &mut Connection<'s>,
    out: &mut Transmit<'s>,
    cx: &Context<'_, 's>,
) {
    let shuts_down_next = connection.shuts_down_next();
    let encrypted = match &mut session {
        None => Ok(()),
        Some(session) => {
            // What a read returns is shorter after it is decrypted, and a record may be incomplete.
            connection.linger();
            encrypt(session, out, shuts_down_next, &mut { VERIFY_TURN_MAX })
        }
    };
    if out.is_empty() && encrypted.is_ok() {
        return;
    }
    match encrypted.and_then(|()| write_some(socket, session, out, shuts_down_next)) {
        Ok(_) if out.is_empty() => {}
        Ok(_) => connection.keep_pending_output(out.rest(), cx),
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
    session: Option<&mut Session>,
    connection: &mut Connection<'s>,
    cx: &Context<'_, 's>,
) {
    let shuts_down_next = connection.shuts_down_next();
    let Some(pending) = connection.pending_output() else { return };
    match write_some(socket, session, pending, shuts_down_next) {
        Ok(0) => {}
        Ok(_) => connection.pending_output_written(cx),
        Err(reason) => connection.abort(reason),
    }
}

/// Writes until the system accepts no more, or a limit of a turn is reached. Returns the number of
/// bytes written. The error is the reason to close the connection.
fn write_some(
    socket: &mut impl Socket,
    mut session: Option<&mut Session>,
    out: &mut Transmit<'_>,
    shuts_down_next: bool,
) -> Result<usize, CloseReason> {
    let turn_max = if session.is_some() { ENCRYPT_TURN_MAX } else { WRITE_TURN_MAX };
    let (mut written, mut hash_max) = (0, VERIFY_TURN_MAX);
    while !out.is_empty() && written < turn_max {
        match &mut session {
            Some(session) if out.slices()[0].is_empty() => {
                encrypt(session, out, shuts_down_next, &mut hash_max)?;
            }
            Some(_) => {}
            None => {
                let verified = out.verify(WRITE_TURN_MAX, &mut hash_max);
                verified.map_err(|_| CloseReason::ContentDamaged)?;
            }
        }
        let [first, second] = out.slices();
        // With TLS, what follows the buffer is not encrypted. Without a limit, a client that reads
        // as fast as the system sends would get all of it in one call.
        let second_max = if session.is_some() { 0 } else { WRITE_TURN_MAX };
        let second = IoSlice::new(&second[..second.len().min(second_max)]);
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
    Ok(written)
}

/// Encrypts the buffer and the beginning of the content after it, and puts the records into the
/// buffer, with those that the handshake has produced.
fn encrypt(
    session: &mut Session,
    out: &mut Transmit<'_>,
    is_last: bool,
    hash_max: &mut usize,
) -> Result<(), CloseReason> {
    out.verify(ENCRYPT_MAX, hash_max).map_err(|_| CloseReason::ContentDamaged)?;
    let [first, second] = out.slices();
    let second = &second[..second.len().min(ENCRYPT_MAX)];
    let length = first.len() + second.len();
    session.encrypt(&first, second);
    out.advance(length);
    // In the same write as the end of the last response.
    if is_last && out.is_empty() {
        session.close();
    }
    let records = out.refill();
    records.reserve_exact(length + length / RECORD_OVERHEAD_SHARE);
    session.take_output(records);
    // A session ends by itself when its keys have encrypted as much as is secure.
    if records.len() < length { Err(CloseReason::ConnectionFailed) } else { Ok(()) }
}

/// Tells the client of a connection without output that its session ends, if it has not ended yet.
/// If the system does not accept it, the client notices the end of the connection.
pub(super) fn close_session(socket: &mut impl Socket, session: &mut Session) {
    let mut records = Vec::new();
    session.close();
    session.take_output(&mut records);
    if !records.is_empty() {
        let _ = socket.write([IoSlice::new(&records), IoSlice::new(&[])], false);
    }
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
            write_some(&mut socket, None, &mut out, false).unwrap();
            assert_eq!(out.len(), left);
        }
        assert_eq!(socket.0, [WRITE_TURN_MAX, WRITE_TURN_MAX, 1]);
    }
}
