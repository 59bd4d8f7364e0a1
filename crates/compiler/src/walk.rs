//! This file owns the walk over the folder: which files are bound, in what order, and what cannot
//! be; and reading one of them. It doesn't look into what it reads.

use std::{
    fs, io,
    io::Read,
    path::{Path, PathBuf},
    time::SystemTime,
};

use crate::{diagnostic::Diagnostic, lints::Lint};

/// A file of the site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct File {
    /// The path within the site, with `/` between its parts and none before the first.
    pub(crate) path: String,
}

impl File {
    /// The last part of the path.
    pub(crate) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// The extension in lower case, without its dot; empty where there is none.
    pub(crate) fn extension(&self) -> String {
        let extension = Path::new(self.name()).extension();
        extension.and_then(|it| it.to_str()).unwrap_or_default().to_ascii_lowercase()
    }
}

/// By what a change of a file is noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    /// The length in bytes.
    pub(crate) length: u64,
    modified: Option<SystemTime>,
}

/// A folder as it was found.
#[derive(Debug, Default)]
pub(crate) struct Source {
    root: PathBuf,
    /// What diagnostics put before a path within the site.
    label: String,
    /// Every file that is bound or holds rules, in the order of its path.
    pub(crate) files: Vec<File>,
    /// Every folder, with a `/` behind each, and the empty path for the root.
    pub(crate) folders: Vec<String>,
    /// How many dotfiles and leftovers of desktops were left out.
    pub(crate) omitted: usize,
    /// What could not be bound.
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// Why a folder could not be walked at all.
#[derive(Debug)]
#[non_exhaustive]
pub enum WalkError {
    /// There is nothing at this path, or it cannot be reached.
    Unreachable(PathBuf, io::Error),
    /// There is something, but it is no folder.
    NotAFolder(PathBuf),
}

impl std::fmt::Display for WalkError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unreachable(path, error) if error.kind() == io::ErrorKind::NotFound => {
                write!(f, "there is no folder `{}`", path.display())
            }
            Self::Unreachable(path, error) => {
                write!(f, "cannot open the site `{}`: {error}", path.display())
            }
            Self::NotAFolder(path) => {
                write!(f, "the site `{}` is a file; name the folder that holds it", path.display())
            }
        }
    }
}

impl std::error::Error for WalkError {}

/// Walks the folder `root`.
pub(crate) fn walk(root: &Path) -> Result<Source, WalkError> {
    let unreachable = |error| WalkError::Unreachable(root.to_owned(), error);
    let canonical = fs::canonicalize(root).map_err(unreachable)?;
    if !canonical.is_dir() {
        return Err(WalkError::NotAFolder(root.to_owned()));
    }
    let mut walk = Walk { source: Source::at(root), root: &canonical, open: Vec::new(), links: 0 };
    walk.folder(&canonical, "");
    let mut source = walk.source;
    source.files.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    Ok(source)
}

impl Source {
    /// A folder of which nothing is known yet.
    pub(crate) fn at(root: &Path) -> Self {
        let label = root.to_string_lossy().replace('\\', "/");
        let trimmed = label.trim_end_matches('/');
        // `/` itself is left with nothing, which is right: `/index.html`.
        Self { root: root.to_owned(), label: trimmed.to_owned(), ..Self::default() }
    }

    /// The same folder with some of its files only.
    pub(crate) fn only(&self, which: impl Fn(&File) -> bool) -> Self {
        let files = self.files.iter().filter(|file| which(file)).cloned().collect();
        Self { root: self.root.clone(), label: self.label.clone(), files, ..Self::default() }
    }

    /// The path of a file of the site as its author would type it.
    pub(crate) fn display(&self, path: &str) -> String {
        format!("{}/{path}", self.label)
    }

    /// Every file and folder whose change changes the outcome.
    pub(crate) fn watched(&self) -> Vec<PathBuf> {
        let files = self.files.iter().map(|file| &file.path);
        self.folders.iter().chain(files).map(|path| self.root.join(path)).collect()
    }

    /// The stamp of a file that can be opened.
    pub(crate) fn stamp(&self, file: &File) -> io::Result<Stamp> {
        stamp(&fs::File::open(self.root.join(&file.path))?)
    }

    /// Reads a file into `bytes`, and fails if it changes meanwhile: half of each is neither.
    pub(crate) fn read(&self, file: &File, bytes: &mut Vec<u8>) -> io::Result<Stamp> {
        bytes.clear();
        let mut open = fs::File::open(self.root.join(&file.path))?;
        let before = stamp(&open)?;
        bytes.reserve(usize::try_from(before.length).unwrap_or_default());
        // Behind `take`, std asks the file for its length no more than we do.
        open.by_ref().take(u64::MAX).read_to_end(bytes)?;
        let is_steady = stamp(&open)? == before && bytes.len() as u64 == before.length;
        if is_steady { Ok(before) } else { Err(changed()) }
    }

    /// Reads a file again, and fails if it is not what it was.
    pub(crate) fn read_again(&self, file: &File, then: Stamp) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let now = self.read(file, &mut bytes)?;
        if now == then { Ok(bytes) } else { Err(changed()) }
    }

    /// The diagnostic about a file that cannot be bound, for a reason that goes on from its path.
    pub(crate) fn unbound(&self, path: &str, why: &str) -> Diagnostic {
        let shown = path.trim_end_matches('/').escape_debug().to_string();
        let message = format!("`{shown}` {why}");
        let help = "remove it from the folder, or put a readable copy of the file in its place";
        Diagnostic::of_file(Lint::UnboundFile, self.display(&shown), message, help)
    }

    /// The diagnostic about a file that could not be read.
    pub(crate) fn unreadable(&self, path: &str, error: &io::Error) -> Diagnostic {
        self.unbound(path, &format!("cannot be read: {error}"))
    }
}

fn stamp(file: &fs::File) -> io::Result<Stamp> {
    let metadata = file.metadata()?;
    Ok(Stamp { length: metadata.len(), modified: metadata.modified().ok() })
}

fn changed() -> io::Error {
    io::Error::other("it changed while it was read")
}

/// Never bound: what editors, desktops and version control leave behind. `.well-known` is the one
/// dotfile that is meant for clients (RFC 8615).
fn is_left_out(name: &str) -> bool {
    (name.starts_with('.') && name != ".well-known") || name == "Thumbs.db" || name == "desktop.ini"
}

struct Walk<'a> {
    source: Source,
    /// The canonical path of the whole.
    root: &'a Path,
    /// The canonical paths of the folders that the walk is in, so that a link to one of them is
    /// seen as the loop that it is.
    open: Vec<PathBuf>,
    /// How many links to folders lead to where the walk is.
    links: usize,
}

/// Folders that link to each other are walked once for every way through them, and there are more
/// ways than could be walked. Deeper than this, nobody means it.
const LINKS_MAX: usize = 2;

impl Walk<'_> {
    fn folder(&mut self, canonical: &Path, prefix: &str) {
        self.source.folders.push(prefix.to_owned());
        let entries = fs::read_dir(canonical).and_then(Iterator::collect::<io::Result<Vec<_>>>);
        let mut entries = match entries {
            Ok(entries) => entries,
            Err(error) => {
                let diagnostic = self.source.unreadable(prefix, &error);
                return self.source.diagnostics.push(diagnostic);
            }
        };
        entries.sort_unstable_by_key(fs::DirEntry::file_name);
        self.open.push(canonical.to_owned());
        for entry in entries {
            let name = entry.file_name();
            let Some(name) = name.to_str() else {
                let path = format!("{prefix}{}", name.to_string_lossy());
                self.refuse(&path, "has a name that is not UTF-8, so no URL can name it");
                continue;
            };
            if is_left_out(name) {
                self.source.omitted += 1;
            } else {
                self.entry(&entry, format!("{prefix}{name}"));
            }
        }
        self.open.pop();
    }

    fn entry(&mut self, entry: &fs::DirEntry, path: String) {
        if path.chars().any(char::is_control) {
            return self.refuse(&path, "has a control character in its name");
        }
        let kind = match entry.file_type() {
            Ok(kind) => kind,
            Err(error) => return self.refuse(&path, &format!("cannot be read: {error}")),
        };
        if kind.is_symlink() {
            self.link(&entry.path(), path);
        } else if kind.is_dir() {
            self.folder(&entry.path(), &format!("{path}/"));
        } else if kind.is_file() {
            self.source.files.push(File { path });
        } else {
            self.refuse(&path, "is neither a file nor a folder");
        }
    }

    /// A symbolic link, which is followed within the folder only.
    fn link(&mut self, place: &Path, path: String) {
        let canonical = match fs::canonicalize(place) {
            Ok(canonical) => canonical,
            Err(error) => return self.refuse(&path, &format!("leads to nothing: {error}")),
        };
        if !canonical.starts_with(self.root) {
            return self.refuse(&path, "is a link out of the folder");
        }
        if self.links >= LINKS_MAX {
            return self
                .refuse(&path, "is a link below other links: the folder would be walked often");
        }
        match fs::metadata(&canonical) {
            Err(error) => self.refuse(&path, &format!("cannot be read: {error}")),
            Ok(metadata) if metadata.is_dir() && self.open.contains(&canonical) => {
                self.refuse(&path, "is a link to a folder that holds it");
            }
            Ok(metadata) if metadata.is_dir() => {
                self.links += 1;
                self.folder(&canonical, &format!("{path}/"));
                self.links -= 1;
            }
            Ok(metadata) if metadata.is_file() => self.source.files.push(File { path }),
            Ok(_) => self.refuse(&path, "is neither a file nor a folder"),
        }
    }

    fn refuse(&mut self, path: &str, why: &str) {
        let diagnostic = self.source.unbound(path, why);
        self.source.diagnostics.push(diagnostic);
    }
}
