//! The root of a site folder, and opening the files below it without following links.
//!
//! The walk decides which links are followed, and stores the paths that they lead to. A link that
//! takes the place of a file or folder afterwards may lead out of the site, so it is an error.

use std::{
    fs::Metadata,
    io,
    path::{Path, PathBuf},
};

use crate::site_file::SiteFile;

/// The root of a site folder.
#[derive(Debug, Default)]
pub(crate) struct SiteRoot {
    path: PathBuf,
    handle: system::Handle,
}

impl SiteRoot {
    /// The folder at this path, which may be a link. If it cannot be opened, opening any file
    /// fails.
    pub(crate) fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), handle: system::Handle::open(path) }
    }

    /// The path, as it was given.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Opens the regular file at a path below the root, none of whose parts is a link, and returns
    /// its metadata. It does not wait for the writer of a pipe that may have taken the place of the
    /// file.
    pub(crate) fn open(&self, path: &Path) -> io::Result<(SiteFile, Metadata)> {
        let file = self.handle.open_file(path)?;
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(changed());
        }
        Ok((SiteFile::new(file, &self.path, path), metadata))
    }
}

/// The error about a file that is not what it was.
pub(crate) fn changed() -> io::Error {
    io::Error::other("it changed while it was being read")
}

#[cfg(unix)]
mod system {
    use std::{
        fs::File,
        io,
        os::fd::{AsFd, OwnedFd},
        path::{Component, Path},
    };

    use rustix::{
        fs::{Mode, OFlags, open, openat},
        io::Errno,
    };

    use super::changed;

    const FOLDER: OFlags = OFlags::DIRECTORY.union(OFlags::CLOEXEC);
    const FILE: OFlags =
        OFlags::NOFOLLOW.union(OFlags::NONBLOCK).union(OFlags::NOCTTY).union(OFlags::CLOEXEC);

    /// The descriptor of the root: its path may lead elsewhere later.
    #[derive(Debug, Default)]
    pub(super) struct Handle(Option<OwnedFd>);

    impl Handle {
        pub(super) fn open(root: &Path) -> Self {
            Self(open(root, FOLDER, Mode::empty()).ok())
        }

        pub(super) fn open_file(&self, path: &Path) -> io::Result<File> {
            let root = self.0.as_ref().ok_or(io::ErrorKind::NotFound)?;
            match beneath(root, path) {
                Ok(file) => Ok(file.into()),
                // A link, a folder that became a file, a socket, a path that leaves the root.
                Err(Errno::LOOP | Errno::NOTDIR | Errno::NXIO | Errno::XDEV) => Err(changed()),
                Err(error) => Err(error.into()),
            }
        }
    }

    /// One system call. Linux before 5.6 does not have it, and some sandboxes forbid it.
    #[cfg(target_os = "linux")]
    fn beneath(root: &OwnedFd, path: &Path) -> rustix::io::Result<OwnedFd> {
        use rustix::fs::{ResolveFlags, openat2};

        let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS;
        match openat2(root, path, FILE, Mode::empty(), resolve) {
            // The kernel gives up if a folder is renamed meanwhile.
            Err(Errno::NOSYS | Errno::PERM | Errno::AGAIN) => by_component(root, path),
            result => result,
        }
    }

    #[cfg(not(target_os = "linux"))]
    use by_component as beneath;

    /// Opens one folder after the other.
    fn by_component(root: &OwnedFd, path: &Path) -> rustix::io::Result<OwnedFd> {
        let mut folder: Option<OwnedFd> = None;
        let mut parts = path.components().peekable();
        while let Some(part) = parts.next() {
            let Component::Normal(part) = part else { return Err(Errno::XDEV) };
            let parent = folder.as_ref().unwrap_or(root).as_fd();
            let flags = if parts.peek().is_some() { FOLDER | OFlags::NOFOLLOW } else { FILE };
            folder = Some(openat(parent, part, flags, Mode::empty())?);
        }
        folder.ok_or(Errno::NOENT)
    }

    #[cfg(test)]
    mod tests {
        use std::{fs, io::Read, os::unix::fs::symlink, process::Command};

        use super::{super::SiteRoot, *};

        /// What becomes of `a/b/file` in the root, with another folder outside.
        type Change = fn(&Path, &Path);

        const CHANGES: [(&str, Change, Option<&[u8]>); 6] = [
            ("nothing", |_, _| {}, Some(b"inside")),
            ("a link takes its place", |root, outside| replace(root, "a/b/file", outside), None),
            ("a link takes the place of its folder", |root, out| replace(root, "a/b", out), None),
            ("a link takes the place of a folder above", |root, out| replace(root, "a", out), None),
            (
                "a link takes the place of the root",
                |root, out| replace(root, "", out),
                Some(b"inside"),
            ),
            (
                "a pipe takes its place",
                |root, _| {
                    let path = root.join("a/b/file");
                    fs::remove_file(&path).unwrap();
                    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
                },
                None,
            ),
        ];

        /// Moves a file or folder away, and puts a link in its place.
        fn replace(root: &Path, path: &str, outside: &Path) {
            let moved = root.with_extension("moved");
            fs::create_dir_all(moved.join("a/b")).unwrap();
            let to =
                if path.is_empty() { moved.with_extension("root") } else { moved.join("away") };
            fs::rename(root.join(path), to).unwrap();
            let link = root.to_str().unwrap().to_owned() + "/" + path;
            symlink(outside.join(path), link.trim_end_matches('/')).unwrap();
        }

        fn folder_with_file(root: &Path, text: &str) {
            fs::create_dir_all(root.join("a/b")).unwrap();
            fs::write(root.join("a/b/file"), text).unwrap();
        }

        #[test]
        fn a_link_is_not_followed_whatever_it_replaces() {
            for (name, change, expected) in CHANGES {
                let folder = tempfile::tempdir().unwrap();
                let (root, outside) = (folder.path().join("root"), folder.path().join("outside"));
                folder_with_file(&root, "inside");
                folder_with_file(&outside, "outside");
                let opened = SiteRoot::new(&root);
                change(&root, &outside);
                let read = |mut file: File| {
                    let mut bytes = Vec::new();
                    file.read_to_end(&mut bytes).map(|_| bytes).unwrap()
                };
                let opened_file = opened.open(Path::new("a/b/file"));
                let bytes = opened_file.ok().map(|(file, _)| read(file.into_file()));
                assert_eq!(bytes.as_deref(), expected, "{name}");
                let file = by_component(&opened.handle.0.unwrap(), Path::new("a/b/file"));
                let file = file.ok().map(File::from).filter(|it| it.metadata().unwrap().is_file());
                assert_eq!(file.map(read).as_deref(), expected, "{name}, by component");
            }
        }

        #[test]
        fn a_path_does_not_lead_out_of_the_root() {
            let folder = tempfile::tempdir().unwrap();
            fs::create_dir(folder.path().join("root")).unwrap();
            fs::write(folder.path().join("file"), "outside").unwrap();
            let root = SiteRoot::new(&folder.path().join("root"));
            assert!(root.open(Path::new("../file")).is_err());
            assert!(by_component(&root.handle.0.unwrap(), Path::new("../file")).is_err());
        }
    }
}

#[cfg(not(unix))]
mod system {
    use std::{
        fs::{self, File},
        io,
        path::{Path, PathBuf},
    };

    use super::changed;

    /// The canonical path of the root.
    #[derive(Debug, Default)]
    pub(super) struct Handle(PathBuf);

    impl Handle {
        pub(super) fn open(root: &Path) -> Self {
            Self(fs::canonicalize(root).unwrap_or_default())
        }

        /// std cannot open a file relative to a folder. A link in the path changes the canonical
        /// path, which is compared before and after.
        pub(super) fn open_file(&self, path: &Path) -> io::Result<File> {
            let path = self.0.join(path);
            let is_unchanged = || fs::canonicalize(&path).map(|it| it == path);
            if !is_unchanged()? {
                return Err(changed());
            }
            let file = File::open(&path)?;
            if is_unchanged()? { Ok(file) } else { Err(changed()) }
        }
    }
}
