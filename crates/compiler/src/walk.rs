//! The site folder: its files in path order, and reading a file.

use std::{
    fs, io,
    io::Read,
    path::{Path, PathBuf},
    time::SystemTime,
};

use crate::{diagnostic::Diagnostic, lints::Lint, output_folders};

/// A file of the site folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SourceFile {
    /// The path within the site: segments separated by `/`, without a leading slash.
    pub(crate) path: String,
}

impl SourceFile {
    /// The last segment of the path.
    pub(crate) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// The extension in lower case, without its dot; empty if there is none.
    pub(crate) fn extension(&self) -> String {
        let extension = Path::new(self.name()).extension();
        extension.and_then(|it| it.to_str()).unwrap_or_default().to_ascii_lowercase()
    }
}

/// The length and modification time of a file. If they differ, the file has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FileVersion {
    /// The length in bytes.
    pub(crate) length: u64,
    modified: Option<SystemTime>,
}

impl FileVersion {
    fn of(file: &fs::File) -> io::Result<Self> {
        let metadata = file.metadata()?;
        Ok(Self { length: metadata.len(), modified: metadata.modified().ok() })
    }
}

/// A walked folder.
#[derive(Debug, Default)]
pub(crate) struct SiteFolder {
    root: PathBuf,
    /// The prefix of paths in diagnostics.
    label: String,
    /// Every file of the site, rule files included, sorted by path.
    pub(crate) files: Vec<SourceFile>,
    /// Every folder with a trailing `/`; the root is the empty string.
    pub(crate) folders: Vec<String>,
    /// The number of excluded files: dotfiles and desktop metadata.
    pub(crate) omitted: usize,
    /// Diagnostics about files that cannot be included.
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// Why a folder could not be walked at all.
#[derive(Debug)]
#[non_exhaustive]
pub enum WalkError {
    /// The path does not exist. Folders to use instead.
    Missing(PathBuf, Vec<PathBuf>),
    /// The path cannot be accessed.
    Unreachable(PathBuf, io::Error),
    /// The path is not a folder.
    NotAFolder(PathBuf),
}

impl std::fmt::Display for WalkError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missing(path, others) => {
                let path = path.display();
                write!(f, "cannot open the site `{path}`: there is no such folder; ")?;
                if others.is_empty() {
                    return f.write_str("build your site first, or name another folder");
                }
                let others: Vec<String> =
                    others.iter().map(|it| output_folders::shown(it)).collect();
                write!(
                    f,
                    "did you mean {}? Otherwise, build your site first",
                    output_folders::list(&others)
                )
            }
            Self::Unreachable(path, error) => {
                write!(f, "cannot open the site `{}`: {error}", path.display())
            }
            Self::NotAFolder(path) if is_archive(path) => {
                let path = path.display();
                write!(
                    f,
                    "cannot open the site `{path}`: it is an archive; unpack it, and name the \
                     folder"
                )
            }
            Self::NotAFolder(path) => {
                let path = path.display();
                write!(
                    f,
                    "cannot open the site `{path}`: it is a file; name the folder that contains it"
                )
            }
        }
    }
}

impl std::error::Error for WalkError {}

/// Whether a file is an archive, by its name.
fn is_archive(path: &Path) -> bool {
    const EXTENSIONS: [&str; 10] =
        ["zip", "tar", "gz", "tgz", "xz", "bz2", "zst", "7z", "rar", "jar"];
    let extension = path.extension().map(|it| it.to_string_lossy().to_ascii_lowercase());
    extension.is_some_and(|it| EXTENSIONS.contains(&it.as_str()))
}

/// Walks the folder `root`.
pub(crate) fn walk(root: &Path) -> Result<SiteFolder, WalkError> {
    let unreachable = |error: io::Error| {
        if error.kind() == io::ErrorKind::NotFound {
            return WalkError::Missing(root.to_owned(), output_folders::instead_of(root));
        }
        WalkError::Unreachable(root.to_owned(), error)
    };
    let canonical = fs::canonicalize(root).map_err(unreachable)?;
    if !canonical.is_dir() {
        return Err(WalkError::NotAFolder(root.to_owned()));
    }
    let folder = SiteFolder::at(root);
    let mut walk = Walk { folder, root: &canonical, open: Vec::new(), links: 0 };
    walk.folder(&canonical, "");
    let mut folder = walk.folder;
    folder.files.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    Ok(folder)
}

impl SiteFolder {
    /// A folder that has not been walked.
    pub(crate) fn at(root: &Path) -> Self {
        let label = root.to_string_lossy().replace('\\', "/");
        let trimmed = label.trim_end_matches('/');
        // The label of `/` is empty, so that its files are displayed as `/index.html`.
        Self { root: root.to_owned(), label: trimmed.to_owned(), ..Self::default() }
    }

    /// The path of the folder, as it was given.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The folder as it would be typed on the command line.
    pub(crate) fn name(&self) -> &str {
        if self.label.is_empty() { "/" } else { &self.label }
    }

    /// The same folder with the files that pass a filter.
    pub(crate) fn filtered(&self, includes: impl Fn(&SourceFile) -> bool) -> Self {
        let files = self.files.iter().filter(|file| includes(file)).cloned().collect();
        Self { root: self.root.clone(), label: self.label.clone(), files, ..Self::default() }
    }

    /// The path of a file of the site as it would be typed on the command line.
    pub(crate) fn display(&self, path: &str) -> String {
        format!("{}/{path}", self.label)
    }

    /// Every file and folder that the result depends on.
    pub(crate) fn watched(&self) -> Vec<PathBuf> {
        let files = self.files.iter().map(|file| &file.path);
        self.folders.iter().chain(files).map(|path| self.root.join(path)).collect()
    }

    /// The version of a file, which must be readable.
    pub(crate) fn version(&self, file: &SourceFile) -> io::Result<FileVersion> {
        FileVersion::of(&fs::File::open(self.root.join(&file.path))?)
    }

    /// Reads a file into `bytes`. Fails if the file changes meanwhile: the bytes would be a mixture
    /// of two versions.
    pub(crate) fn read(&self, file: &SourceFile, bytes: &mut Vec<u8>) -> io::Result<FileVersion> {
        bytes.clear();
        let mut open = fs::File::open(self.root.join(&file.path))?;
        let before = FileVersion::of(&open)?;
        bytes.reserve(usize::try_from(before.length).unwrap_or_default());
        // `File::read_to_end` would query the length once more; `take` hides the file.
        open.by_ref().take(u64::MAX).read_to_end(bytes)?;
        let is_unchanged = FileVersion::of(&open)? == before && bytes.len() as u64 == before.length;
        if is_unchanged { Ok(before) } else { Err(changed()) }
    }

    /// Reads a file again. Fails if it is another version than `before`.
    pub(crate) fn read_again(&self, file: &SourceFile, before: FileVersion) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let now = self.read(file, &mut bytes)?;
        if now == before { Ok(bytes) } else { Err(changed()) }
    }

    /// The diagnostic about a file that cannot be part of the site.
    pub(crate) fn cannot_include(&self, path: &str, reason: &str) -> Diagnostic {
        self.unusable("include", path, reason)
    }

    /// The diagnostic about a file that cannot be read.
    pub(crate) fn cannot_read(&self, path: &str, error: &io::Error) -> Diagnostic {
        self.unusable("read", path, &error.to_string())
    }

    fn unusable(&self, verb: &str, path: &str, reason: &str) -> Diagnostic {
        let shown = path.trim_end_matches('/').escape_debug().to_string();
        let message = format!("cannot {verb} `{shown}`: {reason}");
        let help = "remove it from the folder, or replace it with a readable file";
        Diagnostic::of_file(Lint::UnboundFile, self.display(&shown), message, help)
    }
}

fn changed() -> io::Error {
    io::Error::other("it changed while it was being read")
}

/// Whether a file or folder is one of editors, desktops or version control. `.well-known` is the
/// only dotfile for clients (RFC 8615).
fn is_omitted(name: &str) -> bool {
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
}

/// Folders that link to each other have exponentially many paths, each of which would be walked.
/// Real sites do not nest links deeper than this.
const LINKS_MAX: usize = 2;

impl Walk<'_> {
    fn folder(&mut self, canonical: &Path, prefix: &str) {
        self.folder.folders.push(prefix.to_owned());
        let entries = fs::read_dir(canonical).and_then(Iterator::collect::<io::Result<Vec<_>>>);
        let mut entries = match entries {
            Ok(entries) => entries,
            Err(error) => return self.report_unreadable(prefix, &error),
        };
        entries.sort_unstable_by_key(fs::DirEntry::file_name);
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
                self.entry(&entry, format!("{prefix}{name}"));
            }
        }
        self.open.pop();
    }

    fn entry(&mut self, entry: &fs::DirEntry, path: String) {
        if path.chars().any(char::is_control) {
            return self.report(&path, "its name contains a control character");
        }
        let kind = match entry.file_type() {
            Ok(kind) => kind,
            Err(error) => return self.report_unreadable(&path, &error),
        };
        if kind.is_symlink() {
            self.link(&entry.path(), path);
        } else if kind.is_dir() {
            self.folder(&entry.path(), &format!("{path}/"));
        } else if kind.is_file() {
            self.folder.files.push(SourceFile { path });
        } else {
            self.report(&path, "it is neither a file nor a folder");
        }
    }

    /// A symbolic link. Links out of the folder are not followed.
    fn link(&mut self, link: &Path, path: String) {
        let canonical = match fs::canonicalize(link) {
            Ok(canonical) => canonical,
            Err(error) => return self.report(&path, &format!("broken symbolic link: {error}")),
        };
        if !canonical.starts_with(self.root) {
            return self.report(&path, "it is a symbolic link out of the folder");
        }
        if self.links >= LINKS_MAX {
            let reason = format!("it is a symbolic link inside {LINKS_MAX} others");
            return self.report(&path, &reason);
        }
        match fs::metadata(&canonical) {
            Err(error) => self.report_unreadable(&path, &error),
            Ok(metadata) if metadata.is_dir() && self.open.contains(&canonical) => {
                self.report(&path, "it is a symbolic link to a folder that contains it");
            }
            Ok(metadata) if metadata.is_dir() => {
                self.links += 1;
                self.folder(&canonical, &format!("{path}/"));
                self.links -= 1;
            }
            Ok(metadata) if metadata.is_file() => self.folder.files.push(SourceFile { path }),
            Ok(_) => self.report(&path, "it is neither a file nor a folder"),
        }
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
