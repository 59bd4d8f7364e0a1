//! Payload that is served in place. Each part is verified once, when it is first needed, and a
//! damaged part is never used.

use std::{
    fmt,
    ops::Range,
    sync::{Arc, OnceLock},
};

use chapbook_format::{
    SiteInfo, digest,
    digest::Hash,
    payload::{BLOCK, ContentRecord, Directory, PayloadError, Record, TRAILER, gaps},
};

use super::{
    damage::{Damage, DamageQueue, DamagedPart},
    file_content::{FileContent, PlacedFile, ServedFile},
    integrity::{Integrity, PartState},
    opened_files::OpenedFiles,
};

/// A payload with the state of its parts.
pub struct PackedSite<'s> {
    directory: Directory<'s>,
    /// The zeros before the contents.
    padding: &'s [u8],
    /// The contents in memory.
    contents: &'s [u8],
    /// The contents in files of a folder, by offset.
    files: Vec<ServedFile<'s>>,
    blocks: Box<[PartState]>,
    /// The state of each block of content, at the number of its hash. At the number of a content
    /// with several blocks, whether damage was found in one of them.
    hash_states: Box<[PartState]>,
    damage: Arc<DamageQueue>,
    identity_json: OnceLock<String>,
}

impl fmt::Debug for PackedSite<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PackedSite({})", digest::hexadecimal(self.root_hash()))
    }
}

impl<'s> PackedSite<'s> {
    /// The site in a payload.
    pub(super) fn open(payload: &'s [u8]) -> Result<Self, PayloadError> {
        let length = payload.len() as u64;
        let site = Self::open_folder(payload, length, &[])?;
        let Some((contents, &TRAILER)) = site.contents.split_last_chunk() else {
            return Err(PayloadError::CutShort);
        };
        Ok(Self { contents, ..site })
    }

    /// The site in the directory of a payload, with the contents that are in memory, and with those
    /// that follow in files, by offset. The length is that of the complete payload.
    ///
    /// # Errors
    ///
    /// If the header or the index is damaged, or has another format.
    pub fn open_folder(
        payload: &'s [u8],
        length: u64,
        files: &'s [PlacedFile],
    ) -> Result<Self, PayloadError> {
        let directory = Directory::open(payload, length)?;
        let damage = Arc::<DamageQueue>::default();
        let opened = Arc::<OpenedFiles>::default();
        let start = usize::try_from(directory.contents_at()).unwrap_or(usize::MAX);
        let contents = payload.get(start..).ok_or(PayloadError::CutShort)?;
        let directory_length = directory.header().directory_length();
        let directory_length = directory_length.and_then(|it| usize::try_from(it).ok());
        let padding = payload.get(directory_length.unwrap_or(usize::MAX)..start);
        let padding = padding.ok_or(PayloadError::CutShort)?;
        let hash_count = usize::try_from(directory.hashes()).unwrap_or(0);
        Ok(Self {
            directory,
            padding,
            contents,
            files: files.iter().map(|file| ServedFile::new(file, &damage, &opened)).collect(),
            blocks: PartState::unverified(directory.blocks()),
            hash_states: PartState::unverified(hash_count),
            damage,
            identity_json: OnceLock::new(),
        })
    }

    /// Whether all contents in memory together have at least this length, in bytes.
    pub(super) fn has_contents_of(&self, length: usize) -> bool {
        self.contents.len() >= length
    }

    pub(super) fn root_hash(&self) -> &Hash {
        &self.directory.header().root_hash
    }

    pub(super) fn info(&self) -> &SiteInfo<&'s str> {
        self.directory.info()
    }

    pub(super) fn identity_json(&self) -> &OnceLock<String> {
        &self.identity_json
    }

    /// The directory for look-ups. Only its index is verified; records may be damaged.
    pub(super) fn directory(&self) -> &Directory<'s> {
        &self.directory
    }

    /// The record at a position; `None` if it is damaged.
    pub(super) fn record(&self, at: u32) -> Option<Record<'s>> {
        let (block, rest_of_block) = (at / BLOCK, BLOCK - at % BLOCK);
        // The length itself may be damaged, so its blocks are verified first.
        if !self.is_block_intact(block) || rest_of_block < 4 && !self.is_block_intact(block + 1) {
            return None;
        }
        let length = self.directory.record_length(at)?;
        // Fast path: most records are within one block.
        let is_intact = length <= rest_of_block || self.are_blocks_intact(at, length);
        is_intact.then(|| self.directory.record(at))?
    }

    /// Whether all blocks of a range of bytes are intact.
    fn are_blocks_intact(&self, at: u32, length: u32) -> bool {
        let Some(last) = at.checked_add(length.max(1) - 1) else { return false };
        let (first, last) = (at / BLOCK, last / BLOCK);
        self.is_block_intact(first) && (first + 1..=last).all(|it| self.is_block_intact(it))
    }

    /// Whether a block of records is intact. Verifies it if necessary.
    pub(super) fn is_block_intact(&self, number: u32) -> bool {
        let Ok(index) = usize::try_from(number) else { return false };
        let Some(state) = self.blocks.get(index) else { return false };
        match state.integrity() {
            Integrity::Intact => true,
            Integrity::Damaged => false,
            Integrity::Unverified => {
                let is_intact = self.directory.is_block_intact(index);
                if state.set(is_intact) && !is_intact {
                    self.damage.push(DamagedPart::Records(number));
                }
                is_intact
            }
        }
    }

    /// The bytes of a content; `None` if they are outside of the payload.
    pub(super) fn content_bytes(&self, content: &ContentRecord) -> Option<&'s [u8]> {
        let start = usize::try_from(content.offset).ok()?;
        let end = start.checked_add(usize::try_from(content.length).ok()?)?;
        self.contents.get(start..end)
    }

    /// The content of a file of a folder.
    pub(super) fn file_content(&'s self, content: &ContentRecord) -> Option<FileContent<'s>> {
        let index = self.files.binary_search_by_key(&content.offset, |it| it.offset).ok()?;
        Some(FileContent::new(&self.files[index]))
    }

    /// What is known about the bytes that have the hash with this number.
    pub(super) fn integrity(&self, number: u32) -> Integrity {
        let state = usize::try_from(number).ok().and_then(|index| self.hash_states.get(index));
        state.map_or(Integrity::Damaged, PartState::integrity)
    }

    /// Verifies the bytes that should have the hash with this number: a block of the content with
    /// the number `content`, or all of it. Returns whether they are intact.
    pub(super) fn verify_bytes(&self, content: u32, number: u32, bytes: &[u8]) -> bool {
        let state = |number| self.hash_states.get(usize::try_from(number).ok()?);
        let (Some(part), Some(whole)) = (state(number), state(content)) else { return false };
        // If the hash itself is damaged, its block of records is reported instead.
        let hash = self.hash(number);
        let is_intact = hash.is_some_and(|hash| digest::of(bytes) == *hash);
        let is_first = part.set(is_intact);
        // Of several damaged blocks, the first one reports the content.
        if !is_intact && hash.is_some() && is_first && (number == content || whole.set(false)) {
            self.damage.push(DamagedPart::Content(content));
        }
        is_intact
    }

    /// A hash in the records; `None` if its block is damaged.
    fn hash(&self, number: u32) -> Option<&'s Hash> {
        let block = self.directory.hash_position(number)? / BLOCK;
        self.is_block_intact(block).then(|| self.directory.hash(number))?
    }

    /// Reports bytes outside of these contents that are not zero.
    pub(super) fn verify_padding(&self, contents: Vec<Range<u64>>) {
        let position = |at| usize::try_from(at).unwrap_or(usize::MAX);
        let gaps = gaps(contents, self.contents.len() as u64).into_iter();
        let mut gaps =
            gaps.filter_map(|gap| self.contents.get(position(gap.start)..position(gap.end)));
        let is_zero = |bytes: &[u8]| bytes.iter().all(|byte| *byte == 0);
        if !is_zero(self.padding) || !gaps.all(is_zero) {
            self.damage.push(DamagedPart::Padding);
        }
    }

    pub(super) fn has_damage(&self) -> bool {
        !self.damage.is_empty()
    }

    /// The damaged parts that have not been reported: a content by the path of a file that has it.
    pub(super) fn take_damage(&self) -> Vec<Damage> {
        self.damage.take().into_iter().map(|part| self.describe(part)).collect()
    }

    fn describe(&self, part: DamagedPart) -> Damage {
        let part = match part {
            DamagedPart::Records(block) => format!("block {block} of the records"),
            DamagedPart::Padding => "padding".to_owned(),
            DamagedPart::Content(number) => self.content_name(number),
            DamagedPart::File(damage) => return damage,
        };
        Damage { part, reason: "it is damaged; copy the packed site again".to_owned() }
    }

    fn content_name(&self, content: u32) -> String {
        let of_record = |at| {
            let Some(Record::File { path, representations, .. }) = self.record(at) else {
                return None;
            };
            let record = representations.iter().find(|record| record.content.number == content)?;
            Some(format!("`{}` ({})", String::from_utf8_lossy(path), record.coding))
        };
        let name = self.directory.positions().find_map(of_record);
        name.unwrap_or_else(|| format!("content {content}"))
    }
}
