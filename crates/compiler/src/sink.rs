//! What contents are written to.

use std::{
    fs::File,
    io::{self, BufWriter, Take, Write},
};

use chapbook_format::payload::ContentHasher;

/// A writer that the contents of files can be copied to.
pub trait Sink: Write {
    /// Copies these bytes. Returns their number.
    ///
    /// # Errors
    ///
    /// If they cannot be read or written.
    fn copy_file(&mut self, from: &mut Take<&File>) -> io::Result<u64> {
        copy_buffered(from, self)
    }

    /// Writes zeros.
    ///
    /// # Errors
    ///
    /// If they cannot be written.
    fn write_zeros(&mut self, mut count: u64) -> io::Result<()> {
        const ZEROS: [u8; 4096] = [0; 4096];
        while count > 0 {
            let piece = usize::try_from(count).unwrap_or(usize::MAX).min(ZEROS.len());
            self.write_all(&ZEROS[..piece])?;
            count -= piece as u64;
        }
        Ok(())
    }
}

/// Below this length, a buffer takes less time than the system calls that copy between files.
const COPIED_MIN: u64 = 64 << 10;

impl Sink for BufWriter<&mut File> {
    /// On Linux, the kernel copies long contents, and some file systems share the blocks
    /// (`copy_file_range`): std does this between files, also with an empty `BufWriter` between.
    fn copy_file(&mut self, from: &mut Take<&File>) -> io::Result<u64> {
        if from.limit() < COPIED_MIN {
            return copy_buffered(from, self);
        }
        self.flush()?;
        io::copy(from, *self.get_mut())
    }
}

impl Sink for File {
    fn copy_file(&mut self, from: &mut Take<&File>) -> io::Result<u64> {
        io::copy(from, self)
    }
}

impl Sink for Vec<u8> {
    fn copy_file(&mut self, from: &mut Take<&File>) -> io::Result<u64> {
        io::Read::read_to_end(from, self).map(|count| count as u64)
    }
}

impl Sink for ContentHasher {}

/// Copies what is read into a buffer.
fn copy_buffered(from: &mut Take<&File>, to: &mut (impl Write + ?Sized)) -> io::Result<u64> {
    let mut buffer = [0; 16 << 10];
    let mut copied = 0;
    loop {
        let count = io::Read::read(from, &mut buffer)?;
        if count == 0 {
            return Ok(copied);
        }
        to.write_all(&buffer[..count])?;
        copied += count as u64;
    }
}
