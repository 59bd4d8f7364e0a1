//! Folder that an archive is unpacked to. Nothing is written outside of it: every path consists of
//! plain names, and links are created when all files are written.

use std::{
    collections::HashSet,
    fs::{self, File},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use super::{
    entry_path::EntryPath,
    error::{EntryProblem, PathProblem, Problem},
    limits::{Budget, LINKS_MAX, PATH_MAX},
};

/// How many bytes are copied at a time.
const PIECE: usize = 64 << 10;

/// The folder, which is empty at first and which nothing else changes.
#[derive(Debug)]
pub(super) struct Destination<'a> {
    root: PathBuf,
    budget: &'a mut Budget,
    /// The folders that were created. On a disk that ignores letter case, one that exists and is
    /// not among these has another name.
    folders: HashSet<String>,
    /// Symbolic links and their targets.
    links: Vec<(EntryPath, String)>,
    buffer: Vec<u8>,
}

impl<'a> Destination<'a> {
    pub(super) fn new(root: &Path, budget: &'a mut Budget) -> Self {
        let (folders, links, buffer) = (HashSet::new(), Vec::new(), vec![0; PIECE]);
        Self { root: root.to_owned(), budget, folders, links, buffer }
    }

    pub(super) fn budget(&mut self) -> &mut Budget {
        self.budget
    }

    /// Creates a folder and those that contain it, unless they exist.
    pub(super) fn add_folder(&mut self, path: &EntryPath) -> Result<(), Problem> {
        self.add_parents(path)?;
        if path.is_root() { Ok(()) } else { self.create_folder(path, path.as_str()) }
    }

    fn add_parents(&mut self, path: &EntryPath) -> Result<(), Problem> {
        path.parents().try_for_each(|parent| self.create_folder(path, parent))
    }

    /// Creates one folder because of an entry in it.
    fn create_folder(&mut self, entry: &EntryPath, path: &str) -> Result<(), Problem> {
        if self.folders.contains(path) {
            return Ok(());
        }
        self.budget.take_entry()?;
        let created = fs::create_dir(self.root.join(path));
        created.map_err(|error| self.uncreated(entry, path, error))?;
        self.folders.insert(path.to_owned());
        Ok(())
    }

    /// Writes a file, whose content must have this length.
    pub(super) fn add_file(
        &mut self,
        path: &EntryPath,
        length: u64,
        content: &mut dyn Read,
    ) -> Result<(), Problem> {
        self.budget.check_bytes(length)?;
        let file = self.create_file(path)?;
        let copied = self.copy(content, Some(&file))?;
        if copied == length {
            return Ok(());
        }
        Err(Problem::Damaged(format!("`{}` has another length", path.as_str())))
    }

    fn create_file(&mut self, path: &EntryPath) -> Result<File, Problem> {
        self.prepare(path)?;
        let created = File::create_new(self.root.join(path.as_str()));
        created.map_err(|error| self.uncreated(path, path.as_str(), error))
    }

    /// Takes an entry from the budget and creates the folders that contain it.
    fn prepare(&mut self, path: &EntryPath) -> Result<(), Problem> {
        if path.is_root() {
            return Err(path.problem(EntryProblem::Path(PathProblem::Empty)));
        }
        self.budget.take_entry()?;
        self.add_parents(path)
    }

    /// Reads content that is not needed.
    pub(super) fn discard(&mut self, content: &mut dyn Read) -> Result<(), Problem> {
        self.budget.take_entry()?;
        self.copy(content, None).map(|_| ())
    }

    fn copy(&mut self, content: &mut dyn Read, mut to: Option<&File>) -> Result<u64, Problem> {
        let mut copied = 0;
        loop {
            let count = match content.read(&mut self.buffer) {
                Ok(0) => return Ok(copied),
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(unreadable(error)),
            };
            copied += count as u64;
            self.budget.take_bytes(count as u64)?;
            if let Some(file) = &mut to {
                file.write_all(&self.buffer[..count]).map_err(Problem::Unwritable)?;
            }
        }
    }

    /// Gives a file that was written a second path.
    pub(super) fn add_hard_link(&mut self, path: &EntryPath, target: &[u8]) -> Result<(), Problem> {
        let target = self.root.join(EntryPath::new(target)?.as_str());
        let metadata = fs::symlink_metadata(&target).ok().filter(fs::Metadata::is_file);
        let metadata = metadata.ok_or_else(|| path.problem(EntryProblem::LinkToNothing))?;
        self.prepare(path)?;
        // Every path of the file counts when the site is read.
        self.budget.take_bytes(metadata.len())?;
        let link = self.root.join(path.as_str());
        let linked = fs::hard_link(&target, &link).or_else(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => Err(error),
            // Not every disk has hard links.
            _ => fs::copy(&target, &link).map(|_| ()),
        });
        linked.map_err(|error| self.uncreated(path, path.as_str(), error))
    }

    /// Adds a symbolic link, which `finish` creates.
    pub(super) fn add_link(&mut self, path: EntryPath, target: &[u8]) -> Result<(), Problem> {
        if cfg!(not(unix)) {
            return Err(path.problem(EntryProblem::Link));
        }
        if self.links.len() == LINKS_MAX {
            return Err(Problem::TooLarge("10,000 symbolic links"));
        }
        let Ok(target) = std::str::from_utf8(target) else {
            return Err(path.problem(EntryProblem::LinkOut));
        };
        if target.len() > PATH_MAX || target.contains('\0') || leads_out(&path, target) {
            return Err(path.problem(EntryProblem::LinkOut));
        }
        self.links.push((path, target.to_owned()));
        Ok(())
    }

    /// Creates the symbolic links.
    pub(super) fn finish(mut self) -> Result<(), Problem> {
        let links = std::mem::take(&mut self.links);
        for (path, target) in &links {
            self.prepare(path)?;
            let created = create_link(target, &self.root.join(path.as_str()));
            created.map_err(|error| self.uncreated(path, path.as_str(), error))?;
        }
        // A link may lead out by way of another one.
        let root = fs::canonicalize(&self.root).map_err(Problem::Unwritable)?;
        for (path, _) in &links {
            let target = fs::canonicalize(self.root.join(path.as_str()));
            if target.is_ok_and(|it| !it.starts_with(&root)) {
                return Err(path.problem(EntryProblem::LinkOut));
            }
        }
        Ok(())
    }

    /// The problem if `path` cannot be created because of an entry.
    fn uncreated(&self, entry: &EntryPath, path: &str, error: io::Error) -> Problem {
        if error.kind() != io::ErrorKind::AlreadyExists {
            return Problem::Unwritable(error);
        }
        let existing = fs::symlink_metadata(self.root.join(path));
        let is_folder = existing.is_ok_and(|it| it.is_dir());
        // An entry that is a folder itself, or is in it, needs one.
        let needs_folder = path != entry.as_str();
        let is_both = if needs_folder { !is_folder } else { self.folders.contains(path) };
        entry.problem(if is_both { EntryProblem::FileAndFolder } else { EntryProblem::Duplicate })
    }
}

/// Whether the target of a link is not below the root, if no folder on the way is a link.
fn leads_out(link: &EntryPath, target: &str) -> bool {
    if target.starts_with('/') {
        return true;
    }
    let mut depth = link.parents().count();
    for name in target.split('/') {
        match name {
            "" | "." => {}
            ".." => match depth.checked_sub(1) {
                Some(above) => depth = above,
                None => return true,
            },
            _ => depth += 1,
        }
    }
    false
}

#[cfg(unix)]
fn create_link(target: &str, link: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, link)
}

#[cfg(not(unix))]
fn create_link(_: &str, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// The problem if reading an archive fails: errors that are not from the system are those of its
/// decoders.
pub(super) fn unreadable(error: io::Error) -> Problem {
    if error.raw_os_error().is_some() {
        return Problem::Unreadable(error);
    }
    damaged(&error.to_string())
}

/// The problem of an archive that a decoder describes.
pub(super) fn damaged(reason: &str) -> Problem {
    let mut characters = reason.chars();
    let first = characters.next().into_iter().flat_map(char::to_lowercase);
    Problem::Damaged(first.chain(characters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_leads_out_by_its_target() {
        let rows = [
            ("l", "a", false),
            ("l", "a/../b", false),
            ("l", ".", false),
            ("a/l", "..", false),
            ("a/b/l", "../../c", false),
            ("l", "..", true),
            ("a/l", "../../b", true),
            ("a/l", "b/../../..", true),
            ("l", "/etc/passwd", true),
            ("l", "../l", true),
        ];
        for (link, target, expected) in rows {
            let path = EntryPath::new(link.as_bytes()).unwrap();
            assert_eq!(leads_out(&path, target), expected, "{link} -> {target}");
        }
    }
}
