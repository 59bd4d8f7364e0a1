//! This file owns waiting for readiness. It registers nothing and doesn't know what is ready.
//!
//! On Linux the wait goes to the poller's epoll descriptor directly. polling's own wait makes four
//! more system calls each time, to set its timer and to read and re-arm its notifier; epoll takes a
//! timeout by itself, and a notifier that nobody used needs no care.

use std::{io, time::Duration};

use polling::Poller;

/// How many events one wait can bring.
pub(super) const EVENTS_PER_WAIT: usize = 512;

/// The key of what wakes the loop and says no more, from which on keys are told nobody. The last is
/// the one that polling keeps for its notifier.
pub(super) const WAKE_KEY: usize = usize::MAX - 1;

/// Waits until a source is ready, the time is over or the notifier was used, and puts the keys of
/// what is ready into `ready`. A signal that comes in between is no error.
#[cfg(target_os = "linux")]
pub(super) fn wait(
    poller: &Poller,
    timeout: Option<Duration>,
    ready: &mut Vec<usize>,
) -> io::Result<()> {
    use std::mem::MaybeUninit;

    use rustix::{event::epoll, io::Errno};

    let mut room = [const { MaybeUninit::<epoll::Event>::uninit() }; EVENTS_PER_WAIT];
    // A timeout that no Timespec can hold is as good as none.
    let timeout = timeout.and_then(|it| it.try_into().ok());
    let events = match epoll::wait(poller, &mut room[..], timeout.as_ref()) {
        Ok((events, _)) => events,
        Err(Errno::INTR) => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    let keys = events.iter().filter_map(|event| usize::try_from(event.data.u64()).ok());
    let before = ready.len();
    ready.extend(keys);
    if ready[before..].iter().any(|&key| key >= WAKE_KEY) {
        ready.retain(|&key| key < WAKE_KEY);
        // polling's own wait re-arms the notifier; what else it finds is level-triggered and is
        // found again.
        poller.wait(&mut polling::Events::new(), Some(Duration::ZERO))?;
    }
    Ok(())
}

/// Waits until a source is ready, the time is over or the notifier was used, and puts the keys of
/// what is ready into `ready`. A signal that comes in between is no error.
#[cfg(not(target_os = "linux"))]
pub(super) fn wait(
    poller: &Poller,
    timeout: Option<Duration>,
    ready: &mut Vec<usize>,
) -> io::Result<()> {
    use std::num::NonZeroUsize;

    let capacity = NonZeroUsize::new(EVENTS_PER_WAIT).unwrap_or(NonZeroUsize::MIN);
    let mut events = polling::Events::with_capacity(capacity);
    match poller.wait(&mut events, timeout) {
        Err(error) if error.kind() != io::ErrorKind::Interrupted => return Err(error),
        _ => {}
    }
    ready.extend(events.iter().map(|event| event.key).filter(|&key| key < WAKE_KEY));
    Ok(())
}
