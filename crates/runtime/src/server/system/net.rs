//! Real implementation of [`Net`]: std sockets, clocks, and readiness from `poller.rs`.

use std::{
    fmt,
    io::{self, IoSlice},
    net::{IpAddr, Shutdown, TcpListener, TcpStream},
    sync::Arc,
    time::Duration,
};

use super::{SignalReader, sockets};
use crate::server::{
    clock::Clock,
    handover::Handover,
    net::{HandedOver, Interest, LISTENER_KEY, Net, Socket, WAKE_KEY},
    poller::{Poller, Watched},
    shutdown::Stop,
    stderr,
};

/// The system, as one worker uses it.
#[derive(Debug)]
pub(in crate::server) struct SystemNet {
    clock: Clock,
    poller: Poller,
    listeners: Vec<Watched<TcpListener>>,
    /// Readable when a signal has requested a shutdown.
    signals: Option<Watched<SignalReader>>,
    /// `None` if the site is never replaced.
    handover: Option<Arc<Handover>>,
}

impl SystemNet {
    /// The first one to be created watches for signals, too.
    pub(in crate::server) fn new(
        listeners: Vec<TcpListener>,
        poller: Poller,
        clock: Clock,
        stop: &Stop,
        handover: Option<Arc<Handover>>,
    ) -> io::Result<Self> {
        let listeners = listeners.into_iter().zip(LISTENER_KEY..);
        let listeners = listeners.map(|(socket, key)| poller.watch(socket, key)).collect();
        let mut signals = stop.take_signal_reader().map(|it| poller.watch(it, WAKE_KEY));
        signals.as_mut().map_or(Ok(()), |signals| signals.set_interest(Interest::Read))?;
        Ok(Self { clock, poller, listeners, signals, handover })
    }
}

impl Net for SystemNet {
    type Socket = Watched<TcpStream>;

    fn now_ms(&self) -> u64 {
        self.clock.now_ms()
    }

    fn now_us(&self) -> u64 {
        self.clock.now_us()
    }

    fn wall_ms(&self) -> u64 {
        Clock::wall_ms()
    }

    fn wait(&mut self, timeout: Option<Duration>, ready: &mut Vec<usize>) -> io::Result<()> {
        sockets::wait(self.poller.inner(), timeout, ready)
    }

    fn set_accepting(&mut self, is_accepting: bool) -> io::Result<()> {
        let interest = if is_accepting { Interest::Read } else { Interest::Pause };
        self.listeners.iter_mut().try_for_each(|listener| listener.set_interest(interest))
    }

    fn accept(&mut self, index: usize, key: usize) -> io::Result<(Watched<TcpStream>, IpAddr)> {
        let Some(listener) = self.listeners.get(index) else {
            return Err(io::ErrorKind::WouldBlock.into());
        };
        let (stream, client) = sockets::accept(listener.source())?;
        // A listener for both versions of IP reports IPv4 addresses as a part of IPv6.
        Ok((self.poller.watch(stream, key), client.ip().to_canonical()))
    }

    fn close_listeners(&mut self) {
        self.listeners.clear();
        // The reader stays readable, and would end every wait.
        self.signals = None;
    }

    fn hand_over(&mut self, connection: HandedOver<Watched<TcpStream>>) {
        // Only without a descriptor for a moment is the connection closed instead.
        if let (Some(handover), Ok(socket)) =
            (&self.handover, connection.socket.source().try_clone())
        {
            handover.push(connection.map_socket(|_| socket));
        }
    }

    fn adopt(&mut self, key: usize) -> Option<HandedOver<Watched<TcpStream>>> {
        let connection = self.handover.as_ref()?.take()?;
        Some(connection.map_socket(|socket| self.poller.watch(socket, key)))
    }

    fn warn(&mut self, what: fmt::Arguments<'_>) {
        stderr::warn(what);
    }

    fn report_stopping(&mut self, responses: usize) {
        stderr::report_stopping(responses);
    }
}

impl Socket for Watched<TcpStream> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        sockets::read(self.source(), buffer)
    }

    #[inline]
    fn write(
        &mut self,
        [first, second]: [IoSlice<'_>; 2],
        shuts_down_next: bool,
    ) -> io::Result<usize> {
        let stream = self.source();
        if let Some(outcome) = sockets::write_from_file(stream, &first, &second) {
            return outcome;
        }
        // A vectored write of one piece costs the kernel more than a plain write.
        match (first.is_empty(), second.is_empty()) {
            (_, true) => sockets::write(stream, &first, shuts_down_next),
            (true, false) => sockets::write(stream, &second, shuts_down_next),
            (false, false) => sockets::write_both(stream, &[first, second], shuts_down_next),
        }
    }

    fn shut_down_write(&mut self) -> io::Result<()> {
        self.source().shutdown(Shutdown::Write)
    }

    fn set_interest(&mut self, interest: Interest) -> io::Result<()> {
        Watched::set_interest(self, interest)
    }
}
