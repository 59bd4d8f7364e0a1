//! This file owns readiness, and the only `unsafe` of the house. It knows sources and keys, and
//! nothing of what they stand for.

use std::{io, net::TcpListener, sync::Arc, time::Duration};

use polling::{AsRawSource, AsSource, Event, PollMode};

use super::{net::Interest, wait::wait};

fn event(interest: Interest, key: usize) -> Event {
    match interest {
        Interest::Pause => Event::none(key),
        Interest::Read => Event::readable(key),
        Interest::Write => Event::writable(key),
    }
}

/// Waits for many sources at once, level-triggered: what is not dealt with is told again.
#[derive(Debug)]
pub(super) struct Poller {
    inner: Arc<polling::Poller>,
}

impl Poller {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self { inner: Arc::new(polling::Poller::new()?) })
    }

    /// Ends a wait from another thread.
    pub(super) fn waker(&self) -> Waker {
        Waker(Arc::clone(&self.inner))
    }

    /// Waits until a source is ready, the time is over or a waker was used, and puts the keys of
    /// what is ready into `ready`.
    pub(super) fn wait(&self, timeout: Option<Duration>, ready: &mut Vec<usize>) -> io::Result<()> {
        wait(&self.inner, timeout, ready)
    }

    /// Takes a source that is to be watched, from the first call of [`Watched::watch_for`] on and
    /// for as long as what is returned lives.
    pub(super) fn take<S: AsSource>(&self, source: S, key: usize) -> Watched<S> {
        Watched { poller: Arc::clone(&self.inner), source, key, interest: None }
    }
}

/// A source that is watched, or will be: a client whose request is there when it is accepted, and
/// who wants no more, never is.
#[derive(Debug)]
pub(super) struct Watched<S: AsSource> {
    poller: Arc<polling::Poller>,
    source: S,
    key: usize,
    /// `None` as long as the poller doesn't know the source.
    interest: Option<Interest>,
}

impl<S: AsSource> Watched<S>
where
    for<'a> &'a S: AsRawSource,
{
    pub(super) fn source(&self) -> &S {
        &self.source
    }

    /// Watches for this, and nothing else, from now on.
    pub(super) fn watch_for(&mut self, interest: Interest) -> io::Result<()> {
        let event = event(interest, self.key);
        match self.interest {
            Some(same) if same == interest => return Ok(()),
            Some(_) => self.poller.modify_with_mode(&self.source, event, PollMode::Level)?,
            None => {
                #[expect(unsafe_code, reason = "polling must trust that a source is deleted")]
                // SAFETY: `add` asks that the source be deleted from the poller before it is
                // dropped. `self` owns the source and gives it to nobody, so that it is dropped
                // with `self` only, and `drop` deletes it first. If `self` is leaked, the source
                // is never dropped.
                unsafe {
                    self.poller.add_with_mode(&self.source, event, PollMode::Level)?;
                }
            }
        }
        self.interest = Some(interest);
        Ok(())
    }
}

impl<S: AsSource> Drop for Watched<S> {
    fn drop(&mut self) {
        if self.interest.is_some() {
            // It fails only where the system has forgotten the source by itself.
            let _ = self.poller.delete(&self.source);
        }
    }
}

/// Makes a listener ready only when a client has said something, so that most connections are
/// accepted, read, answered and closed in one go and never watched. Clients that stay silent come a
/// second late. Linux alone knows it (tcp(7)), and neither std nor a crate has a name for it.
///
/// It is a matter of speed, so that nobody is told where the system says no.
#[cfg(target_os = "linux")]
pub(super) fn defer_until_spoken_to(listener: &TcpListener) {
    use std::os::fd::AsRawFd;

    static SECONDS: libc::c_int = 1;
    #[expect(clippy::cast_possible_truncation, reason = "the size of an int is a small number")]
    const LENGTH: libc::socklen_t = size_of::<libc::c_int>() as libc::socklen_t;

    #[expect(unsafe_code, reason = "the system reads what a pointer points to")]
    // SAFETY: the descriptor is open as long as the listener that is borrowed, the pointer is that
    // of an int of the program itself, and the length is that of an int.
    unsafe {
        libc::setsockopt(
            listener.as_raw_fd(),
            libc::IPPROTO_TCP,
            libc::TCP_DEFER_ACCEPT,
            (&raw const SECONDS).cast(),
            LENGTH,
        );
    }
}

/// Listeners elsewhere are ready when somebody connects.
#[cfg(not(target_os = "linux"))]
pub(super) fn defer_until_spoken_to(_: &TcpListener) {}

/// Ends a poller's wait.
#[derive(Debug, Clone)]
pub(super) struct Waker(Arc<polling::Poller>);

impl Waker {
    pub(super) fn wake(&self) {
        // It fails only where the poller is broken, which its own wait reports.
        let _ = self.0.notify();
    }
}
