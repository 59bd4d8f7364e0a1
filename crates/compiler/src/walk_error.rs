//! Errors of walking a folder.

use std::{
    error, fmt, io,
    path::{Path, PathBuf},
};

use crate::{contents_limit::ContentsTooLong, output_folders};

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
    /// The folder is probably not a site: it has more files or bytes than any.
    TooLarge(TooLarge),
    /// The contents are longer than the limit in the options.
    ContentsTooLong(ContentsTooLong),
}

/// A folder above a limit.
#[derive(Debug)]
pub struct TooLarge {
    /// The folder.
    pub(crate) root: String,
    /// The limit.
    pub(crate) limit: &'static str,
    /// The number of files and folders up to the limit.
    pub(crate) entries: usize,
    /// The folder in `root` with the most of them, and how many it has.
    pub(crate) largest: Option<(String, usize)>,
}

impl fmt::Display for TooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { root, limit, entries, largest } = self;
        write!(f, "cannot use `{root}` as a site: it has more than {limit}")?;
        if let Some((folder, count)) = largest {
            write!(f, "; {count} of the first {entries} files are in `{folder}`")?;
        }
        f.write_str("; name the folder that contains the site, or use --force")
    }
}

impl fmt::Display for WalkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(path, _) if has_extension(path, &SUPPORTED) => {
                let path = path.display();
                write!(
                    f,
                    "cannot open the site `{path}`: there is no such file; name another archive, \
                     or a folder"
                )
            }
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
            Self::NotAFolder(path) if has_extension(path, &UNSUPPORTED) => {
                let path = path.display();
                write!(
                    f,
                    "cannot open the site `{path}`: only .zip, .tar and .tar.gz archives can be \
                     opened; unpack it, and name the folder"
                )
            }
            Self::NotAFolder(path) if has_extension(path, &SUPPORTED) => {
                let path = path.display();
                write!(
                    f,
                    "cannot open the site `{path}`: it is not an archive in spite of its name; \
                     download or create it again"
                )
            }
            Self::NotAFolder(path) => {
                let path = path.display();
                write!(
                    f,
                    "cannot open the site `{path}`: it is a file; name the folder that contains it"
                )
            }
            Self::TooLarge(folder) => folder.fmt(f),
            Self::ContentsTooLong(error) => error.fmt(f),
        }
    }
}

impl error::Error for WalkError {}

/// The extensions of archives that can be unpacked if their first bytes are those of one.
const SUPPORTED: [&str; 5] = ["zip", "tar", "gz", "tgz", "jar"];
/// The extensions of other archives.
const UNSUPPORTED: [&str; 8] = ["xz", "txz", "bz2", "tbz2", "zst", "tzst", "7z", "rar"];

fn has_extension(path: &Path, extensions: &[&str]) -> bool {
    let extension = path.extension().map(|it| it.to_string_lossy().to_ascii_lowercase());
    extension.is_some_and(|it| extensions.contains(&it.as_str()))
}
