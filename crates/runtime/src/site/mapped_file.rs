//! A file that is mapped into memory until the process ends, and the one that the system has mapped
//! to start it. Contains the `unsafe` code of this layer.

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

/// The bytes of the executable at this offset in its file, if the system has mapped them all to
/// start it.
#[cfg(all(unix, not(target_vendor = "apple")))]
pub(super) fn of_executable(offset: u64, length: u64) -> Option<&'static [u8]> {
    let (offset, length) = (usize::try_from(offset).ok()?, usize::try_from(length).ok()?);
    let mut wanted = Wanted { offset, length, found: None };
    #[expect(unsafe_code, reason = "only the loader knows which parts of the file are mapped")]
    // SAFETY: `visit` is called only during this call, with the pointer to `wanted`.
    unsafe {
        libc::dl_iterate_phdr(Some(visit), (&raw mut wanted).cast());
    }
    wanted.found
}

/// A program header of this system.
#[cfg(all(unix, not(target_vendor = "apple"), target_pointer_width = "64"))]
type ProgramHeader = libc::Elf64_Phdr;
#[cfg(all(unix, not(target_vendor = "apple"), target_pointer_width = "32"))]
type ProgramHeader = libc::Elf32_Phdr;

/// The flag of a segment that can be written: the `PF_W` of the ELF specification, which `libc` has
/// on some systems only.
#[cfg(all(unix, not(target_vendor = "apple")))]
const WRITABLE: u32 = 2;

/// What is searched for in the segments of the executable.
#[cfg(all(unix, not(target_vendor = "apple")))]
struct Wanted {
    offset: usize,
    length: usize,
    found: Option<&'static [u8]>,
}

#[cfg(all(unix, not(target_vendor = "apple")))]
impl Wanted {
    /// The address of the bytes, from where the executable is in memory; `None` if this segment
    /// does not load them, or can be written.
    fn address_in(&self, header: &ProgramHeader) -> Option<usize> {
        if header.p_type != libc::PT_LOAD || header.p_flags & WRITABLE != 0 {
            return None;
        }
        let inside = self.offset.checked_sub(usize::try_from(header.p_offset).ok()?)?;
        let end = inside.checked_add(self.length)?;
        let is_inside = end <= usize::try_from(header.p_filesz).ok()?;
        usize::try_from(header.p_vaddr).ok()?.checked_add(inside).filter(|_| is_inside)
    }
}

/// Searches the segments of the first object, which is the executable (`dl_iterate_phdr(3)`).
#[cfg(all(unix, not(target_vendor = "apple")))]
#[expect(unsafe_code, reason = "the loader describes memory by pointers")]
unsafe extern "C" fn visit(
    object: *mut libc::dl_phdr_info,
    _length: libc::size_t,
    wanted: *mut libc::c_void,
) -> libc::c_int {
    // SAFETY: `of_executable` passes the pointer to its `Wanted`, and the loader one to an object
    // with `dlpi_phnum` program headers, which stay mapped, as do the segments that they load. A
    // segment is read-only (`PF_W`), so nothing writes to it while it is borrowed, and all
    // `p_filesz` bytes from `p_vaddr` are mapped from the file at `p_offset`.
    unsafe {
        let (object, wanted) = (&*object, &mut *wanted.cast::<Wanted>());
        let headers = std::slice::from_raw_parts(object.dlpi_phdr, object.dlpi_phnum.into());
        let mut addresses = headers.iter().filter_map(|header| wanted.address_in(header));
        if let Some(address) = addresses.next() {
            let base = usize::try_from(object.dlpi_addr).unwrap_or(0);
            let start = std::ptr::with_exposed_provenance(base.wrapping_add(address));
            wanted.found = Some(std::slice::from_raw_parts(start, wanted.length));
        }
    }
    // Not 0, so the loader calls this for no other object.
    1
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

    #[cfg(target_os = "linux")]
    #[test]
    fn only_mapped_parts_of_the_executable_are_found() {
        let path = std::env::current_exe().unwrap();
        let file = fs::read(path).unwrap();
        for (offset, length) in [(0, 64), (16, 100), (0, 0)] {
            let expected = &file[offset..offset + length];
            assert_eq!(of_executable(offset as u64, length as u64), Some(expected), "{offset}");
        }
        let end = file.len() as u64;
        for (offset, length) in [(end - 1, 1), (0, end), (0, u64::MAX), (u64::MAX, 1)] {
            assert_eq!(of_executable(offset, length), None, "{offset}, {length}");
        }
    }

    #[test]
    fn an_empty_file_is_mapped_and_a_folder_is_not() {
        let file = tempfile::NamedTempFile::new().unwrap();
        assert_eq!(MappedFile::open(file.path()).unwrap().bytes, b"");
        assert!(MappedFile::open(Path::new(".")).is_err());
    }
}
