//! The decoded form of a precompressed file.

use std::io::{self, BufRead, Write};

use chapbook_format::ContentCoding;

use super::{
    precompressed::{self, DecodeError},
    sample::{Sample, Sampler},
};
use crate::{
    content::{ContentWriter, StoredContent},
    spill_file::SpillFile,
};

/// What a precompressed file decodes to.
#[derive(Debug, Clone)]
pub(crate) struct DecodedForm {
    /// The content coding of the file.
    pub(crate) coding: ContentCoding,
    pub(crate) content: StoredContent,
    pub(crate) sample: Sample<'static>,
}

impl DecodedForm {
    /// Decodes a file of this length. The outer error is that of reading it, or of writing to the
    /// spill file.
    pub(crate) fn of(
        coding: ContentCoding,
        from: &mut dyn BufRead,
        length: u64,
        spill_file: Option<&SpillFile>,
    ) -> io::Result<Result<Self, DecodeError>> {
        let mut decoded =
            Decoded { content: ContentWriter::new(spill_file), sampler: Sampler::default() };
        let length_max = precompressed::decoded_max(length);
        if let Err(error) = precompressed::decode(coding, from, length_max, &mut decoded)? {
            return Ok(Err(error));
        }
        let Decoded { content, sampler } = decoded;
        Ok(Ok(Self { coding, content: content.finish()?, sample: sampler.finish() }))
    }
}

struct Decoded<'a> {
    content: ContentWriter<'a>,
    sampler: Sampler,
}

impl Write for Decoded<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.sampler.update(bytes);
        self.content.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
