//! A compiled site as input for rustc: its contents as files, and Rust code with its routes.
//!
//! Every string of a site becomes an escaped byte string literal, so no file name can end a
//! literal.
//!
//! The code uses the types of `src/embedded.rs` by name, and the function `content`, which returns
//! the content with the indices of its folder and its file.

use std::{
    collections::BTreeMap,
    fmt::{self, Write as _},
    fs, io,
    path::{Path, PathBuf},
};

use chapbook_format::{
    Head, PathFields, RedirectHead, Representation, SharedHead, digest,
    payload::{ListedRoute, MatchKind},
};

use crate::{
    content::StoredContent,
    model::{CompiledRepresentation, CompiledResource, CompiledRoute, CompiledSite},
};

/// The name of the folder with the contents.
pub const CONTENTS: &str = "contents";
/// The name of the file with the Rust code.
pub const ROUTES: &str = "routes.rs";

/// A file could not be written.
#[derive(Debug)]
pub struct EmitError {
    path: PathBuf,
    source: io::Error,
}

impl fmt::Display for EmitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot write `{}`: {}", self.path.display(), self.source)
    }
}

impl std::error::Error for EmitError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

/// Writes the contents of a site to the folder [`CONTENTS`] in `out`, and the code with its routes
/// to the file [`ROUTES`].
///
/// # Errors
///
/// If a file cannot be written or removed.
pub fn emit(site: &CompiledSite, out: &Path) -> Result<(), EmitError> {
    let contents = Contents::of(site);
    stage(&contents, &out.join(CONTENTS))?;
    let path = out.join(ROUTES);
    fs::write(&path, text(site, &contents)).map_err(|source| EmitError { path, source })
}

/// Every different content, by its folder and its file name, which is its hash; the folder is the
/// beginning of the name. `include_dir` sorts folders and files by name, as these maps do, so the
/// rank of a name is the index of the entry there.
///
/// The folders keep lists short: for each pointer to a list of entries, rustc compiles the complete
/// list. One list of 4,000 files took five minutes.
struct Contents<'a> {
    by_folder: BTreeMap<String, BTreeMap<String, &'a StoredContent>>,
}

/// How many hexadecimal digits of a name are its folder.
const FOLDER_DIGITS: usize = 2;

impl<'a> Contents<'a> {
    fn of(site: &'a CompiledSite) -> Self {
        let served = site.resources.iter().flat_map(|resource| &resource.representations);
        let contents = served.map(|it| &it.content);
        let contents = contents.chain(site.rule_files.iter().map(|it| &it.content));
        let mut by_folder: BTreeMap<String, BTreeMap<String, &StoredContent>> = BTreeMap::new();
        for content in contents {
            let (folder, name) = Self::names(content);
            by_folder.entry(folder).or_default().insert(name, content);
        }
        Self { by_folder }
    }

    /// The names of the folder and of the file of a content.
    fn names(content: &StoredContent) -> (String, String) {
        let name = digest::hexadecimal(content.hash());
        (name[..FOLDER_DIGITS].to_owned(), name)
    }

    /// The expression for a content.
    fn expression(&self, content: &StoredContent) -> String {
        let (folder, name) = Self::names(content);
        let files = self.by_folder.get(&folder);
        // The number of names before this one.
        let file = files.map_or(0, |it| it.range(..name).count());
        let folder = self.by_folder.range(..folder).count();
        format!("content({folder}, {file})")
    }
}

/// Writes these contents to the folder, and removes all other files. A file that already exists is
/// not written again, since its name is the hash of its bytes, unless it is truncated.
fn stage(contents: &Contents<'_>, out: &Path) -> Result<(), EmitError> {
    make_folder(out, |name| contents.by_folder.contains_key(name))?;
    for (folder, files) in &contents.by_folder {
        let folder = out.join(folder);
        make_folder(&folder, |name| files.contains_key(name))?;
        for (name, content) in files {
            let path = folder.join(name);
            let length = fs::metadata(&path).map(|it| it.len()).ok();
            if length != Some(content.length()) {
                let written = fs::File::create(&path).and_then(|mut file| content.copy(&mut file));
                written.map_err(error_at(&path))?;
            }
        }
    }
    Ok(())
}

/// Makes a folder, and removes what is in it except these names.
fn make_folder(folder: &Path, is_kept: impl Fn(&str) -> bool) -> Result<(), EmitError> {
    fs::create_dir_all(folder).map_err(error_at(folder))?;
    for entry in fs::read_dir(folder).map_err(error_at(folder))? {
        let entry = entry.map_err(error_at(folder))?;
        let path = entry.path();
        if !is_kept(&entry.file_name().to_string_lossy()) {
            let is_folder = entry.file_type().map_err(error_at(&path))?.is_dir();
            let removed =
                if is_folder { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
            removed.map_err(error_at(&path))?;
        }
    }
    Ok(())
}

fn error_at(path: &Path) -> impl Fn(io::Error) -> EmitError {
    let path = path.to_owned();
    move |source| EmitError { path: path.clone(), source }
}

fn text(site: &CompiledSite, contents: &Contents<'_>) -> String {
    let mut exact: phf_codegen::Map<'_, &[u8]> = phf_codegen::Map::new();
    let (mut patterns, mut not_found) = (Vec::new(), Vec::new());
    for listed in &site.routes {
        match listed.match_kind {
            MatchKind::Exact => {
                exact.entry(listed.key.as_bytes(), route_expression(&listed.route));
            }
            MatchKind::Below => patterns.push(listed_expression(listed)),
            MatchKind::NotFound => not_found.push(listed_expression(listed)),
        }
    }
    let resources = site.resources.iter().map(|it| resource_expression(it, contents)).collect();
    let served = site.resources.iter().filter_map(|resource| {
        let identity = resource.representations.first()?;
        Some((&resource.path, &identity.content, false))
    });
    let rule_files = site.rule_files.iter().map(|it| (&it.path, &it.content, true));
    let files = served.chain(rule_files).map(|(path, content, is_rule_file)| {
        let (path, content) = (literal(path), contents.expression(content));
        format!("File {{ path: {path}, content: {content}, is_rule_file: {is_rule_file} }}")
    });
    let path_fields = site.path_fields.iter().map(path_fields_expression);
    let (root_hash, info) = (site.root_hash(), site.info.as_str());
    [
        "// Written by the site compiler; see crates/compiler/src/emit.rs.\n\n".to_owned(),
        format!("static CONTENTS: Dir<'static> = include_dir!(\"$OUT_DIR/{CONTENTS}\");\n\n"),
        array("RESOURCES", "&[Representation]", resources),
        array("FILES", "File", files.collect()),
        array("PATTERNS", "Listed", patterns),
        array("NOT_FOUND", "Listed", not_found),
        array("PATH_FIELDS", "PathFields<&[u8]>", path_fields.collect()),
        format!("static ROOT_HASH: Hash = {root_hash:?};\n\n"),
        format!("static INFO: SiteInfo<&str> = {info:?};\n\n"),
        format!("static ROUTES: phf::Map<&'static [u8], Route> = {};\n", exact.build()),
    ]
    .concat()
}

fn array(name: &str, of: &str, expressions: Vec<String>) -> String {
    let mut text = format!("static {name}: [{of}; {}] = [\n", expressions.len());
    for expression in expressions {
        // Writing into a String cannot fail.
        let _ = writeln!(text, "    {expression},");
    }
    text + "];\n\n"
}

fn literal(text: impl AsRef<[u8]>) -> String {
    format!("b\"{}\"", text.as_ref().escape_ascii())
}

fn listed_expression(listed: &ListedRoute<String, CompiledRoute>) -> String {
    let ListedRoute { match_kind, key, route } = listed;
    let (key, route) = (literal(key), route_expression(route));
    format!("Listed {{ match_kind: MatchKind::{match_kind:?}, key: {key}, route: {route} }}")
}

fn route_expression(route: &CompiledRoute) -> String {
    match route {
        CompiledRoute::Resource(index) => {
            format!("Route::Resource(Resource::embedded(RESOURCES[{index}]))")
        }
        CompiledRoute::Redirect(head) => {
            let RedirectHead { shared, location, splat_at, query_at } = head;
            let (shared, location) = (shared_head_expression(shared), literal(location));
            format!(
                "Route::Redirect(RedirectHead {{ shared: {shared}, location: {location}, \
                 splat_at: {splat_at:?}, query_at: {query_at:?} }})"
            )
        }
    }
}

fn resource_expression(resource: &CompiledResource, contents: &Contents<'_>) -> String {
    let expression = |it| representation_expression(it, contents);
    let representations: Vec<String> = resource.representations.iter().map(expression).collect();
    format!("&[{}]", representations.join(", "))
}

fn representation_expression(
    representation: &CompiledRepresentation,
    contents: &Contents<'_>,
) -> String {
    let Representation { coding, content, head } = representation;
    let (content, head) = (contents.expression(content), head_expression(head));
    format!(
        "Representation {{ coding: ContentCoding::{coding:?}, content: {content}, head: {head} }}"
    )
}

fn path_fields_expression(fields: &PathFields<String>) -> String {
    let PathFields { key, is_prefix, text, for_errors_at } = fields;
    let (key, text) = (literal(key), literal(text));
    format!(
        "PathFields {{ key: {key}, is_prefix: {is_prefix}, text: {text}, \
         for_errors_at: {for_errors_at} }}"
    )
}

fn head_expression(head: &Head<String>) -> String {
    let Head { shared, own, entity_tag_line } = head;
    let (shared, own) = (shared_head_expression(shared), literal(own));
    format!("Head {{ shared: {shared}, own: {own}, entity_tag_line: {entity_tag_line} }}")
}

fn shared_head_expression(head: &SharedHead<String>) -> String {
    let SharedHead { status, text, fields_for_206_at, fields_for_304_at } = head;
    let text = literal(text);
    format!(
        "SharedHead {{ status: {status}, text: {text}, fields_for_206_at: {fields_for_206_at}, \
         fields_for_304_at: {fields_for_304_at} }}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_ends_its_literal() {
        let rows = [
            ("plain", r#"b"plain""#),
            ("\"); panic!(\"", r#"b"\"); panic!(\"""#),
            ("\\", r#"b"\\""#),
            ("é\n{}", r#"b"\xc3\xa9\n{}""#),
        ];
        for (text, expected) in rows {
            assert_eq!(literal(text), expected);
        }
    }
}
