//! Folders in the home of the user, for completion scripts and manual pages.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use super::target::create_partial;
use crate::cli::{
    failure::Failure,
    home::{folder_variable, home},
};

/// The folders of the XDG Base Directory Specification.
#[derive(Debug)]
pub(super) struct UserFolders {
    pub(super) data: PathBuf,
    pub(super) config: PathBuf,
}

impl UserFolders {
    pub(super) fn find() -> Result<Self, Failure> {
        let home = home().ok_or_else(|| {
            Failure::error("cannot find your home: HOME is not set; print, and write it yourself")
        })?;
        Ok(Self {
            data: folder_variable("XDG_DATA_HOME").unwrap_or_else(|| home.join(".local/share")),
            config: folder_variable("XDG_CONFIG_HOME").unwrap_or_else(|| home.join(".config")),
        })
    }
}

/// Writes a file and the folders above it. One that exists is replaced.
pub(super) fn write_file(path: &Path, content: &[u8]) -> Result<(), Failure> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let write = || {
        fs::create_dir_all(folder)?;
        let mut partial = create_partial(folder, 0o666)?;
        partial.write_all(content)?;
        partial.persist(path).map_err(|error| error.error)
    };
    let written = write().map(drop);
    written
        .map_err(|error| Failure::error(format_args!("cannot write `{}`: {error}", path.display())))
}
