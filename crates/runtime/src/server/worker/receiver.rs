//! Reading from connections: the buffers for it, and which connections have TLS.

use super::slot::Slot;
use crate::{
    http::{Context, Transmit},
    limits::{HANDSHAKE_MESSAGES_PER_TURN_MAX, READ_MAX},
    server::{
        net::Socket,
        transfer::{Received, read, receive, receive_encrypted},
    },
    tls::{Session, TlsConfig},
};

/// Buffers of one connection at a time.
#[derive(Debug)]
pub(super) struct Receiver {
    buffer: Box<[u8]>,
    tls: Option<TlsReceiver>,
    /// How many messages of handshakes may be answered in this turn.
    messages_left: usize,
}

#[derive(Debug)]
struct TlsReceiver {
    config: TlsConfig,
    plaintext: Vec<u8>,
}

impl Receiver {
    pub(super) fn new(tls: Option<TlsConfig>) -> Self {
        let tls = tls.map(|config| TlsReceiver { config, plaintext: Vec::new() });
        let messages_left = HANDSHAKE_MESSAGES_PER_TURN_MAX;
        Self { buffer: vec![0; READ_MAX].into_boxed_slice(), tls, messages_left }
    }

    pub(super) fn begin_turn(&mut self) {
        self.messages_left = HANDSHAKE_MESSAGES_PER_TURN_MAX;
    }

    /// Whether a connection may be read in this turn. Otherwise the poller, which is
    /// level-triggered, reports it again.
    pub(super) fn may_read<S>(&self, slot: &Slot<'_, S>) -> bool {
        self.messages_left > 0 || !slot.is_handshaking()
    }

    /// Reads from a connection once, and passes the bytes to it.
    pub(super) fn read<'s, S: Socket>(
        &mut self,
        slot: &mut Slot<'s, S>,
        cx: &mut Context<'_, 's>,
        out: &mut Transmit<'s>,
    ) {
        let Self { buffer, tls, messages_left } = self;
        match tls {
            None => receive(read(&mut slot.socket, buffer), &mut slot.connection, cx, out),
            Some(tls) => {
                if tls.read(buffer, slot, cx, out) {
                    *messages_left = messages_left.saturating_sub(1);
                }
            }
        }
    }
}

impl TlsReceiver {
    /// Reads from a connection once, and passes the bytes to it, through its session if it has one.
    /// Returns whether a message of a handshake was answered; a part of a message costs nothing
    /// that matters.
    ///
    /// Not inlined, so that plain HTTP does not save the registers that this needs.
    #[inline(never)]
    fn read<'s, S: Socket>(
        &mut self,
        buffer: &mut [u8],
        slot: &mut Slot<'s, S>,
        cx: &mut Context<'_, 's>,
        out: &mut Transmit<'s>,
    ) -> bool {
        let received = read(&mut slot.socket, buffer);
        if let Received::Bytes(bytes) = received
            && std::mem::take(&mut slot.is_new)
            && Session::is_begun_by(bytes)
        {
            slot.session = Session::new(&self.config).ok().map(Box::new);
        }
        let Some(session) = &mut slot.session else {
            receive(received, &mut slot.connection, cx, out);
            return false;
        };
        cx.is_secure = true;
        receive_encrypted(received, session, &mut self.plaintext, &mut slot.connection, cx, out);
        session.has_answered()
    }
}
