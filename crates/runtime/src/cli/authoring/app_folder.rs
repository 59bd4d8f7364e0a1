//! Output that is a folder: an app for macOS, or an `AppDir` for Linux.

use std::{
    ffi::{OsStr, OsString},
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use chapbook_packer::{APP_RUN, ExecutableFormat, packed_contents};
use tempfile::TempDir;

/// The kind of a folder, by the extension of its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AppFolderKind {
    /// `Demo.app`
    Mac,
    /// `demo.AppDir`
    AppDir,
}

impl AppFolderKind {
    /// The kind of an output; `None` if it is a file.
    pub(super) fn of(path: &Path) -> Option<Self> {
        let is =
            |extension: &str| path.extension().is_some_and(|it| it.eq_ignore_ascii_case(extension));
        match () {
            () if is("app") => Some(Self::Mac),
            () if is("AppDir") => Some(Self::AppDir),
            () => None,
        }
    }

    /// The format of its executable.
    pub(super) fn format(self) -> ExecutableFormat {
        match self {
            Self::Mac => ExecutableFormat::MachO,
            Self::AppDir => ExecutableFormat::Elf,
        }
    }

    /// The path of the executable within the folder.
    pub(super) fn executable(self, folder: &Path) -> PathBuf {
        match self {
            Self::Mac => Path::new("Contents/MacOS").join(folder.file_stem().unwrap_or_default()),
            Self::AppDir => PathBuf::from(APP_RUN),
        }
    }

    /// Whether `pack` writes files with this path within the folder. `label` is the name of its
    /// site.
    fn is_own(self, path: &Path, label: Option<&OsStr>) -> bool {
        let extension = path.extension().and_then(|it| it.to_str());
        let is_at_root = path.components().count() == 1;
        match self {
            Self::Mac => MAC_FILES.iter().any(|it| Path::new(it) == path),
            Self::AppDir => {
                let is_named = matches!(extension, Some("desktop" | "png" | "svg"));
                let is_named = is_named && path.file_stem() == label;
                is_at_root && (path == Path::new(".DirIcon") || is_named)
            }
        }
    }
}

/// The files of an app besides its executable.
const MAC_FILES: [&str; 4] = [
    "Contents/Info.plist",
    "Contents/PkgInfo",
    "Contents/Resources/icon.icns",
    "Contents/_CodeSignature/CodeResources",
];
/// Maximum number of files and folders of a folder that is replaced.
const ENTRIES_MAX: usize = 32;

/// A folder under a temporary name beside the output.
#[derive(Debug)]
pub(super) struct AppFolder {
    path: PathBuf,
    partial: TempDir,
    kind: AppFolderKind,
    /// The path of the executable within the folder.
    executable: PathBuf,
}

impl AppFolder {
    /// Creates the temporary folder in `parent`.
    pub(super) fn create(path: &Path, parent: &Path, kind: AppFolderKind) -> io::Result<Self> {
        let mut builder = tempfile::Builder::new();
        builder.prefix(".chapbook-").suffix(".part");
        // The umask applies, as for any new folder.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o777));
        let partial = builder.tempdir_in(parent)?;
        let executable = kind.executable(path);
        if let Some(folder) = partial.path().join(&executable).parent() {
            fs::create_dir_all(folder)?;
        }
        Ok(Self { path: path.to_owned(), partial, kind, executable })
    }

    /// A file at the output path that `pack` did not write, if there is one by now.
    pub(super) fn foreign_file(&self) -> io::Result<Option<PathBuf>> {
        match fs::symlink_metadata(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
            Ok(_) => foreign_file(&self.path, self.kind),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The temporary folder.
    pub(super) fn partial(&self) -> &Path {
        self.partial.path()
    }

    /// Where the executable is in the temporary folder.
    pub(super) fn executable(&self) -> PathBuf {
        self.partial().join(&self.executable)
    }

    /// Writes a file to the temporary folder.
    pub(super) fn write(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        let path = self.partial().join(path);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut file = fs::File::create_new(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    }

    /// Renames the folder to the output path. If that fails, the folder at this path is the one
    /// from before.
    pub(super) fn finish(self) -> io::Result<()> {
        let before = self.partial().with_extension("before");
        let has_before = fs::symlink_metadata(&self.path).is_ok();
        if has_before {
            fs::rename(&self.path, &before)?;
        }
        let renamed = fs::rename(self.partial(), &self.path);
        match (&renamed, has_before) {
            // What to do if this fails, too, is up to the user.
            (Err(_), true) => drop(fs::rename(&before, &self.path)),
            (Ok(()), true) => drop(fs::remove_dir_all(&before)),
            _ => {}
        }
        if renamed.is_ok() {
            // It no longer exists under its temporary name.
            let _ = self.partial.keep();
        }
        renamed
    }
}

/// The name of the site in an `AppDir`: that of its desktop file, the first one by name.
fn label(folder: &Path) -> io::Result<Option<OsString>> {
    let mut label = None;
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension() == Some(OsStr::new("desktop")) {
            let stem = path.file_stem().map(OsStr::to_owned);
            label = if label.is_none() { stem } else { label.min(stem) };
        }
    }
    Ok(label)
}

/// The first file in a folder that `pack` did not write, if there is one.
pub(super) fn foreign_file(folder: &Path, kind: AppFolderKind) -> io::Result<Option<PathBuf>> {
    let executable = folder.join(kind.executable(folder));
    let label = label(folder)?;
    let mut folders = vec![folder.to_owned()];
    let (mut count, mut has_executable) = (0, false);
    while let Some(inner) = folders.pop() {
        for entry in fs::read_dir(inner)? {
            let entry = entry?;
            let (path, file_type) = (entry.path(), entry.file_type()?);
            count += 1;
            let within = path.strip_prefix(folder).unwrap_or(&path);
            let is_executable = path == executable && packed_contents(&path).is_some();
            has_executable |= is_executable;
            let is_own = is_executable || kind.is_own(within, label.as_deref());
            match () {
                () if count > ENTRIES_MAX => return Ok(Some(path)),
                () if file_type.is_dir() => folders.push(path),
                () if file_type.is_file() && is_own => {}
                () => return Ok(Some(path)),
            }
        }
    }
    Ok(if has_executable { None } else { Some(executable) })
}
