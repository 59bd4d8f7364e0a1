//! Results for the files of a folder, which are used again when it is compiled the next time, if
//! the files have not changed.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

use chapbook_format::digest::Hash;

use crate::{
    file_identity::FileIdentity,
    lint::{FileReport, FileUse},
    render::represent::Represented,
    routing::plan::Variant,
};

/// Maximum number of files whose results are kept.
pub(crate) const FILES_MAX: usize = 20_000;
/// Maximum number of contexts that files are linted in: a site that was built for a prefix has two.
const CONTEXTS_MAX: usize = 2;

/// Results of compiling one folder with the same options again and again. Clones share them.
#[derive(Debug, Clone)]
pub struct CompileCache {
    state: Arc<Mutex<CacheState>>,
    /// When the compilation begins.
    now: SystemTime,
}

#[derive(Debug, Default)]
struct CacheState {
    /// The reports by the hash of what they depend on besides the file.
    reports: Vec<(Hash, Reports)>,
    rendered: Arc<RenderedByPath>,
}

/// The reports of files by path.
pub(crate) type Reports = Arc<HashMap<Box<str>, (FileIdentity, Arc<FileReport>)>>;

/// The rendered files by path.
pub(crate) type RenderedByPath = HashMap<Box<str>, Rendered>;

/// A rendered file, and what it depends on.
#[derive(Debug)]
pub(crate) struct Rendered {
    pub(crate) identity: FileIdentity,
    pub(crate) key: RenderKey,
    pub(crate) represented: Represented,
}

/// What the representation of a file depends on besides its path and bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RenderKey {
    pub(crate) variants: Vec<Variant>,
    pub(crate) file_use: Option<FileUse>,
    pub(crate) cache_control: &'static str,
}

impl CompileCache {
    /// An empty cache.
    #[must_use]
    pub fn new() -> Self {
        Self { state: Arc::default(), now: SystemTime::UNIX_EPOCH }
    }

    /// The cache for a compilation that begins now. A file that was changed just before is not
    /// cached: it may be changed again without another time.
    #[must_use]
    pub fn at(&self, now: SystemTime) -> Self {
        Self { state: Arc::clone(&self.state), now }
    }

    fn lock(&self) -> MutexGuard<'_, CacheState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether results for a file with this identity may be used next time.
    pub(crate) fn may_keep(&self, identity: &FileIdentity) -> bool {
        identity.is_settled_at(self.now)
    }

    /// The reports that depend on this.
    pub(crate) fn reports(&self, key: &Hash) -> Reports {
        let state = self.lock();
        let found = state.reports.iter().find(|(of, _)| of == key);
        found.map(|(_, reports)| Arc::clone(reports)).unwrap_or_default()
    }

    pub(crate) fn set_reports(&self, key: Hash, reports: Reports) {
        let mut state = self.lock();
        state.reports.retain(|(of, _)| *of != key);
        if state.reports.len() == CONTEXTS_MAX {
            state.reports.remove(0);
        }
        state.reports.push((key, reports));
    }

    /// The rendered files by path.
    pub(crate) fn rendered(&self) -> Arc<RenderedByPath> {
        Arc::clone(&self.lock().rendered)
    }

    pub(crate) fn set_rendered(&self, rendered: RenderedByPath) {
        self.lock().rendered = Arc::new(rendered);
    }
}

impl Default for CompileCache {
    fn default() -> Self {
        Self::new()
    }
}
