//! Calls on simulated sockets.

use std::io::{self, IoSlice};

use super::{
    faults::{Call, Failure},
    peer::{PeerState, ReadPattern},
    world::World,
};
use crate::server::net::Interest;

impl World {
    /// Accepts the next client of the backlog under this key, and returns its number.
    pub(super) fn accept(&mut self, key: usize) -> io::Result<usize> {
        if self.backlog.is_empty() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        if let Some(failure) = self.fails(Call::Accept, None) {
            if failure == Failure::Aborted
                && let Some(peer) = self.backlog.pop_front()
            {
                self.peers[peer].state = PeerState::Closed;
                self.peers[peer].is_disturbed = true;
            }
            return Err(failure.error());
        }
        let peer = self.backlog.pop_front().expect("the backlog is not empty");
        self.peers[peer].state = PeerState::Accepted;
        self.progress(peer);
        let before = self.accepted.insert(key, (peer, Interest::Pause));
        assert!(before.is_none(), "two connections with one key");
        Ok(peer)
    }

    pub(super) fn read(&mut self, number: usize, buffer: &mut [u8]) -> io::Result<usize> {
        if let Some(failure) = self.fails(Call::Read, Some(number)) {
            return Err(failure.error());
        }
        let longest = if self.faults.is_short { 1 + self.rng.below(40) } else { buffer.len() };
        let peer = &mut self.peers[number];
        if peer.has_reset {
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        let count = longest.min(buffer.len()).min(peer.unread.len());
        if count == 0 && !peer.has_ended {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        for (byte, unread) in buffer.iter_mut().zip(peer.unread.drain(..count)) {
            *byte = unread;
        }
        self.progress(number);
        Ok(count)
    }

    pub(super) fn write(&mut self, number: usize, pieces: &[IoSlice<'_>; 2]) -> io::Result<usize> {
        match self.fails(Call::Write, Some(number)) {
            Some(Failure::Zero) => return Ok(0),
            Some(failure) => return Err(failure.error()),
            None => {}
        }
        let longest = if self.faults.is_short { 1 + self.rng.below(900) } else { usize::MAX };
        let now_ms = self.now_ms;
        let peer = &mut self.peers[number];
        if peer.has_reset {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let room = peer.in_flight_max.saturating_sub(peer.in_flight.len()).min(longest);
        if room == 0 {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let all = pieces.iter().flat_map(|piece| piece.iter().copied());
        let before = peer.in_flight.len();
        peer.in_flight.extend(all.take(room));
        let count = peer.in_flight.len() - before;
        assert!(count > 0, "an empty write");
        if peer.read_pattern != ReadPattern::AtOnce {
            peer.reads_at_ms = peer.reads_at_ms.max(now_ms);
        }
        self.progress(number);
        Ok(count)
    }

    pub(super) fn shut_down_write(&mut self, number: usize) -> io::Result<()> {
        match self.fails(Call::ShutdownWrite, Some(number)) {
            Some(failure) => {
                self.peers[number].is_disturbed = true;
                Err(failure.error())
            }
            None => Ok(()),
        }
    }

    pub(super) fn set_interest(
        &mut self,
        key: usize,
        number: usize,
        interest: Interest,
    ) -> io::Result<()> {
        if let Some(failure) = self.fails(Call::SetInterest, Some(number)) {
            self.peers[number].is_disturbed = true;
            return Err(failure.error());
        }
        self.accepted.get_mut(&key).expect("an open socket is accepted").1 = interest;
        Ok(())
    }

    pub(super) fn close(&mut self, key: usize, number: usize) {
        self.accepted.remove(&key);
        self.progress(number);
        let peer = &mut self.peers[number];
        peer.state = PeerState::Closed;
        if peer.unread.is_empty() && !peer.has_reset {
            // Data in flight arrives, even at a slow client.
            peer.receive(peer.in_flight.len());
        } else {
            // The system resets a connection that is closed with unread input, and the client loses
            // data in flight.
            peer.in_flight.clear();
        }
    }
}
