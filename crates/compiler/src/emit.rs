//! This file owns the way of a bundle into an executable by way of rustc: the contents as files
//! beside a Rust text that routes to them. It is the only file that writes Rust, and every string
//! of a site goes through `{:?}`, so that no name can end a literal.
//!
//! The text names the types of the crate that includes it: `Route`, `Resource`, `Representation`,
//! `Head`, `PatternRoute`, `NotFoundPage`, `RuleFile`, `Hash`, `ContentCoding`, and the function
//! `content`, which finds the n-th file.

use std::{
    collections::BTreeMap,
    fmt::{self, Write as _},
    fs, io,
    path::{Path, PathBuf},
};

use chapbook_format::{ContentCoding, digest};

use crate::{
    content::Content,
    model::{CompiledSite, Representation, Resource, Route},
    write::root_hash,
};

/// The name of the folder that holds the contents.
pub const CONTENTS: &str = "contents";
/// The name of the Rust text.
pub const ROUTES: &str = "routes.rs";

/// Why a bundle could not be written down.
#[derive(Debug)]
pub struct EmitError {
    place: PathBuf,
    source: io::Error,
}

impl fmt::Display for EmitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot write `{}`: {}", self.place.display(), self.source)
    }
}

impl std::error::Error for EmitError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

/// Writes the contents of `bundle` to the folder [`CONTENTS`] in `out`, and the text that routes to
/// them to [`ROUTES`].
///
/// # Errors
///
/// If a file cannot be written or removed.
pub fn emit(bundle: &CompiledSite, out: &Path) -> Result<(), EmitError> {
    let contents = Contents::of(bundle);
    let folder = out.join(CONTENTS);
    stage(&contents, &folder)?;
    let place = out.join(ROUTES);
    fs::write(&place, text(bundle, &contents)).map_err(|source| EmitError { place, source })
}

/// Every content once, under a name that is its hash. `include_dir` sorts by name, as this map
/// does, so that the rank of a name is the index that `include_dir` gives it.
struct Contents<'a> {
    by_name: BTreeMap<String, (usize, &'a Content)>,
}

impl<'a> Contents<'a> {
    fn of(bundle: &'a CompiledSite) -> Self {
        let mut by_name: BTreeMap<String, (usize, &Content)> = bundle
            .resources
            .iter()
            .flat_map(|resource| &resource.representations)
            .map(|it| &it.content)
            .chain(bundle.rules.iter().map(|it| &it.content))
            .map(|it| (Self::name(it), (0, it)))
            .collect();
        for (rank, (index, _)) in by_name.values_mut().enumerate() {
            *index = rank;
        }
        Self { by_name }
    }

    fn name(content: &Content) -> String {
        digest::hexadecimal(content.hash())
    }

    fn index(&self, content: &Content) -> usize {
        self.by_name.get(&Self::name(content)).map_or(0, |(index, _)| *index)
    }
}

/// Makes the folder hold these contents and nothing else. A file that is there already is left as
/// it is, since its name vouches for its bytes, unless its length shows that it was cut short.
fn stage(contents: &Contents<'_>, folder: &Path) -> Result<(), EmitError> {
    let at = |place: &Path| {
        let place = place.to_owned();
        move |source| EmitError { place, source }
    };
    fs::create_dir_all(folder).map_err(at(folder))?;
    for entry in fs::read_dir(folder).map_err(at(folder))? {
        let entry = entry.map_err(at(folder))?;
        let place = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        if !contents.by_name.contains_key(&name) {
            fs::remove_file(&place).map_err(at(&place))?;
        }
    }
    for (name, (_, content)) in &contents.by_name {
        let place = folder.join(name);
        let length = fs::metadata(&place).map(|it| it.len()).ok();
        if length != Some(content.length()) {
            let written = fs::File::create(&place).and_then(|mut file| content.copy(&mut file));
            written.map_err(at(&place))?;
        }
    }
    Ok(())
}

fn text(bundle: &CompiledSite, contents: &Contents<'_>) -> String {
    let mut text =
        String::from("// Written by the site compiler; see crates/compiler/src/emit.rs.\n\n");
    let mut map: phf_codegen::Map<'_, &[u8]> = phf_codegen::Map::new();
    for (key, route) in &bundle.routes {
        map.entry(key.as_bytes(), route_expression(route));
    }
    let resources = bundle
        .resources
        .iter()
        .map(|resource| format!("    {},\n", resource_expression(resource, contents)));
    let patterns = bundle.patterns.iter().map(|pattern| {
        let (prefix, route) = (pattern.prefix.as_bytes(), route_expression(&pattern.route));
        format!("    PatternRoute {{ prefix: &{prefix:?}, route: {route} }},\n")
    });
    let not_found = bundle.not_found.iter().map(|page| {
        let (folder, index) = (page.folder.as_bytes(), page.resource);
        format!("    NotFoundPage {{ folder: &{folder:?}, resource: &RESOURCES[{index}] }},\n")
    });
    let rules = bundle.rules.iter().map(|file| {
        let index = contents.index(&file.content);
        format!("    RuleFile {{ path: {:?}, content: content({index}) }},\n", file.path)
    });
    let root_hash = root_hash(bundle);
    let (title, last_modified) = (&bundle.title, bundle.last_modified);
    // Writing into a String cannot fail.
    let _ = write!(
        text,
        "static CONTENTS: Dir<'static> = include_dir!(\"$OUT_DIR/{CONTENTS}\");\n\n\
         static RESOURCES: [Resource; {}] = [\n{}];\n\n\
         static PATTERNS: [PatternRoute; {}] = [\n{}];\n\n\
         static NOT_FOUND: [NotFoundPage; {}] = [\n{}];\n\n\
         static RULES: [RuleFile; {}] = [\n{}];\n\n\
         pub(super) static ROOT_HASH: Hash = {root_hash:?};\n\n\
         pub(super) static TITLE: Option<&str> = {title:?};\n\n\
         pub(super) static LAST_MODIFIED: Option<u64> = {last_modified:?};\n\n\
         static ROUTES: phf::Map<&'static [u8], Route> = {};\n",
        bundle.resources.len(),
        resources.collect::<String>(),
        bundle.patterns.len(),
        patterns.collect::<String>(),
        bundle.not_found.len(),
        not_found.collect::<String>(),
        bundle.rules.len(),
        rules.collect::<String>(),
        map.build(),
    );
    text
}

fn route_expression(route: &Route) -> String {
    match route {
        Route::Resource(index) => format!("Route::Resource(&RESOURCES[{index}])"),
        Route::Redirect(head) => format!("Route::Redirect({head:?})"),
        Route::SplatRedirect { before, after } => {
            format!("Route::SplatRedirect {{ before: {before:?}, after: {after:?} }}")
        }
    }
}

fn resource_expression(resource: &Resource, contents: &Contents<'_>) -> String {
    let representations: String = resource
        .representations
        .iter()
        .map(|it| representation_expression(it, contents.index(&it.content)))
        .collect();
    format!("Resource {{ path: {:?}, representations: &[{representations}] }}", resource.path)
}

fn representation_expression(representation: &Representation, index: usize) -> String {
    let coding = match representation.coding {
        ContentCoding::Identity => "Identity",
        ContentCoding::Gzip => "Gzip",
        ContentCoding::Brotli => "Brotli",
    };
    let head = &representation.head;
    let head = format!(
        "Head {{ text: {:?}, fields_for_206_at: {}, fields_for_304_at: {} }}",
        head.text, head.fields_for_206_at, head.fields_for_304_at,
    );
    format!(
        "Representation {{ coding: ContentCoding::{coding}, content: content({index}), \
         entity_tag: {:?}, head: {head} }}, ",
        representation.entity_tag,
    )
}
