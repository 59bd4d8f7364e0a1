//! `chapbook extract`: the original files of the packed site.

use std::{
    collections::HashSet,
    error::Error,
    fmt, fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use clap::Args;

use super::{
    build::load_site,
    failure::Failure,
    file_names,
    output::{count, print_line},
};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Folder to write to; created if it does not exist
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

pub(super) const EXAMPLES: &str = "\
Examples:
  chapbook extract site    write the files of the packed site to the folder `site`";
pub(super) const NOTES: &str = "\
Files are never overwritten, and nothing is written outside the folder, or at all if its disk
cannot hold every name.";

/// Why a site cannot be extracted, at least not completely.
#[derive(Debug)]
pub(super) enum ExtractError {
    /// The number of damaged parts, and the first of them.
    Damaged(usize, String),
    Exists(PathBuf),
    /// A file or a link instead of a folder in the path of a file.
    NotAFolder(PathBuf),
    Unwritable(PathBuf, io::Error),
}

impl fmt::Display for ExtractError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Damaged(1, part) => write!(
                f,
                "cannot extract the site: {part} is damaged; nothing was written; copy the \
                 packed site again"
            ),
            Self::Damaged(count, part) => {
                write!(
                    f,
                    "cannot extract the site: {count} parts are damaged, the first is {part}; \
                     nothing was written; copy the packed site again"
                )
            }
            Self::Exists(path) => {
                let path = path.display();
                write!(
                    f,
                    "cannot extract to `{path}`: it already exists; nothing was written; choose \
                     another folder"
                )
            }
            Self::NotAFolder(path) => {
                let path = path.display();
                write!(
                    f,
                    "cannot extract to `{path}`: it is not a folder; nothing was written; choose \
                     another folder"
                )
            }
            Self::Unwritable(path, error) => {
                write!(f, "cannot write `{}`: {error}", path.display())
            }
        }
    }
}

impl Error for ExtractError {}

/// Writes the files and prints their number.
pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let site = load_site()?;
    let damaged = site.verify_all();
    if let Some(first) = damaged.first() {
        return Err(ExtractError::Damaged(damaged.len(), first.clone()).into());
    }
    let files = site.files();
    // Checked for all files before the first one is written.
    let paths = file_names::relative_paths(files.iter().map(|it| it.path))?;
    let targets = paths.iter().map(|path| free_path(&arguments.folder, path));
    let targets: Vec<PathBuf> = targets.collect::<Result<_, _>>()?;
    file_names::check_on_disk(&arguments.folder, &paths)?;
    let mut created = HashSet::new();
    for (file, target) in files.iter().zip(&targets) {
        let unwritable = |error| ExtractError::Unwritable(target.clone(), error);
        let parent = target.parent().unwrap_or(&arguments.folder);
        if created.insert(parent) {
            fs::create_dir_all(parent).map_err(unwritable)?;
        }
        // `create_new` never follows a link and never opens an existing file.
        let opened = fs::OpenOptions::new().write(true).create_new(true).open(target);
        let written = opened.and_then(|mut output| output.write_all(file.content.bytes()));
        written.map_err(unwritable)?;
    }
    print_line(format_args!(
        "{} written to {}",
        count(files.len(), "file"),
        arguments.folder.display()
    ));
    Ok(())
}

/// The output path of a file. It must not exist, and every existing parent must be a folder: a
/// symbolic link could lead anywhere.
fn free_path(folder: &Path, path: &Path) -> Result<PathBuf, ExtractError> {
    let mut target = folder.to_owned();
    if fs::metadata(&target).is_ok_and(|it| !it.is_dir()) {
        return Err(ExtractError::NotAFolder(target));
    }
    let mut parts = path.components().peekable();
    while let Some(part) = parts.next() {
        target.push(part);
        match fs::symlink_metadata(&target) {
            Ok(_) if parts.peek().is_none() => return Err(ExtractError::Exists(target)),
            Ok(existing) if !existing.is_dir() => return Err(ExtractError::NotAFolder(target)),
            // If metadata cannot be read, writing reports the reason.
            Ok(_) | Err(_) => {}
        }
    }
    Ok(target)
}
