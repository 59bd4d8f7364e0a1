//! What linting has read of a file. Rendering reads it once more at most.

use crate::render::sample::{ContentSampler, SHORT_MAX, SampledContent};

/// What linting has read of a file.
#[derive(Debug, Default, Clone)]
pub(crate) enum FirstRead {
    /// Nothing: it was only opened.
    #[default]
    Nothing,
    /// All of it, to parse it.
    Text,
    /// All of it, and what a renderer would read it in pieces for.
    LongText(Box<SampledContent>),
}

impl FirstRead {
    /// After this text was read.
    pub(super) fn of(text: &[u8], samples_long: bool) -> Self {
        if !samples_long || text.len() as u64 <= SHORT_MAX {
            return Self::Text;
        }
        let mut sampler = ContentSampler::default();
        sampler.update(text);
        Self::LongText(Box::new(sampler.finish()))
    }
}
