//! Unpacking an archive, and the archive in it if it contains nothing else.

use std::{
    fs::{self, File},
    io,
    path::{Component, Path, PathBuf},
};

use super::{
    content_folder::{Content, enter},
    destination::Destination,
    error::{ArchiveError, Problem},
    format::Format,
    limits::Budget,
    tar, zip,
};
use crate::progress::Progress;

/// Whether a file is an archive that can be unpacked, by its first bytes.
#[must_use]
pub fn is_archive(path: &Path) -> bool {
    let format = || {
        // Opening a pipe would wait for its writer.
        let is_file = fs::metadata(path)?.is_file();
        if is_file { Format::of_file(&mut File::open(path)?) } else { Ok(None) }
    };
    matches!(format(), Ok(Some(_)))
}

/// An archive, and where to unpack it.
#[derive(Debug)]
pub struct Unpack<'a> {
    /// The archive.
    pub archive: &'a Path,
    /// The folder in the archive that holds the site; usually the empty path.
    pub below: &'a Path,
    /// An empty folder, which nothing else uses.
    pub scratch: &'a Path,
    /// The number of bytes that can be written to the disk of that folder; `None` if unknown.
    pub available: Option<u64>,
    /// Receives the progress.
    pub progress: Progress,
}

/// The folder in the scratch folder for the files of the archive.
const FILES: &str = "site";
/// The folder for the files of the archive in it.
const INNER_FILES: &str = "inner";

impl Unpack<'_> {
    /// Unpacks the archive. Returns the folder with the site, and its name in messages. Whatever
    /// the archive contains, nothing is written outside of the scratch folder.
    ///
    /// # Errors
    ///
    /// If the archive is damaged or encrypted, if it has paths that lead out of it, or too many
    /// files or bytes.
    pub fn run(&self) -> Result<(PathBuf, String), ArchiveError> {
        let name = self.archive.to_string_lossy().replace('\\', "/");
        let files = self.scratch.join(FILES);
        let mut budget = Budget::new(self.available);
        let in_archive = |problem| ArchiveError { archive: name.clone(), problem };
        unpack_file(self.archive, &files, &mut budget, &self.progress).map_err(in_archive)?;
        // A download of one file is an archive of it, as of `artifact.tar` from GitHub Pages. One
        // level only: an archive may contain itself.
        if let Content::File(inner) =
            enter(&files).map_err(Problem::Unwritable).map_err(in_archive)?
            && is_archive(&inner)
        {
            let in_inner =
                |problem| ArchiveError { archive: named(&name, &files, &inner), problem };
            let inner_files = self.scratch.join(INNER_FILES);
            unpack_file(&inner, &inner_files, &mut budget, &self.progress).map_err(in_inner)?;
            let replaced = fs::remove_file(&inner).and_then(|()| fs::rename(&inner_files, &inner));
            replaced.map_err(Problem::Unwritable).map_err(in_inner)?;
        }
        let folder = self.folder_below(&files).map_err(in_archive)?;
        let site = match enter(&folder).map_err(Problem::Unwritable).map_err(in_archive)? {
            Content::Site(site) => site,
            Content::File(file) => file.parent().unwrap_or(&folder).to_owned(),
        };
        let name = named(&name, &files, &site);
        Ok((site, name))
    }

    /// The folder that was named below the archive.
    fn folder_below(&self, files: &Path) -> Result<PathBuf, Problem> {
        let folder = files.join(self.below);
        let is_plain = |it: Component<'_>| matches!(it, Component::Normal(_) | Component::CurDir);
        let is_inside = || {
            let (root, folder) = (fs::canonicalize(files)?, fs::canonicalize(&folder)?);
            Ok::<_, io::Error>(folder.is_dir() && folder.starts_with(root))
        };
        if self.below.components().all(is_plain) && is_inside().is_ok_and(|it| it) {
            return Ok(folder);
        }
        Err(Problem::NoFolder(self.below.to_string_lossy().into_owned()))
    }
}

/// The name of a path among the files of an archive.
fn named(archive: &str, files: &Path, path: &Path) -> String {
    let relative = path.strip_prefix(files).unwrap_or(path).to_string_lossy().replace('\\', "/");
    if relative.is_empty() { archive.to_owned() } else { format!("{archive}/{relative}") }
}

/// Unpacks one archive to a folder, which is created.
fn unpack_file(
    archive: &Path,
    to: &Path,
    budget: &mut Budget,
    progress: &Progress,
) -> Result<(), Problem> {
    let mut file = File::open(archive).map_err(Problem::Unreadable)?;
    let format = Format::of_file(&mut file).map_err(Problem::Unreadable)?;
    fs::create_dir(to).map_err(Problem::Unwritable)?;
    let mut destination = Destination::new(to, budget);
    match format {
        Some(Format::Zip) => zip::unpack(file, &mut destination, progress),
        Some(Format::Tar) => tar::unpack(file, &mut destination, progress),
        Some(Format::Gzip) => tar::unpack_gzip(file, &mut destination, progress),
        None => Err(Problem::Damaged("it changed while it was being read".to_owned())),
    }?;
    destination.finish()
}
