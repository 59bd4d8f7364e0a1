//! Writing a compiled site as a payload. `chapbook_format` defines the layout of its parts.

use std::{collections::HashMap, io, sync::Arc};

use chapbook_format::{
    ContentCoding, Head, PathFields, Representation, SharedHead,
    digest::Hash,
    payload::{
        ContentRecord, Header, IndexParts, MatchKind, NotFoundRow, PatternRow, PayloadTooLarge,
        Record, Representations, TRAILER, content_offset,
    },
};

use crate::{
    content::StoredContent,
    folder_file::FolderFile,
    model::{CompiledRoute, CompiledSite},
    sink::Sink,
};

/// A payload that is ready to be written.
#[derive(Debug)]
pub struct Payload {
    /// Header, index and records, and the zeros before the contents.
    directory: Vec<u8>,
    /// Each content once, those in files of the site last, and the number of zeros before it.
    contents: Vec<(StoredContent, usize)>,
    header: Header,
}

impl Payload {
    /// The payload of a site.
    ///
    /// # Errors
    ///
    /// See [`PayloadTooLarge`].
    pub fn new(site: &CompiledSite) -> Result<Self, PayloadTooLarge> {
        let mut contents = Contents::default();
        contents.add_all(site)?;
        let mut records = Records::after_hashes(&contents);
        let keys = keys_of_files(site);
        let files = records.push_files(site, &keys)?;
        records.push_incompressible(&site.incompressible)?;
        let (mut exact, mut patterns, mut not_found) = (Vec::new(), Vec::new(), Vec::new());
        for listed in &site.routes {
            let (key, route) = (listed.key.as_bytes(), &listed.route);
            match listed.match_kind {
                MatchKind::Exact => {
                    let at = match route {
                        CompiledRoute::Resource(index) if keys[*index] == Some(key) => {
                            files[*index]
                        }
                        route => records.push_route(key, route, &files)?,
                    };
                    exact.push((key, at));
                }
                MatchKind::Below => patterns.push(PatternRow {
                    prefix: key,
                    at: records.push_route(key, route, &files)?,
                    is_for_navigations: matches!(route, CompiledRoute::Resource(_)),
                }),
                MatchKind::NotFound => {
                    if let CompiledRoute::Resource(index) = route {
                        not_found.push(NotFoundRow { folder: key, at: files[*index] });
                    }
                }
            }
        }

        let path_fields: Vec<_> = site.path_fields.iter().map(PathFields::as_bytes).collect();
        let keys: Vec<&[u8]> = exact.iter().map(|(key, _)| *key).collect();
        // It panics if two keys are equal, but the keys of exact routes are unique.
        let hash = phf_generator::generate_hash(&keys);
        let slots: Vec<_> = hash.map.iter().map(|slot| exact[*slot]).collect();
        let index = IndexParts {
            hash_key: hash.key,
            displacements: &hash.disps,
            slots: &slots,
            hashes: contents.next_number as usize,
            patterns: &patterns,
            not_found: &not_found,
            path_fields: &path_fields,
            shared_heads: &records.shared_head_bytes,
            info: site.info.as_str(),
        };
        let index = index.to_bytes(&records.bytes)?;

        let header = Header {
            index_length: index.len() as u64,
            records_length: records.bytes.len() as u64,
            contents_length: contents.length,
            root_hash: site.root_hash(),
            compression: site.compression,
        };
        let mut directory = header.to_bytes(&index);
        directory.extend(index);
        directory.extend(&records.bytes);
        let contents_at = header.contents_at().and_then(|at| usize::try_from(at).ok());
        directory.resize(contents_at.ok_or(PayloadTooLarge)?, 0);
        Ok(Self { directory, contents: contents.all, header })
    }

    /// The hash of all responses and files of the site.
    #[must_use]
    pub fn root_hash(&self) -> &Hash {
        &self.header.root_hash
    }

    /// The length in bytes.
    #[must_use]
    pub fn length(&self) -> u64 {
        (self.directory.len() + TRAILER.len()) as u64 + self.header.contents_length
    }

    /// The payload without the contents that are in files of the site, and without streams of
    /// events, which are the last ones.
    ///
    /// # Errors
    ///
    /// If a content in the spill file cannot be read back.
    pub fn without_files(&self) -> io::Result<Vec<u8>> {
        let mut bytes = self.directory.clone();
        for (content, zeros) in &self.contents {
            if content.is_external() {
                break;
            }
            bytes.resize(bytes.len() + zeros, 0);
            content.copy(&mut bytes)?;
        }
        Ok(bytes)
    }

    /// The contents that are in files of the site, with their offsets from the start of the
    /// contents, which ascend.
    pub fn files(&self) -> impl Iterator<Item = (u64, Arc<FolderFile>)> {
        self.placed().filter_map(|(at, content)| Some((at, Arc::clone(content.folder_file()?))))
    }

    /// The streams of events, by the text that they begin with, in the same way.
    pub fn event_streams(&self) -> impl Iterator<Item = (u64, Arc<[u8]>)> {
        self.placed().filter_map(|(at, content)| Some((at, Arc::clone(content.events()?))))
    }

    /// All contents with their offsets.
    fn placed(&self) -> impl Iterator<Item = (u64, &StoredContent)> {
        let mut end = 0;
        self.contents.iter().map(move |(content, zeros)| {
            let offset = end + *zeros as u64;
            end = offset + content.length();
            (offset, content)
        })
    }

    /// The complete payload in memory.
    ///
    /// # Errors
    ///
    /// If a content in the spill file cannot be read back.
    pub fn to_bytes(&self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::with_capacity(usize::try_from(self.length()).unwrap_or(0));
        self.write(&mut bytes)?;
        Ok(bytes)
    }

    /// Writes the payload.
    ///
    /// # Errors
    ///
    /// If it cannot be written, or a content in the spill file cannot be read back.
    pub fn write(&self, to: &mut dyn Sink) -> io::Result<()> {
        to.write_all(&self.directory)?;
        for (content, zeros) in &self.contents {
            to.write_all(&vec![0; *zeros])?;
            content.copy(to)?;
        }
        to.write_all(&TRAILER)
    }
}

/// The first key of each resource that has an exact route.
fn keys_of_files(site: &CompiledSite) -> Vec<Option<&[u8]>> {
    let mut keys = vec![None; site.resources.len()];
    for listed in &site.routes {
        if let (MatchKind::Exact, CompiledRoute::Resource(index)) =
            (listed.match_kind, &listed.route)
        {
            keys[*index].get_or_insert(listed.key.as_bytes());
        }
    }
    keys
}

/// The different contents of a site, in the order of their first use: first those in memory or in
/// the spill file, then those in files of the site.
#[derive(Default)]
struct Contents {
    /// Each with the number of zeros before it.
    all: Vec<(StoredContent, usize)>,
    length: u64,
    next_number: u32,
    /// The record of each content.
    records: HashMap<Hash, ContentRecord>,
}

impl Contents {
    fn add_all(&mut self, site: &CompiledSite) -> Result<(), PayloadTooLarge> {
        let representations = site.resources.iter().flat_map(|it| &it.representations);
        let served = representations.map(|it| &it.content);
        let unserved = site.rule_files.iter().map(|it| &it.content);
        let all = || served.clone().chain(unserved.clone());
        let is_external = |content: &&StoredContent| content.is_external();
        // A preview has the first ones in memory, without gaps.
        let mut ordered = all().filter(|it| !is_external(it)).chain(all().filter(is_external));
        ordered.try_for_each(|content| self.add(content))
    }

    fn add(&mut self, content: &StoredContent) -> Result<(), PayloadTooLarge> {
        if self.records.contains_key(content.hash()) {
            return Ok(());
        }
        let (number, length) = (self.next_number, content.length());
        let offset = content_offset(self.length, length).ok_or(PayloadTooLarge)?;
        let hashes = u32::try_from(content.hashes().iter().count()).ok();
        let next = hashes.and_then(|count| number.checked_add(count)).ok_or(PayloadTooLarge)?;
        self.records.insert(*content.hash(), ContentRecord { number, offset, length });
        self.next_number = next;
        let zeros = usize::try_from(offset - self.length).map_err(|_| PayloadTooLarge)?;
        self.length = offset.checked_add(length).ok_or(PayloadTooLarge)?;
        self.all.push((content.clone(), zeros));
        Ok(())
    }
}

/// The records written so far, and the contents they refer to.
struct Records<'a> {
    bytes: Vec<u8>,
    contents: &'a Contents,
    /// The position of each beginning of heads.
    shared_heads: HashMap<SharedHead<&'a [u8]>, u32>,
    shared_head_bytes: Vec<u8>,
}

impl<'a> Records<'a> {
    /// Records that begin with the hashes of the contents.
    fn after_hashes(contents: &'a Contents) -> Self {
        let hashes = contents.all.iter().flat_map(|(content, _)| content.hashes().iter());
        let bytes = hashes.flatten().copied().collect();
        let (shared_heads, shared_head_bytes) = (HashMap::new(), Vec::new());
        Self { bytes, contents, shared_heads, shared_head_bytes }
    }

    /// The position of the beginning of heads, which is written if it is new.
    fn push_shared_head(&mut self, head: SharedHead<&'a [u8]>) -> Result<u32, PayloadTooLarge> {
        if let Some(at) = self.shared_heads.get(&head) {
            return Ok(*at);
        }
        let at = u32::try_from(self.shared_head_bytes.len()).map_err(|_| PayloadTooLarge)?;
        head.write(&mut self.shared_head_bytes)?;
        self.shared_heads.insert(head, at);
        Ok(at)
    }

    /// Writes the record of each resource and each rule file. Returns the positions of the former.
    fn push_files(
        &mut self,
        site: &'a CompiledSite,
        keys: &[Option<&[u8]>],
    ) -> Result<Vec<u32>, PayloadTooLarge> {
        let mut positions = Vec::with_capacity(site.resources.len());
        for (resource, key) in site.resources.iter().zip(keys) {
            let representations = resource.representations.iter();
            let representations =
                representations.map(|it| (it.coding, &it.content, it.head.as_bytes()));
            positions.push(self.push_file(&resource.path, *key, representations, false)?);
        }
        // A rule file is never sent, so it has no head.
        let shared = SharedHead::without_content(0, &b""[..]);
        let head = Head { shared, own: &b""[..], entity_tag_line: 0 };
        for file in &site.rule_files {
            let identity = (ContentCoding::Identity, &file.content, head);
            self.push_file(&file.path, None, [identity], true)?;
        }
        Ok(positions)
    }

    /// Writes that these contents need not be compressed again.
    fn push_incompressible(&mut self, contents: &[Hash]) -> Result<(), PayloadTooLarge> {
        for hash in contents {
            let record = self.contents.records.get(hash).ok_or(PayloadTooLarge)?;
            Record::Incompressible { content: record.number }.write(&mut self.bytes)?;
        }
        Ok(())
    }

    fn push_file(
        &mut self,
        path: &str,
        key: Option<&[u8]>,
        all: impl IntoIterator<Item = (ContentCoding, &'a StoredContent, Head<&'a [u8]>)>,
        is_rule_file: bool,
    ) -> Result<u32, PayloadTooLarge> {
        let mut representations = Vec::new();
        for (coding, content, head) in all {
            // All contents have been added.
            let content = *self.contents.records.get(content.hash()).ok_or(PayloadTooLarge)?;
            let head = head.with_shared(self.push_shared_head(head.shared)?);
            representations.push(Representation { coding, content, head });
        }
        let mut buffer = Vec::new();
        let representations = Representations::encode(representations, &mut buffer)?;
        let record = Record::File { path: path.as_bytes(), key, representations, is_rule_file };
        record.write(&mut self.bytes)
    }

    /// Writes the record of a route. Returns its position.
    fn push_route(
        &mut self,
        key: &[u8],
        route: &'a CompiledRoute,
        files: &[u32],
    ) -> Result<u32, PayloadTooLarge> {
        let record = match route {
            CompiledRoute::Resource(index) => Record::Resource { key, file: files[*index] },
            CompiledRoute::Redirect(head) => {
                let head = head.as_bytes();
                let shared = self.push_shared_head(head.shared)?;
                Record::Redirect { key, head: head.with_shared(shared) }
            }
        };
        record.write(&mut self.bytes)
    }
}
