//! `chapbook extract`: the files that the site inside was made of, as they were.

use std::{
    collections::HashSet,
    fmt, fs,
    io::{self, Write},
    path::{Component, Path, PathBuf},
};

use clap::Args;

use super::say;
use crate::site::{LoadError, Site};

/// The flags of `extract`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Folder to write to, which is made if it is not there
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

/// What the help shows.
pub(super) const EXAMPLES: &str = "\
Examples:
  ./demo extract site     write the site in `demo` to the folder `site`

No file is ever replaced, and nothing is written outside the folder.";

/// Why the files could not be written, or not all of them.
#[derive(Debug)]
pub(super) enum ExtractError {
    Inside(LoadError),
    /// So many parts are not what they were; the first is named.
    Damaged(usize, String),
    /// A path that would lead out of the folder, or nowhere on this system.
    Path(String),
    Exists(PathBuf),
    /// Something in the folder that a file would be written through.
    InTheWay(PathBuf),
    Unwritable(PathBuf, io::Error),
}

impl fmt::Display for ExtractError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Inside(error) => error.fmt(f),
            Self::Damaged(1, part) => write!(f, "{part} is damaged; nothing was written"),
            Self::Damaged(count, part) => {
                write!(f, "{count} parts are damaged, {part} first; nothing was written")
            }
            Self::Path(path) => {
                write!(f, "`{path}` cannot be the path of a file here; nothing was written")
            }
            Self::Exists(place) => {
                let place = place.display();
                write!(f, "`{place}` is there already; nothing was written")
            }
            Self::InTheWay(place) => {
                let place = place.display();
                write!(f, "`{place}` is no folder, and a folder is needed; nothing was written")
            }
            Self::Unwritable(place, error) => {
                write!(f, "cannot write `{}`: {error}", place.display())
            }
        }
    }
}

/// Writes the files, and says how many.
pub(super) fn run(arguments: &Arguments) -> Result<(), ExtractError> {
    let site = Site::load().map_err(ExtractError::Inside)?;
    let damaged = site.look_at_all();
    if let Some(first) = damaged.first() {
        return Err(ExtractError::Damaged(damaged.len(), first.clone()));
    }
    let files = site.files();
    let mut places = Vec::with_capacity(files.len());
    // Whatever could be wrong is looked for before anything is written.
    for file in &files {
        let path = relative(file.path)
            .ok_or_else(|| ExtractError::Path(String::from_utf8_lossy(file.path).into_owned()))?;
        places.push(free_place(&arguments.folder, path)?);
    }
    let mut made = HashSet::new();
    for (file, place) in files.iter().zip(&places) {
        let unwritable = |error| ExtractError::Unwritable(place.clone(), error);
        let parent = place.parent().unwrap_or(&arguments.folder);
        if made.insert(parent) {
            fs::create_dir_all(parent).map_err(unwritable)?;
        }
        // `create_new` never follows a link and never opens what is there.
        let opened = fs::OpenOptions::new().write(true).create_new(true).open(place);
        let written = opened.and_then(|mut it| it.write_all(file.content));
        written.map_err(unwritable)?;
    }
    let word = if files.len() == 1 { "file" } else { "files" };
    say(format_args!("{} {word} in {}", files.len(), arguments.folder.display()));
    Ok(())
}

/// The path within a folder that a path within a site stands for; `None` where it would lead out of
/// the folder or mean something else on this system.
fn relative(path: &[u8]) -> Option<&Path> {
    let path = Path::new(std::str::from_utf8(path).ok()?);
    let is_plain = |it: Component<'_>| match it {
        // On Windows `a:b` is a part of the file `a`.
        Component::Normal(name) => !cfg!(windows) || !name.to_string_lossy().contains(':'),
        _ => false,
    };
    let is_all_plain = path.components().all(is_plain) && path.components().next().is_some();
    // `components` overlooks these.
    let text = path.to_str()?;
    let has_gaps = text.split('/').any(|part| part.is_empty() || part == ".");
    (is_all_plain && !has_gaps && !text.contains('\0')).then_some(path)
}

/// The place of a file, which must be free, below folders that are folders: a link in their place
/// could lead anywhere.
fn free_place(folder: &Path, path: &Path) -> Result<PathBuf, ExtractError> {
    let mut place = folder.to_owned();
    if fs::metadata(&place).is_ok_and(|it| !it.is_dir()) {
        return Err(ExtractError::InTheWay(place));
    }
    let mut parts = path.components().peekable();
    while let Some(part) = parts.next() {
        place.push(part);
        match fs::symlink_metadata(&place) {
            Ok(_) if parts.peek().is_none() => return Err(ExtractError::Exists(place)),
            Ok(there) if !there.is_dir() => return Err(ExtractError::InTheWay(place)),
            Ok(_) => {}
            // Whatever keeps it from being seen keeps it from being written, too.
            Err(_) => {}
        }
    }
    Ok(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_never_leads_out_of_the_folder() {
        let rows: &[(&str, bool)] = &[
            ("index.html", true),
            ("a/b c/é.html", true),
            ("..a/b", true),
            ("", false),
            ("/etc/passwd", false),
            ("../x", false),
            ("a/../../x", false),
            ("a//b", false),
            ("a/./b", false),
            ("./a", false),
            ("a/", false),
            ("a\0b", false),
        ];
        for (path, expected) in rows {
            assert_eq!(relative(path.as_bytes()).is_some(), *expected, "{path:?}");
        }
        assert_eq!(relative(b"\xFF"), None);
    }
}
