//! Whether a site fits into an executable and onto its disk, which is checked right after the walk
//! of its folder.

use std::{error::Error, fmt, path::PathBuf};

use chapbook_compiler::{CompiledSite, ContentsTooLong};
use chapbook_packer::{Base, ExecutableFormat};

use super::{size::size, target::Target};

/// Why a site does not fit.
#[derive(Debug)]
pub(super) enum CapacityError {
    /// It is too long for the base.
    Format(ExecutableFormat, TooLong),
    /// It is too long for the disk.
    Disk(PathBuf, TooLong),
}

/// A length above a limit, in bytes.
#[derive(Debug)]
pub(super) struct TooLong {
    length: u64,
    max: u64,
    /// The largest files.
    largest: Vec<(String, u64)>,
}

/// Maximum number of files that are named.
const NAMED_MAX: usize = 3;

impl fmt::Display for CapacityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let largest = |of: &TooLong| {
            let files = of.largest.iter().map(|(path, it)| format!("`{path}` ({})", size(*it)));
            files.collect::<Vec<_>>().join(", ")
        };
        match self {
            Self::Format(format, too_long) => write!(
                f,
                "cannot pack {} into an executable for {}, which can hold {}; the largest files \
                 are {}; use --beside to write the site to a file of its own",
                size(too_long.length),
                format.system(),
                size(too_long.max),
                largest(too_long)
            ),
            Self::Disk(output, too_long) => write!(
                f,
                "cannot write `{}`: it needs {}, and its disk has {} left; the largest files are \
                 {}",
                output.display(),
                size(too_long.length),
                size(too_long.max),
                largest(too_long)
            ),
        }
    }
}

impl Error for CapacityError {}

/// How long a site may be.
#[derive(Debug)]
pub(super) struct Capacity {
    format: ExecutableFormat,
    /// The maximum length of a payload in bytes.
    payload_max: u64,
    /// The length of the base in bytes.
    base_length: u64,
    output: PathBuf,
    /// The number of bytes that can be written to the disk.
    available: Option<u64>,
}

impl Capacity {
    pub(super) fn new(base: &Base, target: &Target) -> Self {
        let output = target.book.as_ref().unwrap_or(&target.executable).path();
        Self {
            format: base.format(),
            // A book may have any length.
            payload_max: if target.book.is_some() { u64::MAX } else { base.payload_max() },
            base_length: base.image().len() as u64,
            output: output.to_owned(),
            available: target.available_space(),
        }
    }

    /// Maximum length of the contents in bytes.
    pub(super) fn contents_max(&self) -> u64 {
        let available = self.available.unwrap_or(u64::MAX).saturating_sub(self.base_length);
        self.payload_max.min(available)
    }

    /// The error for contents above the maximum.
    pub(super) fn exceeded(&self, by: ContentsTooLong) -> CapacityError {
        let ContentsTooLong { length, largest, .. } = by;
        if length > self.payload_max {
            let too_long = TooLong { length, max: self.payload_max, largest };
            return CapacityError::Format(self.format, too_long);
        }
        let (length, max) = (length + self.base_length, self.available.unwrap_or(u64::MAX));
        CapacityError::Disk(self.output.clone(), TooLong { length, max, largest })
    }

    /// Fails if a payload of this length does not fit. Compressed contents add to its files.
    pub(super) fn check(&self, length: u64, site: &CompiledSite) -> Result<(), CapacityError> {
        let max = self.payload_max;
        if length <= max {
            return Ok(());
        }
        let resources = site.resources.iter().filter_map(|resource| {
            let length = resource.representations.first()?.content.length();
            Some((resource.path.clone(), length))
        });
        let mut largest: Vec<_> = resources.collect();
        largest.sort_unstable_by(|(_, a), (_, b)| b.cmp(a));
        // A file at several paths.
        largest.dedup();
        largest.truncate(NAMED_MAX);
        Err(CapacityError::Format(self.format, TooLong { length, max, largest }))
    }
}
