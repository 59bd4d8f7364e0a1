//! Clock of TLS. A time before 1970 makes rustls panic, so it never reads the system clock then:
//! the clock of a server may be set at any time.

use std::{fmt, sync::Arc, time::Duration, time::SystemTime};

use rustls::{Error, crypto::ring, pki_types::UnixTime, server::ProducesTickets, time_provider};

use super::validity::seconds;

/// Whether the clock can be used, which is never set to a time before 1970 correctly.
#[must_use]
pub fn is_clock_valid(now: SystemTime) -> bool {
    now.duration_since(SystemTime::UNIX_EPOCH).is_ok()
}

/// The system clock; 1970 for a time before it.
#[derive(Debug)]
pub(super) struct Clock(fn() -> SystemTime);

impl Clock {
    pub(super) const SYSTEM: Self = Self(SystemTime::now);
}

impl time_provider::TimeProvider for Clock {
    fn current_time(&self) -> Option<UnixTime> {
        Some(UnixTime::since_unix_epoch(Duration::from_secs(seconds((self.0)()))))
    }
}

/// Session tickets, which are neither issued nor accepted before 1970: their keys rotate by the
/// clock.
pub(super) struct Tickets {
    inner: Arc<dyn ProducesTickets>,
    clock: Clock,
}

impl Tickets {
    /// Tickets with new keys.
    pub(super) fn new(clock: Clock) -> Result<Self, Error> {
        if !is_clock_valid((clock.0)()) {
            return Err(Error::FailedToGetCurrentTime);
        }
        Ok(Self { inner: ring::Ticketer::new()?, clock })
    }

    fn usable(&self) -> Option<&dyn ProducesTickets> {
        is_clock_valid((self.clock.0)()).then_some(&*self.inner)
    }
}

impl ProducesTickets for Tickets {
    fn enabled(&self) -> bool {
        self.inner.enabled()
    }

    fn lifetime(&self) -> u32 {
        self.inner.lifetime()
    }

    fn encrypt(&self, plain: &[u8]) -> Option<Vec<u8>> {
        self.usable()?.encrypt(plain)
    }

    fn decrypt(&self, cipher: &[u8]) -> Option<Vec<u8>> {
        self.usable()?.decrypt(cipher)
    }
}

impl fmt::Debug for Tickets {
    /// Without the keys.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tickets").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use rustls::time_provider::TimeProvider;

    use super::*;

    fn before_1970() -> SystemTime {
        SystemTime::UNIX_EPOCH - Duration::from_secs(1)
    }

    #[test]
    fn a_clock_before_1970_gives_1970_and_no_tickets() {
        let epoch = UnixTime::since_unix_epoch(Duration::ZERO);
        assert_eq!(Clock(before_1970).current_time(), Some(epoch));
        assert!(Clock::SYSTEM.current_time() > Some(epoch));
        assert!(matches!(Tickets::new(Clock(before_1970)), Err(Error::FailedToGetCurrentTime)));
        let mut tickets = Tickets::new(Clock::SYSTEM).unwrap();
        let ticket = tickets.encrypt(b"session").unwrap();
        tickets.clock = Clock(before_1970);
        assert_eq!((tickets.encrypt(b"session"), tickets.decrypt(&ticket)), (None, None));
        tickets.clock = Clock::SYSTEM;
        assert_eq!(tickets.decrypt(&ticket).as_deref(), Some(&b"session"[..]));
    }
}
