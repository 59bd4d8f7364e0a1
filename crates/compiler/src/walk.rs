//! The walk of a site folder, and the limits to what it may contain.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use crate::{
    file_identity::FileIdentity,
    output_folders,
    site_folder::{SiteFolder, SourceFile},
    walk_error::{TooLarge, WalkError},
};

/// What a folder may contain. Without a limit, `chapbook /` would read a disk before its first
/// message.
#[derive(Debug, Clone, Copy)]
struct Limits {
    /// Files and folders. The largest sites that are built as files have some ten thousand pages.
    entries: usize,
    /// The total size of the files. Sites with more have large media, which are rarely packed.
    bytes: u64,
}

const LIMITS: Limits = Limits { entries: 100_000, bytes: 20 << 30 };
const UNBOUNDED: Limits = Limits { entries: usize::MAX, bytes: u64::MAX };
const ENTRIES_TEXT: &str = "100,000 files";
const BYTES_TEXT: &str = "20 GiB";

/// Maximum number of folders inside each other. Each one takes stack, and paths of more do not fit
/// into a request.
const DEPTH_MAX: usize = 100;

/// Walks a folder. One above the limits is an error unless `is_unbounded`.
pub(crate) fn walk(unwalked: SiteFolder, is_unbounded: bool) -> Result<SiteFolder, WalkError> {
    walk_within(unwalked, if is_unbounded { UNBOUNDED } else { LIMITS })
}

fn walk_within(folder: SiteFolder, limits: Limits) -> Result<SiteFolder, WalkError> {
    let root = || folder.root().to_owned();
    let unreachable = |error: io::Error| {
        if error.kind() == io::ErrorKind::NotFound {
            return WalkError::Missing(root(), output_folders::instead_of(folder.root()));
        }
        WalkError::Unreachable(root(), error)
    };
    let canonical = fs::canonicalize(folder.root()).map_err(unreachable)?;
    if !canonical.is_dir() {
        return Err(WalkError::NotAFolder(root()));
    }
    let mut walk = Walk {
        folder,
        root: &canonical,
        open: Vec::new(),
        links: 0,
        limits,
        entries: 0,
        bytes: 0,
        by_folder: BTreeMap::new(),
    };
    if let Err(Exceeded(limit)) = walk.folder(&canonical, "") {
        let (root, entries) = (walk.folder.name().to_owned(), walk.entries);
        let largest = walk.by_folder.into_iter().max_by_key(|(_, count)| *count);
        return Err(WalkError::TooLarge(TooLarge { root, limit, entries, largest }));
    }
    let mut folder = walk.folder;
    folder.files.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    Ok(folder)
}

/// Whether a file or folder is one of editors, desktops or version control. `.well-known` is the
/// only dotfile for clients (RFC 8615).
#[must_use]
pub fn is_omitted(name: &str) -> bool {
    (name.starts_with('.') && name != ".well-known") || name == "Thumbs.db" || name == "desktop.ini"
}

struct Walk<'a> {
    folder: SiteFolder,
    /// The canonical path of the site.
    root: &'a Path,
    /// The canonical paths of the folders that contain the current one, to detect loops of links.
    open: Vec<PathBuf>,
    /// The number of links to folders on the path to the current folder.
    links: usize,
    limits: Limits,
    /// The number of files and folders, those that are excluded included.
    entries: usize,
    bytes: u64,
    /// The number of entries in each folder of the site.
    by_folder: BTreeMap<String, usize>,
}

/// The limit that a folder exceeds.
struct Exceeded(&'static str);

/// Folders that link to each other have exponentially many paths, each of which would be walked.
/// Real sites do not nest links deeper than this.
const LINKS_MAX: usize = 2;

impl Walk<'_> {
    fn folder(&mut self, canonical: &Path, prefix: &str) -> Result<(), Exceeded> {
        if self.open.len() > DEPTH_MAX {
            let reason = format!("it is inside more than {DEPTH_MAX} folders");
            self.report(prefix, &reason);
            return Ok(());
        }
        self.folder.folders.push(prefix.to_owned());
        let mut entries = match self.entries(canonical, prefix)? {
            Ok(entries) => entries,
            Err(error) => {
                self.report_unreadable(prefix, &error);
                return Ok(());
            }
        };
        entries.sort_by_cached_key(fs::DirEntry::file_name);
        self.open.push(canonical.to_owned());
        for entry in entries {
            let name = entry.file_name();
            let Some(name) = name.to_str() else {
                let path = format!("{prefix}{}", name.to_string_lossy());
                self.report(&path, "its name is not UTF-8, so no URL can refer to it");
                continue;
            };
            if is_omitted(name) {
                self.folder.omitted += 1;
            } else {
                self.entry(&entry, format!("{prefix}{name}"))?;
            }
        }
        self.open.pop();
        Ok(())
    }

    /// The entries of a folder, which are counted as they are read.
    fn entries(
        &mut self,
        canonical: &Path,
        prefix: &str,
    ) -> Result<io::Result<Vec<fs::DirEntry>>, Exceeded> {
        let read = match fs::read_dir(canonical) {
            Ok(read) => read,
            Err(error) => return Ok(Err(error)),
        };
        let mut entries = Vec::new();
        for entry in read {
            match entry {
                Ok(entry) => entries.push(entry),
                Err(error) => return Ok(Err(error)),
            }
            self.entries += 1;
            if let Some((folder, _)) = prefix.split_once('/') {
                match self.by_folder.get_mut(folder) {
                    Some(count) => *count += 1,
                    None => _ = self.by_folder.insert(folder.to_owned(), 1),
                }
            }
            if self.entries > self.limits.entries {
                return Err(Exceeded(ENTRIES_TEXT));
            }
        }
        Ok(Ok(entries))
    }

    fn entry(&mut self, entry: &fs::DirEntry, path: String) -> Result<(), Exceeded> {
        if path.chars().any(char::is_control) {
            self.report(&path, "its name contains a control character");
            return Ok(());
        }
        match entry.file_type() {
            Ok(kind) if kind.is_symlink() => return self.link(&entry.path(), path),
            Ok(kind) if kind.is_dir() => return self.folder(&entry.path(), &format!("{path}/")),
            Ok(kind) if kind.is_file() => match entry.metadata() {
                Ok(metadata) => {
                    let target = (self.links > 0).then(|| entry.path());
                    return self.file(path, target.as_deref(), &metadata);
                }
                Err(error) => self.report_unreadable(&path, &error),
            },
            Ok(_) => self.report(&path, "it is neither a file nor a folder"),
            Err(error) => self.report_unreadable(&path, &error),
        }
        Ok(())
    }

    /// A file with the path that a link to it or to its folder leads to: no link is followed when
    /// it is opened.
    fn file(
        &mut self,
        path: String,
        target: Option<&Path>,
        metadata: &fs::Metadata,
    ) -> Result<(), Exceeded> {
        let length = metadata.len();
        let target = target.map(|it| it.strip_prefix(self.root).unwrap_or(it).into());
        let identity = Some(FileIdentity::of(metadata));
        self.folder.files.push(SourceFile { path, length, identity, target });
        self.bytes = self.bytes.saturating_add(length);
        if self.bytes > self.limits.bytes { Err(Exceeded(BYTES_TEXT)) } else { Ok(()) }
    }

    /// A symbolic link. Links out of the folder are not followed.
    fn link(&mut self, link: &Path, path: String) -> Result<(), Exceeded> {
        let target = fs::canonicalize(link).and_then(|it| Ok((fs::metadata(&it)?, it)));
        match target {
            Err(error) => self.report(&path, &format!("broken symbolic link: {error}")),
            Ok((_, target)) if !target.starts_with(self.root) => {
                self.report(&path, "it is a symbolic link out of the folder");
            }
            Ok(_) if self.links >= LINKS_MAX => {
                let reason = format!("it is a symbolic link inside {LINKS_MAX} others");
                self.report(&path, &reason);
            }
            Ok((metadata, target)) if metadata.is_dir() && self.open.contains(&target) => {
                self.report(&path, "it is a symbolic link to a folder that contains it");
            }
            Ok((metadata, target)) if metadata.is_dir() => {
                self.links += 1;
                self.folder(&target, &format!("{path}/"))?;
                self.links -= 1;
            }
            Ok((metadata, target)) if metadata.is_file() => {
                return self.file(path, Some(&target), &metadata);
            }
            Ok(_) => self.report(&path, "it is neither a file nor a folder"),
        }
        Ok(())
    }

    fn report(&mut self, path: &str, reason: &str) {
        let diagnostic = self.folder.cannot_include(path, reason);
        self.folder.diagnostics.push(diagnostic);
    }

    fn report_unreadable(&mut self, path: &str, error: &io::Error) {
        let diagnostic = self.folder.cannot_read(path, error);
        self.folder.diagnostics.push(diagnostic);
    }
}

#[cfg(test)]
mod tests;
