//! Documents of a JSON Schema: the file itself and the files that it refers to, with their
//! resources and anchors. References are resolved as `boon` resolves them.

use std::collections::HashMap;

use serde_json::{Map, Value};
use url::Url;

use super::schema_size::{SchemaSize, identifier, join};
use crate::{parse::json, site_folder::SiteFolder};

/// The base URL of the schemas. It is removed from messages.
pub(super) const BASE_URL: &str = "http://site.invalid/";

/// Maximum number of files that a schema may refer to.
const FILES_MAX: usize = 1000;

/// Why a schema is not used.
pub(super) const TOO_LARGE: &str = "the schema and the files that it refers to are too large";

/// The files of a schema, by URL: values, or the reason for which there is none.
#[derive(Debug, Default, Clone)]
pub(super) struct Documents(HashMap<String, Result<Value, String>>);

impl Documents {
    /// The schema at this URL, and all files that it refers to.
    pub(super) fn load(url: &Url, value: Value, folder: &SiteFolder) -> Result<Self, &'static str> {
        let mut documents = Self::default();
        let mut size = SchemaSize::default();
        let mut waiting = vec![(url.clone(), value)];
        while let Some((url, value)) = waiting.pop() {
            let mut references = Vec::new();
            size.add(&value, &url, &mut references);
            if size.is_too_large() || documents.0.len() > FILES_MAX {
                return Err(TOO_LARGE);
            }
            documents.0.insert(url.into(), Ok(value));
            for url in references {
                if documents.0.contains_key(url.as_str()) {
                    continue;
                }
                match load(folder, &url) {
                    None => {}
                    Some(Ok(value)) => waiting.push((url, value)),
                    Some(Err(error)) => {
                        documents.0.insert(url.into(), Err(error));
                    }
                }
            }
        }
        Ok(documents)
    }

    /// The document at a URL.
    pub(super) fn get(&self, url: &str) -> Option<&Result<Value, String>> {
        self.0.get(url)
    }

    fn values(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().filter_map(|(url, value)| Some((url.as_str(), value.as_ref().ok()?)))
    }
}

/// The schema in a file of the site, if there is one at this URL.
fn load(folder: &SiteFolder, url: &Url) -> Option<Result<Value, String>> {
    let path = url.as_str().strip_prefix(BASE_URL)?;
    let path = percent_encoding::percent_decode_str(path).decode_utf8().ok()?;
    let path = path.strip_suffix('#').unwrap_or(&path);
    let files = &folder.files;
    let index = files.binary_search_by(|file| file.path.as_str().cmp(path)).ok()?;
    if !path.ends_with(".schema.json") {
        return None;
    }
    Some(match folder.read_shared(&files[index]) {
        Err(error) => Err(error.to_string()),
        Ok((bytes, _)) if !json::is_within_limit(&bytes) => Err("the file is too large".to_owned()),
        Ok((bytes, _)) => serde_json::from_slice(&bytes).map_err(|error| error.to_string()),
    })
}

/// A schema with the resource that contains it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Located<'a> {
    pub(super) schema: &'a Value,
    pub(super) resource: usize,
}

/// A schema with an identifier, or the root of a document.
#[derive(Debug)]
struct Resource<'a> {
    document: usize,
    base: Url,
    schema: &'a Value,
    anchors: HashMap<&'a str, Located<'a>>,
    dynamic_anchors: HashMap<&'a str, Located<'a>>,
}

/// The resources of all documents.
#[derive(Debug, Default)]
pub(super) struct Resources<'a> {
    all: Vec<Resource<'a>>,
    /// The resources by document and URL without fragment.
    by_url: HashMap<(usize, String), usize>,
    /// The roots of the documents by URL.
    roots: HashMap<&'a str, usize>,
    /// The resources by the address of their schema.
    by_address: HashMap<usize, usize>,
}

fn address(value: &Value) -> usize {
    std::ptr::from_ref(value).addr()
}

impl<'a> Resources<'a> {
    /// The resources of these documents.
    pub(super) fn of(documents: &'a Documents) -> Self {
        let mut resources = Self::default();
        for (document, (url, value)) in documents.values().enumerate() {
            let Ok(base) = Url::parse(url) else { continue };
            let root = resources.all.len();
            resources.roots.insert(url, root);
            resources.by_url.insert((document, url.to_owned()), root);
            resources.collect(value, document, &base, None);
        }
        resources
    }

    /// The root of the document at a URL.
    pub(super) fn root(&self, url: &str) -> Option<Located<'a>> {
        let resource = *self.roots.get(url)?;
        Some(Located { schema: self.all[resource].schema, resource })
    }

    fn collect(&mut self, schema: &'a Value, document: usize, base: &Url, parent: Option<usize>) {
        let members = schema.as_object();
        let id = members.and_then(identifier).and_then(|id| join(base, id));
        let base = id.as_ref().unwrap_or(base);
        let resource = if let (Some(parent), None) = (parent, &id) {
            parent
        } else {
            let resource = self.all.len();
            self.by_url.entry((document, base.to_string())).or_insert(resource);
            self.by_address.insert(address(schema), resource);
            let (anchors, dynamic_anchors) = (HashMap::new(), HashMap::new());
            let base = base.clone();
            self.all.push(Resource { document, base, schema, anchors, dynamic_anchors });
            resource
        };
        let Some(members) = members else { return };
        let base = base.clone();
        let located = Located { schema, resource };
        let text = |name| members.get(name).and_then(Value::as_str);
        let fragment = text("$id").or_else(|| text("id")).and_then(|id| id.split_once('#'));
        let found = &mut self.all[resource];
        for name in [text("$anchor"), text("$dynamicAnchor"), fragment.map(|(_, name)| name)] {
            found.anchors.extend(name.map(|name| (name, located)));
        }
        found.dynamic_anchors.extend(text("$dynamicAnchor").map(|name| (name, located)));
        for (_, inner) in subschemas(members) {
            self.collect(inner, document, &base, Some(resource));
        }
    }

    /// Whether a reference leads to a schema of schemas, which `boon` contains.
    pub(super) fn is_meta_schema(&self, from: Located<'a>, reference: &str) -> bool {
        let url = self.all[from.resource].base.join(reference);
        url.is_ok_and(|url| url.host_str() == Some("json-schema.org"))
    }

    /// The target of a reference in a schema; `None` if it cannot be followed.
    pub(super) fn resolve(&self, from: Located<'a>, reference: &str) -> Option<Located<'a>> {
        let Resource { document, base, .. } = &self.all[from.resource];
        let mut url = base.join(reference).ok()?;
        let fragment = url.fragment().unwrap_or_default().to_owned();
        url.set_fragment(None);
        let fragment = percent_encoding::percent_decode_str(&fragment).decode_utf8().ok()?;
        let local = self.by_url.get(&(*document, url.to_string()));
        let resource = *local.or_else(|| self.roots.get(url.as_str()))?;
        let start = Located { schema: self.all[resource].schema, resource };
        if fragment.is_empty() {
            Some(start)
        } else if fragment.starts_with('/') {
            self.lookup(start, &fragment)
        } else {
            self.all[resource].anchors.get(&*fragment).copied()
        }
    }

    /// The value at a JSON Pointer (RFC 6901).
    fn lookup(&self, start: Located<'a>, pointer: &str) -> Option<Located<'a>> {
        let Located { mut schema, mut resource } = start;
        for token in pointer.split('/').skip(1) {
            let token = token.replace("~1", "/").replace("~0", "~");
            schema = match schema {
                Value::Array(elements) => elements.get(token.parse::<usize>().ok()?)?,
                value => value.get(&token)?,
            };
            resource = self.by_address.get(&address(schema)).copied().unwrap_or(resource);
        }
        Some(Located { schema, resource })
    }

    /// A schema inside another one.
    pub(super) fn inner(&self, outer: Located<'a>, schema: &'a Value) -> Located<'a> {
        let own = self.by_address.get(&address(schema)).copied();
        Located { schema, resource: own.unwrap_or(outer.resource) }
    }

    /// The schema with this dynamic anchor in a resource.
    pub(super) fn dynamic_anchor(&self, resource: usize, name: &str) -> Option<Located<'a>> {
        self.all[resource].dynamic_anchors.get(name).copied()
    }

    /// Whether a resource has `$recursiveAnchor`.
    pub(super) fn has_recursive_anchor(&self, resource: usize) -> bool {
        self.all[resource].schema.get("$recursiveAnchor") == Some(&Value::Bool(true))
    }

    /// Whether a document chooses the keywords that count.
    pub(super) fn has_vocabularies(&self) -> bool {
        self.roots.values().any(|root| self.all[*root].schema.get("$vocabulary").is_some())
    }
}

/// The schemas directly inside a schema, with their keywords.
fn subschemas(schema: &Map<String, Value>) -> impl Iterator<Item = (&str, &Value)> {
    const SELF: [&str; 12] = [
        "not",
        "if",
        "then",
        "else",
        "items",
        "additionalItems",
        "contains",
        "additionalProperties",
        "propertyNames",
        "unevaluatedItems",
        "unevaluatedProperties",
        "contentSchema",
    ];
    const ELEMENTS: [&str; 5] = ["allOf", "anyOf", "oneOf", "items", "prefixItems"];
    const MEMBERS: [&str; 6] = [
        "properties",
        "patternProperties",
        "dependencies",
        "dependentSchemas",
        "$defs",
        "definitions",
    ];
    let member = |name: &'static str| schema.get(name).map(|value| (name, value));
    let of_self = SELF.into_iter().filter_map(member);
    let elements = ELEMENTS.into_iter().filter_map(member).flat_map(|(name, value)| {
        value.as_array().into_iter().flatten().map(move |value| (name, value))
    });
    let members = MEMBERS.into_iter().filter_map(member).flat_map(|(name, value)| {
        value.as_object().into_iter().flatten().map(move |(_, value)| (name, value))
    });
    of_self.chain(elements).chain(members).filter(|(_, it)| it.is_object() || it.is_boolean())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_resolved_within_and_across_documents() {
        let main = serde_json::json!({
            "$defs": {
                "a": {"$anchor": "x", "const": 1},
                "b": {"$id": "inner/", "$defs": {"c": {"const": 2}}, "$ref": "#/$defs/c"},
                "d~/": {"const": 4}
            }
        });
        let other = serde_json::json!({"$defs": {"e": {"$anchor": "y", "const": 5}}});
        let mut documents = Documents::default();
        documents.0.insert(format!("{BASE_URL}main.schema.json"), Ok(main));
        documents.0.insert(format!("{BASE_URL}other.schema.json"), Ok(other));
        let resources = Resources::of(&documents);
        let root = resources.root(&format!("{BASE_URL}main.schema.json")).unwrap();
        let rows = [
            ("#/$defs/a", Some(1)),
            ("#x", Some(1)),
            ("inner/#/$defs/c", Some(2)),
            ("#/$defs/b/$defs/c", Some(2)),
            ("#/$defs/d~0~1", Some(4)),
            ("main.schema.json#x", Some(1)),
            ("other.schema.json#y", Some(5)),
            ("other.schema.json#/$defs/e", Some(5)),
            ("#y", None),
            ("#/$defs/z", None),
            ("missing.schema.json", None),
        ];
        for (reference, expected) in rows {
            let found = resources.resolve(root, reference);
            let value = found.and_then(|it| it.schema.get("const")?.as_i64());
            assert_eq!(value, expected, "{reference}");
        }
        let inner = resources.resolve(root, "inner/").unwrap();
        let found = resources.resolve(inner, "#/$defs/c").map(|it| it.schema["const"].clone());
        assert_eq!(found, Some(2.into()));
    }
}
