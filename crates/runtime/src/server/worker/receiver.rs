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
}

#[derive(Debug)]
struct TlsReceiver {
    config: TlsConfig,
    plaintext: Vec<u8>,
    /// How many messages of handshakes may be answered in this turn.
    messages_left: usize,
}

impl Receiver {
    pub(super) fn new(tls: Option<TlsConfig>) -> Self {
        let tls = tls.map(|config| TlsReceiver {
            config,
            plaintext: Vec::new(),
            messages_left: HANDSHAKE_MESSAGES_PER_TURN_MAX,
        });
        Self { buffer: vec![0; READ_MAX].into_boxed_slice(), tls }
    }

    pub(super) fn begin_turn(&mut self) {
        if let Some(tls) = &mut self.tls {
            tls.messages_left = HANDSHAKE_MESSAGES_PER_TURN_MAX;
        }
    }

    /// Whether a connection may be read in this turn. Otherwise the poller, which is
    /// level-triggered, reports it again.
    pub(super) fn may_read<S>(&self, slot: &Slot<'_, S>) -> bool {
        self.tls.as_ref().is_none_or(|tls| tls.messages_left > 0 || !slot.is_handshaking())
    }

    /// Reads from a connection once, and passes the bytes to it.
    pub(super) fn read<'s, S: Socket>(
        &mut self,
        slot: &mut Slot<'s, S>,
        cx: &mut Context<'_, 's>,
        out: &mut Transmit<'s>,
    ) {
        let received = read(&mut slot.socket, &mut self.buffer);
        match &mut self.tls {
            None => receive(received, &mut slot.connection, cx, out),
            Some(tls) => tls.receive(received, slot, cx, out),
        }
    }
}

impl TlsReceiver {
    /// Not inlined, so that plain HTTP does not save the registers that this needs.
    #[inline(never)]
    fn receive<'s, S>(
        &mut self,
        received: Received<'_>,
        slot: &mut Slot<'s, S>,
        cx: &mut Context<'_, 's>,
        out: &mut Transmit<'s>,
    ) {
        if let Received::Bytes(bytes) = received
            && std::mem::take(&mut slot.is_new)
            && Session::is_begun_by(bytes)
        {
            slot.session = Session::new(&self.config).ok().map(Box::new);
        }
        let Some(session) = &mut slot.session else {
            return receive(received, &mut slot.connection, cx, out);
        };
        cx.is_secure = true;
        receive_encrypted(received, session, &mut self.plaintext, &mut slot.connection, cx, out);
        // A part of a message costs nothing that matters.
        if session.has_answered() {
            self.messages_left = self.messages_left.saturating_sub(1);
        }
    }
}
