//! Progress of the compiler, reported to a callback.

use std::{fmt, sync::Arc};

/// A step of compiling a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// An archive is to be unpacked, in steps of this total size.
    Unpacking {
        /// The size in bytes.
        bytes: u64,
    },
    /// One more piece of the archive is unpacked.
    Unpacked {
        /// The size in bytes.
        bytes: u64,
    },
    /// This many files are to be linted. Reported again if the site is linted twice.
    ToLint {
        /// The number of files.
        files: usize,
    },
    /// One more file is linted.
    LintedFile,
    /// The site is linted, and files of this total size are to be read and compressed.
    Linted {
        /// The size in bytes.
        bytes: u64,
    },
    /// A long file is to be compressed after it was read.
    ToCompress {
        /// The size of the file in bytes.
        bytes: u64,
    },
    /// One more file, or a part of a long one, is read or compressed.
    Compressed {
        /// The size in bytes.
        bytes: u64,
    },
}

/// A callback for each step, which any thread can call. The default does nothing.
#[derive(Clone, Default)]
pub struct Progress(Option<Arc<dyn Fn(Step) + Send + Sync>>);

impl Progress {
    /// Reports each step to this callback.
    pub fn new(callback: impl Fn(Step) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(callback)))
    }

    pub(crate) fn report(&self, step: Step) {
        if let Some(callback) = &self.0 {
            callback(step);
        }
    }
}

impl fmt::Debug for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Progress(callback)" } else { "Progress(none)" })
    }
}
