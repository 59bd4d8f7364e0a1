//! Registration of sockets with the poller. Contains `unsafe` code.

use std::{io, sync::Arc};

use polling::{AsRawSource, AsSource, Event, PollMode};

use super::net::Interest;

fn event(interest: Interest, key: usize) -> Event {
    match interest {
        Interest::Pause => Event::none(key),
        Interest::Read => Event::readable(key),
        Interest::Write => Event::writable(key),
    }
}

/// Level-triggered poller: readiness that is not handled is reported again.
#[derive(Debug)]
pub(super) struct Poller {
    inner: Arc<polling::Poller>,
}

impl Poller {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self { inner: Arc::new(polling::Poller::new()?) })
    }

    /// A handle with which another thread can end a wait.
    pub(super) fn waker(&self) -> Waker {
        Waker(Arc::clone(&self.inner))
    }

    /// The inner poller. How to wait on it differs between systems.
    pub(super) fn inner(&self) -> &polling::Poller {
        &self.inner
    }

    /// A source with this key that can be watched. It is registered by [`Watched::set_interest`].
    pub(super) fn watch<S: AsSource>(&self, source: S, key: usize) -> Watched<S> {
        Watched { poller: Arc::clone(&self.inner), source, key, interest: None }
    }
}

/// A source that is watched from the first [`Watched::set_interest`] on. A connection that is
/// served and closed in one turn is never registered.
#[derive(Debug)]
pub(super) struct Watched<S: AsSource> {
    poller: Arc<polling::Poller>,
    source: S,
    key: usize,
    /// `None` until the source is registered.
    interest: Option<Interest>,
}

impl<S: AsSource> Watched<S>
where
    for<'a> &'a S: AsRawSource,
{
    pub(super) fn source(&self) -> &S {
        &self.source
    }

    /// Watches the source for this readiness only, from now on.
    pub(super) fn set_interest(&mut self, interest: Interest) -> io::Result<()> {
        let event = event(interest, self.key);
        match self.interest {
            Some(same) if same == interest => return Ok(()),
            Some(_) => self.poller.modify_with_mode(&self.source, event, PollMode::Level)?,
            None => {
                #[expect(unsafe_code, reason = "polling must trust that a source is deleted")]
                // SAFETY: `add` requires that the source be deleted from the poller before it is
                // dropped. `self` owns the source and never moves it out, so it is dropped only
                // with `self`, and `drop` deletes it first. If `self` is leaked, the source is
                // never dropped.
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
            // This fails only if the system has already removed the source.
            let _ = self.poller.delete(&self.source);
        }
    }
}

/// Makes a listener ready only when a client has sent something (tcp(7)), so that most connections
/// are accepted, served and closed in one turn and never registered. Clients that send nothing are
/// accepted a second late. The option only saves time, so a failure is not reported.
///
/// `unsafe`, because std, rustix and socket2 lack this option.
#[cfg(target_os = "linux")]
pub(super) fn defer_accept(listener: &std::net::TcpListener) {
    use std::os::fd::AsRawFd;

    static SECONDS: libc::c_int = crate::limits::DEFER_ACCEPT_S;
    #[expect(clippy::cast_possible_truncation, reason = "the size of an int is a small number")]
    const LENGTH: libc::socklen_t = size_of::<libc::c_int>() as libc::socklen_t;

    #[expect(unsafe_code, reason = "the system reads what a pointer points to")]
    // SAFETY: the descriptor is open as long as the borrowed listener, the pointer is that of a
    // static int, and the length is that of an int.
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

/// Handle with which another thread can end the wait of a poller.
#[derive(Debug, Clone)]
pub(super) struct Waker(Arc<polling::Poller>);

impl Waker {
    pub(super) fn wake(&self) {
        // This fails only if the poller is broken, which its own wait reports.
        let _ = self.0.notify();
    }
}
