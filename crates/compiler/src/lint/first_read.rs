//! What linting has read of a file. Rendering reads it once more at most.

use crate::{
    render::{
        decoded::DecodedForm,
        sample::{ContentSampler, SHORT_MAX, SampledContent},
    },
    site_folder::FileVersion,
    spill_file::SpillFile,
};

/// What linting has read of a file.
#[derive(Debug, Default, Clone)]
pub(crate) enum FirstRead {
    /// Nothing, or nothing that rendering needs.
    #[default]
    Nothing,
    /// All of it, to parse it, if it is not read as one piece again.
    LongText(Box<SampledContent>),
    /// All of it, to decode it.
    Precompressed(Box<Precompressed>),
}

/// A file that is in a content coding.
#[derive(Debug, Clone)]
pub(crate) struct Precompressed {
    pub(crate) version: FileVersion,
    pub(crate) sampled: SampledContent,
    pub(crate) decoded: DecodedForm,
}

/// If a site will be packed, linting keeps what it would be read once more for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ReadAhead<'a> {
    /// The file for decoded contents; without it they stay in memory.
    pub(crate) spill_file: Option<&'a SpillFile>,
}

impl FirstRead {
    /// After this text was read.
    pub(super) fn of(text: &[u8], reads_ahead: bool) -> Self {
        if !reads_ahead || text.len() as u64 <= SHORT_MAX {
            return Self::Nothing;
        }
        let mut sampler = ContentSampler::default();
        sampler.update(text);
        Self::LongText(Box::new(sampler.finish()))
    }

    /// The sample and the hashes of the file, and what it decodes to, as far as they are known.
    pub(crate) fn sampled(&self) -> Option<(&SampledContent, Option<&DecodedForm>)> {
        match self {
            Self::Nothing => None,
            Self::LongText(sampled) => Some((sampled, None)),
            Self::Precompressed(it) => Some((&it.sampled, Some(&it.decoded))),
        }
    }
}
