//! This file owns writing a compiled site down as a payload. What is written where, the files that
//! read it say.

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    io::{self, Write},
};

use chapbook_format::{
    ContentCoding,
    digest::{self, Hash},
    payload::{
        BLOCK, Header, MatchKind, NO_DATE, RootHasher, TRAILER,
        record::{RECORD_HEADER, kind, number},
    },
};

use crate::{
    content::Content,
    model::{CompiledSite, Head, Representation, Route},
};

/// A payload that is ready to be written.
#[derive(Debug)]
pub struct Payload {
    /// Header, index and records.
    directory: Vec<u8>,
    /// Each content once, in the order of its first use.
    contents: Vec<Content>,
    header: Header,
}

/// A site that the format cannot hold: names and heads of more than 4 GiB, or as many files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PayloadTooLarge;

impl fmt::Display for PayloadTooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the site has more files than a payload can hold")
    }
}

impl std::error::Error for PayloadTooLarge {}

impl Payload {
    /// The payload of a bundle.
    ///
    /// # Errors
    ///
    /// See [`PayloadTooLarge`].
    pub fn new(bundle: &CompiledSite) -> Result<Self, PayloadTooLarge> {
        let mut records = Records::default();
        let files = records.files(bundle)?;
        let mut routes = Vec::with_capacity(bundle.routes.len());
        for (key, route) in &bundle.routes {
            routes.push((key.as_bytes(), records.route(key, route, &files)?));
        }
        let mut patterns = Vec::new();
        for pattern in &bundle.patterns {
            let at = records.route(&pattern.prefix, &pattern.route, &files)?;
            let is_for_navigations = matches!(pattern.route, Route::Resource(_));
            patterns.extend(at.to_le_bytes());
            patterns.push(u8::from(is_for_navigations));
            push_text(&mut patterns, pattern.prefix.as_bytes())?;
        }
        let mut not_found = Vec::new();
        for page in &bundle.not_found {
            not_found.extend(files.get(page.resource).copied().unwrap_or_default().to_le_bytes());
            push_text(&mut not_found, page.folder.as_bytes())?;
        }

        let mut index = hash_table(&routes, bundle.last_modified, |index| {
            let counts = [records.contents.len(), bundle.patterns.len(), bundle.not_found.len()];
            counts.into_iter().try_for_each(|count| push_length(index, count))
        })?;
        let blocks = records.bytes.chunks(BLOCK as usize);
        blocks.for_each(|block| index.extend(digest::of(block)));
        index.extend(patterns);
        index.extend(not_found);
        push_text(&mut index, bundle.title.as_deref().unwrap_or_default().as_bytes())?;

        let header = Header {
            index_length: index.len() as u64,
            records_length: records.bytes.len() as u64,
            contents_length: records.contents.iter().map(Content::length).sum(),
            root_hash: root_hash(bundle),
        };
        let mut directory = header.bytes(&index);
        directory.extend(index);
        directory.extend(&records.bytes);
        Ok(Self { directory, contents: records.contents, header })
    }

    /// The hash of all that the site answers.
    #[must_use]
    pub fn root_hash(&self) -> &Hash {
        &self.header.root_hash
    }

    /// The length in bytes.
    #[must_use]
    pub fn length(&self) -> u64 {
        (self.directory.len() + TRAILER.len()) as u64 + self.header.contents_length
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

    /// Writes it.
    ///
    /// # Errors
    ///
    /// If it cannot be written, or a content that was set aside cannot be read again.
    pub fn write(&self, to: &mut dyn Write) -> io::Result<()> {
        to.write_all(&self.directory)?;
        self.contents.iter().try_for_each(|content| content.copy(to))?;
        to.write_all(&TRAILER)
    }
}

/// Keys, displacements and slots; `counts` writes down how much of everything else there is.
fn hash_table(
    routes: &[(&[u8], u32)],
    last_modified: Option<u64>,
    counts: impl FnOnce(&mut Vec<u8>) -> Result<(), PayloadTooLarge>,
) -> Result<Vec<u8>, PayloadTooLarge> {
    let keys: Vec<&[u8]> = routes.iter().map(|(key, _)| *key).collect();
    // It panics where two keys are the same, and those of a map are not.
    let hash = phf_generator::generate_hash(&keys);
    let mut index = Vec::new();
    index.extend(hash.key.to_le_bytes());
    index.extend(last_modified.unwrap_or(NO_DATE).to_le_bytes());
    push_length(&mut index, hash.map.len())?;
    push_length(&mut index, hash.disps.len())?;
    counts(&mut index)?;
    for (d1, d2) in &hash.disps {
        index.extend(d1.to_le_bytes());
        index.extend(d2.to_le_bytes());
    }
    for slot in &hash.map {
        let (key, at) = routes[*slot];
        let fingerprint = phf_shared::hash(key, &hash.key).f1;
        index.extend(fingerprint.to_le_bytes());
        index.extend(at.to_le_bytes());
    }
    Ok(index)
}

/// The records that are written already, and the contents that they name.
#[derive(Default)]
struct Records {
    bytes: Vec<u8>,
    contents: Vec<Content>,
    contents_length: u64,
    /// The number and the offset of each content.
    numbers: HashMap<Hash, (u32, u64)>,
}

impl Records {
    /// The record of each resource and each file of rules. Returns the positions of the former.
    fn files(&mut self, bundle: &CompiledSite) -> Result<Vec<u32>, PayloadTooLarge> {
        let mut positions = Vec::with_capacity(bundle.resources.len());
        for resource in &bundle.resources {
            let mut body = Vec::new();
            push_length(&mut body, resource.representations.len())?;
            for it in &resource.representations {
                let Representation { coding, content, entity_tag, head } = it;
                self.push_representation(&mut body, *coding, content, entity_tag, head)?;
            }
            push_text(&mut body, resource.path.as_bytes())?;
            positions.push(self.push(kind::FILE, &body)?);
        }
        let none = Head { text: String::new(), fields_for_206_at: 0, fields_for_304_at: 0 };
        for file in &bundle.rules {
            let mut body = Vec::new();
            push_length(&mut body, 1)?;
            let identity = ContentCoding::Identity;
            self.push_representation(&mut body, identity, &file.content, "", &none)?;
            push_text(&mut body, file.path.as_bytes())?;
            self.push(kind::RULES, &body)?;
        }
        Ok(positions)
    }

    fn push_representation(
        &mut self,
        body: &mut Vec<u8>,
        coding: ContentCoding,
        content: &Content,
        entity_tag: &str,
        head: &Head,
    ) -> Result<(), PayloadTooLarge> {
        let (index, offset) = self.number(content)?;
        let mut it = vec![number(coding)];
        it.extend(index.to_le_bytes());
        it.extend(offset.to_le_bytes());
        it.extend(content.length().to_le_bytes());
        it.extend(content.hash());
        push_text(&mut it, entity_tag.as_bytes())?;
        push_length(&mut it, head.fields_for_206_at)?;
        push_length(&mut it, head.fields_for_304_at)?;
        push_text(&mut it, head.text.as_bytes())?;
        push_length(body, it.len() + 4)?;
        body.extend(it);
        Ok(())
    }

    /// The number and the offset of a content, which is added where it is new.
    fn number(&mut self, content: &Content) -> Result<(u32, u64), PayloadTooLarge> {
        if let Some(known) = self.numbers.get(content.hash()) {
            return Ok(*known);
        }
        let next = u32::try_from(self.contents.len()).map_err(|_| PayloadTooLarge)?;
        let place = (next, self.contents_length);
        self.numbers.insert(*content.hash(), place);
        self.contents_length += content.length();
        self.contents.push(content.clone());
        Ok(place)
    }

    /// The record of a route. Returns its position.
    fn route(&mut self, key: &str, route: &Route, files: &[u32]) -> Result<u32, PayloadTooLarge> {
        let mut body = Vec::new();
        push_text(&mut body, key.as_bytes())?;
        let kind = match route {
            Route::Resource(index) => {
                body.extend(files.get(*index).copied().unwrap_or_default().to_le_bytes());
                kind::ANSWER
            }
            Route::Redirect(head) => {
                push_text(&mut body, head.as_bytes())?;
                kind::REDIRECT
            }
            Route::SplatRedirect { before, after } => {
                push_text(&mut body, before.as_bytes())?;
                push_text(&mut body, after.as_bytes())?;
                kind::SPLAT_REDIRECT
            }
        };
        self.push(kind, &body)
    }

    fn push(&mut self, kind: u8, body: &[u8]) -> Result<u32, PayloadTooLarge> {
        let at = u32::try_from(self.bytes.len()).map_err(|_| PayloadTooLarge)?;
        push_length(&mut self.bytes, body.len() + RECORD_HEADER as usize)?;
        self.bytes.push(kind);
        self.bytes.extend(body);
        Ok(at)
    }
}

fn push_length(bytes: &mut Vec<u8>, length: usize) -> Result<(), PayloadTooLarge> {
    bytes.extend(u32::try_from(length).map_err(|_| PayloadTooLarge)?.to_le_bytes());
    Ok(())
}

fn push_text(bytes: &mut Vec<u8>, text: &[u8]) -> Result<(), PayloadTooLarge> {
    push_length(bytes, text.len())?;
    bytes.extend(text);
    Ok(())
}

/// The hash of all that a bundle answers.
pub(crate) fn root_hash(bundle: &CompiledSite) -> Hash {
    let mut root = RootHasher::default();
    let answer = |root: &mut RootHasher, route: &Route| match route {
        Route::Resource(index) => resource(root, bundle, *index),
        Route::Redirect(head) => root.redirect(head.as_bytes()),
        Route::SplatRedirect { before, after } => {
            root.splat_redirect(before.as_bytes(), after.as_bytes());
        }
    };
    for (key, route) in &bundle.routes {
        root.route(MatchKind::Exact, key.as_bytes());
        answer(&mut root, route);
    }
    for pattern in &bundle.patterns {
        root.route(MatchKind::Below, pattern.prefix.as_bytes());
        answer(&mut root, &pattern.route);
    }
    for page in &bundle.not_found {
        root.route(MatchKind::NotFound, page.folder.as_bytes());
        resource(&mut root, bundle, page.resource);
    }
    let rules: BTreeMap<_, _> = bundle.rules.iter().map(|it| (&it.path, &it.content)).collect();
    for (path, content) in rules {
        root.rule_file(path.as_bytes(), content.hash());
    }
    root.finish()
}

fn resource(root: &mut RootHasher, bundle: &CompiledSite, index: usize) {
    let representations = bundle.resources.get(index).map(|it| &it.representations);
    for it in representations.into_iter().flatten() {
        root.representation(it.coding, it.head.text.as_bytes(), it.content.hash());
    }
}
