//! The resources of a Windows executable: a tree of types, names and languages. Those of the base
//! are kept where they are; only their tree is written again.

use std::collections::BTreeMap;

use super::fields::{u16_at, u32_at};

const DAMAGED: &str = "its resources are damaged";

/// Maximum number of resources of a base.
const RESOURCES_MAX: usize = 4096;
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

type Tree = BTreeMap<Id, BTreeMap<Id, BTreeMap<Id, Data>>>;

/// The resources of an executable.
#[derive(Debug, Default)]
pub(super) struct ResourceTree(Tree);

impl ResourceTree {
    /// Reads the tree of a base, which may be empty. The error is a reason.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, &'static str> {
        let mut tree = Tree::new();
        if bytes.is_empty() {
            return Ok(Self(tree));
        }
        let mut count = 0;
        let below = |at: u32| (at & FLAG != 0).then_some(at & !FLAG).ok_or(DAMAGED);
        for (kind, at) in entries(bytes, 0)? {
            for (name, at) in entries(bytes, below(at)?)? {
                for (language, at) in entries(bytes, below(at)?)? {
                    count += 1;
                    let at = usize::try_from(at).ok().filter(|_| count <= RESOURCES_MAX);
                    let at = at.ok_or(DAMAGED)?;
                    let field = |number: usize| u32_at(bytes, at.checked_add(number * 4)?);
                    let leaf = field(0).zip(field(1)).zip(field(2)).ok_or(DAMAGED)?;
                    let ((address, length), code_page) = leaf;
                    let names = tree.entry(kind.clone()).or_default();
                    let languages = names.entry(name.clone()).or_default();
                    languages.insert(language, Data::Kept([address, length, code_page]));
                }
            }
        }
        Ok(Self(tree))
    }

    /// Whether there is a resource of this type.
    pub(super) fn has(&self, kind: u16) -> bool {
        self.0.contains_key(&Id::Number(kind))
    }

    /// Removes all resources of this type.
    pub(super) fn remove(&mut self, kind: u16) {
        self.0.remove(&Id::Number(kind));
    }

    /// Adds a resource for all languages.
    pub(super) fn add(&mut self, kind: u16, number: u16, data: Vec<u8>) {
        let names = self.0.entry(Id::Number(kind)).or_default();
        names.entry(Id::Number(number)).or_default().insert(Id::Number(0), Data::New(data));
    }

    /// The bytes of a section at this address.
    pub(super) fn to_bytes(&self, address: u64) -> Vec<u8> {
        let mut writer = TreeWriter::new(&self.0, address);
        writer.directory(&self.0, FLAG, |names| directory_length(names.len()));
        // The second level after the first one, and the third one after that.
        for names in self.0.values() {
            writer.directory(names, FLAG, |languages| directory_length(languages.len()));
        }
        for languages in self.0.values().flat_map(BTreeMap::values) {
            writer.directory(languages, 0, |_| LEAF);
        }
        let all = self.0.values().flat_map(BTreeMap::values).flat_map(BTreeMap::values);
        all.for_each(|data| writer.leaf(data));
        writer.finish()
    }
}

/// The entries of the directory at an offset: ids and offsets.
fn entries(bytes: &[u8], at: u32) -> Result<Vec<(Id, u32)>, &'static str> {
    let at = usize::try_from(at).map_err(|_| DAMAGED)?;
    let directory = bytes.get(at..).ok_or(DAMAGED)?;
    let count = |at| u16_at(directory, at).map(usize::from).ok_or(DAMAGED);
    let count = count(12)? + count(14)?;
    if count > RESOURCES_MAX {
        return Err(DAMAGED);
    }
    let end = directory_length(count);
    let table = directory.get(DIRECTORY..end).ok_or(DAMAGED)?;
    let entry = |entry: &[u8]| Some((id(bytes, u32_at(entry, 0)?)?, u32_at(entry, 4)?));
    table.chunks_exact(ENTRY).map(|it| entry(it).ok_or(DAMAGED)).collect()
}

fn id(bytes: &[u8], field: u32) -> Option<Id> {
    if field & FLAG == 0 {
        return u16::try_from(field).ok().map(Id::Number);
    }
    let at = usize::try_from(field & !FLAG).ok()?;
    let length = usize::from(u16_at(bytes, at)?);
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
    fn new(tree: &Tree, address: u64) -> Self {
        let (mut directories, mut names, mut leaves) = (directory_length(tree.len()), 0, 0);
        let name = |id: &Id| match id {
            Id::Name(name) => 2 + name.len() * 2,
            Id::Number(_) => 0,
        };
        for (kind, resources) in tree {
            names += name(kind);
            directories += directory_length(resources.len());
            for (id, languages) in resources {
                names += name(id) + languages.keys().map(name).sum::<usize>();
                directories += directory_length(languages.len());
                leaves += languages.len();
            }
        }
        let names_at = directories + leaves * LEAF;
        Self {
            directories: Vec::new(),
            names: Vec::new(),
            leaves: Vec::new(),
            data: Vec::new(),
            next: directory_length(tree.len()),
            names_at,
            data_at: (names_at + names).next_multiple_of(ALIGNMENT),
            address,
        }
    }

    /// Writes a directory. What its entries refer to follows one after the other.
    fn directory<T>(&mut self, entries: &BTreeMap<Id, T>, flag: u32, length: fn(&T) -> usize) {
        let named = entries.keys().filter(|id| matches!(id, Id::Name(_))).count();
        self.directories.extend([0; 12]);
        for count in [named, entries.len() - named] {
            self.directories.extend(u16::try_from(count).unwrap_or(u16::MAX).to_le_bytes());
        }
        for (id, entry) in entries {
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
            self.next += length(entry);
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

fn directory_length(entries: usize) -> usize {
    DIRECTORY + entries * ENTRY
}

/// The maximum length of an executable is checked before.
fn number(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
