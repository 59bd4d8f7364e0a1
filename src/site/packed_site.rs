//! This file owns a payload that is served where it lies, and what is known of its parts: each is
//! looked at once, when it is needed first, and nothing of a damaged one is given out.

use std::{
    fmt,
    ops::RangeInclusive,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU8, Ordering},
    },
};

use chapbook_format::{
    digest::{self, Hash, Hasher},
    payload::{BLOCK, Directory, PayloadError, Record, RepresentationRecord, TRAILER},
};

use super::{MatchKind, Readiness, Resource, Route, listing};
use crate::limits::{CHECK_AT_ONCE_MAX, CHECK_PIECE};

/// What is known of a part.
mod state {
    pub(super) const UNCHECKED: u8 = 0;
    pub(super) const SOUND: u8 = 1;
    pub(super) const DAMAGED: u8 = 2;
    /// Someone is looking.
    pub(super) const BEING_CHECKED: u8 = 3;
}

/// A payload that is served.
pub(super) struct PackedSite {
    directory: Directory<'static>,
    contents: &'static [u8],
    blocks: Box<[AtomicU8]>,
    states: Box<[AtomicU8]>,
    /// What was found damaged and not told yet, and whether there is any.
    damage: Mutex<Vec<String>>,
    has_damage_to_tell: AtomicBool,
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
        // That the whole has the right length is seen already.
        let contents = payload.get(start..end).ok_or(PayloadError::CutShort)?;
        if payload.get(end..) != Some(&TRAILER) {
            return Err(PayloadError::CutShort);
        }
        let unchecked =
            |count: usize| (0..count).map(|_| AtomicU8::new(state::UNCHECKED)).collect::<Vec<_>>();
        Ok(Self {
            directory,
            contents,
            blocks: unchecked(directory.blocks()).into(),
            states: unchecked(usize::try_from(directory.contents()).unwrap_or(0)).into(),
            damage: Mutex::default(),
            has_damage_to_tell: AtomicBool::new(false),
        })
    }

    pub(super) fn root_hash(&self) -> &Hash {
        &self.directory.header().root_hash
    }

    pub(super) fn title(&self) -> Option<&'static str> {
        self.directory.title()
    }

    pub(super) fn last_modified(&self) -> Option<u64> {
        self.directory.last_modified()
    }

    pub(super) fn find(&'static self, key: &[u8]) -> Option<Route> {
        let at = self.directory.find(key)?;
        match self.record(at) {
            // Where 32 bits of the hash are those of another key, the record tells.
            Some(record) if key_of(&record) != Some(key) => None,
            record => Some(self.route(record)),
        }
    }

    pub(super) fn find_below(
        &'static self,
        answers: impl Fn(&[u8], bool) -> bool,
    ) -> Option<(Route, usize)> {
        let mut patterns = self.directory.patterns();
        let found = patterns.find(|it| answers(it.prefix, it.is_for_navigations))?;
        Some((self.route(self.record(found.at)), found.prefix.len()))
    }

    pub(super) fn not_found(&'static self, key: &[u8]) -> Option<Route> {
        let page = self.directory.not_found().find(|page| key.starts_with(page.folder))?;
        Some(self.page(page.at))
    }

    fn page(&'static self, at: u32) -> Route {
        self.resource(at).map_or(Route::Damaged, Route::Resource)
    }

    fn route(&'static self, record: Option<Record<'static>>) -> Route {
        match record {
            Some(Record::Answer { file, .. }) => self.page(file),
            Some(Record::Redirect { head, .. }) => Route::Redirect(head),
            Some(Record::SplatRedirect { before, after, .. }) => {
                Route::SplatRedirect { before, after }
            }
            Some(Record::File { .. }) | None => Route::Damaged,
        }
    }

    fn resource(&'static self, at: u32) -> Option<Resource> {
        match self.record(at)? {
            Record::File { representations: 0, .. } => None,
            Record::File { representations, is_of_rules: false, .. } => {
                Some(Resource::of_book(self, at, representations))
            }
            _ => None,
        }
    }

    /// The record at a position, unless it is damaged.
    fn record(&self, at: u32) -> Option<Record<'static>> {
        // First the block that its length stands in; a length may go over into the next.
        if !self.are_blocks_sound(at, 4) {
            return None;
        }
        let length = self.directory.record_length(at)?;
        self.are_blocks_sound(at, length).then(|| self.directory.record(at))?
    }

    fn are_blocks_sound(&self, at: u32, length: u32) -> bool {
        let Some(last) = at.checked_add(length.max(1) - 1) else { return false };
        let blocks: RangeInclusive<u32> = at / BLOCK..=last / BLOCK;
        blocks.into_iter().all(|number| self.is_block_sound(number))
    }

    fn is_block_sound(&self, number: u32) -> bool {
        let Ok(index) = usize::try_from(number) else { return false };
        let Some(known) = self.blocks.get(index) else { return false };
        match known.load(Ordering::Acquire) {
            state::SOUND => true,
            state::DAMAGED => false,
            // Two may look at once, and see the same.
            _ => {
                let is_whole = self.directory.is_block_whole(index);
                let found = if is_whole { state::SOUND } else { state::DAMAGED };
                if known.swap(found, Ordering::AcqRel) == state::UNCHECKED && !is_whole {
                    self.tell(format!("block {number} of the heads"));
                }
                is_whole
            }
        }
    }

    /// The representation at a position, in a block that is sound.
    pub(super) fn representation(&self, at: u32) -> Option<RepresentationRecord<'static>> {
        self.directory.representation(at)
    }

    /// The bytes of a content; nothing where they would lie outside.
    pub(super) fn content(&self, it: &RepresentationRecord<'_>) -> &'static [u8] {
        let start = usize::try_from(it.content.offset).unwrap_or(usize::MAX);
        let end = usize::try_from(it.content.length).ok().and_then(|it| start.checked_add(it));
        end.and_then(|end| self.contents.get(start..end)).unwrap_or_default()
    }

    fn state(&self, it: &RepresentationRecord<'_>) -> Option<&AtomicU8> {
        let known = self.states.get(usize::try_from(it.content.number).ok()?)?;
        // What lies outside is as damaged as what has changed.
        let is_there = self.content(it).len() as u64 == it.content.length;
        is_there.then_some(known)
    }

    /// What is known of a content, after a look at it if it is a short one.
    pub(super) fn readiness(&'static self, at: u32) -> Readiness {
        let it = self.representation(at);
        let Some((it, known)) = it.as_ref().and_then(|it| Some((it, self.state(it)?))) else {
            return Readiness::Damaged;
        };
        match known.load(Ordering::Acquire) {
            state::SOUND => Readiness::Sound,
            state::DAMAGED => Readiness::Damaged,
            state::UNCHECKED if it.content.length <= CHECK_AT_ONCE_MAX => {
                if let Some(mut check) = self.check(at) {
                    while check.advance() == Progress::More {}
                }
                self.readiness(at)
            }
            _ => Readiness::Unchecked,
        }
    }

    /// A look at a content, unless it was taken or someone takes it.
    pub(super) fn check(&'static self, at: u32) -> Option<Check> {
        let it = self.representation(at)?;
        let known = self.state(&it)?;
        let (from, to) = (state::UNCHECKED, state::BEING_CHECKED);
        known.compare_exchange(from, to, Ordering::AcqRel, Ordering::Acquire).ok()?;
        Some(Check { book: self, known, rest: self.content(&it), it, hasher: Hasher::default() })
    }

    fn tell(&self, what: String) {
        self.damage.lock().unwrap_or_else(PoisonError::into_inner).push(what);
        self.has_damage_to_tell.store(true, Ordering::Release);
    }

    pub(super) fn has_damage_to_tell(&self) -> bool {
        self.has_damage_to_tell.load(Ordering::Acquire)
    }

    pub(super) fn damage(&self) -> Vec<String> {
        self.has_damage_to_tell.store(false, Ordering::Release);
        std::mem::take(&mut self.damage.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The path of the file that has this content, for who has time to look.
    fn name(&self, content: u32) -> String {
        for (path, representations) in self.file_records() {
            for it in representations {
                if it.content.number == content {
                    return format!("`{}` ({})", String::from_utf8_lossy(path), it.coding);
                }
            }
        }
        format!("content {content}")
    }

    /// Every file with its representations, as far as the blocks are sound.
    fn file_records(
        &self,
    ) -> impl Iterator<Item = (&'static [u8], Vec<RepresentationRecord<'static>>)> {
        self.directory.positions().filter_map(|at| {
            let Some(Record::File { path, representations, .. }) = self.record(at) else {
                return None;
            };
            let mut next = Directory::representations_at(at);
            let all = (0..representations).map_while(|_| {
                let it = self.representation(next)?;
                next = it.next;
                Some(it)
            });
            Some((path, all.collect()))
        })
    }

    /// All routes, in the order of the root hash but for that of the exact keys.
    pub(super) fn routes(&'static self) -> Vec<listing::Listed> {
        let patterns: Vec<u32> = self.directory.patterns().map(|it| it.at).collect();
        let exact = self.directory.positions().filter(|at| !patterns.contains(at));
        let exact = exact.filter_map(|at| {
            let record = self.record(at)?;
            Some((MatchKind::Exact, key_of(&record)?, self.route(Some(record))))
        });
        let below = self.directory.patterns();
        let below = below.map(|it| (MatchKind::Below, it.prefix, self.route(self.record(it.at))));
        let not_found = self.directory.not_found();
        let not_found = not_found.map(|it| (MatchKind::NotFound, it.folder, self.page(it.at)));
        let listed = |(match_kind, key, route)| listing::Listed { match_kind, key, route };
        exact.chain(below).chain(not_found).map(listed).collect()
    }

    /// The files of the site, as its author has them.
    pub(super) fn files(&self) -> Vec<listing::File> {
        let rules = self.directory.positions().filter_map(|at| match self.record(at)? {
            Record::File { path, is_of_rules: true, .. } => Some(path),
            _ => None,
        });
        let rules: Vec<_> = rules.collect();
        let file = |(path, all): (&'static [u8], Vec<RepresentationRecord<'static>>)| {
            let is_of_rules = rules.contains(&path);
            let identity = all.first()?;
            Some(listing::File::new(path, self.content(identity), is_of_rules))
        };
        self.file_records().filter_map(file).collect()
    }

    /// Looks at everything, and names what is not what it was.
    pub(super) fn look_at_all(&'static self) -> Vec<String> {
        for index in 0..self.directory.blocks() {
            self.is_block_sound(u32::try_from(index).unwrap_or(u32::MAX));
        }
        for at in self.directory.positions() {
            let Some(Record::File { representations, .. }) = self.record(at) else { continue };
            let mut next = Directory::representations_at(at);
            for _ in 0..representations {
                if let Some(mut check) = self.check(next) {
                    while check.advance() == Progress::More {}
                }
                next = self.representation(next).map_or(u32::MAX, |it| it.next);
            }
        }
        self.damage()
    }
}

fn key_of(record: &Record<'static>) -> Option<&'static [u8]> {
    match record {
        Record::Answer { key, .. }
        | Record::Redirect { key, .. }
        | Record::SplatRedirect { key, .. } => Some(key),
        Record::File { .. } => None,
    }
}

/// A look at a content, piece by piece, so that whoever takes it can do something else meanwhile.
#[derive(Debug)]
pub struct Check {
    book: &'static PackedSite,
    known: &'static AtomicU8,
    it: RepresentationRecord<'static>,
    rest: &'static [u8],
    hasher: Hasher,
}

/// Whether there is more to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// There is.
    More,
    /// No; what was found is known from now on.
    Done,
}

impl Check {
    /// Looks at the next piece.
    pub fn advance(&mut self) -> Progress {
        let (piece, rest) = self.rest.split_at(CHECK_PIECE.min(self.rest.len()));
        self.hasher.update(piece);
        self.rest = rest;
        if !rest.is_empty() {
            return Progress::More;
        }
        let is_sound = std::mem::take(&mut self.hasher).finish() == self.it.hash;
        if !is_sound {
            self.book.tell(self.book.name(self.it.content.number));
        }
        let found = if is_sound { state::SOUND } else { state::DAMAGED };
        self.known.store(found, Ordering::Release);
        Progress::Done
    }
}
