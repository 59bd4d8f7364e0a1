//! Session of TLS on one connection, without I/O: records in, bytes of HTTP out, and back.

use std::io::{self, BufRead, IoSlice, Read, Write};

use rustls::ServerConnection;

use super::TlsConfig;
use crate::limits::HANDSHAKE_BYTES_MAX;

/// The first byte of a client that speaks TLS: the content type of a handshake record (RFC 8446
/// section 5.1). No request begins with it.
const HANDSHAKE_RECORD: u8 = 22;

/// A session of TLS.
#[derive(Debug)]
pub struct Session {
    connection: ServerConnection,
    /// Bytes that the client has sent in the handshake.
    handshake_bytes: usize,
    /// Whether the last input was answered as a part of the handshake.
    has_answered: bool,
    /// Whether nothing more is encrypted: the session has failed, or `close_notify` is in the
    /// output.
    is_closed: bool,
    /// Whether the client has sent `close_notify`.
    input_ended: bool,
}

/// A client that has sent nothing more.
struct NothingYet;

impl Read for NothingYet {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::ErrorKind::WouldBlock.into())
    }
}

/// The reason why a session cannot go on. If there is an alert for the client, the output has it.
#[derive(Debug)]
pub struct SessionFailed;

impl Session {
    /// Whether the first bytes of a client are TLS, and not HTTP.
    #[must_use]
    pub fn is_begun_by(input: &[u8]) -> bool {
        input.first() == Some(&HANDSHAKE_RECORD)
    }

    /// A session that waits for the first handshake message.
    ///
    /// # Errors
    ///
    /// If the settings are contradictory, which [`TlsConfig`] rules out.
    pub fn new(config: &TlsConfig) -> Result<Self, SessionFailed> {
        let connection = ServerConnection::new(config.shared());
        let mut connection = connection.map_err(|_| SessionFailed)?;
        // The caller bounds what it encrypts, and takes the records at once.
        connection.set_buffer_limit(None);
        Ok(Self {
            connection,
            handshake_bytes: 0,
            has_answered: false,
            is_closed: false,
            input_ended: false,
        })
    }

    /// Decrypts records, and adds what they contain to `plaintext`. What the handshake answers is
    /// in the output afterwards, even after an error. Input after `close_notify` is dropped, and so
    /// is what comes in one read with a wrong record: the alert about that is encrypted already,
    /// and nothing can be sent before it.
    ///
    /// # Errors
    ///
    /// If the input is not what TLS allows here, or a message of the client that it gives up, or if
    /// the client needs more than [`HANDSHAKE_BYTES_MAX`] for its handshake.
    pub fn decrypt(
        &mut self,
        mut records: &[u8],
        plaintext: &mut Vec<u8>,
    ) -> Result<(), SessionFailed> {
        self.has_answered = false;
        while !records.is_empty() && !self.is_closed && !self.input_ended {
            let was_handshaking = self.connection.is_handshaking();
            let Ok(length) = self.connection.read_tls(&mut records) else { return self.fail() };
            let processed = self.connection.process_new_packets();
            self.has_answered |= was_handshaking && self.connection.wants_write();
            let Ok(state) = processed else { return self.fail() };
            if self.connection.is_handshaking() {
                self.handshake_bytes += length;
                if self.handshake_bytes > HANDSHAKE_BYTES_MAX {
                    return self.fail();
                }
            }
            self.input_ended = state.peer_has_closed();
            let mut reader = self.connection.reader();
            while let Ok(part @ [_, ..]) = reader.fill_buf() {
                plaintext.extend_from_slice(part);
                let length = part.len();
                reader.consume(length);
            }
        }
        // rustls gives the memory of a long record back when it reads again, which an idle client
        // may not make it do.
        let _ = self.connection.read_tls(&mut NothingYet);
        Ok(())
    }

    fn fail(&mut self) -> Result<(), SessionFailed> {
        self.is_closed = true;
        Err(SessionFailed)
    }

    /// Encrypts a part of the output, which is in two pieces, into as few records as possible. Does
    /// nothing after [`Session::close`] or an error.
    pub fn encrypt(&mut self, first: &[u8], second: &[u8]) {
        if self.is_closed || first.is_empty() && second.is_empty() {
            return;
        }
        // Without a limit, everything is accepted.
        let mut writer = self.connection.writer();
        let _ = match (first, second) {
            (piece, []) | ([], piece) => writer.write(piece),
            _ => writer.write_vectored(&[first, second].map(IoSlice::new)),
        };
    }

    /// Adds `close_notify` to the output, which ends it (RFC 8446 section 6.1).
    pub fn close(&mut self) {
        if !std::mem::replace(&mut self.is_closed, true) {
            self.connection.send_close_notify();
        }
    }

    /// Ends the output without `close_notify`, since a part of it is not sent.
    pub fn abandon(&mut self) {
        self.is_closed = true;
    }

    /// Moves the output to the end of `records`.
    pub fn take_output(&mut self, records: &mut Vec<u8>) {
        while self.connection.wants_write() {
            // Writing to a `Vec` cannot fail.
            if self.connection.write_tls(records).is_err() {
                return;
            }
        }
    }

    /// Whether the handshake is not complete, so that nothing can be encrypted.
    #[must_use]
    pub fn is_handshaking(&self) -> bool {
        self.connection.is_handshaking()
    }

    /// Whether the last input was answered as a part of the handshake, which is most of its work.
    #[must_use]
    pub fn has_answered(&self) -> bool {
        self.has_answered
    }

    /// Whether nothing more is encrypted or decrypted.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.is_closed
    }

    /// Whether the client has ended its input with `close_notify`.
    #[must_use]
    pub fn has_input_ended(&self) -> bool {
        self.input_ended
    }
}
