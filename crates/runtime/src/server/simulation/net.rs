//! Simulated implementation of [`Net`].

use std::{
    cell::RefCell,
    fmt,
    io::{self, IoSlice},
    net::{IpAddr, Ipv4Addr},
    rc::Rc,
    time::Duration,
};

use super::{
    faults::Call,
    peer::PeerState,
    world::{Listening, World},
};
use crate::{
    limits::ACCEPT_WARNING_INTERVAL_MS,
    server::{
        net::{HandedOver, Interest, Net, Socket},
        shutdown::Stop,
    },
};

/// The world, as the event loop uses it.
#[derive(Debug)]
pub(super) struct SimulatedNet {
    world: Rc<RefCell<World>>,
    stop: Stop,
}

impl SimulatedNet {
    pub(super) fn new(world: World, stop: Stop) -> Self {
        Self { world: Rc::new(RefCell::new(world)), stop }
    }

    pub(super) fn world(&self) -> Rc<RefCell<World>> {
        Rc::clone(&self.world)
    }
}

/// The server's end of a connection.
#[derive(Debug)]
pub(super) struct SimulatedSocket {
    world: Rc<RefCell<World>>,
    key: usize,
    peer: usize,
}

impl Net for SimulatedNet {
    type Socket = SimulatedSocket;

    fn now_ms(&self) -> u64 {
        self.world.borrow().now_ms
    }

    fn now_us(&self) -> u64 {
        self.now_ms() * 1000
    }

    fn wall_ms(&self) -> u64 {
        self.world.borrow().wall_s * 1000
    }

    fn wait(&mut self, timeout: Option<Duration>, ready: &mut Vec<usize>) -> io::Result<()> {
        let mut world = self.world.borrow_mut();
        (world.calls_in_turn, world.stalled) = (0, None);
        let wait_ms = |timeout: Duration| u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX);
        let until_ms = timeout.map(|it| world.now_ms.saturating_add(wait_ms(it)));
        loop {
            world.run_peer_events();
            world.check_while_running();
            if world.next_stage() {
                drop(world);
                self.stop.request();
                return Ok(());
            }
            world.find_ready(ready);
            // A spurious or duplicate event.
            if world.rng.below(50) == 0
                && let Some((key, (_, Interest::Read))) = world.accepted.first_key_value()
            {
                ready.push(*key);
            }
            if !ready.is_empty() || until_ms.is_some_and(|at_ms| at_ms <= world.now_ms) {
                world.record(Call::Wait, None, Ok(ready.len()));
                return Ok(());
            }
            let next_ms = world.next_ms().into_iter().chain(until_ms).min();
            let next_ms = next_ms.expect("another event follows");
            world.idle_turns = 0;
            world.advance_to(next_ms);
        }
    }

    fn set_accepting(&mut self, is_accepting: bool) -> io::Result<()> {
        let mut world = self.world.borrow_mut();
        if world.listening != Listening::Closed {
            world.listening = if is_accepting { Listening::Polled } else { Listening::NotPolled };
        }
        Ok(())
    }

    fn accept(&mut self, _: usize, key: usize) -> io::Result<(SimulatedSocket, IpAddr)> {
        let mut world = self.world.borrow_mut();
        let accepted = world.accept(key);
        world.record(Call::Accept, accepted.as_ref().ok().copied(), accepted.as_ref().copied());
        let socket = SimulatedSocket { world: Rc::clone(&self.world), key, peer: accepted? };
        Ok((socket, Ipv4Addr::LOCALHOST.into()))
    }

    fn close_listeners(&mut self) {
        let mut world = self.world.borrow_mut();
        world.listening = Listening::Closed;
        while let Some(peer) = world.backlog.pop_front() {
            world.peers[peer].state = PeerState::Closed;
        }
    }

    fn hand_over(&mut self, _: HandedOver<SimulatedSocket>) {}

    fn adopt(&mut self, _: usize) -> Option<HandedOver<SimulatedSocket>> {
        None
    }

    fn warn(&mut self, what: fmt::Arguments<'_>) {
        let mut world = self.world.borrow_mut();
        let warning = what.to_string();
        let is_about_accept = warning.starts_with("cannot accept");
        world.warnings.push(warning);
        if !is_about_accept {
            return;
        }
        let now_ms = world.now_ms;
        let before_ms = world.warned_ms.replace(now_ms);
        let is_due = |before_ms| now_ms - before_ms >= ACCEPT_WARNING_INTERVAL_MS;
        assert!(before_ms.is_none_or(is_due), "there are too many warnings");
    }

    fn report_stopping(&mut self, responses: usize) {
        assert!(responses > 0, "there is nothing to wait for");
    }
}

impl SimulatedSocket {
    /// Runs a call, and records it.
    fn call<T>(
        &self,
        call: Call,
        run: impl FnOnce(&mut World) -> io::Result<T>,
        count: impl FnOnce(&T) -> usize,
    ) -> io::Result<T> {
        let mut world = self.world.borrow_mut();
        let outcome = run(&mut world);
        world.record(call, Some(self.peer), outcome.as_ref().map(count));
        outcome
    }
}

impl Socket for SimulatedSocket {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = |world: &mut World| world.read(self.peer, buffer);
        self.call(Call::Read, read, |&count| count)
    }

    fn write(&mut self, pieces: [IoSlice<'_>; 2], _: bool) -> io::Result<usize> {
        let offered: usize = pieces.iter().map(|it| it.len()).sum();
        let outcome = self.call(Call::Write, |world| world.write(self.peer, &pieces), |&it| it);
        let accepted = outcome.as_ref().map_or(0, |count| *count);
        self.world.borrow_mut().peers[self.peer].rejected = offered - accepted;
        outcome
    }

    fn shut_down_write(&mut self) -> io::Result<()> {
        self.call(Call::ShutdownWrite, |world| world.shut_down_write(self.peer), |()| 0)
    }

    fn set_interest(&mut self, interest: Interest) -> io::Result<()> {
        let set = |world: &mut World| world.set_interest(self.key, self.peer, interest);
        self.call(Call::SetInterest, set, |()| interest as usize)
    }
}

impl Drop for SimulatedSocket {
    fn drop(&mut self) {
        let mut world = self.world.borrow_mut();
        world.close(self.key, self.peer);
        world.record(Call::Close, Some(self.peer), Ok(0));
    }
}
