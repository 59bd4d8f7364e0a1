//! Home of the user, and the variables that name folders in it.

use std::{env, path::PathBuf};

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
