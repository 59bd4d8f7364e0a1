//! The resources of a Windows executable: a tree of types, names and languages. Those of the base
//! are kept where they are; only their tree is written again.

use super::fields::{u16_at, u32_at};

const DAMAGED: &str = "its resources are damaged";

/// Maximum number of entries of all directories of a base. Directories may overlap, so their number
/// is not limited by the length of the section.
const ENTRIES_MAX: usize = 12_288;
/// Maximum number of characters of a name, for the same reason.
const NAME_MAX: usize = 1024;
/// The length of a directory without its entries, and of an entry.
const DIRECTORY: usize = 16;
const ENTRY: usize = 8;
const LEAF: usize = 16;
/// Marks the offset of a directory or of a name.
const FLAG: u32 = 1 << 31;
/// The alignment of data.
const ALIGNMENT: usize = 8;

/// A type, a name or a language. Names come first, in the order of their characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Id {
    Name(Vec<u16>),
    Number(u16),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Data {
    New(Vec<u8>),
    /// Data of the base: its address, its length and its code page.
    Kept([u32; 3]),
}

/// The path of a resource in the tree: its type, name and language.
type Path = [Id; 3];

/// The resources of an executable, in the order of their tree.
#[derive(Debug, Default)]
pub(super) struct ResourceTree(Vec<(Path, Data)>);

impl ResourceTree {
    /// Reads the tree of a base, which may be empty. The error is a reason.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, &'static str> {
        let mut tree = Self::default();
        if bytes.is_empty() {
            return Ok(tree);
        }
        let mut reader = DirectoryReader { bytes, entries: 0 };
        let below = |at: u32| (at & FLAG != 0).then_some(at & !FLAG).ok_or(DAMAGED);
        for (kind, at) in reader.entries(0)? {
            for (name, at) in reader.entries(below(at)?)? {
                for (language, at) in reader.entries(below(at)?)? {
                    let at = usize::try_from(at).map_err(|_| DAMAGED)?;
                    let field = |number: usize| u32_at(bytes, at.checked_add(number * 4)?);
                    let leaf = field(0).zip(field(1)).zip(field(2)).ok_or(DAMAGED)?;
                    let ((address, length), code_page) = leaf;
                    let path = [kind.clone(), name.clone(), language];
                    tree.insert(path, Data::Kept([address, length, code_page]));
                }
            }
        }
        Ok(tree)
    }

    /// Whether there is a resource of this type.
    pub(super) fn has(&self, kind: u16) -> bool {
        self.0.iter().any(|(path, _)| path[0] == Id::Number(kind))
    }

    /// Removes all resources of this type.
    pub(super) fn remove(&mut self, kind: u16) {
        self.0.retain(|(path, _)| path[0] != Id::Number(kind));
    }

    /// Adds a resource for all languages.
    pub(super) fn add(&mut self, kind: u16, number: u16, data: Vec<u8>) {
        self.insert([kind, number, 0].map(Id::Number), Data::New(data));
    }

    fn insert(&mut self, path: Path, data: Data) {
        match self.0.binary_search_by(|(it, _)| it.cmp(&path)) {
            Ok(at) => self.0[at].1 = data,
            Err(at) => self.0.insert(at, (path, data)),
        }
    }

    /// The bytes of a section at this address.
    pub(super) fn to_bytes(&self, address: u64) -> Vec<u8> {
        let paths: Vec<&Path> = self.0.iter().map(|(path, _)| path).collect();
        let mut writer = TreeWriter::new(&paths, address);
        // The second level after the first one, and the third one after that.
        writer.directory(&paths, 0);
        for names in below(&paths, 0) {
            writer.directory(names, 1);
        }
        for languages in below(&paths, 0).flat_map(|names| below(names, 1)) {
            writer.directory(languages, 2);
        }
        self.0.iter().for_each(|(_, data)| writer.leaf(data));
        writer.finish()
    }
}

/// The paths below each entry of a directory at this level.
fn below<'p>(paths: &'p [&'p Path], level: usize) -> impl Iterator<Item = &'p [&'p Path]> {
    paths.chunk_by(move |one, next| one[level] == next[level])
}

/// The length of the directory at this level with these paths.
fn directory_length(paths: &[&Path], level: usize) -> usize {
    DIRECTORY + ENTRY * below(paths, level).count()
}

/// Reads directories of a section.
struct DirectoryReader<'a> {
    bytes: &'a [u8],
    /// The number of entries that were read.
    entries: usize,
}

impl DirectoryReader<'_> {
    /// The entries of the directory at an offset: ids and offsets.
    fn entries(&mut self, at: u32) -> Result<Vec<(Id, u32)>, &'static str> {
        let at = usize::try_from(at).map_err(|_| DAMAGED)?;
        let directory = self.bytes.get(at..).ok_or(DAMAGED)?;
        let count = |at| u16_at(directory, at).map(usize::from).ok_or(DAMAGED);
        let count = count(12)? + count(14)?;
        // One for the directory itself, which may be empty.
        self.entries += count + 1;
        if self.entries > ENTRIES_MAX {
            return Err(DAMAGED);
        }
        let end = DIRECTORY + count * ENTRY;
        let table = directory.get(DIRECTORY..end).ok_or(DAMAGED)?;
        let entry = |entry: &[u8]| Some((id(self.bytes, u32_at(entry, 0)?)?, u32_at(entry, 4)?));
        table.chunks_exact(ENTRY).map(|it| entry(it).ok_or(DAMAGED)).collect()
    }
}

fn id(bytes: &[u8], field: u32) -> Option<Id> {
    if field & FLAG == 0 {
        return u16::try_from(field).ok().map(Id::Number);
    }
    let at = usize::try_from(field & !FLAG).ok()?;
    let length = usize::from(u16_at(bytes, at)?);
    if length > NAME_MAX {
        return None;
    }
    let name = bytes.get(at + 2..at + 2 + length * 2)?;
    Some(Id::Name(name.chunks_exact(2).map(|it| u16::from_le_bytes([it[0], it[1]])).collect()))
}

/// A section in parts: directories, names, leaves and data.
struct TreeWriter {
    directories: Vec<u8>,
    names: Vec<u8>,
    leaves: Vec<u8>,
    data: Vec<u8>,
    /// The offset of the next directory or leaf that an entry refers to.
    next: usize,
    names_at: usize,
    data_at: usize,
    address: u64,
}

impl TreeWriter {
    fn new(paths: &[&Path], address: u64) -> Self {
        let first = directory_length(paths, 0);
        let (mut directories, mut names) = (first, 0);
        let mut add = |paths: &[&Path], level: usize| {
            if level > 0 {
                directories += directory_length(paths, level);
            }
            names += below(paths, level).map(|it| name_length(&it[0][level])).sum::<usize>();
        };
        add(paths, 0);
        for names in below(paths, 0) {
            add(names, 1);
            below(names, 1).for_each(|languages| add(languages, 2));
        }
        let leaves = paths.len();
        let names_at = directories + leaves * LEAF;
        Self {
            directories: Vec::new(),
            names: Vec::new(),
            leaves: Vec::new(),
            data: Vec::new(),
            next: first,
            names_at,
            data_at: (names_at + names).next_multiple_of(ALIGNMENT),
            address,
        }
    }

    /// Writes a directory. What its entries refer to follows one after the other.
    fn directory(&mut self, paths: &[&Path], level: usize) {
        let ids = || below(paths, level).map(|it| &it[0][level]);
        let named = ids().filter(|id| matches!(id, Id::Name(_))).count();
        self.directories.extend([0; 12]);
        for count in [named, ids().count() - named] {
            self.directories.extend(u16::try_from(count).unwrap_or(u16::MAX).to_le_bytes());
        }
        for entry in below(paths, level) {
            let id = &entry[0][level];
            let (flag, length) = match level {
                2 => (0, LEAF),
                _ => (FLAG, directory_length(entry, level + 1)),
            };
            let id = match id {
                Id::Number(number) => u32::from(*number),
                Id::Name(name) => {
                    let at = self.names_at + self.names.len();
                    let count = u16::try_from(name.len()).unwrap_or(u16::MAX);
                    self.names.extend(count.to_le_bytes());
                    self.names.extend(name.iter().flat_map(|it| it.to_le_bytes()));
                    number(at as u64) | FLAG
                }
            };
            self.directories.extend(id.to_le_bytes());
            self.directories.extend((number(self.next as u64) | flag).to_le_bytes());
            self.next += length;
        }
    }

    fn leaf(&mut self, data: &Data) {
        let [address, length, code_page] = match data {
            Data::Kept(fields) => *fields,
            Data::New(data) => {
                let at = self.data_at + self.data.len();
                self.data.extend(data);
                let padded = self.data.len().next_multiple_of(ALIGNMENT);
                self.data.resize(padded, 0);
                [number(self.address + at as u64), number(data.len() as u64), 0]
            }
        };
        for field in [address, length, code_page, 0] {
            self.leaves.extend(field.to_le_bytes());
        }
    }

    fn finish(self) -> Vec<u8> {
        let mut bytes = [self.directories, self.leaves, self.names].concat();
        bytes.resize(self.data_at, 0);
        bytes.extend(self.data);
        bytes
    }
}

fn name_length(id: &Id) -> usize {
    match id {
        Id::Name(name) => 2 + name.len() * 2,
        Id::Number(_) => 0,
    }
}

/// The maximum length of an executable is checked before.
fn number(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A directory whose entries have this id and all refer to the same offset.
    fn directory(count: u16, id: u32, at: u32) -> Vec<u8> {
        let mut bytes = [&[0; 12][..], &[0, 0], &count.to_le_bytes()].concat();
        for _ in 0..count {
            bytes.extend([id.to_le_bytes(), at.to_le_bytes()].concat());
        }
        bytes
    }

    /// A type, names and a language: directories of these numbers of entries, which are shared, and
    /// a leaf or nothing.
    fn section([types, names, languages]: [u16; 3], name_length: u16) -> Vec<u8> {
        let length = |count: u16| number((DIRECTORY + ENTRY * usize::from(count)) as u64);
        let (second, third) = (length(types), length(types) + length(names));
        let leaf = third + length(languages);
        let name = leaf + number(LEAF as u64);
        let mut bytes = directory(types, 1, second | FLAG);
        bytes.extend(directory(names, name | FLAG, third | FLAG));
        bytes.extend(directory(languages, 0, leaf));
        bytes.extend([0; LEAF]);
        bytes.extend(name_length.to_le_bytes());
        bytes.resize(bytes.len() + usize::from(name_length) * 2, 65);
        bytes
    }

    #[test]
    fn the_work_for_directories_that_overlap_is_limited() {
        let rows = [
            ([1, 1, 1], 8, true),
            ([1, 1, 1], 1024, true),
            ([1, 1, 1], 1025, false),
            ([1, 1, 1], u16::MAX, false),
            ([60, 60, 1], 8, true),
            ([1, 60, 100], 8, true),
            // Many directories, each of which is short or even empty.
            ([4000, 4000, 0], 8, false),
            ([200, 200, 1], 8, false),
            ([1, 4000, 4000], 8, false),
        ];
        for (counts, name_length, is_valid) in rows {
            let tree = ResourceTree::read(&section(counts, name_length));
            assert_eq!(tree.is_ok(), is_valid, "{counts:?} {name_length}");
        }
    }
}
