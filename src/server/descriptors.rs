//! Number of connections that the limit of open files allows.

use super::{stderr::warn, system::raise_descriptor_limit};
use crate::limits::{DESCRIPTORS_OF_PROCESS, DESCRIPTORS_PER_WORKER, DESCRIPTORS_RESERVED};

/// As many of the wanted connections as fit beside the descriptors of this many workers, after the
/// limit was raised as far as possible.
pub(super) fn allow(wanted: usize, workers: usize) -> usize {
    let of_workers = workers.saturating_mul(DESCRIPTORS_PER_WORKER);
    let reserved = of_workers.saturating_add(DESCRIPTORS_OF_PROCESS).max(DESCRIPTORS_RESERVED);
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
