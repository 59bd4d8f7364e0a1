//! A payload that is served in place. Each part is verified once, when it is first needed, and
//! nothing of a damaged part is given out.

use std::{
    fmt,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use chapbook_format::{
    SiteInfo, digest,
    digest::Hash,
    payload::{BLOCK, ContentRecord, Directory, PayloadError, Record, TRAILER},
};

use super::part_state::{PartState, Readiness};

/// A payload with what is known about its parts.
pub(super) struct PackedSite {
    directory: Directory<'static>,
    contents: &'static [u8],
    blocks: Box<[PartState]>,
    content_states: Box<[PartState]>,
    /// The names of damaged parts that were not reported yet.
    damage: Mutex<Vec<String>>,
    has_damage: AtomicBool,
}

impl fmt::Debug for PackedSite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PackedSite({})", digest::hexadecimal(self.root_hash()))
    }
}

impl PackedSite {
    pub(super) fn open(payload: &'static [u8]) -> Result<Self, PayloadError> {
        let directory = Directory::open(payload, payload.len() as u64)?;
        let start = usize::try_from(directory.contents_at()).unwrap_or(usize::MAX);
        let end = payload.len().saturating_sub(TRAILER.len());
        let contents = payload.get(start..end).ok_or(PayloadError::CutShort)?;
        if payload.get(end..) != Some(&TRAILER) {
            return Err(PayloadError::CutShort);
        }
        let content_count = usize::try_from(directory.contents()).unwrap_or(0);
        Ok(Self {
            directory,
            contents,
            blocks: PartState::unchecked(directory.blocks()),
            content_states: PartState::unchecked(content_count),
            damage: Mutex::default(),
            has_damage: AtomicBool::new(false),
        })
    }

    pub(super) fn root_hash(&self) -> &Hash {
        &self.directory.header().root_hash
    }

    pub(super) fn info(&self) -> &SiteInfo<&'static str> {
        self.directory.info()
    }

    /// The look-ups. Except for the index, which is verified, what they find need not be intact.
    pub(super) fn directory(&self) -> &Directory<'static> {
        &self.directory
    }

    /// The record at a position; `None` where it is damaged.
    pub(super) fn record(&self, at: u32) -> Option<Record<'static>> {
        // First the blocks that contain its length.
        if !self.are_blocks_intact(at, 4) {
            return None;
        }
        let length = self.directory.record_length(at)?;
        self.are_blocks_intact(at, length).then(|| self.directory.record(at))?
    }

    fn are_blocks_intact(&self, at: u32, length: u32) -> bool {
        let Some(last) = at.checked_add(length.max(1) - 1) else { return false };
        let (first, last) = (at / BLOCK, last / BLOCK);
        self.is_block_intact(first) && (first + 1..=last).all(|it| self.is_block_intact(it))
    }

    /// Verifies a block of records, unless that is done.
    pub(super) fn is_block_intact(&self, number: u32) -> bool {
        let Ok(index) = usize::try_from(number) else { return false };
        let Some(state) = self.blocks.get(index) else { return false };
        match state.readiness() {
            Readiness::Sound => true,
            Readiness::Damaged => false,
            // Two workers may verify it at once; the outcome is the same.
            Readiness::Unchecked => {
                let is_intact = self.directory.is_block_intact(index);
                if state.finish_check(is_intact) && !is_intact {
                    self.report(format!("block {number} of the heads"));
                }
                is_intact
            }
        }
    }

    /// The bytes of a content; `None` where they would be outside of the payload.
    pub(super) fn content_bytes(&self, content: &ContentRecord<'_>) -> Option<&'static [u8]> {
        let start = usize::try_from(content.offset).ok()?;
        let end = start.checked_add(usize::try_from(content.length).ok()?)?;
        self.contents.get(start..end)
    }

    pub(super) fn content_state(&self, number: u32) -> Option<&PartState> {
        self.content_states.get(usize::try_from(number).ok()?)
    }

    /// Reports that a content is damaged, by the path of a file that has it.
    pub(super) fn report_content(&self, number: u32) {
        for at in self.directory.positions() {
            let Some(Record::File { path, representations, .. }) = self.record(at) else {
                continue;
            };
            if let Some((_, it)) =
                representations.iter().find(|(_, it)| it.content.number == number)
            {
                self.report(format!("`{}` ({})", String::from_utf8_lossy(path), it.coding));
                return;
            }
        }
        self.report(format!("content {number}"));
    }

    fn report(&self, part: String) {
        self.damage.lock().unwrap_or_else(PoisonError::into_inner).push(part);
        self.has_damage.store(true, Ordering::Release);
    }

    pub(super) fn has_damage(&self) -> bool {
        self.has_damage.load(Ordering::Acquire)
    }

    pub(super) fn take_damage(&self) -> Vec<String> {
        self.has_damage.store(false, Ordering::Release);
        std::mem::take(&mut self.damage.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
