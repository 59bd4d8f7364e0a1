//! This file owns how many connections the system lets us have. It knows nothing of connections.

use std::io;

#[cfg(unix)]
use crate::limits::{DESCRIPTORS_OF_PROCESS, DESCRIPTORS_PER_WORKER, DESCRIPTORS_RESERVED};

/// Whether an accept failed because the system has nothing left to give, and not because of the
/// client: then the listener stays readable, and asking again at once would fail again.
#[cfg(unix)]
pub(super) fn are_exhausted(error: &io::Error) -> bool {
    use rustix::io::Errno;

    let code = Errno::from_io_error(error);
    code.is_some_and(|it| [Errno::MFILE, Errno::NFILE, Errno::NOBUFS, Errno::NOMEM].contains(&it))
}

/// The same for Windows: `WSAEMFILE` and `WSAENOBUFS`.
#[cfg(not(unix))]
pub(super) fn are_exhausted(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(10024 | 10055))
}

/// How many connections may be open of the `wanted` ones beside so many workers, after asking the
/// system for as many descriptors as it gives without privilege.
#[cfg(unix)]
pub(super) fn allow(wanted: usize, workers: usize) -> usize {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let of_workers = workers.saturating_mul(DESCRIPTORS_PER_WORKER);
    let reserved = of_workers.saturating_add(DESCRIPTORS_OF_PROCESS).max(DESCRIPTORS_RESERVED);
    let needed = wanted.saturating_add(reserved) as u64;
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let mut granted = current.unwrap_or(u64::MAX);
    if granted < needed {
        let raised = maximum.unwrap_or(u64::MAX).min(needed);
        let asked = Rlimit { current: Some(raised), maximum };
        if raised > granted && setrlimit(Resource::Nofile, asked).is_ok() {
            granted = raised;
        }
    }
    let granted = usize::try_from(granted).unwrap_or(usize::MAX);
    let allowed = wanted.min(granted.saturating_sub(reserved)).max(1);
    if allowed < wanted {
        super::stderr::warn(format_args!(
            "the system allows {granted} open files, so at most {allowed} connections instead of \
             {wanted}; raise it with `ulimit -n`"
        ));
    }
    allowed
}

/// Sockets are not counted against a limit of files here.
#[cfg(not(unix))]
pub(super) fn allow(wanted: usize, _workers: usize) -> usize {
    wanted
}
