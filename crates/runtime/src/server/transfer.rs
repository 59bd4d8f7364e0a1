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
#[inline]
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
    session: Option<&mut Session>,
    connection: &mut Connection<'s>,
    out: &mut Transmit<'s>,
    cx: &Context<'_, 's>,
) {
    let is_last = connection.shuts_down_next();
    let written = match session {
        None if out.is_empty() => return,
        None => write_some(socket, &mut Plain::default(), out, is_last),
        Some(session) => {
            // What a read returns is shorter after it is decrypted, and a record may be incomplete.
            connection.linger();
            // A session may have output when the connection has none.
            let encrypted = encrypt(session, out, is_last, &mut { VERIFY_TURN_MAX });
            encrypted.and_then(|()| write_some(socket, &mut Encrypted::new(session), out, is_last))
        }
    };
    match written {
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
    let is_last = connection.shuts_down_next();
    let Some(pending) = connection.pending_output() else { return };
    let written = match session {
        None => write_some(socket, &mut Plain::default(), pending, is_last),
        Some(session) => write_some(socket, &mut Encrypted::new(session), pending, is_last),
    };
    match written {
        Ok(0) => {}
        Ok(_) => connection.pending_output_written(cx),
        Err(reason) => connection.abort(reason),
    }
}

/// What output passes through before it is written: two implementations, so that writing plain HTTP
/// never checks for a session.
trait Layer {
    /// Maximum number of bytes to write in a turn.
    const TURN_MAX: usize;
    /// Maximum number of bytes after the buffer to write in one call.
    const SECOND_MAX: usize;

    /// Prepares output for the next call.
    fn prepare(&mut self, out: &mut Transmit<'_>, is_last: bool) -> Result<(), CloseReason>;
}

/// Unencrypted output; content is verified first.
struct Plain {
    /// The number of bytes that may still be hashed in this turn.
    hash_max: usize,
}

impl Default for Plain {
    fn default() -> Self {
        Self { hash_max: VERIFY_TURN_MAX }
    }
}

impl Layer for Plain {
    const TURN_MAX: usize = WRITE_TURN_MAX;
    // Without a limit, a client that reads as fast as the system sends would get all in one call.
    const SECOND_MAX: usize = WRITE_TURN_MAX;

    fn prepare(&mut self, out: &mut Transmit<'_>, _: bool) -> Result<(), CloseReason> {
        out.verify(WRITE_TURN_MAX, &mut self.hash_max).map_err(|_| CloseReason::ContentDamaged)
    }
}

/// Output in the records of a session.
struct Encrypted<'t> {
    session: &'t mut Session,
    /// See [`Plain`].
    hash_max: usize,
}

impl<'t> Encrypted<'t> {
    fn new(session: &'t mut Session) -> Self {
        Self { session, hash_max: VERIFY_TURN_MAX }
    }
}

impl Layer for Encrypted<'_> {
    const TURN_MAX: usize = ENCRYPT_TURN_MAX;
    // What follows the buffer is not encrypted.
    const SECOND_MAX: usize = 0;

    fn prepare(&mut self, out: &mut Transmit<'_>, is_last: bool) -> Result<(), CloseReason> {
        if !out.slices()[0].is_empty() {
            return Ok(());
        }
        encrypt(self.session, out, is_last, &mut self.hash_max)
    }
}

/// Writes until the system accepts no more, or a limit of a turn is reached. Returns the number of
/// bytes written. The error is the reason to close the connection.
fn write_some<L: Layer>(
    socket: &mut impl Socket,
    layer: &mut L,
    out: &mut Transmit<'_>,
    is_last: bool,
) -> Result<usize, CloseReason> {
    let mut written = 0;
    while !out.is_empty() && written < L::TURN_MAX {
        layer.prepare(out, is_last)?;
        let [first, second] = out.slices();
        let second = IoSlice::new(&second[..second.len().min(L::SECOND_MAX)]);
        let offered = first.len() + second.len();
        // The next block is verified in the next turn.
        if offered == 0 {
            break;
        }
        match socket.write([first, second], is_last) {
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
            write_some(&mut socket, &mut Plain::default(), &mut out, false).unwrap();
            assert_eq!(out.len(), left);
        }
        assert_eq!(socket.0, [WRITE_TURN_MAX, WRITE_TURN_MAX, 1]);
    }
}
