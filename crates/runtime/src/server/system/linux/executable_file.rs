//! Positions of mapped content in the file of the executable, from which the system can send it
//! without a copy.

use std::{
    fs::{self, File},
    io::Read,
    ops::Range,
    os::unix::fs::FileExt,
    sync::OnceLock,
};

/// Initial capacity for the text of `/proc/self/maps`, in bytes.
const MAPS_CAPACITY: usize = 8 * 1024;

/// The file of the executable, and its mappings into memory.
#[derive(Debug)]
struct Executable {
    file: File,
    mappings: Vec<Mapping>,
}

/// A read-only mapping of a part of the file.
#[derive(Debug, PartialEq, Eq)]
struct Mapping {
    addresses: Range<usize>,
    /// The start of the mapping in the file, in bytes.
    offset: u64,
}

/// Bytes of the executable whose position in the file is checked before any other is used.
static KNOWN: [u8; 34] = *b"\xE2\x9D\xA7 position of content in a file ";

/// The executable of this process; `None` without `/proc`, as in an empty root directory.
static OWN: OnceLock<Option<Executable>> = OnceLock::new();

/// Opens the file, once per process. Before that, [`locate`] returns `None`.
pub(in crate::server) fn open() {
    OWN.get_or_init(Executable::own);
}

/// The file of the executable, and the offset of these bytes in it; `None` if they are not mapped
/// from it.
pub(super) fn locate(bytes: &[u8]) -> Option<(&'static File, u64)> {
    let own = OWN.get()?.as_ref()?;
    Some((&own.file, own.offset_of(bytes)?))
}

impl Executable {
    /// Opens the executable of this process. `None`, too, if the mappings do not match the file, as
    /// under an emulator.
    fn own() -> Option<Self> {
        const LINK: &str = "/proc/self/exe";
        let path = fs::read_link(LINK).ok()?;
        let file = File::open(LINK).ok()?;
        // With one read, because the system generates the text anew for each.
        let mut maps = String::with_capacity(MAPS_CAPACITY);
        File::open("/proc/self/maps").ok()?.read_to_string(&mut maps).ok()?;
        let own = Self { file, mappings: mappings(&maps, path.to_str()?) };
        let mut read = [0; KNOWN.len()];
        own.file.read_exact_at(&mut read, own.offset_of(KNOWN.as_slice())?).ok()?;
        (read == KNOWN).then_some(own)
    }

    fn offset_of(&self, bytes: &[u8]) -> Option<u64> {
        let addresses = bytes.as_ptr_range();
        self.offset_at(&(addresses.start.addr()..addresses.end.addr()))
    }

    fn offset_at(&self, addresses: &Range<usize>) -> Option<u64> {
        let contains = |mapping: &&Mapping| {
            let Range { start, end } = mapping.addresses;
            start <= addresses.start && addresses.end <= end
        };
        let mapping = self.mappings.iter().find(contains)?;
        let inside = addresses.start - mapping.addresses.start;
        mapping.offset.checked_add(u64::try_from(inside).ok()?)
    }
}

/// The read-only mappings of a file, from lines like this (`proc_pid_maps(5)`):
///
/// ```text
/// 7f0c5a400000-7f0c5a428000 r--p 00028000 fe:00 131104       /usr/bin/chapbook
/// ```
///
/// Relocated memory is also read-only and differs from the file. But only pointers are relocated,
/// and content contains none.
fn mappings(maps: &str, executable: &str) -> Vec<Mapping> {
    let mapping = |line: &str| {
        let mut words = line.split_ascii_whitespace();
        let (addresses, permissions) = (words.next()?, words.next()?);
        let (offset, _device, _inode) = (words.next()?, words.next()?, words.next()?);
        // A path may contain spaces, and the columns before it contain no slash.
        let path = line.find('/').map(|at| &line[at..])?;
        let is_own = without_deleted_suffix(path) == without_deleted_suffix(executable);
        let is_read_only = !permissions.contains('w');
        let (start, end) = addresses.split_once('-').filter(|_| is_own && is_read_only)?;
        let address = |text| usize::from_str_radix(text, 16).ok();
        let addresses = address(start)?..address(end)?;
        Some(Mapping { addresses, offset: u64::from_str_radix(offset, 16).ok()? })
    };
    maps.lines().filter_map(mapping).collect()
}

/// A path without the suffix for a deleted file, which may appear between two calls.
fn without_deleted_suffix(path: &str) -> &str {
    path.strip_suffix(" (deleted)").unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_of_the_executable_is_located_in_its_file() {
        open();
        let content: &[u8] = include_bytes!("executable_file.rs");
        for part in [content, &content[100..], &content[..1]] {
            let (file, offset) = locate(part).unwrap();
            let mut read = vec![0; part.len()];
            file.read_exact_at(&mut read, offset).unwrap();
            assert_eq!(read, part);
        }
    }

    #[test]
    fn memory_of_the_heap_is_not_located() {
        open();
        assert!(locate(&Vec::from([7; 100])).is_none());
    }

    #[test]
    fn only_read_only_mappings_of_the_executable_count() {
        let maps = "\
            1000-3000 r--p 00000000 fe:00 7       /bin/a b\n\
            3000-5000 r-xp 00002000 fe:00 7       /bin/a b\n\
            5000-6000 rw-p 00004000 fe:00 7       /bin/a b\n\
            6000-7000 r--p 00005000 fe:00 7       /bin/a b (deleted)\n\
            7000-8000 r--p 00000000 fe:00 8       /lib/bin/a b\n\
            8000-9000 r--p 00000000 00:00 0 \n\
            ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0   [vsyscall]\n";
        let mappings = mappings(maps, "/bin/a b");
        let found: Vec<_> = mappings.iter().map(|it| (it.addresses.clone(), it.offset)).collect();
        let expected = [(0x1000..0x3000, 0), (0x3000..0x5000, 0x2000), (0x6000..0x7000, 0x5000)];
        assert_eq!(found, expected);
        let own = Executable { file: File::open("/dev/null").unwrap(), mappings };
        let rows = [
            (0x1000..0x1001, Some(0)),
            (0x2fff..0x3000, Some(0x1fff)),
            (0x3004..0x5000, Some(0x2004)),
            // Adjacent in memory, but perhaps not in the file.
            (0x2fff..0x3001, None),
            (0x5000..0x5001, None),
            (0x7000..0x7001, None),
            (0x0..0x1, None),
        ];
        for (addresses, offset) in rows {
            assert_eq!(own.offset_at(&addresses), offset, "{addresses:x?}");
        }
    }
}
