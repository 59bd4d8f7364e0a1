//! Connections on their way from the workers of a site to the workers of the next one.

use std::{
    collections::VecDeque,
    net::TcpStream,
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::{net::HandedOver, poller::Waker};

/// The queue between all workers of a live server.
#[derive(Debug, Default)]
pub(super) struct Handover(Mutex<HandoverState>);

#[derive(Debug, Default)]
struct HandoverState {
    connections: VecDeque<HandedOver<TcpStream>>,
    /// The wakers of the workers that take the connections.
    wakers: Vec<Waker>,
}

impl Handover {
    fn lock(&self) -> MutexGuard<'_, HandoverState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets which workers take the connections from now on.
    pub(super) fn set_successors(&self, wakers: Vec<Waker>) {
        let mut state = self.lock();
        state.wakers = wakers;
        state.wakers.iter().for_each(Waker::wake);
    }

    pub(super) fn push(&self, connection: HandedOver<TcpStream>) {
        let mut state = self.lock();
        state.connections.push_back(connection);
        state.wakers.iter().for_each(Waker::wake);
    }

    pub(super) fn take(&self) -> Option<HandedOver<TcpStream>> {
        self.lock().connections.pop_front()
    }
}
