//! This file owns the world as the loop sees it: each of its calls, and how it fails. What time it
//! is and who is ready, `world.rs` knows.

use std::{
    cell::RefCell,
    fmt,
    io::{self, IoSlice},
    net::{IpAddr, Ipv4Addr},
    rc::Rc,
    time::Duration,
};

use super::{
    faults::{Call, Failure},
    peer::{Habit, Place},
    world::{Listening, World},
};
use crate::{
    limits::ACCEPT_WARNING_INTERVAL_MS,
    server::{
        net::{Interest, Net, Socket},
        shutdown::Stop,
    },
};

/// The world as a loop sees it.
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

/// The server's end.
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
        self.world.borrow().wall * 1000
    }

    fn wait(&mut self, timeout: Option<Duration>, ready: &mut Vec<usize>) -> io::Result<()> {
        let mut world = self.world.borrow_mut();
        (world.calls_in_turn, world.stuck) = (0, None);
        let wait_ms = |timeout: Duration| u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX);
        let until_ms = timeout.map(|it| world.now_ms.saturating_add(wait_ms(it)));
        loop {
            world.let_peers_act();
            world.check_while_it_runs();
            if world.next_stage() {
                drop(world);
                self.stop.request();
                return Ok(());
            }
            world.find_ready(ready);
            // Somebody who was just accepted, say, and has said nothing.
            if world.numbers.below(50) == 0
                && let Some((key, _)) = world.inside.first_key_value()
                && world.inside[key].1 == Interest::Read
            {
                ready.push(*key);
            }
            if !ready.is_empty() || until_ms.is_some_and(|at_ms| at_ms <= world.now_ms) {
                return Ok(());
            }
            let next_ms = world.next_ms().into_iter().chain(until_ms).min();
            let next_ms = next_ms.expect("nothing will ever happen again");
            world.idle_turns = 0;
            world.pass_to(next_ms);
        }
    }

    fn set_accepting(&mut self, is_accepting: bool) -> io::Result<()> {
        let mut world = self.world.borrow_mut();
        if world.listening != Listening::Closed {
            world.listening = if is_accepting { Listening::Heard } else { Listening::Unheard };
        }
        Ok(())
    }

    fn accept(&mut self, _: usize, key: usize) -> io::Result<(SimulatedSocket, IpAddr)> {
        let mut world = self.world.borrow_mut();
        if world.door.is_empty() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        if let Some(failure) = world.fails(Call::Accept, None) {
            if failure == Failure::Aborted
                && let Some(peer) = world.door.pop_front()
            {
                world.peers[peer].place = Place::Gone;
                world.peers[peer].is_disturbed = true;
            }
            return Err(failure.error());
        }
        let peer = world.door.pop_front().expect("somebody is there");
        world.peers[peer].place = Place::Inside;
        world.moved(peer);
        let before = world.inside.insert(key, (peer, Interest::Pause));
        assert!(before.is_none(), "two at one place");
        let socket = SimulatedSocket { world: Rc::clone(&self.world), key, peer };
        Ok((socket, Ipv4Addr::LOCALHOST.into()))
    }

    fn close_listeners(&mut self) {
        let mut world = self.world.borrow_mut();
        world.listening = Listening::Closed;
        while let Some(peer) = world.door.pop_front() {
            world.peers[peer].place = Place::Gone;
        }
    }

    fn warn(&mut self, _: fmt::Arguments<'_>) {
        let mut world = self.world.borrow_mut();
        let now_ms = world.now_ms;
        let before_ms = world.warned_ms.replace(now_ms);
        let is_due = |before_ms| now_ms - before_ms >= ACCEPT_WARNING_INTERVAL_MS;
        assert!(before_ms.is_none_or(is_due), "it complains too often");
    }
}

impl Socket for SimulatedSocket {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut world = self.world.borrow_mut();
        if let Some(failure) = world.fails(Call::Read, Some(self.peer)) {
            return Err(failure.error());
        }
        let is_short = world.faults.is_short;
        let longest = if is_short { 1 + world.numbers.below(40) } else { buffer.len() };
        let peer = &mut world.peers[self.peer];
        if peer.has_reset {
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        let count = longest.min(buffer.len()).min(peer.unread.len());
        if count == 0 && !peer.has_ended {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        for (place, byte) in buffer.iter_mut().zip(peer.unread.drain(..count)) {
            *place = byte;
        }
        world.moved(self.peer);
        Ok(count)
    }

    fn write(&mut self, pieces: [IoSlice<'_>; 2], _: bool) -> io::Result<usize> {
        let mut world = self.world.borrow_mut();
        match world.fails(Call::Write, Some(self.peer)) {
            Some(Failure::Zero) => return Ok(0),
            Some(failure) => return Err(failure.error()),
            None => {}
        }
        let is_short = world.faults.is_short;
        let longest = if is_short { 1 + world.numbers.below(900) } else { usize::MAX };
        let now_ms = world.now_ms;
        let peer = &mut world.peers[self.peer];
        if peer.has_reset {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let room = peer.room.saturating_sub(peer.under_way.len()).min(longest);
        if room == 0 {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let all = pieces.iter().flat_map(|piece| piece.iter().copied());
        let before = peer.under_way.len();
        peer.under_way.extend(all.take(room));
        let count = peer.under_way.len() - before;
        assert!(count > 0, "nothing was to be written");
        if peer.habit != Habit::AtOnce {
            peer.takes_at_ms = peer.takes_at_ms.max(now_ms);
        }
        world.moved(self.peer);
        Ok(count)
    }

    fn shut_down_write(&mut self) -> io::Result<()> {
        let mut world = self.world.borrow_mut();
        match world.fails(Call::EndSending, Some(self.peer)) {
            Some(failure) => {
                world.peers[self.peer].is_disturbed = true;
                Err(failure.error())
            }
            None => Ok(()),
        }
    }

    fn set_interest(&mut self, interest: Interest) -> io::Result<()> {
        let mut world = self.world.borrow_mut();
        if let Some(failure) = world.fails(Call::Watch, Some(self.peer)) {
            world.peers[self.peer].is_disturbed = true;
            return Err(failure.error());
        }
        world.inside.get_mut(&self.key).expect("it is inside").1 = interest;
        Ok(())
    }
}

impl Drop for SimulatedSocket {
    fn drop(&mut self) {
        let mut world = self.world.borrow_mut();
        world.inside.remove(&self.key);
        world.moved(self.peer);
        let peer = &mut world.peers[self.peer];
        peer.place = Place::Gone;
        if peer.unread.is_empty() && !peer.has_reset {
            // What is under way arrives, however slowly it is taken.
            peer.received.extend(peer.under_way.drain(..));
        } else {
            // The system resets a connection that is closed with input unread, and what the client
            // has not taken is lost.
            peer.under_way.clear();
        }
    }
}
