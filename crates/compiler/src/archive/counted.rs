//! Reader that reports its progress.

use std::io::{self, Read};

use crate::progress::{Progress, Step};

/// A reader whose bytes are reported as unpacked.
#[derive(Debug)]
pub(super) struct Counted<'a, R> {
    reader: R,
    progress: &'a Progress,
}

impl<'a, R> Counted<'a, R> {
    pub(super) fn new(reader: R, progress: &'a Progress) -> Self {
        Self { reader, progress }
    }
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        self.progress.report(Step::Unpacked { bytes: count as u64 });
        Ok(count)
    }
}
