//! Number of connections that the limit on open files allows.

use super::{stderr::warn, system::raise_descriptor_limit};
use crate::limits::{DESCRIPTORS_OF_PROCESS, DESCRIPTORS_PER_WORKER, DESCRIPTORS_RESERVED};

/// Raises the limit on open files as far as possible. Returns how many of the wanted connections it
/// allows in addition to the descriptors that the process, its workers and these files need; at
/// least 1.
pub(super) fn allowed_connections(wanted: usize, workers: usize, files: usize) -> usize {
    let of_workers = workers.saturating_mul(DESCRIPTORS_PER_WORKER);
    let reserved = of_workers.saturating_add(DESCRIPTORS_OF_PROCESS).max(DESCRIPTORS_RESERVED);
    let reserved = reserved.saturating_add(files);
    let granted = raise_descriptor_limit(wanted.saturating_add(reserved) as u64);
    let granted = usize::try_from(granted).unwrap_or(usize::MAX);
    let allowed = wanted.min(granted.saturating_sub(reserved)).max(1);
    if allowed < wanted {
        warn(format_args!(
            "the system allows {granted} open files, so at most {allowed} connections instead of \
             {wanted}; raise the limit with `ulimit -n`"
        ));
    }
    allowed
}
