//! Compiled folder as the payload that `pack` would write, except for the contents of long files,
//! which stay in the folder.

use std::{fs::File, io, sync::Arc};

use chapbook_compiler::{CompiledSite, Payload};
use chapbook_format::digest::{self, Hash};

use crate::{
    limits::KEPT_FILES_MAX,
    site::{FolderFile, FolderSite, Identity, PlacedFile, UNNAMED},
};

/// A compiled folder in memory.
#[derive(Debug)]
pub(super) struct CompiledFolder {
    pub(super) site: FolderSite,
    pub(super) title: Option<String>,
    /// What tells it from other sites.
    pub(super) site_identity: Identity,
    /// The path that the site is served at, if it is not `/`.
    pub(super) mount: Option<String>,
    /// The features of browsers that other devices have over HTTPS only.
    pub(super) secure_features: Option<String>,
    /// Differs from that of another state if a response does, or a file that is read for it.
    pub(super) identity: Hash,
}

impl CompiledFolder {
    pub(super) fn new(compiled: &CompiledSite) -> io::Result<Self> {
        let payload = Payload::new(compiled).map_err(io::Error::other)?;
        let mut identity = payload.root_hash().to_vec();
        identity.extend(payload.files().flat_map(|(_, file)| file.version_hash()));
        let placed = |(number, (offset, file)): (usize, (u64, Arc<_>))| {
            let file = PreviewedFile::new(file, (0..KEPT_FILES_MAX).contains(&number));
            (offset, Box::new(file) as Box<_>)
        };
        let files = payload.files().enumerate().map(placed);
        let streams = payload.event_streams();
        let streams = streams.map(|(at, text)| (at, Box::new(EventStream(text)) as Box<_>));
        let mut files: Vec<PlacedFile> = files.chain(streams).collect();
        files.sort_by_key(|(at, _)| *at);
        let site = FolderSite { bytes: payload.without_files()?, length: payload.length(), files };
        let name = compiled.info.name.as_deref().unwrap_or(UNNAMED);
        let site_identity = Identity::new(name, payload.root_hash());
        let (title, mount) = (compiled.info.title.clone(), compiled.info.mount.clone());
        let secure_features = compiled.info.secure_features.clone();
        let identity = digest::of(&identity);
        Ok(Self { site, title, site_identity, mount, secure_features, identity })
    }
}

/// A long file of the folder, which is read when it is requested.
#[derive(Debug)]
struct PreviewedFile {
    file: Arc<chapbook_compiler::FolderFile>,
    kept: Option<File>,
}

impl PreviewedFile {
    fn new(file: Arc<chapbook_compiler::FolderFile>, is_kept: bool) -> Self {
        let kept = if is_kept { file.open_unchanged().ok() } else { None };
        Self { file, kept }
    }
}

/// The events that tell pages to reload.
#[derive(Debug)]
struct EventStream(Arc<[u8]>);

impl FolderFile for EventStream {
    fn path(&self) -> &'static str {
        "events"
    }

    fn length(&self) -> u64 {
        self.0.len() as u64 + 1
    }

    fn event_stream(&self) -> Option<&[u8]> {
        Some(&self.0)
    }

    fn open(&self) -> io::Result<File> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn check(&self, _: &File) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

impl FolderFile for PreviewedFile {
    fn path(&self) -> &str {
        self.file.path()
    }

    fn length(&self) -> u64 {
        self.file.length()
    }

    fn open(&self) -> io::Result<File> {
        let Some(kept) = &self.kept else { return self.file.open_unchanged() };
        self.file.check(kept)?;
        kept.try_clone()
    }

    fn check(&self, file: &File) -> io::Result<()> {
        self.file.check(file)
    }
}
