//! URLs in web app manifests and import maps.

use serde_json::Value;

use super::{
    json::{self, PointerToken},
    reference::{LoadedAs, Purpose, Reference},
};

/// The paths to the URLs of a manifest; `*` is every element of an array (W3C Web Application
/// Manifest, sections 1 and 3). `scope` and `id` are identifiers that are not fetched,
/// and the URLs of `protocol_handlers` contain a placeholder.
const MANIFEST: [(&str, Purpose); 9] = [
    ("start_url", Purpose::Follow),
    ("icons/*/src", Purpose::Load(LoadedAs::Other)),
    ("screenshots/*/src", Purpose::Load(LoadedAs::Other)),
    ("shortcuts/*/url", Purpose::Follow),
    ("shortcuts/*/icons/*/src", Purpose::Load(LoadedAs::Other)),
    ("share_target/action", Purpose::Follow),
    ("file_handlers/*/action", Purpose::Follow),
    ("note_taking/new_note_url", Purpose::Follow),
    ("related_applications/*/url", Purpose::Follow),
];

/// The URLs of a web app manifest.
pub(crate) fn references(text: &[u8], manifest: &Value) -> Vec<Reference> {
    let mut urls = UrlCollector::default();
    for (path, purpose) in MANIFEST {
        urls.walk(manifest, path, purpose);
    }
    urls.references(text)
}

/// The URLs of an import map (HTML section 8.1.5.3). An address that ends with a slash is a prefix
/// and not loaded itself.
pub(crate) fn import_map(text: &[u8]) -> Vec<Reference> {
    let Ok(map) = serde_json::from_slice::<Value>(text) else { return Vec::new() };
    let mut urls = UrlCollector::default();
    let tables = map.get("scopes").and_then(Value::as_object);
    let scopes = tables.into_iter().flatten().map(|(scope, _)| Some(scope));
    for scope in std::iter::once(None).chain(scopes) {
        let (path, table) = match scope {
            None => (vec!["imports"], map.get("imports")),
            Some(scope) => (vec!["scopes", scope], map["scopes"].get(scope)),
        };
        for (name, address) in table.and_then(Value::as_object).into_iter().flatten() {
            if address.as_str().is_some_and(|it| is_url_like(it) && !it.ends_with('/')) {
                let names = path.iter().copied().chain([name.as_str()]);
                urls.pointer = names.map(|it| PointerToken::Member(it.into())).collect();
                urls.push(address, Purpose::Load(module_use(address)));
            }
        }
    }
    urls.references(text)
}

/// Whether a module specifier is a URL rather than a bare specifier, which an import map resolves
/// (HTML section 8.1.6.2).
pub(crate) fn is_url_like(specifier: &str) -> bool {
    let starts = ["/", "./", "../", "http://", "https://"];
    starts.iter().any(|start| specifier.starts_with(start))
}

/// The use of the address of an import map. JSON and style sheets are imported with an attribute
/// that says so, and only the import has it.
fn module_use(address: &Value) -> LoadedAs {
    let path = address.as_str().unwrap_or_default().split(['?', '#']).next().unwrap_or_default();
    match path.rsplit_once('.') {
        Some((_, "json" | "css")) => LoadedAs::Other,
        _ => LoadedAs::Script,
    }
}

#[derive(Default)]
struct UrlCollector<'v> {
    /// The pointer to the current value.
    pointer: Vec<PointerToken<'v>>,
    /// The URLs, and in the same order the pointers to them.
    found: Vec<(String, Purpose)>,
    pointers: Vec<Vec<PointerToken<'v>>>,
}

impl<'v> UrlCollector<'v> {
    /// The collected URLs with their spans, in document order.
    fn references(self, text: &[u8]) -> Vec<Reference> {
        let spans = json::locate(text, &self.pointers);
        let located = self.found.into_iter().zip(spans);
        let reference = |((url, purpose), span)| Reference { url, span, purpose };
        let mut references: Vec<Reference> = located.map(reference).collect();
        // serde_json sorts the members of an object by name.
        references.sort_by_key(|reference| reference.span.start);
        references
    }

    /// Follows the rest of a path to the URLs.
    fn walk(&mut self, value: &'v Value, path: &'static str, purpose: Purpose) {
        if path.is_empty() {
            return self.push(value, purpose);
        }
        let (name, rest) = path.split_once('/').unwrap_or((path, ""));
        let inner: Vec<(PointerToken<'v>, &Value)> = match value {
            Value::Array(elements) if name == "*" => {
                let tokens = (0..elements.len()).map(PointerToken::Element);
                tokens.zip(elements).collect()
            }
            Value::Object(members) => {
                let token = PointerToken::Member(name.into());
                members.get(name).map(|value| (token, value)).into_iter().collect()
            }
            _ => Vec::new(),
        };
        for (token, value) in inner {
            self.pointer.push(token);
            self.walk(value, rest, purpose);
            self.pointer.pop();
        }
    }

    fn push(&mut self, value: &Value, purpose: Purpose) {
        if let Value::String(url) = value {
            self.found.push((url.clone(), purpose));
            self.pointers.push(self.pointer.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_urls_of_a_manifest_are_found_with_their_spans() {
        let text = br#"{
            "name": "no.png", "start_url": "/start", "scope": "/no", "id": "/no",
            "icons": [{"src": "a.png"}, {"sizes": "any", "src": "b.png"}, 7, {"src": 7}],
            "shortcuts": [{"url": "/new", "icons": [{"src": "c.png"}]}],
            "share_target": {"action": "/share"}
        }"#;
        let manifest = serde_json::from_slice(text).unwrap();
        let found = references(text, &manifest);
        let urls: Vec<&str> = found.iter().map(|it| it.url.as_str()).collect();
        assert_eq!(urls, ["/start", "a.png", "b.png", "/new", "c.png", "/share"]);
        for Reference { url, span, .. } in &found {
            assert_eq!(text[span.clone()], *format!("\"{url}\"").as_bytes());
        }
        for text in ["[]", "7", "{\"icons\": {\"16\": \"x.png\"}}"] {
            let manifest = serde_json::from_str(text).unwrap();
            assert_eq!(references(text.as_bytes(), &manifest), []);
        }
    }

    #[test]
    fn the_urls_of_an_import_map_are_found() {
        let text = br#"{"imports": {"a": "./a.js", "b/": "/b/", "c": "bare", "d": null},
            "scopes": {"/x/": {"a": "/x/a.js"}, "/y/": 7}}"#;
        let found = import_map(text);
        let urls: Vec<&str> = found.iter().map(|it| it.url.as_str()).collect();
        assert_eq!(urls, ["./a.js", "/x/a.js"]);
        assert_eq!(import_map(b"not JSON"), []);
    }
}
