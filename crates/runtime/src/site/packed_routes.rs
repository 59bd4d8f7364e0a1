//! Routes and files of a packed site.

use chapbook_format::payload::{ContentRecord, MatchKind, Record};

use super::{
    content::Content,
    packed_content::PackedContent,
    packed_site::PackedSite,
    representation::Resource,
    route::{Listed, Route, SiteFile},
};

impl<'s> PackedSite<'s> {
    pub(super) fn find(&'s self, key: &[u8]) -> Option<Route<'s>> {
        let at = self.directory().find(key)?;
        match self.record(at) {
            // The record belongs to another key with the same fingerprint.
            Some(record) if record.key() != Some(key) => None,
            record => Some(self.route(record)),
        }
    }

    pub(super) fn find_below(
        &'s self,
        matches: impl Fn(&[u8], bool) -> bool,
    ) -> Option<(Route<'s>, usize)> {
        let mut patterns = self.directory().patterns();
        let found = patterns.find(|it| matches(it.prefix, it.is_for_navigations))?;
        Some((self.route(self.record(found.at)), found.prefix.len()))
    }

    pub(super) fn not_found(&'s self, key: &[u8]) -> Option<Route<'s>> {
        let page = self.directory().not_found().find(|page| key.starts_with(page.folder))?;
        Some(self.page(page.at))
    }

    /// The route of a record.
    fn route(&'s self, record: Option<Record<'s>>) -> Route<'s> {
        match record {
            Some(Record::Resource { file, .. }) => self.page(file),
            Some(file @ Record::File { .. }) => self.page_of(Some(file)),
            Some(Record::Redirect { head, .. }) => {
                match self.directory().shared_head(head.shared) {
                    Some(shared) => Route::Redirect(head.with_shared(shared)),
                    None => Route::Damaged,
                }
            }
            Some(Record::Incompressible { .. }) | None => Route::Damaged,
        }
    }

    /// The route that leads to the file at a position.
    fn page(&'s self, at: u32) -> Route<'s> {
        self.page_of(self.record(at))
    }

    /// The route that leads to the file of a record.
    fn page_of(&'s self, file: Option<Record<'s>>) -> Route<'s> {
        match file {
            Some(Record::File { representations, is_rule_file: false, .. })
                if !representations.is_empty() =>
            {
                Route::Resource(Resource::packed(self, representations))
            }
            _ => Route::Damaged,
        }
    }

    /// All routes. Those of one match kind are in the order in which they are matched.
    pub(super) fn routes(&'s self) -> Vec<Listed<'s>> {
        let patterns: Vec<u32> = self.directory().patterns().map(|it| it.at).collect();
        let exact = self.directory().positions().filter(|at| !patterns.contains(at));
        let exact = exact.filter_map(|at| {
            let record = self.record(at)?;
            Some((MatchKind::Exact, record.key()?, self.route(Some(record))))
        });
        let below = self.directory().patterns();
        let below = below.map(|it| (MatchKind::Below, it.prefix, self.route(self.record(it.at))));
        let not_found = self.directory().not_found();
        let not_found = not_found.map(|it| (MatchKind::NotFound, it.folder, self.page(it.at)));
        let listed = |(match_kind, key, route)| Listed { match_kind, key, route };
        exact.chain(below).chain(not_found).map(listed).collect()
    }

    /// The files of the site. A file may occur several times.
    pub(super) fn files(&'s self) -> Vec<SiteFile<'s>> {
        let file = |at| {
            let Record::File { path, representations, is_rule_file, .. } = self.record(at)? else {
                return None;
            };
            let identity = representations.iter().next()?;
            let content = Content::packed(self, &identity.content);
            Some(SiteFile { path, content, is_rule_file })
        };
        self.directory().positions().filter_map(file).collect()
    }

    /// Verifies all parts that have not been verified. Returns the names of damaged parts.
    pub(super) fn verify_all(&'s self) -> Vec<String> {
        for number in 0..self.directory().blocks() {
            self.is_block_intact(u32::try_from(number).unwrap_or(u32::MAX));
        }
        let mut contents = Vec::new();
        for at in self.directory().positions() {
            let Some(Record::File { representations, .. }) = self.record(at) else { continue };
            for record in representations.iter() {
                if let Some(content) = PackedContent::of(self, &record.content) {
                    content.verify_all();
                }
                let ContentRecord { offset, length, .. } = record.content;
                contents.push(offset..offset.saturating_add(length));
            }
        }
        // With a damaged record, the places of some contents are unknown.
        if !self.has_damage() {
            self.verify_padding(contents);
        }
        self.take_damage().into_iter().map(|damage| damage.part).collect()
    }
}
