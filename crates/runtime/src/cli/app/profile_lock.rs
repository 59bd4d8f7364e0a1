//! Lock of a browser profile: whether a process uses it that this one has not started.

use std::{path::Path, thread, time::Duration};

/// The interval in which the lock is read.
const INTERVAL: Duration = Duration::from_millis(250);

/// Waits until no browser uses a profile.
pub(super) fn wait_until_free(profile: &Path) {
    while is_held(profile) {
        thread::park_timeout(INTERVAL);
    }
}

/// Whether a browser uses the profile: `SingletonLock` is a link to `HOST-PROCESS`, which stays
/// after a crash.
#[cfg(unix)]
pub(super) fn is_held(profile: &Path) -> bool {
    use rustix::process::{Pid, test_kill_process};

    let process = || {
        let link = profile.join("SingletonLock").read_link().ok()?;
        let (_, id) = link.to_str()?.rsplit_once('-')?;
        Pid::from_raw(id.parse().ok()?)
    };
    process().is_some_and(|id| test_kill_process(id).is_ok())
}

/// Whether a browser uses the profile: the system deletes `lockfile` with its process.
#[cfg(not(unix))]
pub(super) fn is_held(profile: &Path) -> bool {
    profile.join("lockfile").exists()
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_lock_is_held_while_its_process_runs() {
        let own = std::process::id();
        let rows = [
            (None, false),
            (Some(format!("host-name-{own}")), true),
            // No system has as many processes.
            (Some("host-name-2147483647".to_owned()), false),
            (Some("host".to_owned()), false),
            (Some("host-x".to_owned()), false),
            (Some("host-0".to_owned()), false),
        ];
        for (target, expected) in rows {
            let profile = tempfile::tempdir().unwrap();
            if let Some(target) = &target {
                symlink(target, profile.path().join("SingletonLock")).unwrap();
            }
            assert_eq!(is_held(profile.path()), expected, "{target:?}");
        }
    }
}
