//! Home of the user, and the folders of the program in it.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

/// Where programs keep files of a kind: a variable that names the folder, the folder below the home
/// of the user without it, and the name of this program there.
type Place = (&'static str, &'static str, &'static str);

#[cfg(windows)]
const DATA: Place = ("LOCALAPPDATA", "AppData\\Local", "Chapbook");
#[cfg(target_os = "macos")]
const DATA: Place = ("", "Library/Application Support", "Chapbook");
/// The XDG Base Directory Specification.
#[cfg(not(any(windows, target_os = "macos")))]
const DATA: Place = ("XDG_DATA_HOME", ".local/share", "chapbook");
#[cfg(all(feature = "tls", any(windows, target_os = "macos")))]
const STATE: Place = DATA;
/// State is what belongs to one machine, in the same specification.
#[cfg(all(feature = "tls", not(any(windows, target_os = "macos"))))]
const STATE: Place = ("XDG_STATE_HOME", ".local/state", "chapbook");

/// The folder that a variable names; relative paths are ignored, as the XDG Base Directory
/// Specification requires.
pub(super) fn folder_variable(name: &str) -> Option<PathBuf> {
    env::var_os(name).map(PathBuf::from).filter(|it| it.is_absolute())
}

/// The home of the user. Windows has it in another variable, unless a Unix shell has started the
/// process.
pub(super) fn home() -> Option<PathBuf> {
    folder_variable("HOME").or_else(|| folder_variable("USERPROFILE"))
}

/// The folder of this program for data, which may not exist.
pub(super) fn data_folder() -> Option<PathBuf> {
    folder(DATA)
}

/// The folder of this program for state, which may not exist.
#[cfg(feature = "tls")]
pub(super) fn state_folder() -> Option<PathBuf> {
    folder(STATE)
}

fn folder((variable, below_home, program): Place) -> Option<PathBuf> {
    let parent = match folder_variable(variable) {
        Some(parent) => parent,
        None => home()?.join(below_home),
    };
    Some(parent.join(program))
}

/// Creates a folder that only its user can read, and the folders above it.
pub(super) fn create_private(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}
