//! This file owns the walk over the folder: which files are bound, in what order, and what cannot
//! be. It reads bytes and doesn't look into them.

use std::{
    fs, io,
    io::Read,
    path::{Path, PathBuf},
};

use crate::diagnostic::{Code, Diagnostic, Position};

/// A file of the site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct File {
    /// The path within the site, with `/` between its parts and none before the first.
    pub(crate) path: String,
    /// Its bytes.
    pub(crate) bytes: Vec<u8>,
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

/// A folder as it was found.
#[derive(Debug, Default)]
pub(crate) struct Source {
    /// What diagnostics put before a path within the site.
    pub(crate) label: String,
    /// Every file that is bound, in the order of its path.
    pub(crate) files: Vec<File>,
    /// Every file and folder whose change changes the bundle.
    pub(crate) watched: Vec<PathBuf>,
    /// How many dotfiles and leftovers of desktops were left out.
    pub(crate) omitted: usize,
    /// What could not be bound.
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// Why a folder could not be walked at all.
#[derive(Debug)]
#[non_exhaustive]
pub enum SourceError {
    /// There is nothing at this path, or it cannot be reached.
    Unreachable(PathBuf, io::Error),
    /// There is something, but it is no folder.
    NotAFolder(PathBuf),
}

impl std::fmt::Display for SourceError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unreachable(path, error) => {
                write!(f, "cannot open the site `{}`: {error}", path.display())
            }
            Self::NotAFolder(path) => {
                write!(f, "the site `{}` is a file; name the folder that holds it", path.display())
            }
        }
    }
}

impl std::error::Error for SourceError {}

/// Walks the folder `root`.
pub(crate) fn read(root: &Path) -> Result<Source, SourceError> {
    let unreachable = |error| SourceError::Unreachable(root.to_owned(), error);
    let canonical = fs::canonicalize(root).map_err(unreachable)?;
    if !canonical.is_dir() {
        return Err(SourceError::NotAFolder(root.to_owned()));
    }
    let label = root.to_string_lossy().trim_end_matches(['/', '\\']).replace('\\', "/");
    let source = Source { label, ..Source::default() };
    let mut walk = Walk { root: &canonical, source, open: Vec::new() };
    walk.folder(root, &canonical, "");
    let mut source = walk.source;
    source.files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(source)
}

impl Source {
    /// The path of a file of the site as its author would type it.
    pub(crate) fn display(&self, path: &str) -> String {
        format!("{}/{path}", self.label)
    }
}

/// Never bound: what editors, desktops and version control leave behind. `.well-known` is the one
/// dotfile that is meant for clients (RFC 8615).
fn is_left_out(name: &str) -> bool {
    (name.starts_with('.') && name != ".well-known") || name == "Thumbs.db" || name == "desktop.ini"
}

struct Walk<'a> {
    root: &'a Path,
    source: Source,
    /// The canonical paths of the folders that the walk is in, so that a link to one of them is
    /// seen as the loop that it is.
    open: Vec<PathBuf>,
}

impl Walk<'_> {
    fn folder(&mut self, folder: &Path, canonical: &Path, prefix: &str) {
        self.source.watched.push(folder.to_owned());
        let entries = fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<_>>>);
        let mut entries = match entries {
            Ok(entries) => entries,
            Err(error) => return self.refuse(prefix, &format!("cannot be read: {error}")),
        };
        entries.sort_by_key(fs::DirEntry::file_name);
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
                self.entry(&entry.path(), &format!("{prefix}{name}"));
            }
        }
        self.open.pop();
    }

    fn entry(&mut self, place: &Path, path: &str) {
        if path.chars().any(char::is_control) {
            return self.refuse(path, "has a control character in its name");
        }
        let canonical = match fs::canonicalize(place) {
            Ok(canonical) => canonical,
            Err(error) => return self.refuse(path, &format!("leads to nothing: {error}")),
        };
        if !canonical.starts_with(self.root) {
            return self.refuse(path, "is a link out of the folder");
        }
        match fs::metadata(&canonical) {
            Err(error) => self.refuse(path, &format!("cannot be read: {error}")),
            Ok(metadata) if metadata.is_dir() && self.open.contains(&canonical) => {
                self.refuse(path, "is a link to a folder that holds it");
            }
            Ok(metadata) if metadata.is_dir() => {
                self.folder(place, &canonical, &format!("{path}/"));
            }
            Ok(metadata) if metadata.is_file() => {
                self.source.watched.push(place.to_owned());
                match read_steady(&canonical) {
                    Ok(bytes) => self.source.files.push(File { path: path.to_owned(), bytes }),
                    Err(error) => self.refuse(path, &format!("cannot be read: {error}")),
                }
            }
            Ok(_) => self.refuse(path, "is neither a file nor a folder"),
        }
    }

    fn refuse(&mut self, path: &str, why: &str) {
        let shown = path.trim_end_matches('/').escape_debug().to_string();
        self.source.diagnostics.push(Diagnostic::new(
            Code::UnboundFile,
            self.source.display(&shown),
            Position::START,
            format!("`{shown}` {why}"),
            "remove it from the folder, or put a readable copy of the file in its place",
        ));
    }
}

/// Reads a file and fails if it changed meanwhile, since half of each is neither.
fn read_steady(path: &Path) -> io::Result<Vec<u8>> {
    let mut file = fs::File::open(path)?;
    let before = file.metadata()?;
    let mut bytes = Vec::with_capacity(usize::try_from(before.len()).unwrap_or_default());
    file.read_to_end(&mut bytes)?;
    let after = file.metadata()?;
    let is_steady = before.len() == after.len()
        && bytes.len() as u64 == after.len()
        && before.modified().ok() == after.modified().ok();
    if is_steady { Ok(bytes) } else { Err(io::Error::other("it changed while it was read")) }
}
