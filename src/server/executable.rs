//! This file owns the way from content in memory back to where it stands in the file of the
//! executable, which the system can send without copying it. It knows Linux's `/proc`, and no
//! socket.

use std::{
    fs::{self, File},
    io::Read,
    ops::Range,
    os::unix::fs::FileExt,
    sync::OnceLock,
};

/// The file that this process runs, and where it is mapped.
#[derive(Debug)]
struct Executable {
    file: File,
    mappings: Vec<Mapping>,
}

/// A piece of the file that is mapped to be read and never written, so that both are the same.
#[derive(Debug, PartialEq, Eq)]
struct Mapping {
    addresses: Range<usize>,
    /// Where in the file it begins.
    offset: u64,
}

/// Bytes that stand in the executable, to see whether they do.
static KNOWN: [u8; 34] = *b"\xE2\x9D\xA7 where content stands in a file";

/// What this process runs, as far as the system tells: in an empty root there is no `/proc`.
static OWN: OnceLock<Option<Executable>> = OnceLock::new();

/// Opens the file, once for the whole process. Before, nothing is located.
pub(super) fn open() {
    OWN.get_or_init(Executable::own);
}

/// The executable's file, and where in it these bytes stand; `None` where they don't.
pub(super) fn locate(bytes: &[u8]) -> Option<(&'static File, u64)> {
    let own = OWN.get()?.as_ref()?;
    Some((&own.file, own.offset_of(bytes)?))
}

impl Executable {
    /// `None`, too, where what the system says does not fit together, as it may where another
    /// processor is emulated: then nothing is sent from the file.
    fn own() -> Option<Self> {
        const LINK: &str = "/proc/self/exe";
        let place = fs::read_link(LINK).ok()?;
        let file = File::open(LINK).ok()?;
        // At once, since the system looks through them anew for each piece.
        let mut maps = String::with_capacity(8 * 1024);
        File::open("/proc/self/maps").ok()?.read_to_string(&mut maps).ok()?;
        let own = Self { file, mappings: mappings(&maps, place.to_str()?) };
        let mut read = [0; KNOWN.len()];
        own.file.read_exact_at(&mut read, own.offset_of(KNOWN.as_slice())?).ok()?;
        (read == KNOWN).then_some(own)
    }

    fn offset_of(&self, bytes: &[u8]) -> Option<u64> {
        let addresses = bytes.as_ptr_range();
        self.offset_at(&(addresses.start.addr()..addresses.end.addr()))
    }

    fn offset_at(&self, addresses: &Range<usize>) -> Option<u64> {
        let holds = |it: &&Mapping| {
            it.addresses.start <= addresses.start && addresses.end <= it.addresses.end
        };
        let mapping = self.mappings.iter().find(holds)?;
        let inside = addresses.start - mapping.addresses.start;
        mapping.offset.checked_add(u64::try_from(inside).ok()?)
    }
}

/// The mappings of a file that are only read, out of lines like this (`proc_pid_maps(5)`):
///
/// ```text
/// 7f0c5a400000-7f0c5a428000 r--p 00028000 fe:00 131104       /usr/bin/chapbook
/// ```
///
/// What the loader has corrected is only read from then on, too, and is not what stands in the
/// file; but nothing is corrected but pointers, and no content is among them.
fn mappings(maps: &str, place: &str) -> Vec<Mapping> {
    let mapping = |line: &str| {
        let mut words = line.split_ascii_whitespace();
        let (addresses, permissions) = (words.next()?, words.next()?);
        let (offset, _device, _inode) = (words.next()?, words.next()?, words.next()?);
        // A path may hold blanks, and nothing before it holds a slash.
        let path = line.find('/').map(|at| &line[at..])?;
        let is_it = !permissions.contains('w') && whole(path) == whole(place);
        let (start, end) = addresses.split_once('-').filter(|_| is_it)?;
        let address = |text| usize::from_str_radix(text, 16).ok();
        let addresses = address(start)?..address(end)?;
        Some(Mapping { addresses, offset: u64::from_str_radix(offset, 16).ok()? })
    };
    maps.lines().filter_map(mapping).collect()
}

/// A path without what the system says behind it of a file that has none any more, which it may
/// have lost between two questions.
fn whole(place: &str) -> &str {
    place.strip_suffix(" (deleted)").unwrap_or(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_of_the_executable_stands_in_its_file_where_it_is_located() {
        open();
        let content: &[u8] = include_bytes!("executable.rs");
        for part in [content, &content[100..], &content[..1]] {
            let (file, offset) = locate(part).unwrap();
            let mut read = vec![0; part.len()];
            file.read_exact_at(&mut read, offset).unwrap();
            assert_eq!(read, part);
        }
    }

    #[test]
    fn what_was_made_while_it_runs_stands_in_no_file() {
        open();
        assert!(locate(&Vec::from([7; 100])).is_none());
    }

    #[test]
    fn only_what_is_never_written_counts() {
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
            // Neighbours in memory need not be neighbours in the file.
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
