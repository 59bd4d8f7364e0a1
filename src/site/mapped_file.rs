//! A file that is mapped into memory until the process ends. Contains the `unsafe` code of this
//! layer.

use std::{
    fs::{self, File},
    io,
    path::Path,
};

use memmap2::Mmap;

/// A mapped file.
#[derive(Debug)]
pub(super) struct MappedFile {
    #[cfg(target_os = "linux")]
    pub(super) file: File,
    pub(super) bytes: &'static [u8],
}

impl MappedFile {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        // Opening a pipe would wait for a writer.
        if !fs::metadata(path)?.is_file() {
            return Err(io::Error::other("it is not a file"));
        }
        let file = File::open(path)?;
        #[expect(unsafe_code, reason = "no library can know that a mapped file never changes")]
        // SAFETY: the mapping is read-only and is never removed, so the pointer and the length stay
        // valid. `Mmap::map` requires that the file does not change, which nothing can guarantee,
        // as for the pages of the executable, which are mapped in the same way. The bytes are only
        // copied, compared and hashed as bytes, of which every value is valid, and positions in
        // them are checked against the length of the slice. If the file is cut short, reading the
        // missing pages ends the process with a signal (SIGBUS).
        let map = unsafe { Mmap::map(&file)? };
        let map: &'static Mmap = Box::leak(Box::new(map));
        Ok(Self {
            #[cfg(target_os = "linux")]
            file,
            bytes: map,
        })
    }

    /// The position of these bytes in the file; `None` if they are not mapped from it.
    #[cfg(target_os = "linux")]
    pub(super) fn position_of(&self, bytes: &[u8]) -> Option<u64> {
        let (all, part) = (self.bytes.as_ptr_range(), bytes.as_ptr_range());
        let is_inside = all.start <= part.start && part.end <= all.end;
        let position = part.start.addr().checked_sub(all.start.addr()).filter(|_| is_inside)?;
        u64::try_from(position).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn bytes_of_a_mapped_file_have_their_position() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        io::Write::write_all(&mut file, b"0123456789").unwrap();
        let mapped = MappedFile::open(file.path()).unwrap();
        assert_eq!(mapped.bytes, b"0123456789");
        for range in [0..10, 3..5, 10..10] {
            assert_eq!(mapped.position_of(&mapped.bytes[range.clone()]), Some(range.start as u64));
        }
        assert_eq!(mapped.position_of(b"0123456789"), None);
    }

    #[test]
    fn an_empty_file_is_mapped_and_a_folder_is_not() {
        let file = tempfile::NamedTempFile::new().unwrap();
        assert_eq!(MappedFile::open(file.path()).unwrap().bytes, b"");
        assert!(MappedFile::open(Path::new(".")).is_err());
    }
}
