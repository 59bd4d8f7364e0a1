//! Watching a folder: the system reports changes, or else the folder is polled.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use notify::{
    Config, Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher,
    event::{AccessKind, AccessMode},
};

use super::{folder_signals::FolderSignals, folder_snapshot::FolderSnapshot};
use crate::{cli::output::warn, server::Stop};

/// The time without a change after which a folder is compiled.
const QUIET: Duration = Duration::from_millis(40);
/// The longest time for which changes that go on delay that.
const DELAY_MAX: Duration = Duration::from_millis(200);
/// The shortest interval of polling.
const POLL_INTERVAL: Duration = Duration::from_millis(200);
/// The part of the time that polling takes is at most one in this number.
const POLL_SHARE: u32 = 10;

/// A folder whose changes are reported.
#[derive(Debug)]
pub(super) struct FolderWatch {
    folder: PathBuf,
    /// `None` if the folder is polled.
    watcher: Option<SystemWatcher>,
    signals: FolderSignals,
    poll_interval: Duration,
}

/// The watcher of the system.
#[derive(Debug)]
struct SystemWatcher {
    inner: RecommendedWatcher,
    /// The folder that is watched, which another one of the same name may replace.
    watched: Option<(PathBuf, FolderId)>,
}

/// What distinguishes two folders with one path.
type FolderId = (u64, u64);

impl FolderWatch {
    /// Watches a folder from now on, until `stop` is requested.
    pub(super) fn start(folder: &Path, stop: &Stop) -> io::Result<Self> {
        let signals = FolderSignals::default();
        let stopped = signals.clone();
        stop.on_request(move || stopped.record(|it| it.is_stopped = true))?;
        // The name of the folder is kept: it may be a link that is replaced.
        let absolute = std::path::absolute(folder)?;
        let poll_interval = POLL_INTERVAL;
        let mut watch = Self { folder: absolute, watcher: None, signals, poll_interval };
        match watch.system_watcher() {
            Ok(watcher) => watch.watcher = Some(watcher),
            Err(reason) => watch.warn_about_polling(&reason),
        }
        watch.renew();
        Ok(watch)
    }

    fn system_watcher(&self) -> Result<SystemWatcher, String> {
        if let Some(reason) = unreported(&self.folder) {
            return Err(reason.to_owned());
        }
        let signals = self.signals.clone();
        let folder = self.folder.clone();
        let handler = move |event: notify::Result<Event>| match event {
            Ok(event) if !is_change(&event, &folder) => {}
            Err(error) if matches!(error.kind, notify::ErrorKind::MaxFilesWatch) => {
                signals.record(|it| it.failure = Some(reason(&error)));
            }
            // After an error, the next snapshot shows what has happened.
            Ok(_) | Err(_) => signals.record(|it| it.has_changed = true),
        };
        let config = Config::default().with_follow_symlinks(false);
        let mut inner = RecommendedWatcher::new(handler, config).map_err(|it| reason(&it))?;
        // A folder that is deleted and created again is found by its parent.
        if let Some(parent) = self.folder.parent() {
            let watched = inner.watch(parent, RecursiveMode::NonRecursive);
            watched.map_err(|error| reason(&error))?;
        }
        Ok(SystemWatcher { inner, watched: None })
    }

    /// Watches the folder that has the path now, if it is another one than before. To be called
    /// before the folder is read.
    pub(super) fn renew(&mut self) {
        let Some(watcher) = &mut self.watcher else { return };
        if let Err(error) = watcher.renew(&self.folder) {
            self.watcher = None;
            self.warn_about_polling(&reason(&error));
        }
    }

    fn warn_about_polling(&self, reason: &str) {
        warn(format_args!("polling `{}` for changes: {reason}", self.folder.display()));
    }

    /// Whether the folder must be polled: its changes are not reported, or it is gone.
    fn is_polled(&self) -> bool {
        self.watcher.as_ref().is_none_or(|it| it.watched.is_none())
    }

    /// The current snapshot.
    pub(super) fn snapshot(&mut self) -> FolderSnapshot {
        let start = Instant::now();
        let snapshot = FolderSnapshot::take(&self.folder);
        self.poll_interval = POLL_INTERVAL.max(start.elapsed() * POLL_SHARE);
        snapshot
    }

    /// Waits until the folder may have changed, and then until nothing else changes for a moment.
    /// With `recheck`, at most for this time. Returns whether to go on: `false` if the server is to
    /// stop.
    pub(super) fn wait(&mut self, recheck: Option<Duration>) -> bool {
        let poll = self.is_polled().then_some(self.poll_interval);
        let first = self.signals.wait(poll.into_iter().chain(recheck).min());
        if first.is_stopped {
            return false;
        }
        let mut has_changed = first.has_changed || first.failure.is_some();
        self.stop_watching_after(first.failure);
        let end = Instant::now() + DELAY_MAX;
        while has_changed {
            let left = end.saturating_duration_since(Instant::now());
            let next = self.signals.wait(Some(left.min(QUIET)));
            if next.is_stopped {
                return false;
            }
            self.stop_watching_after(next.failure);
            has_changed = next.has_changed && !left.is_zero();
        }
        true
    }

    fn stop_watching_after(&mut self, failure: Option<String>) {
        if let Some(reason) = failure {
            self.stop_watching(&reason);
        }
    }

    fn stop_watching(&mut self, reason: &str) {
        if self.watcher.take().is_some() {
            self.warn_about_polling(reason);
        }
    }
}

impl SystemWatcher {
    fn renew(&mut self, folder: &Path) -> notify::Result<()> {
        let current = fs::canonicalize(folder).and_then(|path| Ok((folder_id(&path)?, path)));
        let current = current.ok().map(|(id, path)| (path, id));
        if self.watched == current {
            return Ok(());
        }
        if let Some((path, _)) = self.watched.take() {
            // The system has already removed it if the folder is gone.
            let _ = self.inner.unwatch(&path);
        }
        if let Some((path, id)) = current {
            match self.inner.watch(&path, RecursiveMode::Recursive) {
                Ok(()) => self.watched = Some((path, id)),
                // It is gone again.
                Err(error) if matches!(error.kind, notify::ErrorKind::PathNotFound) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// Whether an event is about a change of the folder or of the entry for it in its parent.
fn is_change(event: &Event, folder: &Path) -> bool {
    let is_read = match event.kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => false,
        EventKind::Access(_) => true,
        _ => false,
    };
    let parent = folder.parent();
    // Its parent may contain anything else.
    let is_other = |path: &PathBuf| path.parent() == parent && path != folder;
    !is_read && (event.paths.is_empty() || !event.paths.iter().all(is_other))
}

/// What a user needs to know about an error.
fn reason(error: &notify::Error) -> String {
    match &error.kind {
        notify::ErrorKind::MaxFilesWatch => {
            "the system watches no more folders (fs.inotify.max_user_watches)".to_owned()
        }
        notify::ErrorKind::Io(error) => error.to_string(),
        _ => error.to_string(),
    }
}

#[cfg(unix)]
fn folder_id(folder: &Path) -> io::Result<FolderId> {
    use std::os::unix::fs::MetadataExt;

    let metadata = fs::metadata(folder)?;
    Ok((metadata.dev(), metadata.ino()))
}

/// A folder is another one if it was created at another time.
#[cfg(not(unix))]
fn folder_id(folder: &Path) -> io::Result<FolderId> {
    let created = fs::metadata(folder)?.created()?;
    let since = created.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Ok((since.as_secs(), u64::from(since.subsec_nanos())))
}

/// Why the system would not report changes that others make to a folder.
#[cfg(target_os = "linux")]
fn unreported(folder: &Path) -> Option<&'static str> {
    /// Types of statfs(2): NFS, SMB (three versions), 9P, FUSE, which virtual machines and SSH use,
    /// the shared folders of `VirtualBox`, AFS and Ceph.
    const NETWORK: [i64; 9] = [
        0x6969,
        0x517B,
        0xFF53_4D42,
        0xFE53_4D42,
        0x0102_1997,
        0x6573_5546,
        0x786F_4256,
        0x5346_414F,
        0x00C3_6400,
    ];
    let kind = rustix::fs::statfs(folder).ok()?.f_type;
    #[allow(clippy::unnecessary_cast, reason = "its type differs between architectures")]
    let kind = kind as i64;
    NETWORK.contains(&kind).then_some("the system reports no changes of network folders")
}

#[cfg(not(target_os = "linux"))]
fn unreported(_: &Path) -> Option<&'static str> {
    None
}

#[cfg(test)]
mod tests {
    use notify::event::{CreateKind, ModifyKind};

    use super::*;

    #[test]
    fn reads_and_other_entries_of_the_parent_are_no_changes() {
        let folder = Path::new("/a/site");
        let create = EventKind::Create(CreateKind::Any);
        let written = EventKind::Access(AccessKind::Close(AccessMode::Write));
        let rows: [(EventKind, &[&str], bool); 8] = [
            (create, &["/a/site/b.html"], true),
            (create, &["/a/site"], true),
            (create, &["/a/other"], false),
            (EventKind::Modify(ModifyKind::Any), &["/a/other", "/a/site"], true),
            (EventKind::Access(AccessKind::Open(AccessMode::Any)), &["/a/site/b.html"], false),
            (written, &["/a/site/b.html"], true),
            // The system has dropped events.
            (EventKind::Other, &[], true),
            (create, &["/elsewhere/linked/b.html"], true),
        ];
        for (kind, paths, expected) in rows {
            let event =
                Event { paths: paths.iter().map(PathBuf::from).collect(), ..Event::new(kind) };
            assert_eq!(is_change(&event, folder), expected, "{event:?}");
        }
    }

    #[test]
    fn a_folder_that_is_polled_and_one_that_is_gone_are_checked_without_an_event() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("site");
        fs::create_dir(&folder).unwrap();
        let mut watch = FolderWatch::start(&folder, &Stop::default()).unwrap();
        watch.stop_watching("this is a test");
        assert!(watch.is_polled() && watch.wait(None));
        let mut watch = FolderWatch::start(&folder, &Stop::default()).unwrap();
        fs::remove_dir(&folder).unwrap();
        watch.renew();
        assert!(watch.is_polled() && watch.wait(None));
    }

    #[test]
    fn a_shutdown_ends_the_wait() {
        let folder = tempfile::tempdir().unwrap();
        let stop = Stop::default();
        let mut watch = FolderWatch::start(folder.path(), &stop).unwrap();
        stop.request();
        assert!(!watch.wait(None));
    }
}
